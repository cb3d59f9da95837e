// In: somebody who looks after accounts. Out: who may sign in, and who is signed in now.
// Never: a secret, or a right: those are in the table.
import type { SortColumn } from '../../model/console-lists.ts'
import type { StaffLine } from '../../model/console.ts'
import type { StaffMember } from '../../model/staff.ts'
import type { Result } from '../../platform/result.ts'
import type { House } from '../house.ts'
import { listedStaff } from './accounts.ts'
import type { ConsoleList } from './list.ts'
import { acceptsPairs, partInMemory, type Values } from './list-in-memory.ts'
import { act, type Place } from './look.ts'
import { endSessionsFor, openSessions, type SessionTimes } from './sessions.ts'

const END: Place = { name: 'staff', permission: 'staff.end-session' }

const VALUES: Values<SortColumn<'staff'>, StaffLine> = {
  name: ({ name }) => name.toLowerCase(),
  role: ({ role }) => role,
  active: ({ isActive }) => Number(isActive),
  sessions: ({ sessions }) => sessions,
  seen: ({ seenAt = '' }) => seenAt,
}

/** Every account, with its open sessions. @param times after which a session has ended */
export const staffList = (times: SessionTimes): ConsoleList<'staff', object, StaffLine> => ({
  name: 'staff',
  permission: 'staff.read',
  accepts: acceptsPairs,
  read: async (house, _who, _query, part) => {
    const [accounts, sessions] = await Promise.all([listedStaff(house), openSessions(house, times)])
    const lines = accounts.map((account): StaffLine => {
      const open = sessions.find(({ staff }) => staff === account.id)
      return { ...account, sessions: open?.sessions ?? 0, ...(open === undefined ? {} : { seenAt: open.seenAt }) }
    })
    return partInMemory(lines, VALUES, part)
  },
  cells: {
    account: ({ id }) => id,
    name: ({ name }) => name,
    role: ({ role }) => role,
    local: ({ isLocal }) => (isLocal ? 'yes' : 'no'),
    active: ({ isActive }) => (isActive ? 'yes' : 'no'),
    means: ({ means }) => means.join(' '),
    sessions: ({ sessions }) => String(sessions),
    'last seen (UTC)': ({ seenAt = '' }) => seenAt,
  },
})

/** Signs somebody out everywhere. */
export const signOutStaff = (house: House, who: StaffMember, id: string): Promise<Result<number>> =>
  act(house, who, END, () => endSessionsFor(house, id, { staff: who.id, role: who.role }))
