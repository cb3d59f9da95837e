// In: whoever sits at the command line and wants a delivery sent once more. Out: a proposal that a second person confirms in the
// console; or, in a house where nobody could confirm, the deed itself.
// Never: sends anything on one person's word where two accounts have the right to it.
import { may, type StaffMember } from '../model/staff.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { listStaff } from '../store/staff.ts'
import { propose } from './console/proposals.ts'
import { replayDelivery } from './delivery-operations.ts'
import type { House } from './house.ts'
import type { Operator } from './looks.ts'

/** As whom somebody at the command line proposes, and why. */
export interface Proposer {
  readonly name: string
  readonly why: string
}

/** What came of it. */
export interface ShellReplay {
  readonly effect: 'proposed' | 'sent'
  /** Of the proposal, or of the item that will be sent. */
  readonly id: string
}

const TWO = 2

/**
 * The shell knows nobody: whoever proposes in somebody's name is on the ledger under that account, and what makes four eyes is the other
 * person, who has signed in to the console. Where fewer than two accounts have the right, nobody could confirm, and it is done at once.
 * @returns `invalid` without a name and a reason where they are needed, `forbidden` for an account without the right
 */
export const replayFromShell = async (
  house: House,
  by: Operator,
  item: string,
  proposer: Proposer | undefined,
): Promise<Result<ShellReplay>> => {
  const able = (await listStaff(house.db)).filter(({ isActive, role }) => isActive && may(role, 'deliveries.replay'))
  if (able.length < TWO) {
    const sent = await replayDelivery(house, by, item)
    return sent.ok ? ok({ effect: 'sent', id: sent.value }) : sent
  }
  if (proposer === undefined || proposer.why.trim() === '')
    return fail(
      problem('invalid', 'proposer-missing', { detail: 'say --by NAME --why WHY: a second person confirms in the console' }),
    )
  const who = able.filter(({ name }) => name.toLowerCase() === proposer.name.toLowerCase()).map(memberOf)[0]
  if (who === undefined)
    return fail(problem('forbidden', 'right-missing', { detail: 'no account of this name may propose to send again' }))
  const proposed = await propose(house, who, { action: 'replay', target: item, why: proposer.why.trim() })
  return proposed.ok ? ok({ effect: 'proposed', id: proposed.value }) : proposed
}

const memberOf = ({ id, name, role }: StaffMember): StaffMember => ({ id, name, role })
