// In: the facts about one patient, one record, one question. Out: the decision, with its reasons and the moment it may change.
// Never: reads a clock, fetches, logs; and never a yes when something is missing.
import type { Decision, Evidence, Reason } from '../model/decision.ts'
import type { PartnerId } from '../model/ids.ts'
import type { RecordFacts } from '../model/label.ts'
import type { Partner } from '../model/partner.ts'
import type { PatientFacts } from '../model/patient-facts.ts'
import type { Instant } from '../model/time.ts'
import { FOREVER } from '../model/time.ts'
import { changesFor } from './edges.ts'
import { inquire, judge } from './judge.ts'
import type { Inquiry } from './inquiry.ts'
import type { Verdict } from './judge.ts'
import { patientVerdict } from './patient-record.ts'
import { provenanceVerdict } from './provenance-record.ts'
import { recall } from './recall.ts'
import { contentOf } from './tree.ts'
import type { Content } from './tree.ts'
import { holdsAt, later } from './windows.ts'
import { keyOf, worldOf } from './world.ts'
import type { World } from './world.ts'

/** One question about one record. */
export interface RecordAsk {
  readonly recipient: PartnerId
  /** v3-ActReason code. */
  readonly purpose: string
  readonly at: Instant
  /** The person behind the system, as `Practitioner/…`. */
  readonly subject?: string
  /** True when the record has been de-identified. @law 45 CFR 164.514(b) */
  readonly isDeidentified?: boolean
}

const WORLDS = new WeakMap<PatientFacts, World>()
/** The question asked last: whoever asks about one record asks about the others too. */
const LAST = new WeakMap<World, { readonly key: string; readonly inquiry: Inquiry }>()

/** The facts, read once for as long as they are the same object. */
export const worldFor = (facts: PatientFacts): World => recall(WORLDS, facts, () => worldOf(facts))

const inquiryFor = (world: World, partner: Partner, { recipient, ...ask }: RecordAsk): Inquiry => {
  const key = [recipient, ask.purpose, ask.at, ask.subject, ask.isDeidentified].join(' ')
  const last = LAST.get(world)
  if (last?.key === key) return last.inquiry
  const inquiry = inquire({ ...ask, world, partner })
  LAST.set(world, { key, inquiry })
  return inquiry
}

/**
 * May one recipient have one record for one purpose at one moment.
 * Every asserted purpose is asked for by itself; the caller permits when all of them are permitted.
 * @law 42 CFR 2.12, 2.13, 2.31, 2.33
 */
export const decide = (facts: PatientFacts, record: RecordFacts, ask: RecordAsk): Decision => {
  const world = worldFor(facts)
  const partner = world.partners.get(ask.recipient)
  if (partner === undefined) return denied([{ rule: 'recipient-unknown', law: '42 CFR 2.13(a)' }], FOREVER)
  const inquiry = inquiryFor(world, partner, ask)
  const content = contentOf(record, world.calendar)
  const verdict =
    record.type === 'Provenance'
      ? provenanceVerdict(inquiry, content, judge(inquiry, content), targetVerdicts(facts, record, inquiry))
      : verdictFor(facts, record, inquiry, content)
  const until = changesFor(world, partner, ask.purpose, ask.at)[0] ?? FOREVER
  return decisionOf(verdict, until, world, partner, ask.at)
}

const verdictFor = (facts: PatientFacts, record: RecordFacts, inquiry: Inquiry, content: Content): Verdict => {
  const own = judge(inquiry, content)
  const { world } = inquiry.question
  return record.type === 'Patient' ? patientVerdict(inquiry, content, own, () => bringing(facts, world)) : own
}

const targetVerdicts = (facts: PatientFacts, record: RecordFacts, inquiry: Inquiry): readonly (Verdict | undefined)[] =>
  (record.targets ?? []).map((key) => {
    const target = facts.records.find((other) => other.type !== 'Provenance' && keyOf(other) === key)
    return target === undefined
      ? undefined
      : verdictFor(facts, target, inquiry, contentOf(target, inquiry.question.world.calendar))
  })

/** Records that may bring the Patient resource along; a Provenance goes with others itself. */
function* bringing(facts: PatientFacts, world: World) {
  for (const other of facts.records)
    if (other.type !== 'Patient' && other.type !== 'Provenance') yield contentOf(other, world.calendar)
}

const denied = (because: readonly Reason[], until: Instant): Decision => ({
  effect: 'deny',
  withheldParts: [],
  obligations: [],
  because,
  evidence: [],
  until,
})

const decisionOf = (verdict: Verdict, until: Instant, world: World, partner: Partner, at: Instant): Decision => {
  if (verdict.effect === 'deny') return denied(verdict.because(), until)
  const { grant, withheldParts } = verdict
  return {
    effect: 'permit',
    basis: grant.basis,
    withheldParts,
    obligations: grant.obligations,
    because: grant.because,
    evidence: grant.because.flatMap((reason) => evidenceOf(reason, world, partner, at)),
    until,
  }
}

/** The evidence that a reason names, with its end where it has one. */
const evidenceOf = ({ rule, reference }: Reason, world: World, partner: Partner, at: Instant): readonly Evidence[] => {
  if (rule !== 'recipient-by-evidence' || reference === undefined) return []
  const until = world
    .reachesOf(partner)
    .filter(({ evidence, window }) => evidence.includes(reference) && holdsAt(window, at))
    .map(({ window }) => window.until)
    .reduce(later, at)
  return [until === FOREVER ? { reference } : { reference, until }]
}
