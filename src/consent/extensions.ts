/** Canonical base of everything that this gateway defines in FHIR. */
export const BASE = 'https://mission-gateway.example/fhir'

const of = (name: string): string => `${BASE}/StructureDefinition/${name}`

/** Extensions of Consent for the § 2.31 elements that R4 has no home for; docs/consent-form.md shows which blank fills which. @law 42 CFR 2.31(a) */
export const EXTENSION = {
  patientName: of('consent-patient-name'),
  discloser: of('consent-discloser'),
  description: of('consent-description'),
  purposeText: of('consent-purpose-text'),
  patientInitiated: of('consent-patient-initiated'),
  statement: of('consent-statement'),
  expirationEvent: of('consent-expiration-event'),
  signature: of('consent-signature'),
  signedAt: of('consent-signed-at'),
  revokedAt: of('consent-revoked-at'),
  irrevocable: of('consent-irrevocable'),
  monitoringDuty: of('consent-monitoring-duty'),
  conditionOfService: of('consent-condition-of-service'),
  form: of('consent-form'),
  knownFalse: of('consent-known-false'),
  replaces: of('consent-replaces'),
  recipientClass: of('consent-recipient-class'),
  includesParts: of('consent-includes-parts'),
  intermediaryMembers: of('consent-intermediary-members'),
} as const

/** R4's own extension for a resource that supersedes another. @spec FHIR R4 extension replaces */
export const R4_REPLACES = 'http://hl7.org/fhir/StructureDefinition/replaces'

/** Code system of what a consent is for (`ConsentType`). */
export const CONSENT_TYPE_SYSTEM = `${BASE}/CodeSystem/consent-type`
/** Code system of the purposes that v3-ActReason has no word for, such as `FUNDRAISING`. */
export const PURPOSE_SYSTEM = `${BASE}/CodeSystem/purpose`
