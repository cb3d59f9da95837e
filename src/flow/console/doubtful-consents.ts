// In: an officer. Out: consents that fail the check of § 2.31, and those of partners that wait to be accepted.
// Never: decides about a version that nobody has looked at.
import type { Consent } from '@medplum/fhirtypes'
import { deficiencies } from '../../consent/deficiencies.ts'
import { readConsent } from '../../consent/read-consent.ts'
import type { Deficiency } from '../../model/consent.ts'
import type { DoubtfulConsent } from '../../model/console-consents.ts'
import type { Lacking } from '../../model/console.ts'
import type { Partner } from '../../model/partner.ts'
import type { StaffMember } from '../../model/staff.ts'
import { ok, type Result } from '../../platform/result.ts'
import { DOUBTFUL_KEYS, listActiveConsents, listWaitingConsents } from '../../store/consent-lines.ts'
import { listPartners } from '../../store/partners.ts'
import type { StoredRecord } from '../../store/records.ts'
import { decideAboutConsent } from '../consent-acceptance.ts'
import type { House } from '../house.ts'
import { acceptsBy, cut, oneMore, recordsIn, type ConsoleList } from './list.ts'
import { act, type Place } from './look.ts'
import { clientNames } from './names.ts'

const CONSENTS: Place = { name: 'withheld/consents', permission: 'withheld.decide' }
/** Consents that are looked at for one part: most lack nothing. */
const LOOKED_AT = 500

const lacking = ({ rule, law, message }: Deficiency): Lacking => ({ requirement: rule, law, words: message })

const cells: ConsoleList<'failed-consents', object, DoubtfulConsent>['cells'] = {
  consent: ({ id }) => id,
  version: ({ version }) => String(version),
  client: ({ client }) => client.id,
  'filed by': ({ filedBy }) => filedBy,
  'filed (UTC)': ({ filedAt }) => filedAt,
  status: ({ status }) => status,
  lacks: ({ lacks }) => lacks.map(({ requirement }) => requirement).join(' '),
}

const keepersAmong = (partners: readonly Partner[]): readonly string[] =>
  partners.filter(({ kinds }) => kinds.includes('programme')).map(({ id }) => id)

/** What each of these consents lacks, and the lines of those that `isWanted` says. */
const linesOf = async (
  house: House,
  who: StaffMember,
  partners: readonly Partner[],
  records: readonly StoredRecord[],
  isWanted: (lacks: readonly Deficiency[]) => boolean,
): Promise<readonly DoubtfulConsent[]> => {
  const context = { partners, zone: house.settings.zone }
  const now = house.clock.now()
  const wanted = records.flatMap((record) => {
    const read = readConsent(record.resource as Consent)
    const lacks = read.regime === 'part2' ? deficiencies(read, now, context) : []
    return isWanted(lacks) ? [{ record, lacks }] : []
  })
  const clientOf = await clientNames(
    house,
    who,
    wanted.map(({ record }) => record.patient),
  )
  return wanted.map(({ record, lacks }) => ({
    id: record.id,
    version: record.version,
    client: clientOf(record.patient),
    filedBy: partners.find(({ id }) => id === record.origin.partner)?.name ?? record.origin.partner,
    filedAt: record.updated,
    status: (record.resource as Consent).status,
    lacks: lacks.map(lacking),
  }))
}

/** Active consents that lack something of § 2.31; a part may have few of them, or none, and go on all the same. */
export const failedConsentList: ConsoleList<'failed-consents', object, DoubtfulConsent> = {
  name: 'failed-consents',
  permission: 'withheld.read',
  accepts: acceptsBy(DOUBTFUL_KEYS),
  read: async (house, who, _query, part) => {
    const partners = await listPartners(house.db)
    const looked = { ...part, limit: LOOKED_AT }
    const { shown, ...next } = cut(await listActiveConsents(house.db, keepersAmong(partners), oneMore(looked)), LOOKED_AT)
    const records = await recordsIn(house, 'Consent', shown)
    const rows = await linesOf(house, who, partners, records, (lacks) => lacks.length > 0)
    return { rows, patients: rows.map(({ client }) => client.id), ...next }
  },
  cells,
}

/** Consents of partners that wait to be accepted. @law 42 CFR 2.31(a)(1) */
export const waitingConsentList: ConsoleList<'waiting-consents', object, DoubtfulConsent> = {
  name: 'waiting-consents',
  permission: 'withheld.read',
  accepts: acceptsBy(DOUBTFUL_KEYS),
  read: async (house, who, _query, part) => {
    const partners = await listPartners(house.db)
    const { shown, ...next } = cut(await listWaitingConsents(house.db, keepersAmong(partners), oneMore(part)), part.limit)
    const rows = await linesOf(house, who, partners, await recordsIn(house, 'Consent', shown), () => true)
    return { rows, patients: rows.map(({ client }) => client.id), ...next }
  },
  cells,
}

/** Accepts or refuses the version of a partner's consent that was looked at. @law 42 CFR 2.31(a)(1) */
export const decideDoubtful = (
  house: House,
  who: StaffMember,
  id: string,
  version: number,
  decision: 'accepted' | 'refused',
): Promise<Result<string>> =>
  act(house, who, CONSENTS, async () => {
    const decided = await decideAboutConsent(house, id, version, decision, who.id)
    return decided.ok ? ok(decided.value.consent) : decided
  })
