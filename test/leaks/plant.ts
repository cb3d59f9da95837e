import { readFileSync } from 'node:fs'
import { SERVED_TYPES } from '../../src/flow/served-types.ts'
import { isValid, validate } from '../../src/validation/validate.ts'
import { allDefinitions } from '../validation/definitions.ts'
import { BESIDE, PERSON_BESIDE, PLAIN_REQUEST, SEEDS, SHARED_TYPES } from './seeds.ts'

/**
 * One record for each element of each type that we hold: a plain record of its kind, and in that one element words, codes, names or
 * references that tell of a treatment, with a canary in them. Which elements there are, the StructureDefinitions say.
 */
export interface Plant {
  readonly type: string
  /** `CarePlan.activity.detail.description` */
  readonly element: string
  readonly canaries: readonly string[]
  readonly resource: Json & { readonly resourceType: string; readonly id: string }
}

type Json = Record<string, unknown>

interface Element {
  readonly path: string
  readonly max: string
  readonly min: number
  readonly type?: readonly { readonly code: string; readonly targetProfile?: readonly string[] }[]
  readonly contentReference?: string
}

const definitions = JSON.parse(
  readFileSync(new URL('../../profiles/base/structure-definitions.json', import.meta.url), 'utf8'),
) as { entry: { resource: { name: string; derivation?: string; snapshot: { element: Element[] } } }[] }
const ELEMENTS = new Map(definitions.entry.map(({ resource }) => [resource.name, resource.snapshot.element]))

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'

/** Types of one patient, and those that several share; the rest is a view. */
export const PLANTED_TYPES: readonly string[] = SERVED_TYPES.filter((type) => SEEDS[type] !== undefined)

/** Of the types that are one patient's, a record that tells by itself: what references point at. */
const SECRET_TYPES: readonly string[] = PLANTED_TYPES.filter((type) => !SHARED_TYPES.includes(type))
const secretOf = (type: string): string => `zz-secret-${type.toLowerCase()}`

const NEVER = new Set(['id', 'meta', 'implicitRules', 'language', 'contained', 'modifierExtension'])

class Canaries {
  #next = 0
  readonly made: string[] = []
  make(): string {
    this.#next += 1
    const canary = `zzc${String(this.#next)}q`
    this.made.push(canary)
    return canary
  }
}

/** A value of a datatype that tells, with a canary in every word of it; undefined for types that hold no words. */
const valueOf = (type: string, canaries: Canaries, targets: readonly string[]): unknown => {
  const text = (): string => `heroin relapse ${canaries.make()}`
  switch (type) {
    case 'string':
    case 'markdown':
      return text()
    case 'uri':
    case 'url':
    case 'canonical':
      return `urn:heroin:${canaries.make()}`
    case 'base64Binary':
      return Buffer.from(text()).toString('base64')
    case 'CodeableConcept':
      return { coding: [{ system: ICD, code: 'F11.20', display: canaries.make() }], text: text() }
    case 'Coding':
      return { system: ICD, code: 'F11.20', display: canaries.make() }
    case 'Identifier':
      return { system: `urn:heroin:${canaries.make()}`, value: `heroin-${canaries.make()}` }
    case 'Annotation':
      return { text: text() }
    case 'Attachment':
      return { contentType: 'text/plain', title: text(), data: Buffer.from(text()).toString('base64') }
    case 'Extension':
      return { url: `urn:heroin:${canaries.make()}`, valueString: text() }
    case 'Address':
      return { line: [text()], city: 'Houston' }
    case 'ContactPoint':
      return { system: 'other', value: `heroin-${canaries.make()}` }
    case 'HumanName':
      return { family: 'HTEST', extension: [{ url: 'urn:x', valueString: text() }] }
    case 'Quantity':
      return { value: 1, unit: `heroin ${canaries.make()}` }
    case 'Narrative':
      return { status: 'additional', div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${text()}</p></div>` }
    case 'Reference': {
      const target = targets.find((one) => SECRET_TYPES.includes(one))
      return target === undefined ? { display: text() } : { reference: `${target}/${secretOf(target)}`, display: canaries.make() }
    }
    default:
      return undefined
  }
}

const targetsOf = (element: Element): readonly string[] =>
  (element.type ?? []).flatMap((type) => (type.targetProfile ?? []).map((url) => url.slice(url.lastIndexOf('/') + 1)))

interface Leaf {
  readonly path: string
  readonly type: string
  readonly targets: readonly string[]
  /** Steps from the resource: the name, and whether it repeats. */
  readonly steps: readonly (readonly [name: string, isList: boolean])[]
  /** `value` of `value[x]`. */
  readonly stem: string | undefined
}

const DEPTH_MAX = 5

/** Every element of a type that can hold words, down to what a backbone element holds in itself. */
const leavesOf = (elements: readonly Element[], path: string, steps: Leaf['steps']): readonly Leaf[] => {
  if (steps.length >= DEPTH_MAX) return []
  const children = elements.filter(({ path: own }) => own.startsWith(`${path}.`) && !own.slice(path.length + 1).includes('.'))
  return children.flatMap((element): readonly Leaf[] => {
    const name = element.path.slice(path.length + 1)
    if (NEVER.has(name) || element.max === '0') return []
    const isList = element.max !== '1'
    const stem = name.endsWith('[x]') ? name.slice(0, -3) : undefined
    if (element.contentReference !== undefined)
      return leavesOf(elements, element.contentReference.slice(1), [...steps, [name, isList]])
    return (element.type ?? []).flatMap(({ code }): readonly Leaf[] => {
      const key = name.replace('[x]', code.charAt(0).toUpperCase() + code.slice(1))
      const here: Leaf['steps'] = [...steps, [key, isList]]
      if (code === 'BackboneElement' || code === 'Element') return leavesOf(elements, element.path, here)
      return [{ path: element.path, type: code, targets: targetsOf(element), steps: here, stem }]
    })
  })
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const planted = (given: Json, { steps, stem }: Pick<Leaf, 'steps' | 'stem'>, value: unknown): Json => {
  const [first, ...rest] = steps
  if (first === undefined) return given
  const [name, isList] = first
  // a choice is made once
  const isChosen = rest.length === 0 && stem !== undefined
  const base = isChosen ? Object.fromEntries(Object.entries(given).filter(([key]) => !key.startsWith(stem))) : given
  const before = base[name]
  const inside = isList && Array.isArray(before) ? (before as readonly unknown[])[0] : before
  const next = rest.length === 0 ? value : planted(isObject(inside) ? inside : {}, { steps: rest, stem }, value)
  return { ...base, [name]: isList ? [next] : next }
}

/** An element's neighbours, merged under what is planted. */
const withBeside = (seed: Json, path: string): Json => {
  const beside = Object.entries(BESIDE).find(([start]) => path.startsWith(`${start}.`))?.[1]
  return beside === undefined ? seed : { ...seed, ...beside }
}

/** Everything that is planted, and the elements for which no valid record could be made. */
export interface Garden {
  /** Has no canary; others lean on it. */
  readonly ground: readonly Plant[]
  readonly secrets: readonly Plant[]
  readonly plants: readonly Plant[]
  readonly unplanted: readonly string[]
}

const marked = { meta: { tag: [{ code: 'HTEST' }] } }

/** Makes the records; each leaves the gate valid or is listed as not planted. @param patient `Patient/id` */
export const gardenOf = (patient: string): Garden => {
  const subject = { reference: patient }
  const all = new Canaries()
  const [secrets, plants, unplanted]: [Plant[], Plant[], string[]] = [[], [], []]
  const plain = { resourceType: 'ServiceRequest', id: PLAIN_REQUEST, ...marked, ...SEEDS['ServiceRequest']?.(subject) }
  const ground = [{ type: 'ServiceRequest', element: 'none', canaries: [], resource: plain }]
  for (const type of PLANTED_TYPES) {
    const seed: Json & { resourceType: string } = { resourceType: type, ...marked, ...SEEDS[type]?.(subject) }
    const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'SUD' }
    const text = `heroin ${all.make()}`
    const secret = { ...seed, id: secretOf(type), meta: { ...marked.meta, security: [label] }, extension: [{ url: 'urn:x', valueString: text }] }
    if (SECRET_TYPES.includes(type))
      secrets.push({ type, element: `${type} as a whole`, canaries: [secretOf(type), text.slice(7)], resource: secret })
    for (const leaf of leavesOf(ELEMENTS.get(type) ?? [], type, [])) {
      const before = all.made.length
      const isOwner = leaf.type === 'Reference' && (leaf.path === 'Appointment.participant.actor' || JSON.stringify(seed[leaf.steps[0]?.[0] ?? '']) === JSON.stringify(subject))
      // whose record it is stays: words can only stand beside the reference
      const value = isOwner ? { ...subject, display: `heroin relapse ${all.make()}` } : valueOf(leaf.type, all, leaf.targets)
      if (value === undefined) continue
      const id = `zz${String(plants.length)}-${type.toLowerCase()}`
      const resource = { ...planted(withBeside(seed, leaf.path), leaf, value), resourceType: type, id }
      if (!isValid(validate(resource, allDefinitions))) {
        unplanted.push(`${leaf.path}: ${leaf.type}`)
        continue
      }
      const its = all.made.slice(before)
      const target = /zz-secret-[a-z]+/.exec(JSON.stringify(value))?.[0]
      plants.push({ type, element: `${leaf.path}: ${leaf.type}`, canaries: [...its, ...(target === undefined ? [] : [target])], resource })
    }
    if (type === 'Observation') plants.push(waiting({ ...seed, id: 'zz-waiting' }, all))
    if (SECRET_TYPES.includes(type))
      plants.push(containing(type, { ...seed, id: `zz${String(plants.length)}-${type.toLowerCase()}` }, all, subject))
  }
  const person = personOf(patient, all)
  plants.push(person.plant)
  unplanted.push(...person.unplanted)
  return { ground, secrets, plants, unplanted }
} // prettier-ignore

/** The patient itself, of whom there is only one: everything is planted at once, each beside what was there. */
const personOf = (patient: string, all: Canaries): { readonly plant: Plant; readonly unplanted: readonly string[] } => {
  const id = patient.slice('Patient/'.length)
  let resource: Plant['resource'] = {
    resourceType: 'Patient',
    id,
    ...marked,
    identifier: [{ system: 'https://mission-gateway.example/fhir/identifier/client', value: 'htest-0001' }],
    name: [{ family: 'HTEST-Rivera', given: ['Jordan'] }],
    gender: 'male',
    birthDate: '1984-03-17',
  }
  const [canaries, unplanted]: [string[], string[]] = [[], []]
  for (const leaf of leavesOf(ELEMENTS.get('Patient') ?? [], 'Patient', [])) {
    const before = all.made.length
    const value = valueOf(leaf.type, all, leaf.targets)
    const [first, ...rest] = leaf.steps
    if (value === undefined || first === undefined) continue
    const [name, isList] = first
    const item = rest.length === 0 ? value : planted(PERSON_BESIDE[name] ?? {}, { steps: rest, stem: leaf.stem }, value)
    const there = resource[name]
    const more = { ...resource, [name]: isList ? [...(Array.isArray(there) ? (there as readonly unknown[]) : []), item] : item }
    if (!isValid(validate(more, allDefinitions))) {
      unplanted.push(`${leaf.path}: ${leaf.type}`)
      continue
    }
    resource = more
    const target = /zz-secret-[a-z]+/.exec(JSON.stringify(value))?.[0]
    canaries.push(...all.made.slice(before), ...(target === undefined ? [] : [target]))
  }
  return { plant: { type: 'Patient', element: 'Patient, every element', canaries, resource }, unplanted }
}

/** A record with a text of which no rule is sure: it waits for a person. */
const waiting = (seed: Plant['resource'], all: Canaries): Plant => {
  const canary = all.make()
  const note = [{ text: `Tested positive ${canary} last year.` }]
  return { type: seed.resourceType, element: 'Observation.note that waits', canaries: [canary], resource: { ...seed, note } }
}

/** A record with a diagnosis inside it, which only an extension refers to. */
const containing = (type: string, seed: Plant['resource'], all: Canaries, subject: Json): Plant => {
  const canary = all.make()
  const code = { coding: [{ system: ICD, code: 'F11.20', display: canary }] }
  const contained = [{ resourceType: 'Condition', id: 'inside', subject, code }]
  const extension = [{ url: 'urn:x', valueReference: { reference: '#inside' } }]
  return { type, element: `${type}.contained`, canaries: [canary], resource: { ...seed, contained, extension } }
}

/**
 * Referrals that carry what is planted to partners: each planted Task and each planted request, under a Task of a partner's own.
 * @param owners ids of partners @param share takes one planted record of so many
 */
export const errandsOf = ({ plants }: Garden, patient: string, owners: readonly string[], share: number): readonly Plant[] =>
  plants
    .filter(({ type, element }) => ['ServiceRequest', 'Task'].includes(type) && !/^Task\.(owner|focus|for):/.test(element))
    .filter((_, index) => index % share === 0)
    .flatMap((plant) =>
      owners.map((owner): Plant => {
        const task = plant.type === 'Task' ? plant.resource : { ...SEEDS['Task']?.({ reference: patient }), ...marked }
        const focus = plant.type === 'Task' ? {} : { focus: { reference: `ServiceRequest/${plant.resource.id}` } }
        const id = `${plant.resource.id}-${owner}`
        const resource = { ...task, ...focus, resourceType: 'Task', id, owner: { reference: `Organization/${owner}` } }
        return { ...plant, resource }
      }),
    )
