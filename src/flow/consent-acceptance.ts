import type { Consent } from '@medplum/fhirtypes'
import { deficiencies } from '../consent/deficiencies.ts'
import { readConsent } from '../consent/read-consent.ts'
import type { Deficiency } from '../model/consent.ts'
import { patientId, type PartnerId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import type { Instant } from '../model/time.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { consentsWaiting, saveAcceptance } from '../store/acceptances.ts'
import { listPartners } from '../store/partners.ts'
import { lockPatient, readRecord, readRecords, type StoredRecord } from '../store/records.ts'
import { decideAgain } from './decide-again.ts'
import type { House } from './house.ts'
import { looked, type Operator } from './looks.ts'
import { write } from './writing.ts'

/** A consent that somebody else filed, as the officer sees it before deciding about it. */
export interface BroughtConsent {
  readonly consent: string
  readonly version: number
  readonly patient: string
  readonly filedBy: PartnerId
  readonly filedAt: Instant
  readonly status: string
  /** The document that shows it, when one was filed along. */
  readonly document?: string
  /** What § 2.31 asks for and it lacks; accepted all the same, it is relied on by nobody. */
  readonly deficiencies: readonly Deficiency[]
}

const keepersAmong = (partners: readonly Partner[]): readonly PartnerId[] =>
  partners.filter(({ kinds }) => kinds.includes('programme')).map(({ id }) => id)

/**
 * Consents that partners filed and that nobody has decided about; they count for nothing until the programme accepts them. The look is
 * on the ledger.
 */
export const waitingConsents = async (house: House, by: Operator): Promise<readonly BroughtConsent[]> => {
  const found = await consentsBrought(house)
  await looked(house, by, { place: 'consents/waiting', patients: found.map(({ patient }) => patient), rows: found.length })
  return found
}

/** The same without an entry: for whoever writes the entry of the look that it is part of. */
export const consentsBrought = async (house: House): Promise<readonly BroughtConsent[]> => {
  const partners = await listPartners(house.db)
  const waiting = await consentsWaiting(house.db, keepersAmong(partners))
  const records = await readRecords(
    house.db,
    waiting.map(({ id }) => ({ type: 'Consent', id })),
  )
  return records.map((record) => viewOf(house, record, partners))
}

const viewOf = (house: House, record: StoredRecord, partners: readonly Partner[]): BroughtConsent => {
  const consent = record.resource as Consent
  const read = readConsent(consent)
  const document = consent.sourceReference?.reference
  const context = { partners, zone: house.settings.zone }
  return {
    consent: `Consent/${record.id}`,
    version: record.version,
    patient: record.patient,
    filedBy: record.origin.partner,
    filedAt: record.updated,
    status: consent.status,
    ...(document === undefined ? {} : { document }),
    deficiencies: read.regime === 'part2' ? deficiencies(read, house.clock.now(), context) : [],
  }
}

/**
 * The programme takes a consent that somebody else filed for its own, or refuses it; from this moment on it counts, or does not.
 * @param version the version that was looked at: what has changed since is not decided about unseen
 * @param by who the ledger names: a partner's id, or `operator`
 * @law 42 CFR 2.31(a)(1), (c)
 */
export const decideAboutConsent = async (
  house: House,
  id: string,
  version: number,
  decision: 'accepted' | 'refused',
  by: string,
): Promise<Result<BroughtConsent>> =>
  write(house, async ({ tx, note }): Promise<Result<BroughtConsent>> => {
    const known = await readRecord(tx, 'Consent', id)
    if (known === undefined || known.isDeleted)
      return fail(problem('not-found', 'consent-unknown', { detail: 'no consent has this id' }))
    await lockPatient(tx, known.patient)
    const record = (await readRecord(tx, 'Consent', id)) ?? known
    const partners = await listPartners(tx)
    if (keepersAmong(partners).includes(record.origin.partner))
      return fail(problem('conflict', 'consent-is-own', { detail: 'the programme filed this consent itself' }))
    if (record.version !== version)
      return fail(problem('conflict', 'consent-changed', { detail: `version ${String(record.version)} is the current one` }))
    const at = house.clock.now()
    await saveAcceptance(tx, record.patient, { id, version, decision, decidedAt: at }, by)
    await decideAgain(house, tx, record.patient)
    const view = viewOf(house, record, partners)
    note({
      kind: 'consent.decided',
      at,
      by,
      decision,
      consent: view.consent,
      version: String(version),
      patient: patientId(record.patient),
      deficiencies: view.deficiencies.map(({ rule }) => rule),
    })
    return ok(view)
  })
