import { isArray, isObject, type Json, type JsonObject } from './json.ts'
import { AGE_MAX, areaOf, roughly, yearOf } from './safe-harbour.ts'

/** What the rows need to know beside the value. */
export interface Around {
  /** In the programme's zone. */
  readonly thisYear: number
  /** Is this a code of a published list that is held here? */
  readonly isPublished: (system: string, code: string) => boolean
}

/** What is left of one element; undefined for nothing. */
export type Keep = (value: Json, around: Around) => Json | undefined

/** The elements of one type that may stay, and those that FHIR asks for and that are masked. */
export interface Kept {
  readonly elements: Readonly<Record<string, Keep>>
  readonly masked: readonly string[]
}

const oneOf = (codes: string): Keep => {
  const known: ReadonlySet<Json> = new Set(codes.split(' '))
  return (value) => (known.has(value) ? value : undefined)
}
const year: Keep = (value, { thisYear }) => yearOf(value, thisYear)
const truth: Keep = (value) => (typeof value === 'boolean' ? value : undefined)
const list =
  (keep: Keep): Keep =>
  (value, around) => {
    const left = isArray(value) ? value.flatMap((one) => keep(one, around) ?? []) : []
    return left.length === 0 ? undefined : left
  }
const object =
  (elements: Readonly<Record<string, Keep>>, ...needed: readonly string[]): Keep =>
  (value, around) => {
    if (!isObject(value)) return undefined
    const left = keptOf(value, elements, around)
    return Object.keys(left).length === 0 || needed.some((name) => left[name] === undefined) ? undefined : left
  }

/** Those elements of an object that have a row, as the row leaves them. */
export const keptOf = (value: JsonObject, elements: Readonly<Record<string, Keep>>, around: Around): JsonObject =>
  Object.fromEntries(
    Object.entries(elements).flatMap(([name, keep]): [string, Json][] => {
      const own = value[name]
      const left = own === undefined ? undefined : keep(own, around)
      return left === undefined ? [] : [[name, left]]
    }),
  )

/** Systems too large to be held here, by the form of their codes; a concept of SNOMED CT ends in 00 or 10 and a check digit. */
const FORMS: Readonly<Record<string, RegExp>> = {
  'http://snomed.info/sct': /^\d{3,15}[01]0\d$/,
  'http://loinc.org': /^(LA|LP)?\d{1,6}-\d$/,
  'http://hl7.org/fhir/sid/icd-10-cm': /^[A-TV-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?$/,
  'http://hl7.org/fhir/sid/icd-10': /^[A-Z]\d\d(\.\d{1,2})?$/,
  'http://www.nlm.nih.gov/research/umls/rxnorm': /^\d{1,7}$/,
  'http://www.ama-assn.org/go/cpt': /^\d{4}[0-9FTU]$/,
  'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets': /^[A-V]\d{4}$/,
  'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets': /^[A-V]\d{4}$/,
}

/** A code of a published system; a list that somebody keeps for himself may number people, and a display says anything. */
const coding: Keep = (value, { isPublished }) => {
  if (!isObject(value)) return undefined
  const { system, code } = value
  if (typeof system !== 'string' || typeof code !== 'string') return undefined
  const form = FORMS[system]
  return (form === undefined ? isPublished(system, code) : form.test(code)) ? { system, code } : undefined
}
const concept = object({ coding: list(coding) })
const concepts = list(concept)
const period = object({ start: year, end: year })

const UCUM = 'http://unitsofmeasure.org'
const YEARS: Readonly<Record<string, number>> = { a: 1, mo: 1 / 12, wk: 1 / 52.18, d: 1 / 365.25 }
const UNITS: ReadonlySet<string> = new Set(
  (
    'a mo wk d h min s 1 % kg g [lb_av] cm m [in_i] kg/m2 mm[Hg] /min {beats}/min {score} Cel [degF] mg/dL g/dL mmol/L umol/L meq/L ng/mL ' +
    'ug/mL ug/L mg/L pg/mL U/L [IU]/L [IU]/mL {copies}/mL [copies]/mL {cells}/uL /uL 10*3/uL 10*6/uL mL/min mL/min/{1.73_m2} fL pg'
  ).split(' '),
)

/** A measure in a unit of the list; an age above the limit, or any time as long, is none. */
const measure: Keep = (value) => {
  if (!isObject(value) || value['system'] !== UCUM) return undefined
  const { value: number, code } = value
  if (typeof number !== 'number' || typeof code !== 'string' || !UNITS.has(code)) return undefined
  if (number * (YEARS[code] ?? 0) > AGE_MAX) return undefined
  return { value: roughly(number), system: UCUM, code }
}
const value = {
  valueCodeableConcept: concept,
  valueQuantity: measure,
  valueInteger: ((number) => (typeof number === 'number' ? roughly(number) : undefined)) satisfies Keep,
  valueBoolean: truth,
}

const REQUEST = 'draft active on-hold revoked completed entered-in-error unknown'
const EVENT = 'preparation in-progress not-done on-hold stopped completed entered-in-error unknown'

/** Every element that may stay, type by type; what is not here goes. @law 45 CFR 164.514(b)(2)(i) */
export const KEPT: Readonly<Record<string, Kept>> = {
  CarePlan: {
    elements: {
      status: oneOf(REQUEST),
      intent: oneOf('proposal plan order option'),
      category: concepts,
      period,
      created: year,
      activity: list(
        object(
          {
            detail: object(
              {
                kind: oneOf(
                  'Appointment CommunicationRequest DeviceRequest MedicationRequest NutritionOrder Task ServiceRequest VisionPrescription',
                ),
                code: concept,
                status: oneOf('not-started scheduled in-progress on-hold completed cancelled stopped unknown entered-in-error'),
              },
              'status',
              'code',
            ),
          },
          'detail',
        ),
      ),
    },
    masked: ['subject'],
  },
  Condition: {
    elements: {
      clinicalStatus: concept,
      verificationStatus: concept,
      category: concepts,
      severity: concept,
      code: concept,
      onsetDateTime: year,
      onsetPeriod: period,
      onsetAge: measure,
      abatementDateTime: year,
      abatementPeriod: period,
      abatementAge: measure,
      recordedDate: year,
    },
    masked: ['subject'],
  },
  Encounter: {
    elements: {
      status: oneOf('planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown'),
      class: coding,
      type: concepts,
      serviceType: concept,
      reasonCode: concepts,
      period,
    },
    masked: [],
  },
  EpisodeOfCare: {
    elements: {
      status: oneOf('planned waitlist active onhold finished cancelled entered-in-error'),
      type: concepts,
      period,
    },
    masked: ['patient'],
  },
  Goal: {
    elements: {
      lifecycleStatus: oneOf('proposed planned accepted active on-hold completed cancelled entered-in-error rejected'),
      achievementStatus: concept,
      category: concepts,
      priority: concept,
      // the only description that stays is a code
      description: concept,
      startDate: year,
      statusDate: year,
    },
    masked: ['subject'],
  },
  Observation: {
    elements: {
      status: oneOf('registered preliminary final amended corrected cancelled entered-in-error unknown'),
      category: concepts,
      code: concept,
      effectiveDateTime: year,
      effectivePeriod: period,
      ...value,
      interpretation: concepts,
      component: list(object({ code: concept, ...value }, 'code')),
    },
    masked: [],
  },
  Patient: {
    elements: {
      gender: oneOf('male female other unknown'),
      birthDate: year,
      deceasedBoolean: truth,
      deceasedDateTime: year,
      address: list(areaOf),
      maritalStatus: concept,
    },
    masked: [],
  },
  Procedure: {
    elements: {
      status: oneOf(EVENT),
      category: concept,
      code: concept,
      performedDateTime: year,
      performedPeriod: period,
      reasonCode: concepts,
      outcome: concept,
    },
    masked: ['subject'],
  },
  ServiceRequest: {
    elements: {
      status: oneOf(REQUEST),
      intent: oneOf('proposal plan directive order original-order reflex-order filler-order instance-order option'),
      priority: oneOf('routine urgent asap stat'),
      category: concepts,
      code: concept,
      reasonCode: concepts,
      occurrenceDateTime: year,
      occurrencePeriod: period,
      authoredOn: year,
    },
    masked: ['subject'],
  },
}
