// In: somebody whose identity was proved, or the secret of a session. Out: a session, or who it belongs to.
// Never: gives a session that is over, of somebody who was shut out, or that is not on the ledger.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Role, StaffMember } from '../../model/staff.ts'
import { plusMs, type Instant } from '../../model/time.ts'
import { hashOfSecret, newSecret } from '../../platform/tickets.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { keepFederated, keepTicket, staffById, takeTicket } from '../../store/staff.ts'
import { endSession, endSessionsOf, liveSession, openSession, sessionsByStaff, touchSession } from '../../store/staff-sessions.ts'
import type { House } from '../house.ts'
import { looked, lookEntry } from '../looks.ts'
import { write, type Writing } from '../writing.ts'

/** How long a session lasts. */
export interface SessionTimes {
  readonly idleMs: number
  /** However much it is used. */
  readonly absoluteMs: number
}

/** A session as its owner holds it. */
export interface OpenedSession {
  /** For the cookie; nobody else ever sees it. */
  readonly secret: string
  readonly until: Instant
}

/** A session that counts, and who it belongs to. */
export interface Signed {
  readonly staff: StaffMember
  /** What a page must send along with everything that it asks, so that no other page can ask in its name. */
  readonly csrf: string
  readonly until: Instant
}

/** How somebody proved who they are. */
export type Means = 'password' | 'passkey' | 'oidc'

const csrfOf = (secret: string): string => createHash('sha256').update('csrf').update(secret).digest('base64url')

/** Begins a session for somebody whose identity is proved, within the transaction that proved it; on the ledger. */
export const beginSession = async (
  house: House,
  { tx, note }: Writing,
  staff: Pick<StaffMember, 'id' | 'role'>,
  means: Means,
  times: SessionTimes,
): Promise<OpenedSession> => {
  const at = house.clock.now()
  const secret = newSecret()
  const until = plusMs(at, times.absoluteMs)
  await openSession(tx, hashOfSecret(secret), staff.id, at, until)
  note(lookEntry(house, { staff: staff.id, role: staff.role }, { place: `/console/sign-in/${means}`, action: 'sign-in' }))
  return { secret, until }
}

/** Somebody whom the organisation's own sign-in vouches for. */
export interface Vouched {
  readonly issuer: string
  readonly subject: string
  readonly name: string
  /** Absent when no role of ours follows from what the issuer says. */
  readonly role: Role | undefined
}

/** Lets somebody in on the word of the organisation's sign-in. Fails with `forbidden` without a role, or when shut out here. */
export const signInVouched = async (house: House, vouched: Vouched, times: SessionTimes): Promise<Result<OpenedSession>> => {
  const { role } = vouched
  if (role === undefined) {
    await noteRefused(house, 'oidc', undefined, 'none')
    return fail(problem('forbidden', 'no-role', { detail: 'your account has no role in this console' }))
  }
  const subject = createHash('sha256')
    .update(JSON.stringify([vouched.issuer, vouched.subject]))
    .digest('hex')
  const opened = await write(house, async (writing) => {
    const member = { id: house.newId(), name: vouched.name.slice(0, 200), role }
    const kept = await keepFederated(writing.tx, subject, member, house.clock.now())
    if (kept?.isActive !== true) return fail(problem('forbidden', 'shut-out', { detail: 'your account is switched off here' }))
    return ok(await beginSession(house, writing, { id: kept.id, role }, 'oidc', times))
  })
  if (!opened.ok) await noteRefused(house, 'oidc', undefined, role)
  return opened
}

/** A sign-in that was refused is on the ledger, under the account that was tried when it is one of ours. */
export const noteRefused = async (house: House, means: Means, staff: string | undefined, role: string): Promise<void> => {
  const place = `/console/sign-in/${means}`
  await looked(house, { staff: staff ?? 'unknown', role }, { place, action: 'sign-in-refused' })
}

/** Seconds by which the last use of a session may be noted late. */
const TOUCH_MS = 20_000

/** Whose session it is, while it counts; using it keeps it from falling idle. */
export const signedBy = async (house: House, secret: string, times: SessionTimes): Promise<Signed | undefined> => {
  const at = house.clock.now()
  const hash = hashOfSecret(secret)
  const live = await liveSession(house.db, hash, at, plusMs(at, -times.idleMs))
  if (live === undefined) return undefined
  if (live.seenAt < plusMs(at, -TOUCH_MS)) await touchSession(house.db, hash, at)
  return { staff: live.staff, csrf: csrfOf(secret), until: live.until }
}

/** Ends the session of whoever signs out. */
export const signOut = async (house: House, secret: string, staff: StaffMember): Promise<void> => {
  await endSession(house.db, hashOfSecret(secret))
  await looked(house, { staff: staff.id, role: staff.role }, { place: '/console/sign-out', action: 'sign-out' })
}

/** Ends every session of somebody. @returns how many there were */
export const endSessionsFor = (house: House, id: string, by: { staff: string; role: string }): Promise<Result<number>> =>
  write(house, async ({ tx, note }) => {
    if (!UUID.test(id) || (await staffById(tx, id)) === undefined) return fail(problem('not-found', 'staff-unknown'))
    const ended = await endSessionsOf(tx, id)
    note(lookEntry(house, by, { place: 'staff', action: 'end-sessions', record: `staff/${id}` }))
    return ok(ended)
  })

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Who has sessions open now. */
export const openSessions = (house: House, times: SessionTimes): ReturnType<typeof sessionsByStaff> => {
  const at = house.clock.now()
  return sessionsByStaff(house.db, at, plusMs(at, -times.idleMs))
}

const QUESTION_MS = 10 * 60_000
const QUESTION = z.object({ state: z.string(), nonce: z.string(), verifier: z.string() })

/** Remembers what was asked of the organisation's sign-in. @returns the secret by which the same browser is known when it comes back */
export const keepQuestion = async (house: House, question: z.infer<typeof QUESTION>): Promise<string> => {
  const at = house.clock.now()
  const secret = newSecret()
  const ticket = { kind: 'oidc', body: question, until: plusMs(at, QUESTION_MS) } as const
  await house.db.transact((tx) => keepTicket(tx, hashOfSecret(secret), ticket, at))
  return secret
}

/** What was asked when the browser with this secret left; once. */
export const questionOf = async (house: House, secret: string): Promise<z.infer<typeof QUESTION> | undefined> => {
  const at = house.clock.now()
  const ticket = await house.db.transact((tx) => takeTicket(tx, 'oidc', hashOfSecret(secret), at))
  return QUESTION.safeParse(ticket?.body).data
}
