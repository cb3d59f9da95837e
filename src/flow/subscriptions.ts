// In: what partners wish to hear of, and ask about their subscriptions. Out: the subscriptions, their state, and events told again.
// Never: speaks of a subscription to anybody but its own partner, or tells an event again that its partner may not see now.
import { entryOf } from '../audit/entry-of.ts'
import { notificationBundle, statusParameters } from '../delivery/notification.ts'
import type { OutboxItem } from '../delivery/outbox.ts'
import { BACKPORT, parseSubscription } from '../delivery/subscription-wish.ts'
import { findEvents, readNotification } from '../delivery/subscription-events.ts'
import {
  changeSubscription,
  createSubscription,
  endSubscription,
  findSubscriptions,
  queueHeartbeats,
  TOPICS,
  type NewSubscription,
  type Subscription,
} from '../delivery/subscriptions.ts'
import type { Disclosure } from '../disclosure/seal.ts'
import type { Ask, Asker } from '../model/ask.ts'
import { disclosureId, type PartnerId } from '../model/ids.ts'
import type { Channel, Partner } from '../model/partner.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import type { House } from './house.ts'
import { sealBundle } from './notifications.ts'
import { findFor } from './person-behind.ts'

/** Who subscribes, as the access token proves. */
export type Subscriber = Asker

/** Canonicals of what one can subscribe to, and the type of record that each is about. */
export const subscriptionTopics: readonly { readonly url: string; readonly type: string }[] = Object.entries(TOPICS).map(
  ([url, { type }]) => ({ url, type }),
)

type Way = Extract<Channel, { kind: 'rest-hook' | 'email' }>

/** The way that the operator has registered for this address: the gateway calls at no other. */
const wayOf = (partner: Partner, { channel, endpoint }: Pick<Subscription, 'channel' | 'endpoint'>): Way | undefined =>
  partner.channels.find((way): way is Way =>
    way.kind === 'rest-hook'
      ? channel === 'rest-hook' && new URL(endpoint).origin === new URL(way.origin).origin
      : way.kind === 'email' && channel === 'email' && endpoint.toLowerCase() === `mailto:${way.address.toLowerCase()}`,
  )

/** Where a queued notification is to go; `undefined` when its subscription has ended, or its address is registered no more. */
export const registeredEndpoint = async (
  house: House,
  item: OutboxItem,
): Promise<{ readonly endpoint: string; readonly way: Way } | undefined> => {
  const partner = await house.partners.byId(item.partner)
  const told = await readNotification(house.db, item, house.clock.now())
  const way = partner === undefined || told === undefined ? undefined : wayOf(partner, told.subscription)
  return way === undefined || told === undefined ? undefined : { endpoint: told.subscription.endpoint, way }
}

const wishOf = async (house: House, by: Subscriber, resource: unknown, id: string): Promise<Result<NewSubscription>> => {
  const wish = parseSubscription(resource, { id, ...by })
  if (!wish.ok) return wish
  const partner = await house.partners.byId(by.partner)
  if (partner !== undefined && wayOf(partner, wish.value) !== undefined) return wish
  const issue = { path: 'Subscription.channel.endpoint', message: 'is not registered for this partner' }
  return fail(problem('invalid', 'endpoint-unregistered', { issues: [{ ...issue, severity: 'error', code: 'business-rule' }] }))
}

/** The type of record that a wish is about; `undefined` when its topic is none of ours. */
export const typeWished = (resource: unknown): string | undefined => {
  const criteria: unknown = typeof resource === 'object' && resource !== null && 'criteria' in resource ? resource.criteria : ''
  return typeof criteria === 'string' ? TOPICS[criteria.split('|')[0] ?? '']?.type : undefined
}

/** Takes a new subscription; it is active when its endpoint has taken the handshake. */
export const subscribe = async (house: House, by: Subscriber, resource: unknown): Promise<Result<object>> => {
  const wish = await wishOf(house, by, resource, house.newId())
  if (!wish.ok) return wish
  await house.db.transact((tx) => createSubscription(tx, wish.value, house.newId, house.clock.now()))
  return subscriptionOf(house, by.partner, wish.value.id)
}

/** Replaces a subscription; it shakes hands anew. */
export const resubscribe = async (house: House, by: Subscriber, id: string, resource: unknown): Promise<Result<object>> => {
  const wish = await wishOf(house, by, resource, id)
  if (!wish.ok) return wish
  if (!isOurId(id)) return fail(problem('not-found', 'subscription-unknown'))
  const isKnown = await house.db.transact((tx) => changeSubscription(tx, wish.value, house.newId, house.clock.now()))
  return isKnown ? subscriptionOf(house, by.partner, id) : fail(problem('not-found', 'subscription-unknown'))
}

/** Ends a subscription; what is queued for it is not sent. False when the partner has none with this id. */
export const unsubscribe = (house: House, by: PartnerId, id: string): Promise<boolean> =>
  isOurId(id) ? house.db.transact((tx) => endSubscription(tx, by, id)) : Promise.resolve(false)

const isOurId = (id: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)

/** The subscriptions of a partner, as FHIR R4 with the backport's extensions. */
export const subscriptionsOf = async (house: House, by: PartnerId): Promise<readonly { readonly id: string }[]> =>
  (await findSubscriptions(house.db, by)).map(resourceOf)

/** One of them. */
export const subscriptionOf = async (house: House, by: PartnerId, id: string): Promise<Result<object>> => {
  const found = await own(house, by, id)
  return found.ok ? ok(resourceOf(found.value)) : found
}

const own = async (house: House, by: PartnerId, id: string): Promise<Result<Subscription>> => {
  const found = (await findSubscriptions(house.db, by)).find((each) => each.id === id)
  return found === undefined ? fail(problem('not-found', 'subscription-unknown')) : ok(found)
}

/** @spec Subscriptions R5 Backport 1.1.0 backport-subscription */
const resourceOf = ({
  id,
  status,
  error,
  topic,
  filters,
  channel,
  endpoint,
  content,
  heartbeatSeconds,
  until,
}: Subscription) => ({
  resourceType: 'Subscription' as const,
  id,
  meta: { profile: [`${BACKPORT}subscription`] },
  status,
  ...(until === null ? {} : { end: until }),
  reason: 'asked for by the subscriber',
  criteria: topic,
  ...(filters.length === 0
    ? {}
    : {
        _criteria: {
          extension: filters.map(({ name, values }) => ({
            url: `${BACKPORT}filter-criteria`,
            valueString: `${TOPICS[topic]?.type ?? ''}?${name}=${values.join(',')}`,
          })),
        },
      }),
  ...(error === null ? {} : { error }),
  channel: {
    ...(heartbeatSeconds === null
      ? {}
      : { extension: [{ url: `${BACKPORT}heartbeat-period`, valueUnsignedInt: heartbeatSeconds }] }),
    type: channel,
    endpoint,
    payload: channel === 'email' ? 'text/plain' : 'application/fhir+json',
    _payload: { extension: [{ url: `${BACKPORT}payload-content`, valueCode: content }] },
  },
})

/** State and number of events of some of a partner's subscriptions; all of them when none is named. @spec $status */
export const statusOf = async (house: House, by: PartnerId, ids: readonly string[]): Promise<readonly object[]> =>
  (await findSubscriptions(house.db, by))
    .filter(({ id }) => ids.length === 0 || ids.includes(id))
    .map((each) => ({
      resource: statusParameters(each, 'query-status', [], house.settings.fhirBase),
      search: { mode: 'match' },
    }))

/**
 * Tells events again, as far as their records may be seen now; at most 500. With empty content only numbers and times are told.
 * @spec Subscriptions R5 Backport 1.1.0 $events
 */
export const tellAgain = async (
  house: House,
  by: Subscriber,
  id: string,
  { since, until }: { readonly since: number; readonly until: number },
): Promise<Result<Disclosure>> => {
  const subscription = await own(house, by.partner, id)
  if (!subscription.ok) return subscription
  const { topic, purposes, partner } = subscription.value
  const person = subscription.value.subject ?? by.subject
  // what one person subscribed to is not told to another
  if (by.subject !== undefined && by.subject.id !== person?.id) return fail(problem('not-found', 'subscription-unknown'))
  const events = await findEvents(house.db, id, since, until)
  const ids = [...new Set(events.map(({ focus }) => focus.split('/')[1] ?? ''))]
  const query = {
    type: TOPICS[topic]?.type ?? '',
    parameters: [['_id', ids.length === 0 ? 'none' : ids.join(',')] as const, ['_count', '500'] as const],
  }
  const asked = [...new Set([...purposes, ...by.purposes])]
  const ask: Ask = {
    recipient: partner,
    purposes: asked,
    at: house.clock.now(),
    wanted: { interaction: 'search', query },
    ...(person === undefined ? {} : { subject: person }),
  }
  const found = await findFor(house, ask, { handling: 'strict', baseUrl: house.settings.fhirBase })
  if (!found.ok) return found
  const seen = new Set(found.value.rows.map((row) => `${row.type}/${row.id}`))
  const still = events.filter(({ focus }) => seen.has(focus))
  const place = { id: house.newId(), at: ask.at, baseUrl: house.settings.fhirBase }
  const bundle = notificationBundle(subscription.value, 'query-event', still, place)
  const sealed = await sealBundle(house, subscription.value, found.value, disclosureId(house.newId()), bundle)
  if (sealed.ok) await house.ledger.append(entryOf(ask, found.value, sealed.value, { door: 'notification' }))
  return sealed
}

/** Queues the heartbeats that are due. */
export const beatHearts = (house: House): Promise<number> =>
  house.db.transact((tx) => queueHeartbeats(tx, house.newId, house.clock.now()))
