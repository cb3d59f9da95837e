// In: a partner's wish to hear of changes, and changes. Out: notifications in the outbox, with ids and nothing else; status and events.
// Never: tells a partner of a record that it may not see, or of an event by a gap in the numbers.
import { z } from 'zod'
import type { PartnerId, PatientId } from '../model/ids.ts'
import { instant, type Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { enqueue, type OutboxItem } from './outbox.ts'

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
  readonly topic: string
  readonly filters: readonly { readonly name: string; readonly values: readonly string[] }[]
  readonly channel: 'rest-hook' | 'email'
  readonly endpoint: string
  readonly content: 'empty' | 'id-only'
  readonly heartbeatSeconds?: number
  readonly until?: Instant
}

export interface Subscription extends Omit<NewSubscription, 'heartbeatSeconds' | 'until'> {
  readonly heartbeatSeconds: number | null
  readonly until: Instant | null
  readonly status: 'requested' | 'active' | 'error' | 'off'
  readonly error: string | null
  /** Events told so far. */
  readonly events: number
}

const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-'
const extension = z
  .object({
    url: z.string(),
    valueString: z.string().optional(),
    valueCode: z.string().optional(),
    valueUnsignedInt: z.number().int().min(0).optional(),
  })
  .loose()
const extensions = z.array(extension).optional()
const wished = z.object({
  resourceType: z.literal('Subscription'),
  criteria: z.string(),
  _criteria: z.object({ extension: extensions }).optional(),
  end: z.string().optional(),
  channel: z.object({
    type: z.enum(['rest-hook', 'email']),
    endpoint: z.string().min(1),
    payload: z.enum(['application/fhir+json', 'application/json', 'text/plain']).optional(),
    header: z.array(z.string()).max(0).optional(),
    _payload: z.object({ extension: extensions }).optional(),
    extension: extensions,
  }),
})

/**
 * Reads a Subscription of the R5 backport. Fails with every fault at once: an unknown topic, a filter that the topic does not have,
 * an endpoint that is not `https:` or `mailto:` (plain `http:` on loopback is for tests), content other than `empty` or `id-only`.
 * @spec Subscriptions R5 Backport 1.1.0 backport-subscription
 */
export const parseSubscription = (
  resource: unknown,
  given: { readonly id: string; readonly partner: PartnerId },
): Result<NewSubscription> => {
  const parsed = wished.safeParse(resource)
  if (!parsed.success) {
    return fail(
      problem('invalid', 'subscription-invalid', {
        issues: parsed.error.issues.map((issue) => fault(issue.path.join('.'), 'is not as the backport says')),
      }),
    )
  }
  const { criteria, channel, end } = parsed.data
  const topic = criteria.split('|')[0] ?? ''
  const filters = filtersOf(
    parsed.data._criteria?.extension
      ?.filter((each) => each.url === `${BACKPORT}filter-criteria`)
      .map((each) => each.valueString ?? '') ?? [],
  )
  const content = channel._payload?.extension?.find((each) => each.url === `${BACKPORT}payload-content`)?.valueCode ?? 'id-only'
  const heartbeat = channel.extension?.find((each) => each.url === `${BACKPORT}heartbeat-period`)?.valueUnsignedInt
  const known = TOPICS[topic]
  const faults = [
    ...(known === undefined
      ? [fault('criteria', 'is not a topic of this server')]
      : filters
          .filter((each) => !known.filters.includes(each.name))
          .map(() => fault('criteria', 'filters by what the topic does not have'))),
    ...(content === 'empty' || content === 'id-only'
      ? []
      : [fault('channel.payload', 'only empty and id-only content is served')]),
    ...(isFitting(channel.type, channel.endpoint) ? [] : [fault('channel.endpoint', 'is not an address of this channel')]),
    ...(end === undefined || !Number.isNaN(Date.parse(end)) ? [] : [fault('end', 'is not an instant')]),
  ]
  if (faults.length > 0 || (content !== 'empty' && content !== 'id-only'))
    return fail(problem('invalid', 'subscription-invalid', { issues: faults }))
  return ok({
    ...given,
    topic,
    filters,
    channel: channel.type,
    endpoint: channel.endpoint,
    content,
    ...(heartbeat === undefined || heartbeat === 0 ? {} : { heartbeatSeconds: Math.max(heartbeat, 60) }),
    ...(end === undefined ? {} : { until: instant(end) }),
  })
}

const fault = (path: string, message: string) => ({
  path: path === '' ? 'Subscription' : `Subscription.${path}`,
  message,
  severity: 'error' as const,
  code: 'value',
})

const filtersOf = (texts: readonly string[]): NewSubscription['filters'] =>
  texts.flatMap((text) =>
    [...new URLSearchParams(text.includes('?') ? text.slice(text.indexOf('?') + 1) : text)].map(([name, value]) => ({
      name,
      values: value.split(','),
    })),
  )

const isFitting = (channel: 'rest-hook' | 'email', endpoint: string): boolean => {
  if (!URL.canParse(endpoint)) return false
  const { protocol, hostname } = new URL(endpoint)
  if (channel === 'email') return protocol === 'mailto:'
  return protocol === 'https:' || (protocol === 'http:' && (hostname === '127.0.0.1' || hostname === 'localhost'))
}

const COLUMNS = `id, partner, topic, filters, channel, endpoint, content, heartbeat_seconds as "heartbeatSeconds", until, status, error, events`

/** Keeps a subscription as `requested` and queues its handshake; it is active when the endpoint has taken that. */
export const createSubscription = async (tx: Tx, wish: NewSubscription, newId: () => string, at: Instant): Promise<void> => {
  await tx.query(
    `insert into subscription (id, partner, topic, filters, channel, endpoint, content, heartbeat_seconds, until, status, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'requested', $10)`,
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
    ],
  )
  await queueNotification(tx, wish, { type: 'handshake' }, `handshake ${newId()}`, newId(), at)
}

const queueNotification = async (
  tx: Tx,
  to: Pick<Subscription, 'id' | 'partner' | 'channel'>,
  what: Readonly<Record<string, string>>,
  key: string,
  id: string,
  at: Instant,
  patient?: PatientId,
): Promise<void> => {
  await enqueue(tx, {
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
  tx.query<Subscription>(`select ${COLUMNS} from subscription where partner = $1 and status <> 'off' order by created_at, id`, [
    partner,
  ])

/** A change of one record, as far as these recipients see one; the corridor knows whose view of it has changed. */
export interface Change {
  readonly type: string
  readonly id: string
  readonly patient?: PatientId
  readonly recipients: readonly PartnerId[]
  /** What filters look at: `{ status: 'requested', owner: 'Organization/harbor-housing' }`. */
  readonly facets: Readonly<Record<string, string>>
  readonly at: Instant
}

/** Queues word of a change to every matching subscription of those who see it; in the transaction of the change. Gives how many. */
export const noteChange = async (tx: Tx, change: Change, newId: () => string): Promise<number> => {
  const topics = Object.entries(TOPICS).flatMap(([url, topic]) => (topic.type === change.type ? [url] : []))
  if (topics.length === 0 || change.recipients.length === 0) return 0
  const found = await tx.query<Subscription>(
    `select ${COLUMNS} from subscription where partner = any($1) and topic = any($2) and status in ('active', 'error') and (until is null or until > $3) order by partner, id`,
    [change.recipients, topics, change.at],
  )
  const matching = found.filter((each) => each.filters.every(({ name, values }) => values.includes(change.facets[name] ?? '')))
  for (const each of matching) {
    const event = newId()
    await tx.query('insert into subscription_event (id, subscription, patient, focus, at) values ($1, $2, $3, $4, $5)', [
      event,
      each.id,
      change.patient ?? null,
      `${change.type}/${change.id}`,
      change.at,
    ])
    await queueNotification(tx, each, { type: 'event-notification', event }, `event ${event}`, newId(), change.at, change.patient)
  }
  return matching.length
}

/** Queues a heartbeat for every subscription that has heard nothing for its period. Gives how many. */
export const queueHeartbeats = async (tx: Tx, newId: () => string, at: Instant): Promise<number> => {
  const due = await tx.query<Subscription>(
    `update subscription set told_at = $1 where status in ('active', 'error') and heartbeat_seconds is not null
       and told_at + make_interval(secs => heartbeat_seconds) <= $1 and (until is null or until > $1) returning ${COLUMNS}`,
    [at],
  )
  for (const each of due) await queueNotification(tx, each, { type: 'heartbeat' }, `heartbeat ${at}`, newId(), at)
  return due.length
}

/** What one notification is to say; `undefined` when the subscription has ended, or its time is over. */
export interface Notification {
  readonly subscription: Subscription
  readonly type: 'handshake' | 'heartbeat' | 'event-notification'
  /** The event, not yet numbered. */
  readonly event?: { readonly id: string; readonly focus: string; readonly at: Instant; readonly number: number | null }
}

export const readNotification = async (tx: Tx, item: OutboxItem, at: Instant): Promise<Notification | undefined> => {
  const { subscription: id, type, event } = item.what
  const found = await tx.query<Subscription>(
    `select ${COLUMNS} from subscription where id = $1 and status <> 'off' and (until is null or until > $2)`,
    [id, at],
  )
  const subscription = found[0]
  if (subscription === undefined) return undefined
  if (type === 'handshake' || type === 'heartbeat') return { subscription, type }
  const events = await tx.query<NonNullable<Notification['event']>>(
    'select id, focus, at, number from subscription_event where id = $1',
    [event],
  )
  return events[0] === undefined ? undefined : { subscription, type: 'event-notification', event: events[0] }
}

/** Gives an event that is about to leave its number, once: the next of its subscription. */
export const numberEvent = async (tx: Tx, event: string): Promise<number> => {
  const rows = await tx.query<{ number: number }>(
    `with raised as (
       update subscription s set events = events + 1 from subscription_event e
       where e.id = $1 and e.number is null and s.id = e.subscription returning s.id, s.events)
     , numbered as (update subscription_event e set number = raised.events from raised where e.id = $1 returning e.number)
     select number from numbered union all select number from subscription_event where id = $1 and number is not null limit 1`,
    [event],
  )
  return rows[0]?.number ?? 0
}

/** An event that may not leave any more gives its number back, unless an attempt may have arrived; so the numbers have no gap. */
export const withdrawEvent = async (tx: Tx, event: string): Promise<void> => {
  await tx.query(
    `with gone as (delete from subscription_event where id = $1 and not may_have_arrived returning subscription, number)
     update subscription s set events = events - 1 from gone where s.id = gone.subscription and gone.number = s.events`,
    [event],
  )
}

/** What an attempt to notify came to; a handshake that was taken makes the subscription active, three failures make it `error`. */
export const settleNotification = async (
  tx: Tx,
  item: OutboxItem,
  outcome: 'delivered' | 'failed' | 'unknown',
  at: Instant,
): Promise<void> => {
  const { subscription, event } = item.what
  if (outcome === 'delivered') {
    await tx.query(`update subscription set status = 'active', error = null, told_at = $2 where id = $1 and status <> 'off'`, [
      subscription,
      at,
    ])
    return
  }
  if (outcome === 'unknown' && typeof event === 'string')
    await tx.query('update subscription_event set may_have_arrived = true where id = $1', [event])
  if (item.attempts >= 3)
    await tx.query(
      `update subscription set status = 'error', error = 'endpoint-fails' where id = $1 and status in ('active', 'error', 'requested')`,
      [subscription],
    )
}

/** Events of a subscription by number, both ends included, at most 500; those that never left are not there. */
export const findEvents = (
  tx: Tx,
  subscription: string,
  from: number,
  to: number,
): Promise<{ readonly number: number; readonly focus: string; readonly at: Instant }[]> =>
  tx.query(
    'select number, focus, at from subscription_event where subscription = $1 and number between $2 and $3 order by number limit 500',
    [subscription, from, to],
  )
