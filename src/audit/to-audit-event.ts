// In: an entry of the ledger and its place. Out: the FHIR AuditEvent or Provenance that shows it.
// Never: says more than the entry, which holds ids, codes and hashes only.
import type { AuditEvent, AuditEventAgent, AuditEventEntity, Coding, Provenance } from '@medplum/fhirtypes'
import type { DisclosureEntry, LedgerEntry, RefusalEntry, StaffEntry, WriteEntry } from '../model/ledger.ts'

/** Where an entry stands. */
export interface Place {
  readonly seq: number
  readonly hash: string
}

const DCM = 'http://dicom.nema.org/resources/ontology/DCM'
const EVENT_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-event-type'
const RESTFUL = 'http://hl7.org/fhir/restful-interaction'
const REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'
const HOUSE = 'https://mission-gateway.example/fhir/CodeSystem/ledger-event'
const ENTITY_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-entity-type'
const OBJECT_ROLE = 'http://terminology.hl7.org/CodeSystem/object-role'
const LEDGER = 'https://mission-gateway.example/fhir/ledger'

/** Profiles of IHE Basic Audit Log Patterns that the views follow. @spec IHE BALP 1.1.3 */
export const BALP = {
  disclosure: 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source',
  query: 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.Query',
} as const

type Kind = LedgerEntry['kind']

/** How each kind of entry is classed: type, action, and whether it came out well. */
const CLASSES = {
  disclosure: { type: { system: DCM, code: '110106', display: 'Export' }, action: 'R' },
  refusal: { type: { system: EVENT_TYPE, code: 'rest', display: 'RESTful Operation' }, action: 'E' },
  write: { type: { system: EVENT_TYPE, code: 'rest', display: 'RESTful Operation' }, action: 'U' },
  'consent.filed': { type: { system: DCM, code: '110110', display: 'Patient Record' }, action: 'C' },
  'consent.decided': { type: { system: DCM, code: '110110', display: 'Patient Record' }, action: 'U' },
  'consent.revoked': { type: { system: DCM, code: '110110', display: 'Patient Record' }, action: 'U' },
  basis: { type: { system: DCM, code: '110136', display: 'Security Roles Changed' }, action: 'U' },
  referral: { type: { system: DCM, code: '110110', display: 'Patient Record' }, action: 'U' },
  delivery: { type: { system: DCM, code: '110106', display: 'Export' }, action: 'E' },
  review: { type: { system: DCM, code: '110110', display: 'Patient Record' }, action: 'U' },
  staff: { type: { system: DCM, code: '110110', display: 'Patient Record' }, action: 'R' },
  partner: { type: { system: DCM, code: '110136', display: 'Security Roles Changed' }, action: 'U' },
  'patient-request': { type: { system: DCM, code: '110110', display: 'Patient Record' }, action: 'C' },
  'patient-notice': { type: { system: DCM, code: '110110', display: 'Patient Record' }, action: 'C' },
  breach: { type: { system: DCM, code: '110113', display: 'Security Alert' }, action: 'E' },
  gateway: { type: { system: DCM, code: '110100', display: 'Application Activity' }, action: 'E' },
} as const satisfies Record<Kind, { readonly type: Coding; readonly action: AuditEvent['action'] }>

/** The id of the AuditEvent that shows an entry. */
export const auditEventId = (seq: number): string => `ledger-${seq}`

/**
 * One entry as an AuditEvent. The ledger keeps the truth; this is a view of it.
 * @spec FHIR R4 AuditEvent; IHE BALP for disclosures and refused queries
 */
export const toAuditEvent = (entry: LedgerEntry, place: Place): AuditEvent => {
  const { type, action } = CLASSES[entry.kind]
  const profile = entry.kind === 'disclosure' ? BALP.disclosure : entry.kind === 'refusal' ? BALP.query : undefined
  const purposes = 'purposes' in entry ? entry.purposes : []
  return {
    resourceType: 'AuditEvent',
    id: auditEventId(place.seq),
    ...(profile !== undefined && { meta: { profile: [profile] } }),
    type,
    subtype: subtypesOf(entry),
    action,
    recorded: entry.at,
    outcome: outcomeOf(entry),
    ...(purposes.length > 0 && { purposeOfEvent: purposes.map((code) => ({ coding: [{ system: REASON, code }] })) }),
    agent: agentsOf(entry),
    source: {
      observer: { identifier: { system: LEDGER, value: 'gateway' } },
      type: [{ system: 'http://terminology.hl7.org/CodeSystem/security-source-type', code: '4' }],
    },
    entity: [...entitiesOf(entry), ledgerEntity(place)],
  }
}

const subtypesOf = (entry: LedgerEntry): Coding[] => {
  if (entry.kind === 'disclosure' || entry.kind === 'refusal')
    return [...restful(entry.interaction), { system: HOUSE, code: `${entry.kind}.${entry.door}` }]
  if (entry.kind === 'write')
    return [{ system: RESTFUL, code: entry.action === 'create' || entry.action === 'delete' ? entry.action : 'update' }]
  if (entry.kind === 'consent.decided') return [{ system: HOUSE, code: `consent.${entry.decision}` }]
  const detail = 'action' in entry ? `.${entry.action}` : entry.kind === 'delivery' ? `.${entry.outcome}` : ''
  return [{ system: HOUSE, code: `${entry.kind}${detail}` }]
}

const RESTFUL_CODES: ReadonlySet<string> = new Set(['read', 'vread', 'history-instance', 'history-type', 'history-system'])

const restful = (interaction: string): readonly Coding[] => {
  if (RESTFUL_CODES.has(interaction)) return [{ system: RESTFUL, code: interaction }]
  if (interaction === 'search') return [{ system: RESTFUL, code: 'search-type' }]
  return interaction === 'everything' ? [{ system: RESTFUL, code: 'operation' }] : []
}

/** 0 went well, 4 did not by rule, 8 did not by failure. */
const outcomeOf = (entry: LedgerEntry): '0' | '4' | '8' => {
  if (entry.kind === 'refusal') return '4'
  if (entry.kind !== 'delivery') return '0'
  return entry.outcome === 'sent' || entry.outcome === 'acknowledged' ? '0' : entry.outcome === 'cancelled' ? '4' : '8'
}

const GATEWAY: AuditEventAgent = {
  type: { coding: [{ system: DCM, code: '110153', display: 'Source Role ID' }] },
  who: { identifier: { system: LEDGER, value: 'gateway' } },
  requestor: false,
}

const organization = (id: string): { reference: string } => ({ reference: `Organization/${id}` })

const agentsOf = (entry: LedgerEntry): AuditEventAgent[] => {
  switch (entry.kind) {
    case 'disclosure':
    case 'refusal':
      return [GATEWAY, recipientOf(entry), ...subjectOf(entry)]
    case 'delivery':
      return [GATEWAY, { type: DESTINATION, who: organization(entry.recipient), requestor: false }]
    case 'staff':
      return [
        { who: { identifier: { system: `${LEDGER}/staff`, value: entry.staff } }, role: [{ text: entry.role }], requestor: true },
      ]
    case 'write':
    case 'consent.filed':
    case 'consent.revoked':
    case 'referral':
      return [{ who: organization(entry.by), requestor: true }, GATEWAY]
    case 'basis':
    case 'consent.decided':
    case 'partner':
    case 'patient-request':
    case 'patient-notice':
    case 'review':
    case 'breach':
      return [{ who: { identifier: { system: `${LEDGER}/staff`, value: entry.by } }, requestor: true }, GATEWAY]
    case 'gateway':
      return [GATEWAY]
  }
}

const DESTINATION = { coding: [{ system: DCM, code: '110152', display: 'Destination Role ID' }] }

const recipientOf = (entry: DisclosureEntry | RefusalEntry): AuditEventAgent => ({
  type: DESTINATION,
  who: organization(entry.recipient),
  requestor: true,
})

const subjectOf = ({ subject }: DisclosureEntry | RefusalEntry): readonly AuditEventAgent[] =>
  subject === undefined
    ? []
    : [
        {
          type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] },
          ...(subject.role !== undefined && { role: [{ text: subject.role }] }),
          who: { identifier: { system: `${LEDGER}/subject-sha256`, value: subject.hash } },
          requestor: false,
        },
      ]

const entitiesOf = (entry: LedgerEntry): AuditEventEntity[] => [...patientsOf(entry).map(patientEntity), ...dataEntities(entry)]

const patientsOf = (entry: LedgerEntry): readonly string[] => {
  if (entry.kind === 'disclosure')
    return [...new Set(entry.records.flatMap(({ patient }) => (patient === undefined ? [] : [patient])))]
  if (entry.kind === 'staff' && entry.about !== undefined) return entry.about.map(({ patient }) => patient)
  return 'patient' in entry ? [entry.patient] : []
}

const patientEntity = (patient: string): AuditEventEntity => ({
  what: { reference: `Patient/${patient}` },
  type: { system: ENTITY_TYPE, code: '1', display: 'Person' },
  role: { system: OBJECT_ROLE, code: '1', display: 'Patient' },
})

const dataEntity = (reference: string, version?: string): AuditEventEntity => ({
  what: { reference: version === undefined ? reference : `${reference}/_history/${version}` },
  type: { system: ENTITY_TYPE, code: '2', display: 'System Object' },
  role: { system: OBJECT_ROLE, code: '4', display: 'Domain Resource' },
})

/** A list is known by its place and by its length. */
const listEntity = ({ place, rows }: StaffEntry): readonly AuditEventEntity[] =>
  rows === undefined
    ? []
    : [
        {
          type: { system: ENTITY_TYPE, code: '2', display: 'System Object' },
          role: { system: OBJECT_ROLE, code: '3', display: 'Report' },
          name: place,
          detail: [{ type: 'rows', valueString: String(rows) }],
        },
      ]

/** What went without a sign of whose it is, by type. */
const countEntity = ({ patients, records }: NonNullable<DisclosureEntry['deidentified']>): AuditEventEntity => ({
  type: { system: ENTITY_TYPE, code: '2', display: 'System Object' },
  role: { system: OBJECT_ROLE, code: '3', display: 'Report' },
  name: 'de-identified',
  detail: Object.entries({ patients, ...records }).map(([type, count]) => ({ type, valueString: String(count) })),
})

const consentEntity = (reference: string, version: string | undefined): AuditEventEntity => ({
  what: { reference: version === undefined ? reference : `${reference}/_history/${version}` },
  type: { system: 'http://hl7.org/fhir/resource-types', code: 'Consent' },
  role: { system: OBJECT_ROLE, code: '13', display: 'Security Resource' },
})

const dataEntities = (entry: LedgerEntry): readonly AuditEventEntity[] => {
  switch (entry.kind) {
    case 'disclosure':
      return [
        ...entry.bases.flatMap(({ reference, version }) =>
          reference?.startsWith('Consent/') === true ? [consentEntity(reference, version)] : [],
        ),
        ...entry.records.map((shown) => dataEntity(shown.record, shown.version)),
        ...(entry.deidentified === undefined ? [] : [countEntity(entry.deidentified)]),
      ]
    case 'write':
    case 'review':
      return [dataEntity(entry.record, entry.version)]
    case 'consent.filed':
    case 'consent.revoked':
    case 'consent.decided':
      return [consentEntity(entry.consent, entry.version)]
    case 'referral':
      return [dataEntity(entry.task)]
    case 'staff':
      return [...(entry.record === undefined ? [] : [dataEntity(entry.record)]), ...listEntity(entry)]
    default:
      return []
  }
}

/** By its number and link the view can be held against the ledger. */
const ledgerEntity = ({ seq, hash }: Place): AuditEventEntity => ({
  what: { identifier: { system: LEDGER, value: String(seq) } },
  type: { system: ENTITY_TYPE, code: '4', display: 'Other' },
  detail: [{ type: 'sha256', valueString: hash }],
})

/** A write as the Provenance of the version that it made. @spec FHIR R4 Provenance */
export const toProvenance = (entry: WriteEntry, place: Place): Provenance => ({
  resourceType: 'Provenance',
  id: auditEventId(place.seq),
  target: [{ reference: `${entry.record}/_history/${entry.version}` }],
  recorded: entry.at,
  activity: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: OPERATIONS[entry.action] }] },
  agent: [
    {
      type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'author' }] },
      who: organization(entry.by),
    },
  ],
  entity: [{ role: 'source', what: { identifier: { system: LEDGER, value: String(place.seq) } } }],
})

const OPERATIONS = {
  create: 'CREATE',
  update: 'UPDATE',
  delete: 'DELETE',
  merge: 'UPDATE',
  label: 'UPDATE',
} as const satisfies Record<WriteEntry['action'], string>
