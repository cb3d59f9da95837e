// In: a Subscription of the R5 backport as a partner wrote it. Out: what it wishes for, or every fault at once.
// Never: takes content beyond ids, or an address that its channel cannot have.
import { z } from 'zod'
import type { Asker } from '../model/ask.ts'
import { instant } from '../model/time.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { TOPICS, type NewSubscription } from './subscriptions.ts'

/** Where the backport's extensions are defined. */
export const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-'
const extension = z
  .object({
    url: z.string(),
    valueString: z.string().optional(),
    valueCode: z.string().optional(),
    valueUnsignedInt: z.number().int().min(0).optional(),
    valueCoding: z.object({ code: z.string().optional() }).loose().optional(),
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
    _type: z.object({ extension: extensions }).optional(),
    endpoint: z.string().min(1),
    payload: z.enum(['application/fhir+json', 'application/json', 'text/plain']).optional(),
    header: z.array(z.string()).max(0).optional(),
    _payload: z.object({ extension: extensions }).optional(),
    extension: extensions,
  }),
})

/**
 * Reads a Subscription of the R5 backport. Fails with every fault at once: an unknown topic, a filter that the topic does not have,
 * a channel that the backport's extension names and nobody serves, an endpoint that is not `http(s):` or `mailto:` (which of them may be told is in the register), content other than `empty` or `id-only`.
 * @spec Subscriptions R5 Backport 1.1.0 backport-subscription
 */
export const parseSubscription = (
  resource: unknown,
  { id, partner, purposes, subject }: Asker & { readonly id: string },
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
  const asked = channel._type?.extension?.filter((each) => each.url === `${BACKPORT}channel-type`) ?? []
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
    ...(asked.every((each) => each.valueCoding?.code === channel.type)
      ? []
      : [fault('channel.type', 'is another channel than its extension asks for')]),
    ...(isFitting(channel.type, channel.endpoint) ? [] : [fault('channel.endpoint', 'is not an address of this channel')]),
    ...(end === undefined || !Number.isNaN(Date.parse(end)) ? [] : [fault('end', 'is not an instant')]),
  ]
  if (faults.length > 0 || (content !== 'empty' && content !== 'id-only'))
    return fail(problem('invalid', 'subscription-invalid', { issues: faults }))
  return ok({
    id,
    partner,
    purposes,
    ...(subject === undefined ? {} : { subject }),
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
  const { protocol, username, hash } = new URL(endpoint)
  if (channel === 'email') return /^mailto:[^\s?,]+@[^\s?,]+$/.test(endpoint)
  return (protocol === 'https:' || protocol === 'http:') && username === '' && hash === ''
}
