// In: what the operator says about local accounts, and the secrets of whoever signs in. Out: an enrolment link, an account, a session.
// Never: keeps a password or a secret as it is, or says whether it was the name, the password or the code that was wrong.
import { Secret, TOTP } from 'otpauth'
import { ROLES, type Role, type StaffMember } from '../../model/staff.ts'
import { msOf, plusMs, type Instant } from '../../model/time.ts'
import { hashPassword, isPassword } from '../../platform/password.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { openVault, type Vault } from '../../platform/secrets.ts'
import { hashOfSecret, newSecret } from '../../platform/tickets.ts'
import {
  addStaff,
  claimStep,
  clearSecrets,
  keepTicket,
  listStaff,
  noteFailure,
  noteSuccess,
  readTicket,
  setPassword,
  staffById,
  staffNamed,
  switchStaff,
  takeTicket,
  type StaffAccount,
} from '../../store/staff.ts'
import { endSessionsOf } from '../../store/staff-sessions.ts'
import type { House } from '../house.ts'
import { lookEntry } from '../looks.ts'
import { write, type Writing } from '../writing.ts'
import { beginSession, noteRefused, type OpenedSession, type SessionTimes } from './sessions.ts'

const HOUR_MS = 3_600_000
/** How long an enrolment link counts. */
const ENROLMENT_MS = 24 * HOUR_MS
const OPERATOR = { staff: 'operator', role: 'operator' } as const

const vaultOf = ({ exchangeKeys: { current, byId } }: House): Vault => {
  const keys = [...byId].sort(([a], [b]) => Number(b === current) - Number(a === current)).map(([, key]) => key)
  return openVault(keys)
}

/** What is shown of an account: nothing by which somebody could sign in. */
export interface AccountView extends StaffMember {
  readonly isLocal: boolean
  readonly isActive: boolean
  readonly means: readonly ('password' | 'passkey')[]
}

const viewOf = ({ id, name, role, isLocal, isActive, password, passkeys }: StaffAccount): AccountView => ({
  id,
  name,
  role,
  isLocal,
  isActive,
  means: [...(password === null ? [] : (['password'] as const)), ...(passkeys === 0 ? [] : (['passkey'] as const))],
})

/** Every account, of those too who come from the organisation's sign-in. */
export const listedStaff = async (house: House): Promise<readonly AccountView[]> => (await listStaff(house.db)).map(viewOf)

const isRole = (role: string): role is Role => ROLES.some((one) => one === role)

const enrolmentFor = async (house: House, { tx, note }: Writing, staff: string, action: string): Promise<string> => {
  const at = house.clock.now()
  const secret = newSecret()
  await keepTicket(tx, hashOfSecret(secret), { kind: 'enrolment', staff, body: {}, until: plusMs(at, ENROLMENT_MS) }, at)
  note(lookEntry(house, OPERATOR, { place: 'staff', action, record: `staff/${staff}` }))
  return secret
}

/** Adds a local account. @returns the secret of the enrolment link, good once within a day */
export const addLocalStaff = (house: House, name: string, role: string): Promise<Result<string>> =>
  write(house, async (writing) => {
    if (!isRole(role)) return fail(problem('invalid', 'role-unknown', { detail: `the role is one of ${ROLES.join(', ')}` }))
    if (name.trim() === '' || name.length > 100) return fail(problem('invalid', 'name-missing', { detail: 'a name is needed' }))
    const id = house.newId()
    if (!(await addStaff(writing.tx, { id, name: name.trim(), role }, house.clock.now())))
      return fail(problem('conflict', 'name-taken', { detail: 'there is an account with this name' }))
    return ok(await enrolmentFor(house, writing, id, 'staff-added'))
  })

const onLocal = (
  house: House,
  name: string,
  work: (writing: Writing, account: StaffAccount) => Promise<Result<string>>,
): Promise<Result<string>> =>
  write(house, async (writing) => {
    const account = await staffNamed(writing.tx, name)
    if (account === undefined) return fail(problem('not-found', 'staff-unknown', { detail: 'no local account has this name' }))
    return work(writing, account)
  })

/** Takes every secret and session of a local account away, and gives a new enrolment link: for whoever lost their device. */
export const recoverLocalStaff = (house: House, name: string): Promise<Result<string>> =>
  onLocal(house, name, async (writing, { id }) => {
    await clearSecrets(writing.tx, id)
    await endSessionsOf(writing.tx, id)
    return ok(await enrolmentFor(house, writing, id, 'staff-recovered'))
  })

/** Shuts somebody out, or lets them in again; whoever is shut out is out at once. */
export const switchStaffMember = (house: House, idOrName: string, isActive: boolean): Promise<Result<string>> =>
  write(house, async ({ tx, note }) => {
    const all = await listStaff(tx)
    const account = all.find(
      ({ id, name, isLocal }) => id === idOrName || (isLocal && name.toLowerCase() === idOrName.toLowerCase()),
    )
    if (account === undefined) return fail(problem('not-found', 'staff-unknown', { detail: 'no account has this name or id' }))
    await switchStaff(tx, account.id, isActive)
    if (!isActive) await endSessionsOf(tx, account.id)
    const action = isActive ? 'staff-enabled' : 'staff-disabled'
    note(lookEntry(house, OPERATOR, { place: 'staff', action, record: `staff/${account.id}` }))
    return ok(account.name)
  })

/** What whoever opens an enrolment link is shown. */
export interface Enrolment {
  readonly name: string
  readonly role: Role
  /** Base 32, for an authenticator app. */
  readonly totpSecret: string
  readonly totpUri: string
}

const ISSUER = 'MISSION Gateway'
const totpOf = (base32: string, label: string): TOTP =>
  new TOTP({ issuer: ISSUER, label, algorithm: 'SHA1', digits: 6, period: 30, secret: Secret.fromBase32(base32) })

/** The account behind an enrolment link that counts still. */
export const enrolmentAccount = async (house: House, secret: string): Promise<Result<StaffAccount>> => {
  const ticket = await readTicket(house.db, 'enrolment', hashOfSecret(secret), house.clock.now())
  const account = ticket?.staff === undefined ? undefined : await staffById(house.db, ticket.staff)
  return account?.isActive === true
    ? ok(account)
    : fail(problem('not-found', 'enrolment-over', { detail: 'this link was used or is too old; ask the operator for another' }))
}

/** What an enrolment link leads to; the secret for the authenticator app is new each time, and counts only once confirmed. */
export const openEnrolment = async (house: House, secret: string): Promise<Result<Enrolment>> => {
  const account = await enrolmentAccount(house, secret)
  if (!account.ok) return account
  const { name, role } = account.value
  const totpSecret = new Secret({ size: 20 }).base32
  return ok({ name, role, totpSecret, totpUri: totpOf(totpSecret, name).toString() })
}

const PASSWORD_MIN = 12

/** Takes the link, sets a password with its second factor, and signs in. Fails with `invalid` and says why. */
export const enrolPassword = async (
  house: House,
  secret: string,
  chosen: { readonly password: string; readonly totpSecret: string; readonly code: string },
  times: SessionTimes,
): Promise<Result<OpenedSession>> => {
  if (chosen.password.length < PASSWORD_MIN)
    return fail(problem('invalid', 'password-short', { detail: `the password needs ${String(PASSWORD_MIN)} characters or more` }))
  if (!/^[A-Z2-7]{32}$/.test(chosen.totpSecret)) return fail(problem('invalid', 'secret-malformed'))
  const now = house.clock.now()
  const step = stepOf(chosen.totpSecret, chosen.code, now)
  if (step === undefined)
    return fail(problem('invalid', 'code-wrong', { detail: 'the code of the authenticator app does not fit; try the next one' }))
  const kept = await hashPassword(chosen.password)
  return write(house, async (writing) => {
    const ticket = await takeTicket(writing.tx, 'enrolment', hashOfSecret(secret), now)
    const account = ticket?.staff === undefined ? undefined : await staffById(writing.tx, ticket.staff)
    if (account?.isActive !== true) return fail(problem('not-found', 'enrolment-over'))
    const sealed = vaultOf(house).seal(Buffer.from(chosen.totpSecret), `staff/${account.id}`)
    await setPassword(writing.tx, account.id, kept, sealed)
    await claimStep(writing.tx, account.id, step)
    return ok(await beginSession(house, writing, account, 'password', times))
  })
}

const PERIOD_MS = 30_000

/** The time step that a code belongs to, one early or late allowed. @spec RFC 6238 §5.2 */
const stepOf = (base32: string, code: string, at: Instant): number | undefined => {
  if (!/^\d{6}$/.test(code)) return undefined
  const delta = totpOf(base32, 'x').validate({ token: code, timestamp: msOf(at), window: 1 })
  return delta === null ? undefined : Math.floor(msOf(at) / PERIOD_MS) + delta
}

/** Failed tries that cost nothing. */
const FREE_TRIES = 4
const WAIT_MS_MAX = 15 * 60_000

/** Each further failure doubles the wait, up to a quarter of an hour: nobody is shut out for good by a stranger. */
const lockAfter = (failures: number, at: Instant): Instant | null =>
  failures < FREE_TRIES ? null : plusMs(at, Math.min(2 ** (failures - FREE_TRIES) * 15_000, WAIT_MS_MAX))

const refused = (): Result<never> =>
  fail(problem('unauthenticated', 'sign-in-refused', { detail: 'name, password or code is wrong, or there were too many tries' }))

/** Signs a local account in with password and code together; every refusal looks the same. */
export const signInWithPassword = async (
  house: House,
  given: { readonly name: string; readonly password: string; readonly code: string },
  times: SessionTimes,
): Promise<Result<OpenedSession>> => {
  const at = house.clock.now()
  const account = await staffNamed(house.db, given.name)
  const isRight = await isPassword(given.password, account?.password ?? null)
  const isLocked = (account?.lockedUntil ?? at) > at
  const sealed = account?.totp ?? null
  const opened = account === undefined || sealed === null ? undefined : vaultOf(house).open(sealed, `staff/${account.id}`)
  const step = opened?.ok === true ? stepOf(opened.value.toString(), given.code, at) : undefined
  if (account?.isActive === true && isRight && !isLocked && step !== undefined) {
    const session = await write(house, async (writing) => {
      if (!(await claimStep(writing.tx, account.id, step))) return refused()
      await noteSuccess(writing.tx, account.id)
      return ok(await beginSession(house, writing, account, 'password', times))
    })
    if (session.ok) return session
  }
  // a try while it is shut does not count, else whoever keeps trying keeps the owner out
  if (account !== undefined && !isLocked)
    await house.db.transact((tx) => noteFailure(tx, account.id, lockAfter(account.failures + 1, at)))
  await noteRefused(house, 'password', account?.id, account?.role ?? 'none')
  return refused()
}
