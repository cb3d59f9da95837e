// In: an officer or operator. Out: who is registered, with which keys and agreements, and how each fares.
// Never: a private key, or anything about a client.
import { createHash } from 'node:crypto'
import { readBasis } from '../../consent/bases.ts'
import { calendarOf, holdsAt } from '../../consent/windows.ts'
import { lastShownTo } from '../../audit/ledger-pages.ts'
import type { SortColumn } from '../../model/console-lists.ts'
import type { PartnerLine } from '../../model/console-partners.ts'
import type { Partner } from '../../model/partner.ts'
import type { LegalBasis } from '../../model/patient-facts.ts'
import type { StaffMember } from '../../model/staff.ts'
import { FOREVER } from '../../model/time.ts'
import { ok, type Result } from '../../platform/result.ts'
import { basesAbout } from '../../store/bases.ts'
import { listPartners } from '../../store/partners.ts'
import type { House } from '../house.ts'
import { queuesOf } from './deliveries.ts'
import type { ConsoleList } from './list.ts'
import { acceptsPairs, partInMemory, type Values } from './list-in-memory.ts'
import { act } from './look.ts'

const VALUES: Values<SortColumn<'partners'>, PartnerLine> = {
  name: ({ name }) => name.toLowerCase(),
  id: ({ id }) => id,
  sector: ({ sector }) => sector,
  active: ({ isActive }) => Number(isActive),
  waiting: ({ waiting }) => waiting,
  held: ({ held }) => held,
  incidents: ({ incidents }) => incidents,
  shown: ({ lastShownAt = '' }) => lastShownAt,
}

/** Every partner, the disabled ones too. */
export const partnerList: ConsoleList<'partners', object, PartnerLine> = {
  name: 'partners',
  permission: 'partners.read',
  accepts: acceptsPairs,
  read: async (house, _who, _query, part) => partInMemory(await partnerLines(house), VALUES, part),
  cells: {
    partner: ({ id }) => id,
    name: ({ name }) => name,
    kinds: ({ kinds }) => kinds.join(' '),
    sector: ({ sector }) => sector,
    active: ({ isActive }) => (isActive ? 'yes' : 'no'),
    purposes: ({ purposes }) => purposes.join(' '),
    channels: ({ channels }) => channels.join(' '),
    agreements: ({ agreements }) =>
      agreements.map(({ kind, status, until = '' }) => `${kind} ${status} ${until}`.trim()).join('; '),
    waiting: ({ waiting }) => String(waiting),
    held: ({ held }) => String(held),
    incidents: ({ incidents }) => String(incidents),
    'paused since (UTC)': ({ pausedSince = '' }) => pausedSince,
    'last shown (UTC)': ({ lastShownAt = '' }) => lastShownAt,
  },
}

const partnerLines = async (house: House): Promise<readonly PartnerLine[]> => {
  const [partners, agreements, queues] = await Promise.all([listPartners(house.db), basesAbout(house.db, ''), queuesOf(house)])
  const lastAt = await lastShownTo(
    house.db,
    partners.map(({ id }) => id),
  )
  return partners.map((partner): PartnerLine => {
    const queue = queues.partners.find((one) => one.partner === partner.id)
    const shownAt = lastAt.get(partner.id)
    return {
      id: partner.id,
      name: partner.name,
      kinds: partner.kinds,
      sector: partner.sector,
      isActive: partner.isActive,
      purposes: partner.purposes,
      scopes: partner.scopes,
      channels: partner.channels.map(({ kind }) => kind),
      keys: keysOf(partner),
      ...(partner.jwksUrl === undefined ? {} : { keysAt: partner.jwksUrl }),
      agreements: agreements.filter(({ fields }) => isAbout(fields, partner.id)).map((basis) => agreementOf(house, basis)),
      waiting: queue?.waiting ?? 0,
      held: queue?.held ?? 0,
      incidents: queues.incidents.filter((one) => one.partner === partner.id).length,
      ...(queue?.pausedSince === undefined ? {} : { pausedSince: queue.pausedSince }),
      ...(shownAt === undefined ? {} : { lastShownAt: shownAt }),
    }
  })
}

/** Whether an agreement names a partner, in whichever of its fields. */
const isAbout = (fields: LegalBasis['fields'], partner: string): boolean =>
  Object.values(fields).some((value) => value === partner || (Array.isArray(value) && value.includes(partner)))

const agreementOf = (house: House, basis: LegalBasis): PartnerLine['agreements'][number] => {
  const { faults, window } = readBasis(basis, calendarOf(house.settings.zone))
  return {
    id: basis.id,
    kind: basis.kind,
    status: faults.length > 0 ? 'deficient' : holdsAt(window, house.clock.now()) ? 'in-force' : 'over',
    ...(window.until === FOREVER ? {} : { until: window.until }),
    lacks: faults.map(({ id, law }) => ({ requirement: id, law, words: id.replaceAll('-', ' ') })),
  }
}

const isKey = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

/** What tells one public key from another; a key without a name is known by its content. */
const keysOf = ({ jwks }: Partner): PartnerLine['keys'] => {
  const keys = isKey(jwks) && Array.isArray(jwks['keys']) ? jwks['keys'].filter(isKey) : []
  return keys.map((key) => {
    const { kid, kty, crv, alg } = key
    const fallback = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 16)
    return {
      kid: typeof kid === 'string' ? kid : fallback,
      kind: [kty, crv, alg].filter((one) => typeof one === 'string').join(' '),
    }
  })
}

/** Names of partners, for filters: what every page may say of them. */
export const partnerNames = (
  house: House,
  who: StaffMember,
): Promise<Result<readonly { readonly id: string; readonly name: string }[]>> =>
  act(house, who, { name: 'partner-names', permission: 'overview' }, async () =>
    ok((await listPartners(house.db)).map(({ id, name }) => ({ id, name }))),
  )
