// In: what somebody wants to know of deliveries, or to do with one. Out: queues, incidents, items; and what became of it.
// Never: shows what was sent, or sends anything again on one person's word.
import {
  DELIVERY_KEYS,
  INCIDENT_KEYS,
  listDeliveries,
  listIncidents,
  pausesOf,
  type IncidentQuery,
} from '../../delivery/lists.ts'
import { backlog, findIncidents } from '../../delivery/operate.ts'
import type { DeliveryLine, DeliveryState, IncidentLine } from '../../model/console-deliveries.ts'
import { may, type StaffMember } from '../../model/staff.ts'
import { ok, type Result } from '../../platform/result.ts'
import { listPartners } from '../../store/partners.ts'
import {
  cancelDelivery,
  endIncident,
  holdDelivery,
  ITEM_STATES,
  pausePartner,
  releaseDelivery,
  resumePartner,
  type OutboxItem,
} from '../delivery-operations.ts'
import type { House } from '../house.ts'
import { acceptsBy, cut, oneMore, type ConsoleList } from './list.ts'
import { act, look, type Place } from './look.ts'
import { clientNames } from './names.ts'
import { openProposals } from './proposals.ts'

const DELIVERIES: Place = { name: 'deliveries', permission: 'deliveries.read' }
/** Which deliveries. */
export interface DeliveryQuery {
  readonly partner?: string | undefined
  readonly state?: string | undefined
}

/** Items of the outbox. The operator sees no client: items say what, to whom and how it went. */
export const deliveryList: ConsoleList<'deliveries', DeliveryQuery, DeliveryLine> = {
  name: 'deliveries',
  permission: 'deliveries.read',
  accepts: acceptsBy(DELIVERY_KEYS),
  read: async (house, who, { partner, state: asked }, part) => {
    const state = ITEM_STATES.find((one) => one === asked)
    const { shown, ...next } = cut(await listDeliveries(house.db, { partner, state }, oneMore(part)), part.limit)
    const seesClients = may(who.role, 'referrals.read')
    const patients = seesClients ? shown.flatMap(({ patient }) => patient ?? []) : []
    const [clientOf, proposals] = await Promise.all([clientNames(house, who, patients), openProposals(house, who)])
    const rows = shown.map((item): DeliveryLine => {
      const proposal = proposals.get(`replay ${item.id}`)
      return {
        ...lineOf(item),
        ...(proposal === undefined ? {} : { proposal }),
        ...(seesClients && item.patient !== null ? { client: clientOf(item.patient) } : {}),
        ...(seesClients && item.referral !== null ? { referral: item.referral } : {}),
      }
    })
    return { rows, patients, ...next }
  },
  cells: {
    delivery: ({ id }) => id,
    partner: ({ partner }) => partner,
    through: ({ channel }) => channel,
    state: ({ state }) => state,
    cause: ({ cause = '' }) => cause,
    attempts: ({ attempts }) => String(attempts),
    'queued (UTC)': ({ enqueuedAt }) => enqueuedAt,
    'next attempt (UTC)': ({ nextAt, endedAt }) => (endedAt === undefined ? nextAt : ''),
    'ended (UTC)': ({ endedAt = '' }) => endedAt,
    client: ({ client }) => client?.id ?? '',
    referral: ({ referral = '' }) => referral,
  },
}

/** What went wrong with deliveries, the open incidents when nobody asks for the closed ones. */
export const incidentList: ConsoleList<'incidents', IncidentQuery, IncidentLine> = {
  name: 'incidents',
  permission: 'deliveries.read',
  accepts: acceptsBy(INCIDENT_KEYS),
  read: async (house, _who, query, part) => {
    const { shown, ...next } = cut(await listIncidents(house.db, query, oneMore(part)), part.limit)
    const rows = shown.map(({ position: _position, closedAt, ...incident }): IncidentLine => ({
      ...incident,
      ...(closedAt === null ? {} : { closedAt }),
    }))
    return { rows, ...next }
  },
  cells: {
    incident: ({ id }) => String(id),
    partner: ({ partner }) => partner,
    cause: ({ cause }) => cause,
    occurrences: ({ occurrences }) => String(occurrences),
    'opened (UTC)': ({ openedAt }) => openedAt,
    'last (UTC)': ({ lastAt }) => lastAt,
    'closed (UTC)': ({ closedAt = '' }) => closedAt,
  },
}

const lineOf = (item: OutboxItem): DeliveryLine => ({
  id: item.id,
  seq: item.seq,
  partner: item.partner,
  channel: item.channel,
  state: item.state,
  attempts: item.attempts,
  enqueuedAt: item.enqueuedAt,
  nextAt: item.nextAt,
  ...(item.cause === null ? {} : { cause: item.cause }),
  ...(item.endedAt === null ? {} : { endedAt: item.endedAt }),
})

/** How each partner's queue stands, and what went wrong. */
export const deliveryState = (house: House, who: StaffMember): Promise<Result<DeliveryState>> =>
  look(house, who, { ...DELIVERIES, name: 'deliveries/state' }, async () => ok({ page: await queuesOf(house) }))

/** The queues as they stand. */
export const queuesOf = async (house: House): Promise<DeliveryState> => {
  const [rows, incidents, partners, pauses] = await Promise.all([
    backlog(house.db),
    findIncidents(house.db, 'open'),
    listPartners(house.db),
    pausesOf(house.db),
  ])
  const pausedSince = new Map(pauses.map(({ partner, since }) => [partner, since]))
  return {
    partners: partners
      .filter(
        ({ channels, id }) => channels.some(({ kind }) => kind !== 'fhir-pull') || rows.some(({ partner }) => partner === id),
      )
      .map(({ id, name }) => {
        const own = rows.filter(({ partner }) => partner === id)
        const oldest = own.map(({ oldest: one }) => one).sort()[0]
        const since = pausedSince.get(id)
        return {
          partner: id,
          name,
          waiting: own.reduce((sum, { items }) => sum + items, 0),
          held: own.filter(({ state }) => state === 'held').reduce((sum, { items }) => sum + items, 0),
          ...(oldest === undefined ? {} : { oldest }),
          ...(since === undefined ? {} : { pausedSince: since }),
        }
      }),
    incidents: incidents.map(({ closedAt: _closedAt, ...incident }) => incident),
  }
}

/** What an operator may do alone: nothing of it sends something again. */
export type DeliveryDeed =
  | { readonly deed: 'hold' | 'release' | 'cancel'; readonly target: string }
  | { readonly deed: 'pause'; readonly target: string; readonly why: string }
  | { readonly deed: 'resume'; readonly target: string }
  | { readonly deed: 'close-incident'; readonly target: string }

/** Does it, on the ledger in the same transaction. */
export const operate = (house: House, who: StaffMember, deed: DeliveryDeed): Promise<Result<string>> => {
  const by = { staff: who.id, role: who.role }
  return act(house, who, { name: deed.deed, permission: 'deliveries.operate' }, () => {
    switch (deed.deed) {
      case 'hold':
        return holdDelivery(house, by, deed.target)
      case 'release':
        return releaseDelivery(house, by, deed.target)
      case 'cancel':
        return cancelDelivery(house, by, deed.target)
      case 'pause':
        return pausePartner(house, by, deed.target, deed.why)
      case 'resume':
        return resumePartner(house, by, deed.target)
      case 'close-incident':
        return endIncident(house, by, Number(deed.target))
    }
  })
}
