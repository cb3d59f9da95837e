/**
 * The lists of the console. Each is asked with `POST <address>` and a body of its filters, `sort` and `next`, all of which may be
 * absent: `sort` is a column for the least first, `-column` for the greatest first; `next` is what the part before gave. The answer
 * is a `ListPart`. An unknown column is refused with 400 `sort-unknown`, a `next` of another order with 400 `next-unknown`.
 * The whole list is `POST <address>.csv`, a form with `question` (the same body as JSON, without `next`) and `csrf`.
 *
 * Filters: disclosures `filter` (a `DisclosureFilter`); entries `kind`; consents `patient`, `status`, `by`; emergencies `patient`;
 * referrals `partner`, `patient`, `state`; deliveries `partner`, `state`; incidents `partner`, `isClosedToo`; requests `patient`,
 * `right`, `standing`. Rows: `DisclosureLine`, `EntryLine`, `ConsentLine`, `DoubtfulConsent` (both lists of them), `HeldMessage`,
 * `HeldFreeText`, `EmergencyLine`, `ReferralLine`, `DeliveryLine`, `IncidentLine`, `RequestLine`, `BreachLine`, `PartnerLine`,
 * `StaffLine`.
 *
 * Figures for charts are no lists: `/referrals/figures` (filters `partner`, `patient`) gives `ReferralFigures`, `/deliveries/health`
 * gives `DeliveryHealth`. `/withheld/labels` gives the labels that a person may give to a text.
 */
interface ListOrder {
  /** Under which it is asked, below `/console/api`. */
  readonly address: string
  /** Every column by which it may be sorted. */
  readonly columns: readonly string[]
  /** The order when nobody says otherwise. */
  readonly sort: string
}

/** Every list with its order: the one copy of it, for the gateway and for the pages. */
export const LISTS = {
  disclosures: { address: '/disclosures', columns: ['number'], sort: '-number' },
  entries: { address: '/entries', columns: ['number'], sort: '-number' },
  consents: { address: '/consents', columns: ['updated', 'client', 'status', 'until', 'by'], sort: '-updated' },
  'failed-consents': { address: '/withheld/consents', columns: ['filed', 'client', 'by'], sort: '-filed' },
  'waiting-consents': { address: '/withheld/consents/waiting', columns: ['filed', 'client', 'by'], sort: 'filed' },
  messages: { address: '/withheld/messages', columns: ['received', 'sender', 'what'], sort: '-received' },
  texts: { address: '/withheld/texts', columns: ['since'], sort: 'since' },
  emergencies: { address: '/emergencies', columns: ['entered', 'client'], sort: '-entered' },
  referrals: { address: '/referrals', columns: ['changed', 'made', 'client', 'state', 'from', 'to'], sort: '-changed' },
  deliveries: {
    address: '/deliveries',
    columns: ['queued', 'partner', 'state', 'attempts', 'next', 'ended'],
    sort: '-queued',
  },
  incidents: { address: '/incidents', columns: ['last', 'opened', 'partner', 'cause', 'occurrences'], sort: '-last' },
  requests: { address: '/requests', columns: ['due', 'received', 'client', 'right', 'closed'], sort: 'due' },
  breaches: { address: '/breaches', columns: ['open', 'discovered', 'individuals', 'closed'], sort: 'open' },
  partners: {
    address: '/partners',
    columns: ['name', 'id', 'sector', 'active', 'waiting', 'held', 'incidents', 'shown'],
    sort: 'name',
  },
  staff: { address: '/staff', columns: ['name', 'role', 'active', 'sessions', 'seen'], sort: 'name' },
} as const satisfies Readonly<Record<string, ListOrder>>

export type ListName = keyof typeof LISTS
/** A column by which a list may be sorted. */
export type SortColumn<N extends ListName> = (typeof LISTS)[N]['columns'][number]

/** A part of a list in the order that was asked for. */
export interface ListPart<T> {
  readonly rows: readonly T[]
  /** Given back to see what comes after; absent at the end. */
  readonly next?: string
  /** The order in which they stand. */
  readonly sort: string
  /** By which it may be sorted. */
  readonly columns: readonly string[]
}
