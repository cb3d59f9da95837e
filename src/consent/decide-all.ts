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
import type { Inquiry, Verdict } from './judge.ts'
import { bringsPatient, isShut, withPatient } from './patient-record.ts'
import { contentOf } from './tree.ts'
import type { Content } from './tree.ts'
import type { Rule, World } from './world.ts'
import { keyOf } from './world.ts'

/** Records in which a decision can see no difference. */
interface Kind {
  readonly content: Content
  readonly records: readonly RecordFacts[]
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

function* verdictsOf(inquiry: Inquiry, kinds: readonly Kind[]): Iterable<readonly [Kind, Verdict]> {
  let bringing: (Verdict & { readonly effect: 'permit' }) | undefined
  const patients: (readonly [Kind, Verdict])[] = []
  for (const kind of kinds) {
    const verdict = judge(inquiry, kind.content)
    if (kind.content.type === 'Patient') {
      patients.push([kind, verdict])
      continue
    }
    if (bringing === undefined && bringsPatient(verdict)) bringing = verdict
    yield [kind, verdict]
  }
  for (const [kind, own] of patients)
    yield [
      kind,
      own.effect === 'permit' || bringing === undefined || isShut(inquiry, kind.content)
        ? own
        : withPatient(bringing.grant, kind.content),
    ]
}

const termsOf = ({ grant, withheldParts }: Verdict & { readonly effect: 'permit' }): Terms => ({
  basis: grant.basis,
  withheldParts,
  obligations: grant.obligations,
  because: grant.because,
})

/** Groups records by all that a decision can see; a record that is named by itself somewhere stands alone. */
const kindsOf = (facts: PatientFacts, world: World): readonly Kind[] => {
  const named = namedIn(world)
  const kinds = new Map<string, { content: Content; records: RecordFacts[] }>()
  for (const record of facts.records) {
    const { labels, type, codes, period, profiles, recordedAt } = record
    const key = JSON.stringify([type, labels, codes, period, profiles, recordedAt, named.has(keyOf(record)) ? keyOf(record) : ''])
    const kind = kinds.get(key)
    if (kind === undefined) kinds.set(key, { content: contentOf(record, world.calendar), records: [record] })
    else kind.records.push(record)
  }
  return [...kinds.values()]
}

const namedIn = (world: World): ReadonlySet<string> => {
  const named = new Set<string>()
  const walk = (rule: Rule): void => {
    for (const key of rule.dataPermitted ?? []) named.add(key)
    if (rule.dataRefused !== 'all') for (const key of rule.dataRefused ?? []) named.add(key)
    rule.exceptions.forEach(walk)
  }
  for (const { root } of world.consents) walk(root)
  for (const { scope } of world.bases) for (const key of scope.records ?? []) named.add(key)
  return named
}
