// In: what recipients are newly shown, and notifications about to leave. Out: word of it in the outbox; sealed notifications.
// Never: looks at a record other than as its subscriber sees it, neither to filter nor to tell.
import { entryOf, refusalOf } from '../audit/entry-of.ts'
import { notificationBundle, notificationMail, type ToldEvent } from '../delivery/notification.ts'
import type { OutboxItem } from '../delivery/outbox.ts'
import { numberEvent, readNotification, withdrawEvent, type Notification } from '../delivery/subscription-events.ts'
import { noteChanges, TOPICS, type Subscription } from '../delivery/subscriptions.ts'
import { extensionText } from '../disclosure/notice-extension.ts'
import { noticeOf } from '../disclosure/notice.ts'
import { sealText, type Disclosure } from '../disclosure/seal.ts'
import { spliceMetaExtension } from '../disclosure/splice.ts'
import { isTree } from '../mapping/tree.ts'
import type { Ask, Found } from '../model/ask.ts'
import { disclosureId, partnerId, patientId, type DisclosureId } from '../model/ids.ts'
import { covers, parseScopes } from '../model/scopes.ts'
import type { Tx } from '../platform/db.ts'
import type { Result } from '../platform/result.ts'
import type { FreshHead } from '../store/set-renditions.ts'
import type { House } from './house.ts'
import { findFor } from './person-behind.ts'

const TOPIC_TYPES: ReadonlySet<string> = new Set(Object.values(TOPICS).map(({ type }) => type))

/** Queues word of what recipients are newly shown, for those who have subscribed to it; in the transaction of the change. */
export const tellSubscribers = async (house: House, tx: Tx, patient: string, shown: readonly FreshHead[]): Promise<void> => {
  const changes = shown.flatMap(({ recipient, purposes, since, resource }) => {
    const { resourceType: type, id } = resource
    if (id === undefined || !TOPIC_TYPES.has(type)) return []
    const facets = facetsOf({ ...resource })
    return [{ type, id, patient: patientId(patient), recipient: partnerId(recipient), purposes, facets, at: since }]
  })
  if (changes.length > 0) await noteChanges(tx, changes, { newId: house.newId, now: house.clock.now() })
}

const FACETS = ['status', 'code', 'category', 'owner', 'requester', 'performer'] as const

/** What filters may look at, in the words of a search: codes with and without their system, and references. */
const facetsOf = (resource: Readonly<Record<string, unknown>>): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(FACETS.map((name) => [name, wordsOf(resource[name])]))

const wordsOf = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(wordsOf)
  if (!isTree(value)) return []
  const { coding, reference, system, code } = value
  if (typeof reference === 'string') return [reference]
  if (typeof code === 'string') return typeof system === 'string' ? [code, `${system}|${code}`] : [code]
  return wordsOf(coding)
}

/**
 * Asks at the moment of sending whether the subscriber may see what it is to be told of, numbers the event, seals, and puts it on the
 * ledger. What it may not see any more, or may not read any more by its registered scopes, is not told, and leaves no gap in the numbers.
 * @law 42 CFR 2.13(c)(2); 2.31(c)(3)
 */
export const discloseNotification = async (house: House, item: OutboxItem): Promise<Disclosure | 'withheld'> => {
  const told = await readNotification(house.db, item, house.clock.now())
  const partner = await house.partners.byId(item.partner)
  if (told === undefined || partner?.isActive !== true) return 'withheld'
  const id = disclosureId(house.newId())
  const { event, subscription } = told
  if (event === undefined) return sayNothing(house, item, id, told)
  const ask = askOf(house, subscription, event.focus)
  if (!covers(parseScopes(partner.scopes), event.focus.split('/')[0] ?? '', 'r')) {
    await withdrawEvent(house.db, event.id)
    await house.ledger.append(refusalOf(ask, id, 'notification', 'scope-withdrawn'))
    return 'withheld'
  }
  const found = await findFor(house, ask, { handling: 'strict', baseUrl: house.settings.fhirBase })
  if (!found.ok || found.value.rows.length === 0 || found.value.rows.some((row) => row.isDeleted)) {
    await withdrawEvent(house.db, event.id)
    await house.ledger.append(refusalOf(ask, id, 'notification', 'nothing-to-show'))
    return 'withheld'
  }
  const events = [{ ...event, number: await numberEvent(house.db, event.id) }]
  if (subscription.channel === 'email' || subscription.content === 'empty') return sayNothing(house, item, id, told, events)
  const bundle = notificationBundle(subscription, told.type, events, { ...placeOf(house), id: item.id })
  const sealed = await sealBundle(house, subscription, found.value, id, bundle)
  if (!sealed.ok) {
    await house.ledger.append(refusalOf(ask, id, 'notification', sealed.error.code))
    return 'withheld'
  }
  await house.ledger.append(entryOf(ask, found.value, sealed.value, { door: 'notification' }))
  return sealed.value
}

const placeOf = (house: House) => ({ at: house.clock.now(), baseUrl: house.settings.fhirBase })

const askOf = (house: House, { partner, purposes, subject }: Subscription, focus: string): Ask => {
  const [type = '', id = ''] = focus.split('/')
  const ask: Ask = { recipient: partner, purposes, at: house.clock.now(), wanted: { interaction: 'read', type, id } }
  return subject === null ? ask : { ...ask, subject }
}

/** A notification that names no record: what is on the ledger is that it was sent. */
const sayNothing = async (
  house: House,
  item: OutboxItem,
  id: DisclosureId,
  { subscription, type }: Notification,
  events: readonly ToldEvent[] = [],
): Promise<Disclosure | 'withheld'> => {
  const place = placeOf(house)
  const { subject, text } = notificationMail(subscription, type, place.baseUrl)
  const bundle = notificationBundle(subscription, type, events, { ...place, id: item.id })
  const [contentType, payload] =
    subscription.channel === 'email'
      ? ['text/plain; charset=utf-8', `${subject}\n\n${text}`]
      : [FHIR_JSON, JSON.stringify(bundle)]
  const sealed = sealText([], { id, scopes: new Map(), channel: 'fhir', contentType }, () => payload, String)
  if (!sealed.ok) return 'withheld'
  const attempt = item.attempts
  const entry = { at: place.at, disclosure: id, recipient: item.partner, door: 'notification', attempt, code: type } as const
  await house.ledger.append({ kind: 'delivery', ...entry, outcome: 'sent' })
  return sealed.value
}

const FHIR_JSON = 'application/fhir+json; charset=utf-8'

/** Seals a Bundle that names records by their ids: notice and scopes stand in its `meta`, as in every Bundle that leaves. */
export const sealBundle = async (
  house: House,
  { partner }: Pick<Subscription, 'partner'>,
  { rows }: Found,
  id: DisclosureId,
  bundle: object,
): Promise<Result<Disclosure>> => {
  const scopes = await house.scopes.wordsFor(partner, rows)
  const notice = noticeOf(house.settings.statement)
  return sealText(
    rows,
    { id, scopes, notice, channel: 'fhir', contentType: FHIR_JSON },
    (along) => spliceMetaExtension(JSON.stringify(bundle), extensionText(id, along.notice, along.scopes)),
    textsOf,
  )
}

/** Every text in a JSON document, as its reader sees it. */
const textsOf = (payload: string): string => {
  const walk = (value: unknown): readonly string[] =>
    typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(walk) : []
  return walk(JSON.parse(payload)).join(' ')
}
