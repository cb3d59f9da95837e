// In: bytes as they came in. Out: the same bytes, and what became of them.
// Never: loses a message that was acknowledged, or takes the same message twice for two.
import { createHash } from 'node:crypto'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { invariant } from '../platform/invariant.ts'
import type { Issue } from '../platform/problem.ts'

/** `received` waits for mapping, `failed` for the next try, `held` for a human. */
export type RawState = 'received' | 'mapped' | 'failed' | 'held'

export interface NewRaw {
  readonly id: string
  readonly sender: string
  /** What the sender calls it: MSH-10, Bundle.identifier, native record id. */
  readonly key: string
  readonly mediaType: string
  readonly content: Uint8Array
  readonly at: Instant
  /** The sender's own id of the client that it is about. */
  readonly client?: string
}

/** A message in the inbox. */
export interface RawMessage {
  readonly id: string
  readonly sender: string
  readonly key: string
  readonly mediaType: string
  readonly receivedAt: Instant
  readonly state: RawState
  readonly issues: readonly Issue[]
  readonly content: Uint8Array
}

/** `isNew` is false when the same sender sent the same bytes under the same key before; the message is then the former one. */
export const keepRaw = async (
  tx: Tx,
  raw: NewRaw,
): Promise<{ readonly isNew: boolean; readonly id: string; readonly state: RawState }> => {
  const digest = createHash('sha256').update(raw.content).digest('hex')
  const [kept] = await tx.query<{ id: string; state: RawState }>(
    `insert into raw_message (id, sender, key, digest, media_type, received_at, state, content, client)
     values ($1, $2, $3, $4, $5, $6, 'received', $7, $8) on conflict (sender, key, digest) do nothing returning id, state`,
    [raw.id, raw.sender, raw.key, digest, raw.mediaType, raw.at, raw.content, raw.client ?? null],
  )
  if (kept !== undefined) return { isNew: true, ...kept }
  const [former] = await tx.query<{ id: string; state: RawState }>(
    'select id, state from raw_message where sender = $1 and key = $2 and digest = $3 for update',
    [raw.sender, raw.key, digest],
  )
  invariant(former !== undefined, 'a message that is not new is there')
  return { isNew: false, ...former }
}

/** Notes what became of a message; one that is mapped takes effect now, after all that were mapped before. */
export const settleRaw = async (tx: Tx, id: string, state: RawState, issues: readonly Issue[] = []): Promise<void> => {
  await tx.query(
    `update raw_message set state = $2, issues = $3::jsonb,
       effect = case when $2 = 'mapped' then nextval('raw_message_effect') else effect end where id = $1`,
    [id, state, JSON.stringify(issues)],
  )
}

/** A record of the programme's own system as it was last taken. */
export interface TakenRecord {
  readonly id: string
  /** Record type and record id: `enrolment/e-1`. */
  readonly key: string
  readonly content: Uint8Array
}

const TAKEN = 'distinct on (key) id, key, content'

/** One client's records of the given types that are in effect, by key. */
export const takenOfClient = async (
  tx: Tx,
  sender: string,
  client: string,
  types: readonly string[],
): Promise<readonly TakenRecord[]> =>
  tx.query<TakenRecord>(
    `select ${TAKEN} from raw_message where sender = $1 and client = $2 and effect is not null
       and split_part(key, '/', 1) = any ($3::text[]) order by key, effect desc`,
    [sender, client, types],
  )

/** Every record of one type that is in effect, by key. @param limit how many, after the key `after` */
export const takenOfType = async (
  tx: Tx,
  sender: string,
  type: string,
  after: string,
  limit: number,
): Promise<readonly TakenRecord[]> =>
  tx.query<TakenRecord>(
    `select ${TAKEN} from raw_message where sender = $1 and key > $2 and key < $3 and effect is not null order by key, effect desc limit $4`,
    [sender, after === '' ? `${type}/` : after, `${type}0`, limit],
  )

/** Which of these words are ids of clients that records were taken about. */
export const clientsAmong = async (tx: Tx, sender: string, words: readonly string[]): Promise<readonly string[]> =>
  words.length === 0
    ? []
    : (
        await tx.query<{ client: string }>(
          `select word as client from unnest($2::text[]) as word where exists (
             select from raw_message where sender = $1 and client = word and effect is not null)`,
          [sender, words],
        )
      ).map(({ client }) => client)

const COLUMNS = `id, sender, key, media_type as "mediaType", received_at as "receivedAt", state, issues, content`

/** One message with its bytes. */
export const readRaw = async (tx: Tx, id: string): Promise<RawMessage | undefined> =>
  (await tx.query<RawMessage>(`select ${COLUMNS} from raw_message where id = $1`, [id]))[0]

/** Messages that wait in the given states, oldest first; locked rows of other workers are passed over. */
export const waitingRaw = async (tx: Tx, states: readonly RawState[], limit: number): Promise<readonly RawMessage[]> =>
  tx.query<RawMessage>(
    `select ${COLUMNS} from raw_message where state = any ($1::text[]) and state <> 'mapped' order by received_at limit $2 for update skip locked`,
    [states, limit],
  )
