// In: bytes that a partner sent, or was sent, and what was answered. Out: the same bytes, for an operator or for a repeated message.
// Never: keeps them readable, or longer than was said; who reads them is put on the ledger by the caller, first.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import type { PartnerId } from '../model/ids.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { invariant } from '../platform/invariant.ts'
import type { Issue } from '../platform/problem.ts'
import type { DeliveryChannel } from './outbox.ts'

/** Keys of 32 bytes by id; the first is used to write, all to read. */
export interface ExchangeKeys {
  readonly current: string
  readonly byId: ReadonlyMap<string, Uint8Array>
}

export interface NewExchange {
  readonly id: string
  readonly partner: PartnerId
  readonly direction: 'in' | 'out'
  readonly channel: DeliveryChannel
  /** MSH-10, or the idempotency key of a push; empty when the sender gave none. */
  readonly controlId: string
  readonly bytes: Uint8Array
  readonly item?: string
  readonly referral?: string
  readonly at: Instant
  /** From then on the bytes are pruned. */
  readonly keepUntil: Instant
  /** What is answered, when that is known already: kept in the same statement. */
  readonly answer?: Uint8Array
  /** What is to be noted of bytes that leave: places and codes, never the values. */
  readonly issues?: readonly Issue[]
}

/** What is known of bytes that came in. */
export interface Arrival {
  readonly id: string
  /** False when the same peer sent the same bytes under the same control id before. */
  readonly isNew: boolean
  /** What was answered then; absent when it is not answered yet. */
  readonly answer?: Uint8Array
  /** The peer used this control id for other bytes as well: taken as new, and to be flagged. */
  readonly isCollision: boolean
}

/** SHA-256 of the bytes, in hexadecimal. */
export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Keeps bytes; for bytes that came in, says whether they came before, and what was answered. */
export const keepExchange = async (tx: Tx, keys: ExchangeKeys, exchange: NewExchange): Promise<Arrival> => {
  const digest = digestOf(exchange.bytes)
  const others = await tx.query<Former & { kept: string | null }>(
    `with kept as (
       insert into exchange (id, partner, direction, channel, control_id, digest, item, referral, at, keep_until, key_id, content, answer, answered_at, issues)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, case when $13::bytea is null then null else $9::timestamptz end, $14::jsonb)
       on conflict do nothing returning id)
     select (select id from kept) as kept, e.id, e.digest, e.answer, e.key_id as "keyId"
     from (select 1) as one left join exchange e on e.partner = $2 and e.control_id = $5 and e.direction = 'in' and $3 = 'in'`,
    [
      exchange.id,
      exchange.partner,
      exchange.direction,
      exchange.channel,
      exchange.controlId,
      digest,
      exchange.item ?? null,
      exchange.referral ?? null,
      exchange.at,
      exchange.keepUntil,
      keys.current,
      encrypt(keys, exchange.id, exchange.bytes),
      exchange.answer === undefined ? null : encrypt(keys, `${exchange.id}/answer`, exchange.answer),
      JSON.stringify(exchange.issues ?? []),
    ],
  )
  const isCollision = exchange.controlId !== '' && others.some((other) => other.id !== null && other.digest !== digest)
  if (others[0]?.kept !== null) return { id: exchange.id, isNew: true, isCollision }
  const former = others.find((other) => other.digest === digest) ?? (await formerOf(tx, exchange, digest))
  invariant(former?.id !== undefined && former.id !== null, 'bytes that are not new are there')
  return {
    id: former.id,
    isNew: false,
    isCollision,
    ...(former.answer === null ? {} : { answer: decrypt(keys, former.keyId, `${former.id}/answer`, former.answer) }),
  }
}

interface Former {
  readonly id: string | null
  readonly digest: string
  readonly answer: Uint8Array | null
  readonly keyId: string
}

/** The same bytes, committed by another connection while the insert waited for it. */
const formerOf = async (tx: Tx, exchange: NewExchange, digest: string): Promise<Former | undefined> =>
  (
    await tx.query<Former>(
      `select id, digest, answer, key_id as "keyId" from exchange where partner = $1 and control_id = $2 and digest = $3 and direction = 'in'`,
      [exchange.partner, exchange.controlId, digest],
    )
  )[0]

/** Keeps what was answered; in the transaction of what the answer confirms. */
export const keepAnswer = async (tx: Tx, keys: ExchangeKeys, id: string, answer: Uint8Array, at: Instant): Promise<void> => {
  const rows = await tx.query<{ key_id: string }>('select key_id from exchange where id = $1 for update', [id])
  const keyId = rows[0]?.key_id
  invariant(keyId !== undefined, 'an answer belongs to bytes that were kept')
  await tx.query('update exchange set answer = $2, answered_at = $3 where id = $1', [
    id,
    encrypt({ ...keys, current: keyId }, `${id}/answer`, answer),
    at,
  ])
}

/** What became of bytes that came in. */
export interface ExchangeOutcome {
  /** `held` waits for a person. */
  readonly state: 'mapped' | 'held'
  /** What was wrong, and which values found no home: places and codes, never the values. */
  readonly issues: readonly Issue[]
  /** Kept for when the same bytes come again; empty when nothing was to be said, absent when the next try may end otherwise. */
  readonly answer?: Uint8Array
  readonly at: Instant
}

/** Takes bytes for this transaction alone, and gives what was answered to them meanwhile; `undefined` when they are still to be taken. */
export const claimExchange = async (tx: Tx, keys: ExchangeKeys, id: string): Promise<Uint8Array | undefined> => {
  const rows = await tx.query<Former>('select id, digest, answer, key_id as "keyId" from exchange where id = $1 for update', [id])
  const row = rows[0]
  invariant(row !== undefined, 'bytes that are taken were kept')
  return row.answer === null ? undefined : decrypt(keys, row.keyId, `${id}/answer`, row.answer)
}

/** Notes what became of bytes that came in; in the transaction of what the answer confirms. */
export const settleExchange = async (tx: Tx, keys: ExchangeKeys, id: string, outcome: ExchangeOutcome): Promise<void> => {
  await tx.query('update exchange set state = $2, issues = $3::jsonb where id = $1', [
    id,
    outcome.state,
    JSON.stringify(outcome.issues),
  ])
  if (outcome.answer !== undefined) await keepAnswer(tx, keys, id, outcome.answer, outcome.at)
}

/** One kind of value that found no home, on the one way or the other, and in how many messages. */
export interface LossCount {
  readonly partner: PartnerId
  /** What the partner sent, or what it was sent. */
  readonly direction: 'in' | 'out'
  /** `PID-3.4`, without the numbers of occurrences; of what was sent, the element: `Patient.photo.data`. */
  readonly place: string
  readonly why: string
  readonly messages: number
}

/** The loss ledger, counted: by partner, direction, place and reason, the most frequent first. */
export const countLosses = (tx: Tx, partner?: PartnerId): Promise<LossCount[]> =>
  tx.query<LossCount>(
    `select e.partner, e.direction, regexp_replace(issue ->> 'path', '\\[\\d+\\]|\\(\\d+\\)', '', 'g') as place, issue ->> 'message' as why,
       count(distinct e.id)::int as messages
     from exchange e cross join jsonb_array_elements(e.issues) issue
     where issue ->> 'code' = 'informational' and ($1::text is null or e.partner = $1) group by 1, 2, 3, 4 order by 5 desc, 1, 2, 3, 4 limit 1000`,
    [partner ?? null],
  )

/** The bytes and the answer of an exchange; `undefined` when they were pruned or never were. */
export const readExchange = async (
  tx: Tx,
  keys: ExchangeKeys,
  id: string,
): Promise<{ readonly bytes: Uint8Array; readonly answer?: Uint8Array } | undefined> => {
  const rows = await tx.query<{ key_id: string; content: Uint8Array | null; answer: Uint8Array | null }>(
    'select key_id, content, answer from exchange where id = $1',
    [id],
  )
  const row = rows[0]
  if (row?.content === undefined || row.content === null) return undefined
  return {
    bytes: decrypt(keys, row.key_id, id, row.content),
    ...(row.answer === null ? {} : { answer: decrypt(keys, row.key_id, `${id}/answer`, row.answer) }),
  }
}

/** What is known of bytes without reading them. */
export interface ExchangeRow {
  readonly id: string
  readonly partner: PartnerId
  readonly direction: 'in' | 'out'
  readonly channel: string
  readonly controlId: string
  readonly item: string | null
  readonly referral: string | null
  readonly state: 'mapped' | 'held' | null
  readonly at: Instant
  readonly answeredAt: Instant | null
  readonly isPruned: boolean
}

/** By what people know of an exchange. */
export interface ExchangeQuery {
  readonly id?: string
  readonly partner?: PartnerId
  readonly item?: string
  readonly referral?: string
  readonly controlId?: string
  readonly state?: 'mapped' | 'held'
  /** Default 50, at most 500. */
  readonly limit?: number
}

/** Exchanges that match, the newest first; never their bytes. */
export const findExchanges = (tx: Tx, query: ExchangeQuery): Promise<ExchangeRow[]> => {
  const asked: readonly (readonly [column: string, value: unknown])[] = [
    ['id =', query.id],
    ['partner =', query.partner],
    ['item =', query.item],
    ['referral =', query.referral],
    ['control_id =', query.controlId],
    ['state =', query.state],
  ]
  const given = asked.filter(([, value]) => value !== undefined)
  const where = given.map(([column], i) => `${column} $${String(i + 1)}`).join(' and ')
  const limit = Math.min(Math.max(query.limit ?? 50, 1), 500)
  return tx.query<ExchangeRow>(
    `select id, partner, direction, channel, control_id as "controlId", item, referral, state, at, answered_at as "answeredAt",
       content is null as "isPruned" from exchange ${where === '' ? '' : `where ${where}`} order by at desc, id limit ${String(limit)}`,
    given.map(([, value]) => value),
  )
}

/** Keeps what was answered to the last bytes that were sent for an item; nothing when none are kept. */
export const keepAnswerTo = async (tx: Tx, keys: ExchangeKeys, item: string, answer: Uint8Array, at: Instant): Promise<void> => {
  const [last] = await tx.query<{ id: string }>(
    `select id from exchange where item = $1 and direction = 'out' order by at desc, id desc limit 1`,
    [item],
  )
  if (last !== undefined) await keepAnswer(tx, keys, last.id, answer, at)
}

/** Removes bytes whose time is over; digests, control ids and times stay. Gives how many. */
export const pruneExchanges = async (tx: Tx, at: Instant): Promise<number> =>
  (
    await tx.query(
      'update exchange set content = null, answer = null where keep_until <= $1 and (content is not null or answer is not null) returning id',
      [at],
    )
  ).length

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** AES-256-GCM: nonce, ciphertext, tag. The place goes into the tag, so that bytes cannot be moved to another row. */
const encrypt = (keys: ExchangeKeys, place: string, bytes: Uint8Array): Buffer => {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', keyOf(keys, keys.current), nonce)
  cipher.setAAD(Buffer.from(place))
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

/** @throws Error when the bytes were changed, or belong to another row */
const decrypt = (keys: ExchangeKeys, keyId: string, place: string, sealed: Uint8Array): Uint8Array => {
  const decipher = createDecipheriv('aes-256-gcm', keyOf(keys, keyId), sealed.subarray(0, NONCE_BYTES))
  decipher.setAAD(Buffer.from(place))
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)), decipher.final()])
}

const keyOf = (keys: ExchangeKeys, id: string): Uint8Array => {
  const key = keys.byId.get(id)
  invariant(key?.length === 32, 'an exchange key is known and has 32 bytes')
  return key
}
