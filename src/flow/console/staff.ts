// In: somebody who looks after accounts. Out: who may sign in, and who is signed in now.
// Never: a secret, or a right: those are in the table.
import type { StaffLine } from '../../model/console.ts'
import type { StaffMember } from '../../model/staff.ts'
import { ok, type Result } from '../../platform/result.ts'
import type { House } from '../house.ts'
import { listedStaff } from './accounts.ts'
import { act, look, type Place } from './look.ts'
import { endSessionsFor, openSessions, type SessionTimes } from './sessions.ts'

const STAFF: Place = { name: 'staff', permission: 'staff.read' }

/** Every account, with its open sessions. */
export const staffLines = (house: House, who: StaffMember, times: SessionTimes): Promise<Result<readonly StaffLine[]>> =>
  look(house, who, STAFF, async () => {
    const [accounts, sessions] = await Promise.all([listedStaff(house), openSessions(house, times)])
    const page = accounts.map((account): StaffLine => {
      const open = sessions.find(({ staff }) => staff === account.id)
      return { ...account, sessions: open?.sessions ?? 0, ...(open === undefined ? {} : { seenAt: open.seenAt }) }
    })
    return ok({ page })
  })

/** Signs somebody out everywhere. */
export const signOutStaff = (house: House, who: StaffMember, id: string): Promise<Result<number>> =>
  act(house, who, { ...STAFF, permission: 'staff.end-session' }, () =>
    endSessionsFor(house, id, { staff: who.id, role: who.role }),
  )
