// In: the decisions about one patient's records. Out: for each record, the shapes in which it is shown, to whom and when.
// Never: looks into a resource; what to take out of it is known from labels, references and the recipient's sector.
import type { Allowance, BasisKind } from '../model/decision.ts'
import type { PatientId } from '../model/ids.ts'
import type { RecordFacts } from '../model/label.ts'
import type { Partner } from '../model/partner.ts'
import type { Instant } from '../model/time.ts'
import type { House } from './house.ts'
import { DIRECTORY_TYPES, PROFILE_OF_SECTOR, PROFILES, showsType, UNJUDGED_CONTAINERS } from './profiles.ts'
import type { ProfileName } from './profiles.ts'
import { hidesOf, loweredConfidentiality, rulesFor, withheldPartsOf, type Speaks } from './shape-labels.ts'
import { keyOf, wholeShape } from './shape.ts'
import type { Shape } from './shape.ts'

/** What shapes rest on; `PatientFacts` is one. */
export interface ShapeFacts {
  readonly patient: PatientId
  readonly records: readonly RecordFacts[]
  readonly partners: readonly Partner[]
  /** `Type/id` to the `system|value` of its identifiers, where a reference may be by identifier. */
  readonly identifiers?: ReadonlyMap<string, readonly string[]>
  /** `Type/id` to the `Type/id` of what it refers to by identifier. */
  readonly logical?: ReadonlyMap<string, readonly string[]>
}

/** One record in one shape, with the grants (cut where what it refers to comes and goes) under which it is shown so. */
export interface Shaped {
  readonly type: string
  readonly id: string
  readonly shape: Shape
  readonly allowances: readonly Allowance[]
}

/**
 * Which shape each allowance of each record needs. An allowance is split where a resource that the record refers to becomes
 * visible or invisible to the same recipient for the same purpose. An unknown partner, an unknown record, and a type that the
 * recipient's profile does not show, give nothing.
 */
export const shapesOf = (facts: ShapeFacts, allowances: readonly Allowance[], house: House): readonly Shaped[] => {
  const world = worldOf(facts, allowances, house)
  const byRecord = new Map<Known, Map<Shape, Allowance[]>>()
  for (const allowance of allowances) {
    const record = world.records.get(`${allowance.type}/${allowance.id}`)
    const profile = profileFor(world.profiles.get(allowance.recipient), allowance.type, allowance.basis.kind)
    if (record === undefined || profile === undefined) continue
    const shapes = within(byRecord, record, () => new Map<Shape, Allowance[]>())
    for (const [shape, piece] of piecesOf(world, record, allowance, profile)) within(shapes, shape, () => []).push(piece)
  }
  return [...byRecord].flatMap(
    ([
      {
        facts: { type, id },
      },
      shapes,
    ]) => [...shapes].map(([shape, pieces]) => ({ type, id, shape, allowances: pieces })),
  )
}

interface Window {
  readonly from: Instant
  readonly until: Instant
}

interface Known {
  readonly facts: RecordFacts
  /** `Type/id` of what it refers to whose visibility counts. */
  readonly judged: readonly string[]
  readonly refersToPatient: boolean
}

interface World {
  readonly house: House
  readonly patient: string
  readonly records: ReadonlyMap<string, Known>
  readonly profiles: ReadonlyMap<string, ProfileName>
  readonly identifiers: ReadonlyMap<string, readonly string[]>
  /** By recipient and purpose, then by `Type/id`. */
  readonly visible: ReadonlyMap<string, ReadonlyMap<string, readonly Window[]>>
  /** One object for each shape, by its key. */
  readonly shapes: Map<string, Shape>
}

const worldOf = (facts: ShapeFacts, allowances: readonly Allowance[], house: House): World => {
  const profiles = new Map<string, ProfileName>(facts.partners.map((partner) => [partner.id, PROFILE_OF_SECTOR[partner.sector]]))
  const patient = `Patient/${facts.patient}`
  const keys = new Set(facts.records.map((record) => `${record.type}/${record.id}`))
  const records = new Map(
    facts.records.map((record): [string, Known] => [
      `${record.type}/${record.id}`,
      {
        facts: record,
        judged: judgedOf(record, patient, keys, facts.logical),
        refersToPatient: record.references.includes(patient),
      },
    ]),
  )
  const visible = new Map<string, Map<string, Window[]>>()
  for (const { recipient, purpose, type, id, from, until, basis } of allowances) {
    if (profileFor(profiles.get(recipient), type, basis.kind) === undefined) continue
    const ofRecipient = within(visible, `${recipient}\n${purpose}`, () => new Map<string, Window[]>())
    within(ofRecipient, `${type}/${id}`, () => []).push({ from, until })
  }
  return { house, patient, records, profiles, identifiers: facts.identifiers ?? new Map(), visible, shapes: new Map() }
}

/**
 * Internal use sees containers too; for every other type it is the same as `whole`, and shares its text. What a partner brought
 * itself it gets back as it brought it.
 */
const profileFor = (name: ProfileName | undefined, type: string, basis: BasisKind): ProfileName | undefined => {
  if (basis === 'origin' && name !== undefined && name !== 'internal') return 'whole'
  if (name === undefined || !showsType(PROFILES[name], type)) return undefined
  return name === 'internal' && !UNJUDGED_CONTAINERS.has(type) ? 'whole' : name
}

/** Directory resources that nobody decides about, the patient itself and the record itself are not judged. */
const judgedOf = (
  record: RecordFacts,
  patient: string,
  keys: ReadonlySet<string>,
  logical: ShapeFacts['logical'],
): readonly string[] =>
  [...new Set([...record.references, ...(logical?.get(`${record.type}/${record.id}`) ?? [])])]
    .filter((reference) => {
      if (reference === patient || reference === `${record.type}/${record.id}`) return false
      return keys.has(reference) || !DIRECTORY_TYPES.has(reference.split('/', 1)[0] ?? '')
    })
    .sort()

const piecesOf = (
  world: World,
  record: Known,
  allowance: Allowance,
  profile: ProfileName,
): readonly (readonly [Shape, Allowance])[] => {
  const visible = world.visible.get(`${allowance.recipient}\n${allowance.purpose}`)
  const watched = record.refersToPatient ? [...record.judged, world.patient] : record.judged
  const partly = watched.filter((reference) => !covers(visible?.get(reference), allowance))
  if (partly.length === 0) return [[shapeOf(world, record, allowance, profile, []), allowance]]
  const edges = new Set<Instant>([allowance.from, allowance.until])
  for (const reference of partly)
    for (const { from, until } of visible?.get(reference) ?? [])
      for (const edge of [from, until]) if (edge > allowance.from && edge < allowance.until) edges.add(edge)
  const times = [...edges].sort()
  const pieces: (readonly [Shape, Allowance])[] = []
  times.slice(0, -1).forEach((from, index) => {
    const until = times[index + 1] ?? allowance.until
    const withheld = partly.filter((reference) => !covers(visible?.get(reference), { from, until }))
    const shape = shapeOf(world, record, { ...allowance, from, until }, profile, withheld)
    const last = pieces.at(-1)
    if (last?.[0] === shape) pieces[pieces.length - 1] = [shape, { ...last[1], until }]
    else pieces.push([shape, from === allowance.from && until === allowance.until ? allowance : { ...allowance, from, until }])
  })
  return pieces
}

/** Is one window, or several that meet, as long as this one? */
const covers = (windows: readonly Window[] | undefined, { from, until }: Window): boolean => {
  if (windows === undefined) return false
  if (windows.some((window) => window.from <= from && window.until >= until)) return true
  if (windows.length < 2) return false
  let reached = from
  for (const window of [...windows].sort((a, b) => (a.from < b.from ? -1 : 1))) {
    if (window.from <= reached && window.until > reached) reached = window.until
  }
  return reached >= until
}

const shapeOf = (world: World, record: Known, allowance: Allowance, profile: ProfileName, withheld: readonly string[]): Shape => {
  const labels = record.facts.labels
  const parts = withheldPartsOf(labels, allowance)
  const references = withheld.filter((reference) => reference !== world.patient)
  const alsoShown = record.judged.filter(
    (reference) => !showsType(PROFILES[profile], reference.split('/', 1)[0] ?? '') && !withheld.includes(reference),
  )
  const speaks = speakerFor(world, allowance, references)
  const hides = hidesOf(
    labels,
    parts,
    speaks,
    references.map((reference) => world.records.get(reference)?.facts.labels),
  )
  const isWhole = parts.length === 0 && withheld.length === 0 && alsoShown.length === 0 && hides.length === 0
  const confidentiality = loweredConfidentiality(labels, parts, speaks)
  const shape: Shape = isWhole
    ? { ...wholeShape(world.house), profile }
    : {
        profile,
        withheldParts: parts,
        withheldReferences: references,
        withheldIdentifiers: references.flatMap((reference) => world.identifiers.get(reference) ?? []).sort(),
        bareReferences: withheld.filter((reference) => reference === world.patient),
        alsoShown,
        hides,
        ...(confidentiality !== undefined && { confidentiality }),
        house: world.house,
      }
  return within(world.shapes, isWhole ? profile : keyOf(shape), () => shape)
}

/** What a record has from another one counts only where the recipient may see that one, and so on to where it was first said. */
const speakerFor = (world: World, allowance: Allowance, withheld: readonly string[]): Speaks => {
  const visible = world.visible.get(`${allowance.recipient}\n${allowance.purpose}`)
  const speaks = (rule: string, code: Parameters<Speaks>[1], behind: readonly string[]): boolean => {
    if (withheld.includes(rule) || behind.includes(rule)) return false
    const other = world.records.get(rule)
    if (other === undefined) return true
    if (!covers(visible?.get(rule), allowance)) return false
    const rules = rulesFor(other.facts.labels, code)
    return rules.length === 0 || rules.some((next) => speaks(next, code, [...behind, rule]))
  }
  return (rule, code) => speaks(rule, code, [])
}

const within = <K, V>(map: Map<K, V>, key: K, make: () => V): V => {
  const have = map.get(key)
  if (have !== undefined) return have
  const made = make()
  map.set(key, made)
  return made
}
