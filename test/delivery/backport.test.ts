import { describe, expect, test } from '@jest/globals'
import { notificationBundle } from '../../src/delivery/notification.ts'
import { BACKPORT, parseSubscription } from '../../src/delivery/subscription-wish.ts'
import type { Subscription } from '../../src/delivery/subscriptions.ts'
import { partnerId } from '../../src/model/ids.ts'
import { instant } from '../../src/model/time.ts'

const TASK = 'http://hl7.org/fhir/us/sdoh-clinicalcare/SubscriptionTopic/Task'
const BASE = 'https://gateway.test/fhir'
const AT = instant('2026-06-01T12:00:00Z')
const harbor = partnerId('harbor-housing')

/** What becomes of a Subscription whose channel is as said. */
const read = (channel: object) =>
  parseSubscription(
    {
      resourceType: 'Subscription',
      criteria: TASK,
      channel: { type: 'rest-hook', endpoint: 'https://a.example/hook', ...channel },
    },
    { id: 's', partner: harbor, purposes: ['COC'] },
  )
const asking = (...codes: readonly (string | undefined)[]) => ({
  _type: {
    extension: [
      { url: 'urn:other', valueCoding: { code: 'zulip' } },
      ...codes.map((code) => ({ url: `${BACKPORT}channel-type`, valueCoding: { system: 'urn:channels', code } })),
    ],
  },
})

describe('the channel that the extension of the backport asks for', () => {
  test('may be the one that is served', () => {
    expect([read({}).ok, read({ _type: {} }).ok, read(asking()).ok, read(asking('rest-hook')).ok]).toEqual([
      true,
      true,
      true,
      true,
    ])
  })
  test.each<[string, object]>([
    ['one that nobody serves', asking('zulip')],
    ['another than is written', asking('email')],
    ['one of two', asking('rest-hook', 'zulip')],
    ['one without a code', asking(undefined)],
    ['nothing', { _type: { extension: [{ url: `${BACKPORT}channel-type` }] } }],
  ])('is refused when it is %s', (_, channel) => {
    const parsed = read(channel)
    expect(!parsed.ok && parsed.error.issues).toEqual([
      {
        path: 'Subscription.channel.type',
        message: 'is another channel than its extension asks for',
        severity: 'error',
        code: 'value',
      },
    ])
  })
})

describe('a notification', () => {
  const bundleOf = (content: 'empty' | 'id-only') => {
    const parsed = read({ _payload: { extension: [{ url: `${BACKPORT}payload-content`, valueCode: content }] } })
    if (!parsed.ok) throw new Error('not understood')
    const nothing = { subject: null, heartbeatSeconds: null, until: null, error: null }
    const subscription: Subscription = { ...parsed.value, ...nothing, status: 'active', events: 7 }
    const events = [{ number: 7, focus: 'Task/t1', at: AT }]
    return notificationBundle(subscription, 'event-notification', events, { id: 'b', at: AT, baseUrl: BASE })
  }
  test('is a history whose first entry is the status, as Parameters of the backport', () => {
    const bundle = bundleOf('id-only')
    expect([bundle.resourceType, bundle.type]).toEqual(['Bundle', 'history'])
    expect(bundle.entry[0]).toMatchObject({
      request: { method: 'GET', url: `${BASE}/Subscription/s/$status` },
      resource: {
        resourceType: 'Parameters',
        meta: { profile: [`${BACKPORT}subscription-status-r4`] },
        parameter: [
          { name: 'subscription', valueReference: { reference: `${BASE}/Subscription/s` } },
          { name: 'topic', valueCanonical: TASK },
          { name: 'status', valueCode: 'active' },
          { name: 'type', valueCode: 'event-notification' },
          { name: 'events-since-subscription-start', valueString: '7' },
          {
            name: 'notification-event',
            part: [
              { name: 'event-number', valueString: '7' },
              { name: 'timestamp', valueInstant: AT },
              { name: 'focus', valueReference: { reference: `${BASE}/Task/t1` } },
            ],
          },
        ],
      },
    })
  })
  test('says as much as its payload content: the id, or not even that', () => {
    expect(
      bundleOf('id-only')
        .entry.slice(1)
        .map(({ fullUrl }) => fullUrl),
    ).toEqual([`${BASE}/Task/t1`])
    expect(bundleOf('empty').entry).toHaveLength(1)
    expect(JSON.stringify(bundleOf('empty'))).not.toContain('Task/t1')
  })
})
