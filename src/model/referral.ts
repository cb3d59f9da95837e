import type { CodeableConcept, Task, TaskOutput } from '@medplum/fhirtypes'
import { fail, ok, type Result } from '../platform/result.ts'
import { problem, type ProblemKind } from '../platform/problem.ts'
import { partnerId, type PartnerId } from './ids.ts'
import { offerOf, organizationOf } from './referral-offer.ts'
import type { Instant } from './time.ts'

/** The states of a referral: Task.status without `received` and `ready`. @spec SDOH Clinical Care 3.0.0 SDOHCCTaskForReferralManagement */
export const REFERRAL_STATES = [
  'draft',
  'requested',
  'accepted',
  'rejected',
  'cancelled',
  'in-progress',
  'on-hold',
  'completed',
  'failed',
  'entered-in-error',
] as const
export type ReferralState = (typeof REFERRAL_STATES)[number]

/** Who sent the referral, and who is to fulfil it. */
export type Actor = 'requester' | 'target'

/** What a transition must bring along; `owner` is met by the one who accepts when nobody owns the referral yet. */
export type Requirement = 'reason' | 'output' | 'owner'

/** One row of the state machine. */
export interface TransitionRow {
  readonly from: ReferralState
  readonly to: ReferralState
  readonly actors: readonly Actor[]
  readonly requires: readonly Requirement[]
  readonly source: string
}

const DIAGRAM = 'SDOH-CC 3.0.0 Referral Task State Diagram'
const STATUS = 'SDOH-CC 3.0.0 checking_task_status'

const row = (
  from: ReferralState,
  to: ReferralState,
  actors: readonly Actor[],
  requires: readonly Requirement[] = [],
  source = DIAGRAM,
): TransitionRow => ({ from, to, actors, requires, source })

const BOTH: readonly Actor[] = ['requester', 'target']
const REQUESTER: readonly Actor[] = ['requester']
const TARGET: readonly Actor[] = ['target']
const REASON = `${DIAGRAM}; ${STATUS} (statusReason.text)`
const OUTPUT = `${DIAGRAM}; invariant refer-9 (Task.output)`

/** Every move that a referral can make; what is not a row is refused. */
export const TRANSITIONS: readonly TransitionRow[] = [
  row('draft', 'requested', REQUESTER),
  row('requested', 'accepted', TARGET, ['owner']),
  row('requested', 'rejected', TARGET, ['reason'], REASON),
  row('requested', 'cancelled', BOTH, ['reason'], REASON),
  row('accepted', 'in-progress', TARGET),
  row('accepted', 'on-hold', TARGET, ['reason'], REASON),
  row('accepted', 'cancelled', BOTH, ['reason'], REASON),
  row('accepted', 'completed', TARGET, ['output'], OUTPUT),
  row('accepted', 'failed', TARGET, ['reason'], REASON),
  row('in-progress', 'on-hold', TARGET, ['reason'], REASON),
  row('in-progress', 'completed', TARGET, ['output'], OUTPUT),
  row('in-progress', 'failed', TARGET, ['reason'], REASON),
  row('in-progress', 'cancelled', BOTH, ['reason'], REASON),
  row('on-hold', 'in-progress', TARGET),
  row('on-hold', 'completed', TARGET, ['output'], OUTPUT),
  row('on-hold', 'failed', TARGET, ['reason'], REASON),
  row('on-hold', 'cancelled', BOTH, ['reason'], REASON),
  ...REFERRAL_STATES.filter((state) => state !== 'entered-in-error').map((state) => row(state, 'entered-in-error', REQUESTER)),
]

/** States from which nothing but `entered-in-error` follows. */
export const FINAL_STATES: readonly ReferralState[] = REFERRAL_STATES.filter((state) =>
  TRANSITIONS.every((each) => each.from !== state || each.to === 'entered-in-error'),
)

/** Whose word a state is. */
export type AssertionSource = 'HUMAN' | 'RECEIVING_ORG' | 'SYSTEM_INFERRED'

/** The two sides of a referral, as the gateway has them on record; never taken from a message. */
export interface ReferralParties {
  readonly requester: PartnerId
  /** Absent while the referral is open to be claimed. */
  readonly target?: PartnerId
  /** Who may claim an open referral. */
  readonly candidates?: readonly PartnerId[]
}

/** What somebody asks of a referral. */
export interface Move {
  readonly to: ReferralState
  readonly at: Instant
  readonly assertionSource: AssertionSource
  readonly reason?: CodeableConcept
  readonly output?: readonly TaskOutput[]
  /** Where it stands inside its state, for example that the client is enrolled or on a waiting list. */
  readonly businessStatus?: CodeableConcept
}

/** A move that was made. `isChanged` is false when the referral stands as it did, so that a repeated message changes nothing. */
export interface Transition {
  readonly task: Task
  readonly from: ReferralState
  readonly to: ReferralState
  readonly isChanged: boolean
  readonly parties: ReferralParties
  /** What ServiceRequest.status becomes. */
  readonly serviceRequestStatus: 'draft' | 'active' | 'on-hold' | 'revoked' | 'completed' | 'entered-in-error'
}

/** Extension of the gateway on Task: whose word its status is. */
export const ASSERTION_SOURCE_URL = 'https://mission-gateway.example/fhir/StructureDefinition/assertion-source'

/** ServiceRequest.status beside each Task.status. @spec SDOH-CC 3.0.0, Gravity reference implementation: a cancelled Task revokes its request */
const SERVICE_REQUEST_STATUS = {
  draft: 'draft',
  requested: 'active',
  accepted: 'active',
  rejected: 'revoked',
  cancelled: 'revoked',
  'in-progress': 'active',
  'on-hold': 'on-hold',
  completed: 'completed',
  failed: 'revoked',
  'entered-in-error': 'entered-in-error',
} as const satisfies Record<ReferralState, Transition['serviceRequestStatus']>

/**
 * Moves a referral, if the table has the move and the authenticated peer is the party entitled to it.
 * Fails with `forbidden` (`actor-not-entitled`), `conflict` (`transition-not-allowed`), `invalid` (`reason-missing`, `output-missing`).
 * @param peer who asks, as its certificate or token proved; no field of a message has a say in this
 */
export const transition = (task: Task, parties: ReferralParties, peer: PartnerId, move: Move): Result<Transition> => {
  const from = stateOf(task)
  if (from === undefined) return refuse('conflict', 'state-unknown', 'the referral is in a state that the table does not have')
  const actors = actorsOf(parties, peer, move.to)
  if (actors.length === 0) return refuse('forbidden', 'actor-not-entitled', 'the peer has no part in this referral')
  const saysWhere = actors.includes('target') && move.businessStatus !== undefined
  if (from === move.to && (saysWhere || isRepeat(task, actors, move))) {
    const standing = saysWhere ? withBusiness(task, move) : task
    const isChanged = standing !== task
    return ok({ task: standing, from, to: from, isChanged, parties, serviceRequestStatus: SERVICE_REQUEST_STATUS[from] })
  }
  const found = TRANSITIONS.find((each) => each.from === from && each.to === move.to)
  if (found === undefined) return refuse('conflict', 'transition-not-allowed', `${from} does not lead to ${move.to}`)
  if (!found.actors.some((actor) => actors.includes(actor))) {
    return refuse('forbidden', 'actor-not-entitled', `${from} to ${move.to} is for the ${found.actors.join(' or ')}`)
  }
  const missing = found.requires.find((requirement) => !isMet(requirement, task, move))
  if (missing !== undefined) return refuse('invalid', `${missing}-missing`, `${from} to ${move.to} needs a ${missing}`)
  const settled =
    actors.includes('target') && parties.target === undefined && move.to === 'accepted' ? { ...parties, target: peer } : parties
  return ok({
    task: moved(task, settled, move),
    from,
    to: move.to,
    isChanged: true,
    parties: settled,
    serviceRequestStatus: SERVICE_REQUEST_STATUS[move.to],
  })
}

/** Task.status, when it is one of ours. */
export const stateOf = (task: Task): ReferralState | undefined => REFERRAL_STATES.find((state) => state === task.status)

/** Somebody without a system of their own, whose word comes by telephone or letter; no partner has such an id. */
const OUTSIDE = partnerId('~outside')

/** Requester, owner and candidates of a Task that refers to them as `Organization/<partner id>`; a requester may have no system. */
export const partiesOf = (task: Task): Result<ReferralParties> => {
  const { requester: by } = task
  const requester = by?.reference === undefined && by?.display !== undefined ? OUTSIDE : organizationOf(by?.reference)
  if (requester === undefined) return refuse('invalid', 'requester-unknown', 'Task.requester is not one of our partners')
  return ok({ requester, ...offerOf(task) })
}

const refuse = (kind: ProblemKind, code: string, detail: string): ReturnType<typeof fail<ReturnType<typeof problem>>> =>
  fail(problem(kind, code, { detail }))

/** An open referral may be claimed by any candidate; one candidate cannot end it for the others. */
const actorsOf = (parties: ReferralParties, peer: PartnerId, to: ReferralState): readonly Actor[] => [
  ...(parties.requester === peer ? (['requester'] as const) : []),
  ...(parties.target === peer ||
  (parties.target === undefined && to === 'accepted' && parties.candidates?.includes(peer) === true)
    ? (['target'] as const)
    : []),
]

/** A repeat is a move to where we are, by somebody who could have made it, with nothing new in it. */
const isRepeat = (task: Task, actors: readonly Actor[], move: Move): boolean =>
  TRANSITIONS.some((each) => each.to === move.to && each.actors.some((actor) => actors.includes(actor))) &&
  (move.reason?.text === undefined || move.reason.text === task.statusReason?.text)

/** The one who fulfils a referral may say where it stands inside its state, without a move. */
const withBusiness = (task: Task, { businessStatus, at }: Move): Task =>
  businessStatus === undefined || JSON.stringify(businessStatus) === JSON.stringify(task.businessStatus)
    ? task
    : { ...task, businessStatus, lastModified: at }

const isMet = (requirement: Requirement, task: Task, move: Move): boolean => {
  switch (requirement) {
    case 'reason':
      return (move.reason?.text ?? '').trim() !== ''
    case 'output':
      return (move.output ?? task.output ?? []).length > 0
    case 'owner':
      return true
  }
}

const moved = (task: Task, parties: ReferralParties, move: Move): Task => {
  const { statusReason: _former, ...kept } = task
  const owner = parties.target === undefined ? task.owner : { ...task.owner, reference: `Organization/${parties.target}` }
  return {
    ...kept,
    status: move.to,
    extension: [
      ...(task.extension ?? []).filter((each) => each.url !== ASSERTION_SOURCE_URL),
      { url: ASSERTION_SOURCE_URL, valueCode: move.assertionSource },
    ],
    lastModified: move.at,
    ...(owner === undefined ? {} : { owner }),
    ...(move.reason === undefined ? {} : { statusReason: move.reason }),
    ...(move.businessStatus === undefined ? {} : { businessStatus: move.businessStatus }),
    ...(move.output === undefined ? {} : { output: [...(task.output ?? []), ...move.output] }),
  }
}
