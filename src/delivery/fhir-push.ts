// In: a sealed resource or transaction, and whose it is. Out: what the partner's FHIR server made of it.
// Never: changes what was sealed, or creates the same thing twice.
import type { Carrier, Outcome } from './worker.ts'
import type { FhirClient, FhirFailure, FhirRequest } from './fhir-client.ts'
import type { OutboxItem } from './outbox.ts'

export interface FhirPushOptions {
  /** The client of a partner's server; `undefined` when the partner has none any more. */
  readonly clientFor: (item: OutboxItem) => Promise<FhirClient | undefined>
  /** Hears that the partner holds another version of what was pushed, and under which id what was sent is on the ledger. */
  readonly conflicted?: (item: OutboxItem, disclosure: string) => Promise<void>
}

/** What a server answers that holds another version. @spec FHIR R4 http.html#concurrency */
const CONFLICTS: ReadonlySet<number | undefined> = new Set([409, 412])

/**
 * Pushes by transaction when a Bundle was sealed, else by PUT of the resource under its id, or by conditional create when the item
 * names an identifier to look for (`what.ifNoneExist`). Every way is idempotent, and the item's key goes along as `Idempotency-Key`.
 */
export const createFhirPush = (options: FhirPushOptions): Carrier => ({
  send: async (item, disclosure) => {
    const client = await options.clientFor(item)
    if (client === undefined) return { kind: 'refused', cause: 'channel-missing' }
    const body = typeof disclosure.payload === 'string' ? disclosure.payload : new TextDecoder().decode(disclosure.payload)
    const answer = await client.request(requestOf(item, body))
    if (!answer.ok) {
      if (CONFLICTS.has(answer.error.status)) await options.conflicted?.(item, disclosure.id)
      return outcomeOf(answer.error)
    }
    return { kind: 'delivered', reply: new TextEncoder().encode(JSON.stringify(answer.value.body)) }
  },
})

const requestOf = (item: OutboxItem, body: string): FhirRequest => {
  const { resourceType = '', id = '' } = headOf(body)
  const headers = { 'idempotency-key': item.idempotencyKey, prefer: 'return=minimal' }
  const ifNoneExist = item.what['ifNoneExist']
  if (resourceType === 'Bundle') return { method: 'POST', path: '', body, headers }
  if (typeof ifNoneExist === 'string')
    return { method: 'POST', path: resourceType, body, headers: { ...headers, 'if-none-exist': ifNoneExist } }
  return { method: 'PUT', path: `${resourceType}/${id}`, body, headers }
}

const headOf = (body: string): { readonly resourceType?: string; readonly id?: string } => {
  const resource: unknown = JSON.parse(body)
  if (typeof resource !== 'object' || resource === null) return {}
  const of = (name: 'resourceType' | 'id'): string | undefined => {
    const value: unknown = name in resource ? Reflect.get(resource, name) : undefined
    return typeof value === 'string' ? value : undefined
  }
  const resourceType = of('resourceType')
  const id = of('id')
  return { ...(resourceType === undefined ? {} : { resourceType }), ...(id === undefined ? {} : { id }) }
}

/** What a failed request means for the item. */
export const outcomeOf = (failure: FhirFailure): Outcome => {
  if (failure.mayHaveArrived) return { kind: 'unknown', cause: failure.code }
  const isForNow =
    failure.kind === 'unavailable' ||
    failure.kind === 'unauthenticated' ||
    failure.status === 408 ||
    CONFLICTS.has(failure.status)
  if (!isForNow) return { kind: 'refused', cause: failure.code }
  return {
    kind: 'later',
    cause: failure.code,
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
  }
}
