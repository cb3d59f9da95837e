// Comes in: the Parameters of a FAST consent operation, from somebody who holds or reports a consent.
// Goes out: the resources stored, and an OperationOutcome; the same answer for what is not there and for what the sender may not see.
// Never: relies on what a partner filed; that waits for the programme (`consent-acceptance`).
import type { AuditEvent, Consent, OperationOutcome, Patient, Resource } from '@medplum/fhirtypes'
import { fileConsent, named, outcomeOf, recordDisclosure, revokeConsent } from '../consent/fast.ts'
import { onlyRefuses } from '../consent/taken-back.ts'
import { patientOf } from '../formats/fhir/compartment.ts'
import { patientId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import type { Tx } from '../platform/db.ts'
import { problem, type Problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { listPartners, partnerById } from '../store/partners.ts'
import { lockPatient, readRecord, type StoredRecord } from '../store/records.ts'
import type { House } from './house.ts'
import { receiveAll, type Change, type Sender } from './inbound.ts'
import { settle, type Kept } from './settle.ts'
import { visibleMatches, visibleTo } from './visible.ts'
import { write, type Writing } from './writing.ts'

/** What an operation did. */
export interface FastAnswer {
  readonly outcome: OperationOutcome
  /** `Consent/…` or `AuditEvent/…` that it is about. */
  readonly reference: string
  readonly isNew: boolean
}

const misplaced = (path: string, message: string): Problem =>
  problem('invalid', 'parameters-invalid', { issues: [{ path, message, severity: 'error', code: 'invalid' }] })

const DOCUMENT = 'urn:uuid:document'

/**
 * `Consent/$fileConsent`: keeps a consent and its document together. From a partner it counts for nothing until the programme has
 * accepted it; the answer says so, and what it lacks.
 * @spec FAST Consent FileConsent   @law 42 CFR 2.31(c)
 */
export const fileConsentFrom = async (house: House, sender: Sender, body: unknown): Promise<Result<FastAnswer>> => {
  const partners = await house.partners.all()
  const self = partners.find(({ id, isActive }) => id === sender.partner && isActive)
  if (self === undefined) return fail(problem('unauthenticated', 'partner-unknown'))
  const filed = fileConsent(body, house.clock.now(), { partners, zone: house.settings.zone })
  if (!filed.ok) return filed
  const { consent, document, deficiencies } = filed.value
  const patient = patientOf({ ...consent })
  if (patient === undefined)
    return fail(misplaced('Parameters.parameter(consent).resource.patient', 'names the patient as Patient/id'))
  if (![undefined, patient].includes(patientOf({ ...document })))
    return fail(misplaced('Parameters.parameter(document).resource.subject', 'is the patient of the consent'))
  const received = await receiveAll(house, sender, [
    { kind: 'create', type: document.resourceType, resource: aboutPatient(document, patient), fullUrl: DOCUMENT },
    { kind: 'create', type: 'Consent', resource: withSource(consent), ...criteriaOf(consent) },
  ])
  if (!received.ok) return received
  const kept = received.value.find(({ type }) => type === 'Consent')
  if (kept === undefined) return fail(problem('fault', 'no-answer'))
  const reference = `Consent/${kept.id}`
  const says = self.kinds.includes('programme')
    ? `${reference} is filed`
    : `${reference} is filed, and relied on once the programme has accepted it`
  return ok({ outcome: outcomeOf(deficiencies, says), reference, isNew: kept.effect === 'created' })
}

const aboutPatient = (document: Resource, patient: string): Readonly<Record<string, unknown>> => ({
  ...document,
  subject: { reference: `Patient/${patient}` },
})

/** The document filed along is the source, unless the consent names one of its own. */
const withSource = (consent: Consent): Readonly<Record<string, unknown>> =>
  consent.sourceReference !== undefined || consent.sourceAttachment !== undefined
    ? { ...consent }
    : { ...consent, sourceReference: { reference: DOCUMENT } }

/** A consent with a business identifier is filed once, as often as it is sent. */
const criteriaOf = ({ identifier }: Consent): Pick<Change, 'criteria'> => {
  const [first] = identifier ?? []
  if (first?.value === undefined) return {}
  const value = `${first.system ?? ''}|${first.value}`.replace(/[\\$,]/g, (character) => `\\${character}`)
  return { criteria: new URLSearchParams([['identifier', value]]).toString() }
}

/**
 * `Consent/$revokeConsent`: the patient takes a consent back; it counts from this instant on, whoever of those who see the consent
 * reports it. What only refuses is taken away by the programme alone.
 * @spec FAST Consent RevokeConsent   @law 42 CFR 2.31(a)(6), (c)(3); 2.35(c)
 */
export const revokeConsentFrom = (house: House, sender: Sender, body: unknown): Promise<Result<FastAnswer>> =>
  write(house, async (writing): Promise<Result<FastAnswer>> => {
    const { tx } = writing
    const self = await partnerById(tx, sender.partner)
    if (self?.isActive !== true) return fail(problem('unauthenticated', 'partner-unknown'))
    const record = await consentMeant(house, tx, sender, body)
    const stored = record?.resource as Consent | undefined
    const isSame = record === undefined ? undefined : await patientMatcher(house, tx, sender, record.patient)
    const revoked = revokeConsent(body, stored, (patient) => isSame?.(patient) === true, house.clock.now())
    if (!revoked.ok) return revoked
    if (record === undefined || stored === undefined) return fail(problem('not-found', 'consent-unknown'))
    if (!self.kinds.includes('programme') && onlyRefuses(stored))
      return fail(problem('forbidden', 'only-refuses', { detail: 'what only refuses is taken away by the programme' }))
    const kept = await keepRevocation(house, writing, self, record, revoked.value)
    const reference = `Consent/${record.id}`
    return kept.ok ? ok({ outcome: outcomeOf([], `${reference} is revoked`), reference, isNew: false }) : kept
  })

const keepRevocation = async (
  house: House,
  writing: Writing,
  self: Partner,
  record: StoredRecord,
  { consent, document }: { readonly consent: Consent; readonly document?: Resource },
): Promise<Result<unknown>> => {
  const own = { partner: self.id, isPart2: self.kinds.includes('part2-program') }
  const kept: Kept = { ...consent, id: record.id }
  if (document === undefined) return settle(house, writing, self.id, [{ resource: kept, origin: record.origin }])
  if (![undefined, record.patient].includes(patientOf({ ...document })))
    return fail(misplaced('Parameters.parameter(document).resource.subject', 'is the patient of the consent'))
  const filed = { ...aboutPatient(document, record.patient), id: house.newId() } as unknown as Kept
  return settle(house, writing, self.id, [
    { resource: kept, origin: record.origin },
    { resource: filed, origin: own },
  ])
}

/** The stored consent that the request means, by id or by identifier, as far as the sender sees it. */
const consentMeant = async (house: House, tx: Tx, sender: Sender, body: unknown): Promise<StoredRecord | undefined> => {
  const given = named(body, 'consent')
  if (given?.resourceType !== 'Consent') return undefined
  const id = given.id === undefined ? await byIdentifier(house, tx, sender, given) : given.id
  if (id === undefined || (await visibleTo(house, tx, sender, 'Consent', id)) === undefined) return undefined
  const record = await readRecord(tx, 'Consent', id)
  if (record === undefined) return undefined
  await lockPatient(tx, record.patient)
  return readRecord(tx, 'Consent', id)
}

const byIdentifier = async (house: House, tx: Tx, sender: Sender, consent: Consent): Promise<string | undefined> => {
  const { criteria } = criteriaOf(consent)
  if (criteria === undefined) return undefined
  const found = await visibleMatches(house, tx, sender, 'Consent', criteria)
  return found.ok && found.value.length === 1 ? found.value[0] : undefined
}

/** Whether a Patient in a request is this one: by its id, or by an identifier that the sender sees. */
const patientMatcher = async (house: House, tx: Tx, sender: Sender, patient: string): Promise<(given: Patient) => boolean> => {
  const seen = await visibleTo(house, tx, sender, 'Patient', patient)
  const identifiers = ((seen?.resource as Patient | undefined)?.identifier ?? []).map(keyOf)
  return (given) =>
    given.id === undefined ? (given.identifier ?? []).some((one) => identifiers.includes(keyOf(one))) : given.id === patient
}

const keyOf = ({ system, value }: { readonly system?: string; readonly value?: string }): string =>
  JSON.stringify([system ?? '', value ?? ''])

/**
 * `AuditEvent/$recordDisclosure`: a disclosure that somebody made elsewhere on a consent which is filed here; kept with the patient's
 * records, for the programme and for who reported it.
 * @spec FAST Consent RecordDisclosure   @law 42 CFR 2.24, 2.25
 */
export const recordDisclosureFrom = (house: House, sender: Sender, body: unknown): Promise<Result<FastAnswer>> =>
  write(house, async (writing): Promise<Result<FastAnswer>> => {
    const { tx } = writing
    const self = (await listPartners(tx)).find(({ id, isActive }) => id === sender.partner && isActive)
    if (self === undefined) return fail(problem('unauthenticated', 'partner-unknown'))
    const record = await consentMeant(house, tx, sender, body)
    const names = self.identifiers.map(({ value }) => value)
    const recorded = recordDisclosure(body, record?.resource as Consent | undefined, self.id, names)
    if (!recorded.ok) return recorded
    if (record === undefined) return fail(problem('not-found', 'consent-unknown'))
    const resource: Kept = { ...boundTo(recorded.value.disclosure, record.patient), id: house.newId() }
    if (patientOf({ ...resource }) !== patientId(record.patient))
      return fail(misplaced('Parameters.parameter(disclosure).resource.entity', 'names no patient but that of the consent'))
    const origin = { partner: self.id, isPart2: self.kinds.includes('part2-program') }
    const kept = await settle(house, writing, self.id, [{ resource, origin }])
    const reference = `AuditEvent/${resource.id}`
    return kept.ok ? ok({ outcome: outcomeOf([], `${reference} is recorded`), reference, isNew: true }) : kept
  })

const boundTo = (event: AuditEvent, patient: string): AuditEvent => {
  const reference = `Patient/${patient}`
  const isBound = event.entity?.some(({ what }) => what?.reference === reference) === true
  return isBound ? event : { ...event, entity: [...(event.entity ?? []), { what: { reference } }] }
}
