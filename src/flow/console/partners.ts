// In: an officer or operator. Out: who is registered, with which keys and agreements, and how each fares.
// Never: a private key, or anything about a client.
import { createHash } from 'node:crypto'
import { readBasis } from '../../consent/bases.ts'
import { calendarOf, holdsAt } from '../../consent/windows.ts'
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
import { act, look, type Place } from './look.ts'

const PARTNERS: Place = { name: 'partners', permission: 'partners.read' }

const LAST = `select p.id, (select l.at from ledger l where l.recipient = p.id and l.kind = 'disclosure' order by l.seq desc limit 1) as at
  from partner p where p.is_current`

/** Every partner, the disabled ones too. */
export const partnerLines = (house: House, who: StaffMember): Promise<Result<readonly PartnerLine[]>> =>
  look(house, who, PARTNERS, async () => {
    const [partners, agreements, queues, last] = await Promise.all([
      listPartners(house.db),
      basesAbout(house.db, ''),
      queuesOf(house),
      house.db.query<{ id: string; at: string | null }>(LAST, []),
    ])
    const lastAt = new Map(last.map(({ id, at }) => [id, at]))
    const page = partners.map((partner): PartnerLine => {
      const queue = queues.partners.find((one) => one.partner === partner.id)
      const shownAt = lastAt.get(partner.id) ?? undefined
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
    return ok({ page })
  })

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
