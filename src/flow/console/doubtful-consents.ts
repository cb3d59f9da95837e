// In: an officer. Out: consents that fail the check of § 2.31, and those of partners that wait to be accepted.
// Never: decides about a version that nobody has looked at.
import type { Consent } from '@medplum/fhirtypes'
import { deficiencies } from '../../consent/deficiencies.ts'
import { readConsent } from '../../consent/read-consent.ts'
import type { Deficiency } from '../../model/consent.ts'
import type { DoubtfulConsents } from '../../model/console-consents.ts'
import type { Lacking } from '../../model/console.ts'
import type { StaffMember } from '../../model/staff.ts'
import { ok, type Result } from '../../platform/result.ts'
import { listPartners } from '../../store/partners.ts'
import { readRecords } from '../../store/records.ts'
import { consentsBrought, decideAboutConsent } from '../consent-acceptance.ts'
import type { House } from '../house.ts'
import { act, look, type Place } from './look.ts'
import { clientNames } from './names.ts'

const CONSENTS: Place = { name: 'withheld/consents', permission: 'withheld.read' }
const LOOKED_AT = 500
const ACTIVE = `select id from record where type = 'Consent' and is_current and not is_deleted and body::jsonb ->> 'status' = 'active'
  order by updated desc, id limit ${String(LOOKED_AT)}`

const lacking = ({ rule, law, message }: Deficiency): Lacking => ({ requirement: rule, law, words: message })

/** Active consents that lack something, among the 500 last changed, and consents of partners that wait. */
export const doubtfulConsents = (house: House, who: StaffMember): Promise<Result<DoubtfulConsents>> =>
  look(house, who, CONSENTS, async () => {
    const partners = await listPartners(house.db)
    const nameOf = (id: string): string => partners.find((partner) => partner.id === id)?.name ?? id
    const brought = await consentsBrought(house)
    const waitingIds = new Set(brought.map(({ consent }) => consent))
    const found = await house.db.query<{ id: string }>(ACTIVE, [])
    const records = await readRecords(
      house.db,
      found.map(({ id }) => ({ type: 'Consent', id })),
    )
    const context = { partners, zone: house.settings.zone }
    const lame = records.flatMap((record) => {
      const read = readConsent(record.resource as Consent)
      const lacks = read.regime === 'part2' ? deficiencies(read, house.clock.now(), context) : []
      return lacks.length === 0 || waitingIds.has(`Consent/${record.id}`) ? [] : [{ record, lacks }]
    })
    const patients = [...brought.map(({ patient }) => patient), ...lame.map(({ record }) => record.patient)]
    const clientOf = await clientNames(house, who, patients)
    const page: DoubtfulConsents = {
      lookedAt: records.length,
      failed: lame.map(({ record, lacks }) => ({
        id: record.id,
        version: record.version,
        client: clientOf(record.patient),
        filedBy: nameOf(record.origin.partner),
        filedAt: record.updated,
        status: 'active',
        lacks: lacks.map(lacking),
      })),
      waiting: brought.map(({ consent, version, patient, filedBy, filedAt, status, deficiencies: lacks }) => ({
        id: consent.replace(/^Consent\//, ''),
        version,
        client: clientOf(patient),
        filedBy: nameOf(filedBy),
        filedAt,
        status,
        lacks: lacks.map(lacking),
      })),
    }
    return ok({ page, patients })
  })

/** Accepts or refuses the version of a partner's consent that was looked at. @law 42 CFR 2.31(a)(1) */
export const decideDoubtful = (
  house: House,
  who: StaffMember,
  id: string,
  version: number,
  decision: 'accepted' | 'refused',
): Promise<Result<string>> =>
  act(house, who, { ...CONSENTS, permission: 'withheld.decide' }, async () => {
    const decided = await decideAboutConsent(house, id, version, decision, who.id)
    return decided.ok ? ok(decided.value.consent) : decided
  })
