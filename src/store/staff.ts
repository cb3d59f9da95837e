// In: who works in the console, and the secrets by which they are known again, hashed or sealed. Out: the same, at a moment.
// Never: keeps a secret as it is, or lets one count twice.
import type { StaffMember } from '../model/staff.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'

/** An account as it stands. */
export interface StaffAccount extends StaffMember {
  /** False for whoever comes from the organisation's own sign-in. */
  readonly isLocal: boolean
  readonly isActive: boolean
  readonly password: string | null
  readonly totp: Buffer | null
  readonly failures: number
  readonly lockedUntil: Instant | null
  readonly passkeys: number
}

const ACCOUNT = `s.id, s.name, s.role, s.subject is null as "isLocal", s.is_active as "isActive", s.password, s.totp, s.failures,
  s.locked_until as "lockedUntil", (select count(*)::int from staff_passkey p where p.staff = s.id) as passkeys`

/** Adds a local account; false when the name is taken. */
export const addStaff = async (tx: Tx, member: StaffMember, at: Instant): Promise<boolean> =>
  (
    await tx.query('insert into staff (id, name, role, created_at) values ($1, $2, $3, $4) on conflict do nothing returning id', [
      member.id,
      member.name,
      member.role,
      at,
    ])
  ).length === 1

/** Whoever comes from the organisation's sign-in, under one pseudonym for ever; name and role are those of this sign-in. */
export const keepFederated = async (
  tx: Tx,
  subject: string,
  member: StaffMember,
  at: Instant,
): Promise<Pick<StaffAccount, 'id' | 'isActive'> | undefined> =>
  (
    await tx.query<Pick<StaffAccount, 'id' | 'isActive'>>(
      `insert into staff (id, name, role, subject, created_at) values ($1, $2, $3, $4, $5)
       on conflict (subject) do update set name = excluded.name, role = excluded.role returning id, is_active as "isActive"`,
      [member.id, member.name, member.role, subject, at],
    )
  )[0]

/** All accounts by name. */
export const listStaff = (tx: Tx): Promise<StaffAccount[]> =>
  tx.query<StaffAccount>(`select ${ACCOUNT} from staff s order by lower(name), id`, [])

/** One account by its id. */
export const staffById = async (tx: Tx, id: string): Promise<StaffAccount | undefined> =>
  (await tx.query<StaffAccount>(`select ${ACCOUNT} from staff s where id = $1`, [id]))[0]

/** A local account by its name, whatever the case. */
export const staffNamed = async (tx: Tx, name: string): Promise<StaffAccount | undefined> =>
  (await tx.query<StaffAccount>(`select ${ACCOUNT} from staff s where lower(name) = lower($1) and subject is null`, [name]))[0]

/** Lets somebody in, or no longer. */
export const switchStaff = async (tx: Tx, id: string, isActive: boolean): Promise<void> => {
  await tx.query('update staff set is_active = $2 where id = $1', [id, isActive])
}

/** Forgets every secret of an account: the operator gives it new ones. */
export const clearSecrets = async (tx: Tx, id: string): Promise<void> => {
  await tx.query('update staff set password = null, totp = null, failures = 0, locked_until = null where id = $1', [id])
  await tx.query('delete from staff_passkey where staff = $1', [id])
  await tx.query('delete from staff_ticket where staff = $1', [id])
}

/** Sets password and time-based secret together. */
export const setPassword = async (tx: Tx, id: string, password: string, totp: Buffer): Promise<void> => {
  await tx.query('update staff set password = $2, totp = $3, failures = 0, locked_until = null where id = $1', [
    id,
    password,
    totp,
  ])
}

/** True the first time that the code of a time step, or of a later one, is shown. */
export const claimStep = async (tx: Tx, id: string, step: number): Promise<boolean> =>
  (await tx.query('update staff set totp_step = $2 where id = $1 and totp_step < $2 returning id', [id, step])).length === 1

/** Counts a failed try, and shuts the account until a moment. */
export const noteFailure = async (tx: Tx, id: string, lockedUntil: Instant | null): Promise<void> => {
  await tx.query('update staff set failures = failures + 1, locked_until = $2 where id = $1', [id, lockedUntil])
}

/** Forgets failed tries. */
export const noteSuccess = async (tx: Tx, id: string): Promise<void> => {
  await tx.query('update staff set failures = 0, locked_until = null where id = $1 and failures > 0', [id])
}

/** A public key that an authenticator of somebody's holds the other half of. */
export interface Passkey {
  readonly id: string
  readonly staff: string
  readonly publicKey: Buffer
  readonly counter: number
  readonly transports: readonly string[]
}

/** Keeps a passkey; false when it is there already. */
export const addPasskey = async (tx: Tx, passkey: Passkey, at: Instant): Promise<boolean> =>
  (
    await tx.query(
      `insert into staff_passkey (id, staff, public_key, counter, transports, created_at) values ($1, $2, $3, $4, $5, $6)
       on conflict do nothing returning id`,
      [passkey.id, passkey.staff, passkey.publicKey, passkey.counter, passkey.transports, at],
    )
  ).length === 1

/** A passkey by the id that its authenticator gives. */
export const passkeyById = async (tx: Tx, id: string): Promise<Passkey | undefined> =>
  (
    await tx.query<Passkey>('select id, staff, public_key as "publicKey", counter, transports from staff_passkey where id = $1', [
      id,
    ])
  )[0]

/** Notes how often the authenticator says it was used; false when somebody was quicker with the same number. */
export const noteCounter = async (tx: Tx, id: string, before: number, counter: number): Promise<boolean> =>
  (await tx.query('update staff_passkey set counter = $3 where id = $1 and counter = $2 returning id', [id, before, counter]))
    .length === 1

/** Something that was handed out once. */
export interface Ticket {
  readonly kind: 'enrolment' | 'passkey-enrolment' | 'passkey-sign-in' | 'oidc'
  readonly staff?: string
  readonly body: Readonly<Record<string, unknown>>
  readonly until: Instant
}

/** Keeps a ticket under the hash of its secret, and forgets those whose time is over. */
export const keepTicket = async (tx: Tx, hash: Buffer, ticket: Ticket, at: Instant): Promise<void> => {
  await tx.query('delete from staff_ticket where until <= $1', [at])
  await tx.query('insert into staff_ticket (hash, kind, staff, body, until) values ($1, $2, $3, $4::jsonb, $5)', [
    hash,
    ticket.kind,
    ticket.staff ?? null,
    JSON.stringify(ticket.body),
    ticket.until,
  ])
}

const TICKET = `kind, staff, body, until`
type TicketRow = Omit<Ticket, 'staff'> & { readonly staff: string | null }
const ticketOf = (row: TicketRow | undefined): Ticket | undefined => {
  if (row === undefined) return undefined
  const { staff, ...rest } = row
  return staff === null ? rest : { ...rest, staff }
}

/** A ticket that counts still. */
export const readTicket = async (tx: Tx, kind: Ticket['kind'], hash: Buffer, at: Instant): Promise<Ticket | undefined> =>
  ticketOf(
    (
      await tx.query<TicketRow>(`select ${TICKET} from staff_ticket where hash = $1 and kind = $2 and until > $3`, [
        hash,
        kind,
        at,
      ])
    )[0],
  )

/** Takes a ticket away: given to exactly one caller, however many ask at once. */
export const takeTicket = async (tx: Tx, kind: Ticket['kind'], hash: Buffer, at: Instant): Promise<Ticket | undefined> =>
  ticketOf(
    (
      await tx.query<TicketRow>(`delete from staff_ticket where hash = $1 and kind = $2 and until > $3 returning ${TICKET}`, [
        hash,
        kind,
        at,
      ])
    )[0],
  )
