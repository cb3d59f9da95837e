// In: a record. Out: what says nothing of whose it is, or nothing at all.
// Never: an id, a reference, a word that somebody wrote, a date finer than a year; nor two answers that could be joined.
import type { Resource } from '@medplum/fhirtypes'
import { KEPT, keptOf, type Around } from './de-identified-elements.ts'
import { isArray, isObject, jsonOf, type Json, type JsonObject } from './json.ts'

export type { Around } from './de-identified-elements.ts'

/** Types of which a de-identified form is given. */
export const DEIDENTIFIED_TYPES: readonly string[] = Object.keys(KEPT)

let make: (json: JsonObject) => DeIdentified

/** A record that nobody can be found by. Made only in this file. @law 45 CFR 164.514(b)(2) */
export class DeIdentified {
  readonly #json: JsonObject

  private constructor(json: JsonObject) {
    this.#json = json
  }

  static {
    make = (json) => new DeIdentified(json)
  }

  get json(): JsonObject {
    return this.#json
  }
  get text(): string {
    return JSON.stringify(this.#json)
  }
  /** The latest year of what it tells; a person's own dates are no such year. */
  get year(): number | undefined {
    return this.#json['resourceType'] === 'Patient' ? undefined : latestYear(this.#json)
  }
}

/** Codes may look like years. */
const latestYear = (value: Json | undefined): number | undefined => {
  if (typeof value === 'string') return /^\d{4}$/.test(value) ? Number(value) : undefined
  const inner = isArray(value)
    ? value
    : isObject(value)
      ? Object.keys(value).map((name) => (name === 'coding' ? '' : value[name]))
      : []
  const years = inner.flatMap((one) => latestYear(one) ?? [])
  return years.length === 0 ? undefined : Math.max(...years)
}

/** Low, for what is known of nobody; and by which change. @spec HL7 v3 Confidentiality, ObservationValue */
export const DEIDENTIFIED_SECURITY: readonly Json[] = [
  { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'L' },
  { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'ANONYED' },
]

const ABSENT = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason'
const MASKED: Json = { extension: [{ url: ABSENT, valueCode: 'masked' }] }
const NO_VALUE: Json = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'masked' }],
}

const hadValue = (json: JsonObject): boolean => Object.keys(json).some((name) => /^(value[A-Z]|dataAbsentReason)/.test(name))

/** A measurement whose value had to go says that there was one. */
const withAbsence = (left: JsonObject, json: JsonObject): JsonObject =>
  json['resourceType'] === 'Observation' && hadValue(json) && !hadValue(left) ? { ...left, dataAbsentReason: NO_VALUE } : left

/**
 * One record without the eighteen identifiers. It has no id and refers to nobody: the same patient's records cannot be joined.
 * The caller holds what is left against the definitions, and withholds what is not valid.
 * @returns undefined for a type of which no such form is given
 * @law 42 CFR 2.54, 2.16(a)(1)(v), 2.16(a)(2)(iv); 45 CFR 164.514(b)(2)
 */
export const deIdentify = (resource: Resource, around: Around): DeIdentified | undefined => {
  const { resourceType } = resource
  const kept = KEPT[resourceType]
  if (kept === undefined) return undefined
  const json = jsonOf(resource)
  const left = withAbsence(keptOf(json, kept.elements, around), json)
  const masked = Object.fromEntries(kept.masked.map((name) => [name, MASKED]))
  return make({ resourceType, meta: { security: DEIDENTIFIED_SECURITY }, ...left, ...masked })
}
