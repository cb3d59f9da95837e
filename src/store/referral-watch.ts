// In: open referrals, and word of those whose move it is. Out: those in which it has been silent too long, and what waits for a person.
// Never: holds anything of a referral's content: ids, states, times, and a digest of the service.
import type { AttentionKind } from '../model/referral-ageing.ts'
import type { PartnerId } from '../model/ids.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'

/** One open referral under watch. */
export interface Watched {
  readonly task: string
  readonly patient: string
  readonly state: string
  readonly requester: string
  /** Whose move it is; empty while anybody may claim the referral. */
  readonly waitsFor: string
  /** Digest of who the client is; empty where too little is known. */
  readonly client: string
  /** Digest of the service asked for; empty for one that was under way before there was a watch. */
  readonly service: string
  readonly since: Instant
  /** How many rows of the ageing table have been seen to. */
  readonly step: number
  readonly dueAt: Instant | null
}

const COLUMNS = `task, patient, state, requester, waits_for as "waitsFor", client, service, since, step, due_at as "dueAt"`

/**
 * Watches a referral. Silence begins anew when its state or the one whose move it is changes, or when that one has spoken.
 * @param isWord whether the change is word from the one whose move it is
 * @returns whether it was not watched before
 */
export const watch = async (tx: Tx, one: Watched, isWord: boolean): Promise<boolean> => {
  const rows = await tx.query<{ is_new: boolean }>(
    `insert into referral_watch as w (task, patient, state, requester, waits_for, service, since, due_at, client)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $10)
     on conflict (task) do update
       set state = $3, requester = $4, waits_for = $5, service = $6, since = $7, step = 0, due_at = $8, client = $10
     where $9 or w.state <> $3 or w.waits_for <> $5
     returning (xmax = 0) as is_new`,
    [one.task, one.patient, one.state, one.requester, one.waitsFor, one.service, one.since, one.dueAt, isWord, one.client],
  )
  return rows[0]?.is_new === true
}

/** The one whose move it is has spoken, and nothing changed: silence begins anew. */
export const heard = async (tx: Tx, task: string, by: string, at: Instant, dueAt: Instant | null): Promise<boolean> =>
  (
    await tx.query(
      'update referral_watch set since = $3, step = 0, due_at = $4 where task = $1 and waits_for = $2 returning task',
      [task, by, at, dueAt],
    )
  ).length > 0

/** Ends the watch of a referral that has ended. */
export const unwatch = async (tx: Tx, task: string): Promise<void> => {
  await tx.query('delete from referral_watch where task = $1', [task])
}

/** An earlier open referral of the same client to the same partner for the same service, whoever sent it and under whatever number. */
export const sameReferral = async (tx: Tx, one: Watched): Promise<string | undefined> =>
  (
    await tx.query<{ task: string }>(
      `select task from referral_watch
       where (patient = $1 or (client = $2 and client <> '')) and waits_for = $3 and service = $4 and service <> '' and task <> $5
       order by since, task limit 1`,
      [one.patient, one.client, one.waitsFor, one.service, one.task],
    )
  )[0]?.task

/** The referral that is due longest, and that no other gateway is about to see to; a look, not yet a lock. */
export const nextDue = async (tx: Tx, at: Instant): Promise<Watched | undefined> =>
  (
    await tx.query<Watched>(
      `select ${COLUMNS} from referral_watch where due_at <= $1 order by due_at, task limit 1 for update skip locked`,
      [at],
    )
  )[0]

/** Takes a referral that is still due, for this transaction. */
export const takeDueReferral = async (tx: Tx, task: string, at: Instant): Promise<Watched | undefined> =>
  (await tx.query<Watched>(`select ${COLUMNS} from referral_watch where task = $1 and due_at <= $2 for update`, [task, at]))[0]

/** Notes how far a referral has come in the ageing table, and when to look again; null for not until something is heard. */
export const setStep = async (tx: Tx, task: string, step: number, dueAt: Instant | null): Promise<void> => {
  await tx.query('update referral_watch set step = $2, due_at = $3 where task = $1', [task, step, dueAt])
}

/** Something about a referral that waits for a person. */
export interface Attention {
  readonly id: number
  readonly task: string
  readonly patient: string
  readonly kind: AttentionKind
  readonly partner: PartnerId
  readonly state: string
  readonly other: string
  readonly at: Instant
  /** The version of the Task that stood here, where another is at odds with it. */
  readonly version?: number | null
  /** Under which the bytes are kept in which the other side said what it has. */
  readonly exchange?: string | null
}

const ATTENTION = 'id, task, patient, kind, partner, state, other, at, version, exchange'

/** Puts something before a person; once, while it is open. @returns whether it is new */
export const raise = async (tx: Tx, what: Omit<Attention, 'id'>): Promise<boolean> =>
  (
    await tx.query(
      `insert into referral_attention (task, patient, kind, partner, state, other, at, version, exchange)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict (task, kind, other) where closed_at is null do nothing returning id`,
      [
        what.task,
        what.patient,
        what.kind,
        what.partner,
        what.state,
        what.other,
        what.at,
        what.version ?? null,
        what.exchange ?? null,
      ],
    )
  ).length > 0

/** Closes what silence, or a change of a version that was no longer the last, had raised: something was heard. */
export const closeSilence = (tx: Tx, task: string, at: Instant): Promise<void> =>
  closeKinds(tx, task, ['unanswered', 'unknown', 'conflict'], at)

/** Closes what is open of some kinds, without a person. */
export const closeKinds = async (tx: Tx, task: string, kinds: readonly AttentionKind[], at: Instant): Promise<void> => {
  await tx.query(
    `update referral_attention set closed_at = $3, closed_by = 'word' where task = $1 and kind = any($2) and closed_at is null`,
    [task, kinds, at],
  )
}

/** What waits for a person, the newest first; at most a thousand. */
export const openAttention = (tx: Tx): Promise<readonly Attention[]> =>
  tx.query<Attention>(
    `select ${ATTENTION} from referral_attention where closed_at is null
     order by at desc, id desc limit 1000`,
    [],
  )

/** How much waits for a person, by kind. */
export const countAttention = (tx: Tx): Promise<readonly { readonly kind: AttentionKind; readonly waiting: number }[]> =>
  tx.query('select kind, count(*)::integer as waiting from referral_attention where closed_at is null group by kind', [])

/** A person has seen to it. @returns what it was, when it was open */
export const closeAttention = async (tx: Tx, id: number, by: string, at: Instant): Promise<Attention | undefined> =>
  (
    await tx.query<Attention>(
      `update referral_attention set closed_at = $2, closed_by = $3 where id = $1 and closed_at is null
       returning ${ATTENTION}`,
      [id, at, by],
    )
  )[0]

/** One more of a kind of incident with a partner. */
export const noteIncident = async (tx: Tx, partner: PartnerId, cause: string, at: Instant): Promise<void> => {
  await tx.query('select incident_note($1, $2, $3)', [partner, cause, at])
}
