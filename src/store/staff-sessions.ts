// In: the hash of a session's secret. Out: whose it is, while it counts.
// Never: knows the secret, or gives a session whose owner was shut out.
import type { StaffMember } from '../model/staff.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'

/** A session that counts at this moment. */
export interface LiveSession {
  readonly staff: StaffMember
  readonly seenAt: Instant
  /** Its absolute end. */
  readonly until: Instant
}

/** Begins a session, and forgets those whose time is over. */
export const openSession = async (tx: Tx, hash: Buffer, staff: string, at: Instant, until: Instant): Promise<void> => {
  await tx.query('delete from staff_session where until <= $1', [at])
  await tx.query('insert into staff_session (hash, staff, started_at, seen_at, until) values ($1, $2, $3, $3, $4)', [
    hash,
    staff,
    at,
    until,
  ])
}

/** @param idleSince a session that was not used since then has ended */
export const liveSession = async (tx: Tx, hash: Buffer, at: Instant, idleSince: Instant): Promise<LiveSession | undefined> => {
  const [row] = await tx.query<StaffMember & Omit<LiveSession, 'staff'>>(
    `select s.id, s.name, s.role, t.seen_at as "seenAt", t.until from staff_session t join staff s on s.id = t.staff
     where t.hash = $1 and t.until > $2 and t.seen_at > $3 and s.is_active`,
    [hash, at, idleSince],
  )
  if (row === undefined) return undefined
  const { seenAt, until, ...staff } = row
  return { staff, seenAt, until }
}

/** Notes that a session is in use. */
export const touchSession = async (tx: Tx, hash: Buffer, at: Instant): Promise<void> => {
  await tx.query('update staff_session set seen_at = $2 where hash = $1 and seen_at < $2', [hash, at])
}

/** Ends one session. */
export const endSession = async (tx: Tx, hash: Buffer): Promise<void> => {
  await tx.query('delete from staff_session where hash = $1', [hash])
}

/** Ends every session of somebody. @returns how many */
export const endSessionsOf = async (tx: Tx, staff: string): Promise<number> =>
  (await tx.query('delete from staff_session where staff = $1 returning staff', [staff])).length

/** How many sessions each has open, and when each was last seen. */
export const sessionsByStaff = (
  tx: Tx,
  at: Instant,
  idleSince: Instant,
): Promise<{ readonly staff: string; readonly sessions: number; readonly seenAt: Instant }[]> =>
  tx.query(
    `select staff, count(*)::int as sessions, max(seen_at) as "seenAt" from staff_session
     where until > $1 and seen_at > $2 group by staff order by staff`,
    [at, idleSince],
  )
