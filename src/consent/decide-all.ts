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
import { recall } from './recall.ts'
import { isSocialNeed } from './reliance.ts'
import { bringsPatient, isShut, withPatient } from './patient-record.ts'
import { provenanceVerdict } from './provenance-record.ts'
import { contentOf, withoutVersion } from './tree.ts'
import type { Content } from './tree.ts'
import { isWithin, overlaps } from './windows.ts'
import type { Window } from './windows.ts'
import { keyOf } from './world.ts'
import type { Rule, World } from './world.ts'

/** Records in which a decision can see no difference. */
interface Kind {
  readonly place: number
  readonly content: Content
  readonly records: RecordFacts[]
  /** Of a Provenance, and of nothing else: the kind of each target, by its place. */
  readonly targets?: readonly (Kind | undefined)[] | undefined
}

type Terms = Omit<Allowance, 'type' | 'id' | 'recipient' | 'purpose' | 'from' | 'until'>
type Permit = Verdict & { readonly effect: 'permit' }

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
    [...new Set(partner.purposes)].flatMap((purpose) => allowancesFor(world, kinds, partner, purpose, at)),
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
      const next = verdict.effect === 'permit' ? runOf(verdict, at) : undefined
      if (open.get(kind)?.key === next?.key) continue
      close(kind, at)
      if (next !== undefined) open.set(kind, next)
    }
  }
  for (const kind of kinds) close(kind, FOREVER)
  return allowances
}

const runOf = ({ grant, withheldParts }: Permit, from: Instant): Run => {
  const { basis, obligations, because } = grant
  const terms = { basis, withheldParts, obligations, because }
  return { terms, key: JSON.stringify(terms), from }
}

/** The verdicts about all kinds; the Patient comes after what may bring it, a Provenance after all that it may be about. */
const verdictsOf = (inquiry: Inquiry, kinds: readonly Kind[]): ReadonlyMap<Kind, Verdict> => {
  const verdicts = new Map(kinds.map((kind) => [kind, judge(inquiry, kind.content)]))
  const bringing = kinds
    .filter(({ content, targets }) => content.type !== 'Patient' && targets === undefined)
    .map((kind) => verdicts.get(kind))
    .find((verdict): verdict is Permit => verdict !== undefined && bringsPatient(verdict))
  for (const [kind, own] of verdicts) {
    const { content, targets } = kind
    if (content.type === 'Patient' && own.effect === 'deny' && bringing !== undefined && !isShut(inquiry, content))
      verdicts.set(kind, withPatient(bringing.grant, content))
    if (targets !== undefined) {
      const about = targets.map((target) => (target === undefined ? undefined : verdicts.get(target)))
      verdicts.set(kind, provenanceVerdict(inquiry, content, own, about))
    }
  }
  return verdicts
}

/** Groups records by all that a decision can see in them; those of Provenance come last, and none is about another. */
const kindsOf = (facts: PatientFacts, world: World): readonly Kind[] => {
  const sees = sightOf(world)
  const kinds = new Map<string, Kind>()
  const placed = (record: RecordFacts, targets?: Kind['targets']): Kind => {
    const content = contentOf(record, world.calendar)
    const key = [featuresOf(record, content, sees), ...(targets ?? []).map((target) => target?.place)].join(' ')
    const kind = recall(kinds, key, () => ({ place: kinds.size, content, records: [], targets }))
    kind.records.push(record)
    return kind
  }
  const isProvenance = ({ type }: RecordFacts): boolean => type === 'Provenance'
  const others = new Map(facts.records.filter((one) => !isProvenance(one)).map((record) => [keyOf(record), placed(record)]))
  for (const record of facts.records.filter(isProvenance))
    placed(
      record,
      (record.targets ?? []).map((key) => others.get(key)),
    )
  return [...kinds.values()]
}

/** What in a record any rule of this patient looks at, beside its type and labels. */
interface Sight {
  /** Records named by themselves. */
  readonly keys: ReadonlySet<string>
  /** Codes that a rule names. */
  readonly codes: ReadonlySet<string>
  /** Profiles that a rule names. */
  readonly profiles: ReadonlySet<string>
  readonly windows: readonly Window[]
  readonly seesAge: boolean
}

const sightOf = ({ consents, bases }: World): Sight => {
  const rules = consents.flatMap(({ root }) => rulesIn(root))
  const named = rules.flatMap(({ provision }) => [...provision.classes, ...provision.codes.flat()])
  return {
    keys: new Set([
      ...rules.flatMap(({ data }) => [...(data?.refused ?? [])]),
      ...bases.flatMap(({ scope }) => scope.records ?? []),
    ]),
    codes: new Set([...named.map(({ code }) => code), ...bases.flatMap(({ scope }) => scope.codes ?? [])]),
    profiles: new Set(named.flatMap(({ system, code }) => [withoutVersion(code), `${system ?? ''}/${code}`])),
    windows: [...rules.flatMap(({ dataWindow }) => dataWindow ?? []), ...bases.flatMap(({ dated }) => dated ?? [])],
    seesAge: bases.some(({ kind }) => kind === 'restriction'),
  }
}

const rulesIn = (rule: Rule): readonly Rule[] => [rule, ...rule.exceptions.flatMap(rulesIn)]

/** Two records with the same features cannot be told apart by any rule of this patient. */
const featuresOf = (record: RecordFacts, content: Content, sees: Sight): string =>
  JSON.stringify([
    record.type,
    record.labels,
    record.codes.filter(({ code }) => sees.codes.has(code)),
    record.profiles.filter((profile) => sees.profiles.has(withoutVersion(profile))),
    sees.windows.map((window) => relationOf(content.window, window)),
    isSocialNeed(content),
    sees.seesAge && record.recordedAt,
    sees.keys.has(content.key) && content.key,
  ])

/** Inside, touching, or nobody knows: all that a rule about time can tell. */
const relationOf = (own: Window | undefined, named: Window): readonly boolean[] =>
  own === undefined ? [] : [isWithin(own, named), overlaps(own, named)]
