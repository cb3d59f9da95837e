// In: the facts about one patient and a moment. Out: every allowance from then on, each with the time for which it holds.
// Never: an answer that `decide` would not give; both ask the same judge, this one between the moments at which answers change.
import type { Allowance } from '../model/decision.ts'
import type { RecordFacts } from '../model/label.ts'
import type { Partner } from '../model/partner.ts'
import type { PatientFacts } from '../model/patient-facts.ts'
import type { Instant } from '../model/time.ts'
import { FOREVER } from '../model/time.ts'
import { worldFor } from './decide.ts'
import { changesFor } from './edges.ts'
import { inquire, judge } from './judge.ts'
import type { Inquiry } from './inquiry.ts'
import type { Verdict } from './judge.ts'
import { isSocialNeed } from './reliance.ts'
import { bringsPatient, isShut, withPatient } from './patient-record.ts'
import { provenanceVerdict } from './provenance-record.ts'
import { contentOf, withoutVersion } from './tree.ts'
import type { Content } from './tree.ts'
import type { Window } from './windows.ts'
import type { Rule, World } from './world.ts'

/** Records in which a decision can see no difference. */
interface Kind {
  readonly content: Content
  readonly records: readonly RecordFacts[]
  /** Of a Provenance: the kind of each target, by its place. */
  readonly targets?: readonly (Kind | undefined)[]
}

type Terms = Omit<Allowance, 'type' | 'id' | 'recipient' | 'purpose' | 'from' | 'until'>

interface Run {
  readonly terms: Terms
  readonly key: string
  readonly from: Instant
}

/**
 * For every record, partner and registered purpose: allowed from when until when, on which basis, without which parts.
 * Pieces do not overlap, neighbours differ, and nothing begins before `at`.
 */
export const decideAll = (facts: PatientFacts, at: Instant): readonly Allowance[] => {
  const world = worldFor(facts)
  const kinds = kindsOf(facts, world)
  return facts.partners.flatMap((partner) =>
    partner.isActive
      ? [...new Set(partner.purposes)].flatMap((purpose) => allowancesFor(world, kinds, partner, purpose, at))
      : [],
  )
}

const allowancesFor = (
  world: World,
  kinds: readonly Kind[],
  partner: Partner,
  purpose: string,
  since: Instant,
): readonly Allowance[] => {
  const allowances: Allowance[] = []
  const open = new Map<Kind, Run>()
  const close = (kind: Kind, until: Instant): void => {
    const run = open.get(kind)
    if (run === undefined) return
    open.delete(kind)
    for (const { type, id } of kind.records)
      allowances.push({ type, id, recipient: partner.id, purpose, from: run.from, until, ...run.terms })
  }
  for (const at of [since, ...changesFor(world, partner, purpose, since)]) {
    const inquiry = inquire({ world, partner, purpose, at })
    for (const [kind, verdict] of verdictsOf(inquiry, kinds)) {
      const run = open.get(kind)
      const terms = verdict.effect === 'permit' ? termsOf(verdict) : undefined
      const key = terms === undefined ? undefined : JSON.stringify(terms)
      if (run !== undefined && run.key === key) continue
      close(kind, at)
      if (terms !== undefined && key !== undefined) open.set(kind, { terms, key, from: at })
    }
  }
  for (const kind of [...open.keys()]) close(kind, FOREVER)
  return allowances
}

const verdictsOf = (inquiry: Inquiry, kinds: readonly Kind[]): ReadonlyMap<Kind, Verdict> => {
  let bringing: (Verdict & { readonly effect: 'permit' }) | undefined
  const verdicts = new Map<Kind, Verdict>()
  const of = (type: string) => kinds.filter(({ content }) => content.type === type)
  for (const kind of kinds) {
    const verdict = judge(inquiry, kind.content)
    verdicts.set(kind, verdict)
    const { type } = kind.content
    if (type !== 'Patient' && type !== 'Provenance' && bringing === undefined && bringsPatient(verdict)) bringing = verdict
  }
  for (const kind of of('Patient')) {
    if (verdicts.get(kind)?.effect === 'deny' && bringing !== undefined && !isShut(inquiry, kind.content))
      verdicts.set(kind, withPatient(bringing.grant, kind.content))
  }
  for (const kind of of('Provenance')) {
    const own = verdicts.get(kind)
    const targets = kind.targets?.map((target) => (target === undefined ? undefined : verdicts.get(target))) ?? []
    if (own !== undefined) verdicts.set(kind, provenanceVerdict(inquiry, kind.content, own, targets))
  }
  return verdicts
}

const termsOf = ({ grant, withheldParts }: Verdict & { readonly effect: 'permit' }): Terms => ({
  basis: grant.basis,
  withheldParts,
  obligations: grant.obligations,
  because: grant.because,
})

/** Groups records by all that a decision can see in them. */
const kindsOf = (facts: PatientFacts, world: World): readonly Kind[] => {
  const sees = sightOf(world)
  const kinds = new Map<string, Kind & { records: RecordFacts[] }>()
  const ofRecord = new Map<string, Kind>()
  const add = (record: RecordFacts, beside = '', targets?: Kind['targets']): void => {
    const content = contentOf(record, world.calendar)
    const key = featuresOf(record, content, sees) + beside
    const kind = kinds.get(key) ?? { content, records: [], ...(targets === undefined ? {} : { targets }) }
    kind.records.push(record)
    kinds.set(key, kind)
    ofRecord.set(content.key, kind)
  }
  const isProvenance = ({ type }: RecordFacts): boolean => type === 'Provenance'
  for (const record of facts.records) if (!isProvenance(record)) add(record)
  const places = new Map([...kinds.values()].map((kind, index): [Kind, number] => [kind, index]))
  for (const record of facts.records.filter(isProvenance)) {
    const targets = (record.targets ?? []).map((key) => ofRecord.get(key))
    add(record, targets.map((kind) => (kind === undefined ? '-' : (places.get(kind) ?? '-'))).join(' '), targets)
  }
  return [...kinds.values()]
}

/** What in a record any rule of this patient looks at, beside its type and labels. */
interface Sight {
  /** Records named by themselves. */
  readonly keys: ReadonlySet<string>
  /** Codes and profiles that a rule names. */
  readonly names: ReadonlySet<string>
  readonly windows: readonly Window[]
  readonly seesAge: boolean
}

const sightOf = (world: World): Sight => {
  const keys = new Set<string>()
  const names = new Set<string>()
  const windows: Window[] = []
  const look = ({ provision, dataPermitted, dataRefused, dataWindow, exceptions }: Rule): void => {
    for (const key of dataPermitted ?? []) keys.add(key)
    if (dataRefused !== 'all') for (const key of dataRefused ?? []) keys.add(key)
    for (const { system, code } of [...provision.classes, ...provision.codes.flat()]) {
      names.add(withoutVersion(code))
      names.add(`${system ?? ''}/${code}`)
    }
    if (dataWindow !== undefined) windows.push(dataWindow)
    exceptions.forEach(look)
  }
  for (const { root } of world.consents) look(root)
  for (const { scope } of world.bases) {
    for (const key of scope.records ?? []) keys.add(key)
    for (const code of scope.codes ?? []) names.add(code)
    const { from, until } = scope
    if (from !== undefined || until !== undefined)
      windows.push(
        world.calendar.window({ ...(from === undefined ? {} : { start: from }), ...(until === undefined ? {} : { end: until }) }),
      )
  }
  return { keys, names, windows, seesAge: world.bases.some(({ kind }) => kind === 'restriction') }
}

/** Two records with the same features cannot be told apart by any rule of this patient. */
const featuresOf = (record: RecordFacts, content: Content, sees: Sight): string => {
  const codes = record.codes.filter(({ code }) => sees.names.has(code))
  const profiles = record.profiles.filter((profile) => sees.names.has(withoutVersion(profile)))
  const times = sees.windows.map((window) => relationOf(content.window, window)).join('')
  return JSON.stringify([
    record.type,
    record.labels,
    codes,
    profiles,
    times,
    isSocialNeed(content),
    sees.seesAge ? record.recordedAt : undefined,
    sees.keys.has(content.key) ? content.key : '',
  ])
}

/** Inside, touching, outside, or nobody knows: all that a rule about time can tell. */
const relationOf = (own: Window | undefined, named: Window): string => {
  if (own === undefined) return '?'
  if (named.from <= own.from && own.until <= named.until) return 'i'
  return own.from < named.until && (named.from < own.until || named.from <= own.from) ? 't' : 'o'
}
