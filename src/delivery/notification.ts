import type { Instant } from '../model/time.ts'
import type { Subscription } from './subscriptions.ts'

const PROFILE = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4'

/** An event in a notification: its number and, for id-only content, which record. */
export interface ToldEvent {
  readonly number: number
  readonly focus: string
  readonly at: Instant
}

export type NotificationType = 'handshake' | 'heartbeat' | 'event-notification' | 'query-status' | 'query-event'

/**
 * SubscriptionStatus as R4 has it: Parameters, with ids and nothing of the records themselves.
 * @spec Subscriptions R5 Backport 1.1.0 backport-subscription-status-r4
 */
export const statusParameters = (
  subscription: Subscription,
  type: NotificationType,
  events: readonly ToldEvent[],
  baseUrl: string,
) => ({
  resourceType: 'Parameters' as const,
  meta: { profile: [PROFILE] },
  parameter: [
    { name: 'subscription', valueReference: { reference: `${baseUrl}/Subscription/${subscription.id}` } },
    { name: 'topic', valueCanonical: subscription.topic },
    { name: 'status', valueCode: type === 'handshake' ? 'requested' : subscription.status },
    { name: 'type', valueCode: type },
    {
      name: 'events-since-subscription-start',
      valueString: String(Math.max(subscription.events, ...events.map((event) => event.number))),
    },
    ...events.map((event) => ({
      name: 'notification-event',
      part: [
        { name: 'event-number', valueString: String(event.number) },
        { name: 'timestamp', valueInstant: event.at },
        ...(subscription.content === 'id-only'
          ? [{ name: 'focus', valueReference: { reference: `${baseUrl}/${event.focus}` } }]
          : []),
      ],
    })),
    ...(subscription.status === 'error'
      ? [{ name: 'error', valueCodeableConcept: { text: subscription.error ?? 'error' } }]
      : []),
  ],
})

/** The Bundle that goes to the endpoint, or answers `$events`: a history with the status first. */
export const notificationBundle = (
  subscription: Subscription,
  type: NotificationType,
  events: readonly ToldEvent[],
  by: { readonly id: string; readonly at: Instant; readonly baseUrl: string },
) => ({
  resourceType: 'Bundle' as const,
  id: by.id,
  type: 'history' as const,
  timestamp: by.at,
  entry: [
    {
      fullUrl: `urn:uuid:${by.id}`,
      resource: statusParameters(subscription, type, events, by.baseUrl),
      request: { method: 'GET' as const, url: `${by.baseUrl}/Subscription/${subscription.id}/$status` },
      response: { status: '200' },
    },
    ...(subscription.content === 'id-only'
      ? events.map((event) => ({
          fullUrl: `${by.baseUrl}/${event.focus}`,
          request: { method: 'GET' as const, url: event.focus },
          response: { status: '200' },
        }))
      : []),
  ],
})

/** What a person gets by e-mail: that there is news, and where to look; nobody is named. */
export const notificationMail = (
  subscription: Subscription,
  type: NotificationType,
  baseUrl: string,
): { readonly subject: string; readonly text: string } => ({
  subject:
    type === 'handshake'
      ? 'Your subscription begins'
      : type === 'heartbeat'
        ? 'Your subscription is in order'
        : 'There is news for you',
  text: `Subscription ${subscription.id}\n${baseUrl}/Subscription/${subscription.id}/$status\n`,
})
