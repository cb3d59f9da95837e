import { BASE } from '../../src/mapping/context.ts'

const of = (name: string): string => `${BASE}/StructureDefinition/consent-${name}`

/** Extensions of Consent for what R4 has no home for; the consent room reads the same. @law 42 CFR 2.31(a) */
export const EXT = {
  patientName: of('patient-name'),
  discloser: of('discloser'),
  description: of('description'),
  purposeText: of('purpose-text'),
  patientInitiated: of('patient-initiated'),
  statement: of('statement'),
  expirationEvent: of('expiration-event'),
  signature: of('signature'),
  signedAt: of('signed-at'),
  revokedAt: of('revoked-at'),
  irrevocable: of('irrevocable'),
  monitoringDuty: of('monitoring-duty'),
  conditionOfService: of('condition-of-service'),
  form: of('form'),
  knownFalse: of('known-false'),
  replaces: of('replaces'),
  recipientClass: of('recipient-class'),
  includesParts: of('includes-parts'),
  members: of('intermediary-members'),
} as const

export const SYSTEM = {
  actCode: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  actReason: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  confidentiality: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  participation: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
  scope: 'http://terminology.hl7.org/CodeSystem/consentscope',
  types: 'http://hl7.org/fhir/resource-types',
  consentType: `${BASE}/CodeSystem/consent-type`,
  purpose: `${BASE}/CodeSystem/purpose`,
  sensitivity: `${BASE}/CodeSystem/sensitivity`,
  npi: 'http://hl7.org/fhir/sid/us-npi',
  loinc: 'http://loinc.org',
} as const

/** Where the regulation itself stands. */
export const PART2 = 'https://www.ecfr.gov/current/title-42/part-2'
