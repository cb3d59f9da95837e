// In: a partner's wish to hear of changes, and changes. Out: notifications in the outbox, with ids and nothing else.
// Never: tells a partner of a record that it may not see, or of an event by a gap in the numbers.
import type { Subject } from '../model/ask.ts'
import type { PartnerId, PatientId } from '../model/ids.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { enqueue, enqueueAll, type NewItem } from './outbox.ts'

const SDOH = 'http://hl7.org/fhir/us/sdoh-clinicalcare/SubscriptionTopic/'
const OWN = 'https://mission-gateway.example/fhir/SubscriptionTopic/'

/** What one can subscribe to, and by what it can be narrowed. @spec SDOH-CC 3.0.0 task-2, task-6 */
export const TOPICS: Readonly<
  Record<string, { readonly type: 'Task' | 'ServiceRequest' | 'CarePlan' | 'Consent'; readonly filters: readonly string[] }>
> = {
  [`${SDOH}Task`]: { type: 'Task', filters: ['owner', 'requester', 'status', 'code'] },
  [`${SDOH}ServiceRequest`]: { type: 'ServiceRequest', filters: ['requester', 'performer', 'status', 'code'] },
  [`${OWN}CarePlan`]: { type: 'CarePlan', filters: ['status', 'category'] },
  [`${OWN}Consent`]: { type: 'Consent', filters: ['status'] },
}

export interface NewSubscription {
  readonly id: string
  readonly partner: PartnerId
  /** For which it asserted that it wants to hear. */
  readonly purposes: readonly string[]
  /** The person behind its system, when the token named one: what that person may not see is not told. */
  readonly subject?: Subject
  readonly topic: string
  readonly filters: readonly { readonly name: string; readonly values: readonly string[] }[]
  readonly channel: 'rest-hook' | 'email'
  readonly endpoint: string
  readonly content: 'empty' | 'id-only'
  readonly heartbeatSeconds?: number
  readonly until?: Instant
}

export interface Subscription extends Omit<NewSubscription, 'heartbeatSeconds' | 'until' | 'subject'> {
  readonly subject: Subject | null
  readonly heartbeatSeconds: number | null
  readonly until: Instant | null
  readonly status: 'requested' | 'active' | 'error' | 'off'
  readonly error: string | null
  /** Events told so far. */
  readonly events: number
}

/** Columns of a subscription under the names that travel. */
export const SUBSCRIPTION_COLUMNS = `id, partner, purposes, subject, topic, filters, channel, endpoint, content, heartbeat_seconds as "heartbeatSeconds", until, status, error, events`

/** Keeps a subscription as `requested` and queues its handshake; it is active when the endpoint has taken that. */
export const createSubscription = async (tx: Tx, wish: NewSubscription, newId: () => string, at: Instant): Promise<void> => {
  await tx.query(
    `insert into subscription (id, partner, topic, filters, channel, endpoint, content, heartbeat_seconds, until, status, created_at, purposes, subject)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'requested', $10, $11, $12)`,
    [
      wish.id,
      wish.partner,
      wish.topic,
      JSON.stringify(wish.filters),
      wish.channel,
      wish.endpoint,
      wish.content,
      wish.heartbeatSeconds ?? null,
      wish.until ?? null,
      at,
      wish.purposes,
      subjectOf(wish),
    ],
  )
  await queueHandshake(tx, wish, newId, at)
}

const subjectOf = ({ subject }: NewSubscription): string | null => (subject === undefined ? null : JSON.stringify(subject))

const queueHandshake = async (
  tx: Tx,
  to: Pick<Subscription, 'id' | 'partner' | 'channel'>,
  newId: () => string,
  at: Instant,
): Promise<void> => {
  await enqueue(tx, itemOf(to, { type: 'handshake' }, `handshake ${newId()}`, newId(), at))
}

const itemOf = (
  to: Pick<Subscription, 'id' | 'partner' | 'channel'>,
  what: Readonly<Record<string, string>>,
  key: string,
  id: string,
  at: Instant,
  patient?: PatientId,
): NewItem => ({
  id,
  partner: to.partner,
  orderKey: `Subscription/${to.id}`,
  channel: to.channel === 'email' ? 'email' : 'subscription',
  what: { subscription: to.id, ...what },
  idempotencyKey: `Subscription/${to.id} ${key}`,
  trace: `Subscription/${to.id}`,
  at,
  ...(patient === undefined ? {} : { patient }),
})

/**
 * Replaces what a subscription wishes for; it shakes hands anew, and its events go on in their numbers.
 * @returns false when the partner has none with this id
 */
export const changeSubscription = async (tx: Tx, wish: NewSubscription, newId: () => string, at: Instant): Promise<boolean> => {
  const changed = await tx.query(
    `update subscription set topic = $3, filters = $4, channel = $5, endpoint = $6, content = $7, heartbeat_seconds = $8, until = $9,
       purposes = $10, subject = $11, status = 'requested', error = null where id = $1 and partner = $2 and status <> 'off' returning id`,
    [
      wish.id,
      wish.partner,
      wish.topic,
      JSON.stringify(wish.filters),
      wish.channel,
      wish.endpoint,
      wish.content,
      wish.heartbeatSeconds ?? null,
      wish.until ?? null,
      wish.purposes,
      subjectOf(wish),
    ],
  )
  if (changed.length === 0) return false
  await queueHandshake(tx, wish, newId, at)
  return true
}

/** Ends a subscription: nothing more is told. False when the partner has none with this id. */
export const endSubscription = async (tx: Tx, partner: PartnerId, id: string): Promise<boolean> =>
  (
    await tx.query(`update subscription set status = 'off' where id = $1 and partner = $2 and status <> 'off' returning id`, [
      id,
      partner,
    ])
  ).length > 0

/** The subscriptions of a partner, those that ended left out. */
export const findSubscriptions = (tx: Tx, partner: PartnerId): Promise<Subscription[]> =>
  tx.query<Subscription>(
    `select ${SUBSCRIPTION_COLUMNS} from subscription where partner = $1 and status <> 'off' order by created_at, id`,
    [partner],
  )

/** A change of one record as one recipient sees it; the corridor knows whose view of it has changed. */
export interface Change {
  readonly type: string
  readonly id: string
  readonly patient?: PatientId
  readonly recipient: PartnerId
  /** Under which it is seen. */
  readonly purposes: readonly string[]
  /** What filters look at, as far as the recipient sees it: `{ status: ['requested'], owner: ['Organization/harbor-housing'] }`. */
  readonly facets: Readonly<Record<string, readonly string[]>>
  /** From when on it is seen. */
  readonly at: Instant
}

const matches = (to: Subscription, change: Change): boolean =>
  to.partner === change.recipient &&
  TOPICS[to.topic]?.type === change.type &&
  to.purposes.every((purpose) => change.purposes.includes(purpose)) &&
  to.filters.every(({ name, values }) => change.facets[name]?.some((facet) => values.includes(facet)) === true)

/** One word of each record, at the first moment from which it is seen. */
const firstOfEach = (changes: readonly Change[]): readonly Change[] =>
  [...Map.groupBy(changes, ({ type, id }) => `${type}/${id}`).values()].flatMap(
    (same) => same.toSorted((a, b) => (a.at < b.at ? -1 : 1))[0] ?? [],
  )

/**
 * Queues word of changes to every matching subscription of those who see them; in the transaction of the change. What is seen only
 * from a later moment on is told then, in a lane of its own.
 * @returns how many
 */
export const noteChanges = async (
  tx: Tx,
  changes: readonly Change[],
  { newId, now }: { readonly newId: () => string; readonly now: Instant },
): Promise<number> => {
  const types = new Set(changes.map(({ type }) => type))
  const topics = Object.entries(TOPICS).flatMap(([url, topic]) => (types.has(topic.type) ? [url] : []))
  if (topics.length === 0) return 0
  const found = await tx.query<Subscription>(
    `select ${SUBSCRIPTION_COLUMNS} from subscription where partner = any($1) and topic = any($2) and status in ('active', 'error') and (until is null or until > $3) order by partner, id`,
    [[...new Set(changes.map(({ recipient }) => recipient))], topics, now],
  )
  const events = found.flatMap((to) =>
    firstOfEach(changes.filter((change) => matches(to, change))).map((change) => ({ id: newId(), to, change })),
  )
  if (events.length === 0) return 0
  await tx.query(
    `insert into subscription_event (id, subscription, patient, focus, at)
     select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[])`,
    [
      events.map(({ id }) => id),
      events.map(({ to }) => to.id),
      events.map(({ change }) => change.patient ?? null),
      events.map(({ change }) => `${change.type}/${change.id}`),
      events.map(({ change }) => change.at),
    ],
  )
  const items = events.map(({ id, to, change }) => {
    const item = itemOf(to, { type: 'event-notification', event: id }, `event ${id}`, newId(), change.at, change.patient)
    return change.at > now ? { ...item, orderKey: `${item.orderKey} ${change.at}` } : item
  })
  await enqueueAll(tx, items)
  return events.length
}

/** Queues a heartbeat for every subscription that has heard nothing for its period. Gives how many. */
export const queueHeartbeats = async (tx: Tx, newId: () => string, at: Instant): Promise<number> => {
  const due = await tx.query<Subscription>(
    `update subscription set told_at = $1 where status in ('active', 'error') and heartbeat_seconds is not null
       and told_at + make_interval(secs => heartbeat_seconds) <= $1 and (until is null or until > $1) returning ${SUBSCRIPTION_COLUMNS}`,
    [at],
  )
  await enqueueAll(
    tx,
    due.map((each) => itemOf(each, { type: 'heartbeat' }, `heartbeat ${at}`, newId(), at)),
  )
  return due.length
}
