// In: what one member of staff proposes, and what another decides. Out: the thing done, once two people wanted it.
// Never: lets one person be both, or does what was refused.
import type { Proposal } from '../../model/console.ts'
import { patientId } from '../../model/ids.ts'
import { may, type Permission, type StaffMember } from '../../model/staff.ts'
import type { Tx } from '../../platform/db.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import type { House } from '../house.ts'
import { replayIn } from '../delivery-operations.ts'
import { write, type Writing } from '../writing.ts'
import { act, lookEntry, type Place } from './look.ts'

type Action = Proposal['action']

/** Which right each action asks, of both people. */
const RIGHT: Readonly<Record<Action, Permission>> = { replay: 'deliveries.replay', 'emergency-review': 'emergencies.review' }

const placeOf = (action: Action): Place => ({ name: action, permission: RIGHT[action] })

interface Row {
  readonly id: string
  readonly action: Action
  readonly target: string
  readonly body: { readonly finding?: string; readonly why?: string }
  readonly proposedBy: string
  readonly by: string
  readonly at: string
  readonly outcome: string | null
}

const ROWS = `select p.id, p.action, p.target, p.body, p.proposed_by as "proposedBy", s.name as by, p.proposed_at as at, p.outcome
  from staff_proposal p join staff s on s.id = p.proposed_by`

const wordsOf = ({ action, body }: Row): string =>
  action === 'replay'
    ? `send once more: ${body.why ?? ''}`
    : `${body.finding === 'justified' ? 'the emergency was justified' : 'the emergency was not justified'}: ${body.why ?? ''}`

const viewOf = (row: Row, who: StaffMember): Proposal => ({
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
  const rows = await house.db.query<Row>(`${ROWS} where p.decided_at is null order by p.proposed_at`, [])
  return new Map(
    rows.filter(({ action }) => may(who.role, RIGHT[action])).map((row) => [`${row.action} ${row.target}`, viewOf(row, who)]),
  )
}

/** What two people found about emergencies, by emergency and version. */
export const reviewFindings = async (house: House): Promise<ReadonlyMap<string, 'justified' | 'not-justified'>> => {
  const rows = await house.db.query<{ target: string; finding: string }>(
    `select target, body ->> 'finding' as finding from staff_proposal
     where action = 'emergency-review' and outcome = 'confirmed' order by decided_at`,
    [],
  )
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
      const made = await tx.query(
        `insert into staff_proposal (id, action, target, body, proposed_by, proposed_at) values ($1, $2, $3, $4::jsonb, $5, $6)
         on conflict do nothing returning id`,
        [id, action, target, JSON.stringify(body), who.id, house.clock.now()],
      )
      if (made.length === 0)
        return fail(problem('conflict', 'already-proposed', { detail: 'somebody has proposed this; a second person decides' }))
      note({ ...lookEntry(house, who, placeOf(action), {}), action: `propose-${action}`, record: `${action}/${target}` })
      return ok(id)
    }),
  )

const isThere = async (tx: Tx, action: Action, target: string): Promise<boolean> => {
  if (action === 'replay') return (await tx.query('select seq from outbox where id::text = $1', [target])).length === 1
  const [id = '', version = ''] = target.split('#')
  const found = await tx.query(
    `select id from legal_basis where id = $1 and version::text = $2 and kind = 'medical-emergency' and is_current`,
    [id, version],
  )
  return found.length === 1
}

/** Decides about what somebody else proposed; a confirmed thing is done in the same transaction. */
export const decideProposal = async (
  house: House,
  who: StaffMember,
  id: string,
  outcome: 'confirmed' | 'refused',
): Promise<Result<string>> => {
  const [row] = await house.db.query<Row>(`${ROWS} where p.id::text = $1`, [id])
  if (row === undefined) return fail(problem('not-found', 'proposal-unknown', { detail: 'there is no such proposal' }))
  return act(house, who, placeOf(row.action), () =>
    write(house, async (writing) => {
      if (row.proposedBy === who.id)
        return fail(problem('forbidden', 'same-person', { detail: 'a second person must decide about what you proposed' }))
      const decided = await writing.tx.query(
        `update staff_proposal set decided_by = $2, decided_at = $3, outcome = $4 where id = $1 and decided_at is null returning id`,
        [id, who.id, house.clock.now(), outcome],
      )
      if (decided.length === 0) return fail(problem('conflict', 'already-decided', { detail: 'somebody has decided about this' }))
      writing.note({
        ...lookEntry(house, who, placeOf(row.action), {}),
        action: `${outcome === 'confirmed' ? 'confirm' : 'refuse'}-${row.action}`,
        record: `${row.action}/${row.target}`,
      })
      return outcome === 'confirmed' ? carryOut(house, writing, who, row) : ok(id)
    }),
  )
}

const carryOut = async (house: House, { tx, note }: Writing, who: StaffMember, row: Row): Promise<Result<string>> => {
  if (row.action === 'replay') return replayIn(house, tx, row.target)
  const [id = '', version = ''] = row.target.split('#')
  const [basis] = await tx.query<{ patient: string }>(`select patient from legal_basis where id = $1 and version::text = $2`, [
    id,
    version,
  ])
  note({
    kind: 'basis',
    at: house.clock.now(),
    action: 'reviewed',
    basis: 'medical-emergency',
    reference: id,
    version,
    ...(basis === undefined || basis.patient === '' ? {} : { patient: patientId(basis.patient) }),
    by: who.id,
  })
  return ok(row.id)
}
