// In: what one member of staff proposes, and what another decides. Out: the thing done, once two people wanted it.
// Never: lets one person be both, or does what was refused.
import type { Proposal } from '../../model/console.ts'
import { patientId } from '../../model/ids.ts'
import { may, type Permission, type StaffMember } from '../../model/staff.ts'
import type { Tx } from '../../platform/db.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { isItem } from '../../delivery/lists.ts'
import { emergencyOf, patientOfBasis } from '../../store/emergency-lines.ts'
import {
  decideStored,
  findingsOf,
  keepProposal,
  proposalById,
  undecidedProposals,
  type StoredProposal,
} from '../../store/staff-proposals.ts'
import type { House } from '../house.ts'
import { replayIn } from '../delivery-operations.ts'
import { write, type Writing } from '../writing.ts'
import { act, lookEntry, type Place } from './look.ts'

type Action = Proposal['action']

/** Which right each action asks, of both people. */
const RIGHT: Readonly<Record<Action, Permission>> = { replay: 'deliveries.replay', 'emergency-review': 'emergencies.review' }

const placeOf = (action: Action): Place => ({ name: action, permission: RIGHT[action] })

const wordsOf = ({ action, body }: StoredProposal): string =>
  action === 'replay'
    ? `send once more: ${body.why ?? ''}`
    : `${body.finding === 'justified' ? 'the emergency was justified' : 'the emergency was not justified'}: ${body.why ?? ''}`

const viewOf = (row: StoredProposal, who: StaffMember): Proposal => ({
  id: row.id,
  action: row.action,
  target: row.target,
  words: wordsOf(row),
  by: row.by,
  at: row.at,
  isMine: row.proposedBy === who.id,
})

/** What waits for a second person and somebody of this role may decide, by what it is about. */
export const openProposals = async (house: House, who: StaffMember): Promise<ReadonlyMap<string, Proposal>> => {
  const rows = await undecidedProposals(house.db)
  return new Map(
    rows.filter(({ action }) => may(who.role, RIGHT[action])).map((row) => [`${row.action} ${row.target}`, viewOf(row, who)]),
  )
}

/** What two people found about these emergencies, named by emergency and version. */
export const reviewFindings = async (
  house: House,
  targets: readonly string[],
): Promise<ReadonlyMap<string, 'justified' | 'not-justified'>> => {
  const rows = await findingsOf(house.db, targets)
  return new Map(rows.map(({ target, finding }) => [target, finding === 'justified' ? 'justified' : 'not-justified']))
}

/** What is proposed: about which thing, and why. */
export interface Proposed {
  readonly action: Action
  readonly target: string
  readonly finding?: 'justified' | 'not-justified'
  readonly why: string
}

/** Proposes something that a second person must confirm. Fails with `conflict` when it is proposed already. */
export const propose = (house: House, who: StaffMember, { action, target, ...body }: Proposed): Promise<Result<string>> =>
  act(house, who, placeOf(action), () =>
    write(house, async ({ tx, note }) => {
      const known = await isThere(tx, action, target)
      if (!known) return fail(problem('not-found', 'target-unknown', { detail: 'there is no such thing any more' }))
      const id = house.newId()
      if (!(await keepProposal(tx, { id, action, target, body, proposedBy: who.id, at: house.clock.now() })))
        return fail(problem('conflict', 'already-proposed', { detail: 'somebody has proposed this; a second person decides' }))
      note({ ...lookEntry(house, who, placeOf(action), {}), action: `propose-${action}`, record: `${action}/${target}` })
      return ok(id)
    }),
  )

const isThere = async (tx: Tx, action: Action, target: string): Promise<boolean> => {
  if (action === 'replay') return isItem(tx, target)
  const [id = '', version = ''] = target.split('#')
  return (await emergencyOf(tx, id, version)) !== undefined
}

/** Decides about what somebody else proposed; a confirmed thing is done in the same transaction. */
export const decideProposal = async (
  house: House,
  who: StaffMember,
  id: string,
  outcome: 'confirmed' | 'refused',
): Promise<Result<string>> => {
  const row = await proposalById(house.db, id)
  if (row === undefined) return fail(problem('not-found', 'proposal-unknown', { detail: 'there is no such proposal' }))
  return act(house, who, placeOf(row.action), () =>
    write(house, async (writing) => {
      if (row.proposedBy === who.id)
        return fail(problem('forbidden', 'same-person', { detail: 'a second person must decide about what you proposed' }))
      if (!(await decideStored(writing.tx, id, who.id, house.clock.now(), outcome)))
        return fail(problem('conflict', 'already-decided', { detail: 'somebody has decided about this' }))
      writing.note({
        ...lookEntry(house, who, placeOf(row.action), {}),
        action: `${outcome === 'confirmed' ? 'confirm' : 'refuse'}-${row.action}`,
        record: `${row.action}/${row.target}`,
      })
      return outcome === 'confirmed' ? carryOut(house, writing, who, row) : ok(id)
    }),
  )
}

const carryOut = async (house: House, { tx, note }: Writing, who: StaffMember, row: StoredProposal): Promise<Result<string>> => {
  if (row.action === 'replay') return replayIn(house, tx, row.target)
  const [id = '', version = ''] = row.target.split('#')
  const patient = await patientOfBasis(tx, id, version)
  note({
    kind: 'basis',
    at: house.clock.now(),
    action: 'reviewed',
    basis: 'medical-emergency',
    reference: id,
    version,
    ...(patient === undefined || patient === '' ? {} : { patient: patientId(patient) }),
    by: who.id,
  })
  return ok(row.id)
}
