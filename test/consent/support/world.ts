import type { Consent as FhirConsent, ConsentProvision, Extension, Patient, Resource } from '@medplum/fhirtypes'
import { CONSENT_TYPE_SYSTEM, EXTENSION } from '../../../src/consent/extensions.ts'
import { partnerId, patientId } from '../../../src/model/ids.ts'
import type { Labels, RecordFacts } from '../../../src/model/label.ts'
import type { Partner } from '../../../src/model/partner.ts'
import type { PatientFacts } from '../../../src/model/patient-facts.ts'

export const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
export const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'
export const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
export const TYPES = 'http://hl7.org/fhir/resource-types'
export const PURPOSE_HOUSE = 'https://mission-gateway.example/fhir/CodeSystem/purpose'
export const NPI = 'http://hl7.org/fhir/sid/us-npi'

const ALL_PURPOSES = [
  'TREAT',
  'COC',
  'ETREAT',
  'BTG',
  'HPAYMT',
  'ELIGDTRM',
  'HOPERAT',
  'CAREMGT',
  'HLEGAL',
  'HRESCH',
  'HMARKT',
  'PUBHLTH',
  'PATRQT',
  'HCOMPL',
  'FUNDRAISING',
]

const partner = (id: string, kinds: Partner['kinds'], sector: Partner['sector'], npi: string): Partner => ({
  id: partnerId(id),
  name: id,
  kinds,
  sector,
  identifiers: [{ system: NPI, value: npi }],
  scopes: [],
  purposes: ALL_PURPOSES,
  channels: [],
  isActive: true,
})

/** P, H, V, B, E and the others of the world of the scenarios. */
export const PARTNERS: readonly Partner[] = [
  partner('mission', ['programme', 'part2-program'], 'mission', '1000000001'),
  partner('harbor-housing', ['lawful-holder'], 'housing', '1000000002'),
  partner('harbor-east', ['lawful-holder'], 'housing', '1000000012'),
  partner('montrose-hiv', ['covered-entity'], 'hiv', '1000000003'),
  partner('bayou-bh', ['part2-program', 'covered-entity'], 'behavioural-health', '1000000004'),
  partner('st-mary-hospital', ['covered-entity'], 'hospital', '1000000005'),
  partner('gulf-health-plan', ['covered-entity'], 'payer', '1000000006'),
  partner('texas-hie', ['intermediary'], 'other', '1000000007'),
  partner('harris-probation', ['lawful-holder'], 'justice', '1000000008'),
  partner('rice-research', ['lawful-holder'], 'research', '1000000009'),
  partner('state-auditor', ['lawful-holder'], 'other', '1000000010'),
  partner('datavault', ['qso'], 'other', '1000000011'),
  partner('hpd-police', ['lawful-holder'], 'justice', '1000000013'),
  partner('county-health', ['lawful-holder'], 'public-health', '1000000014'),
  partner('sober-clinic', ['part2-program'], 'behavioural-health', '1000000015'),
]

export const PATIENT = 'jordan'

/** Part 2 programme's record, nothing sensitive said in it. */
export const labels = (over: Partial<Labels> = {}): Labels => ({
  status: 'labelled',
  origin: { partner: partnerId('mission'), isPart2: true },
  confidentiality: 'R',
  sensitivity: [],
  policy: ['42CFRPart2'],
  parts: [],
  ...over,
})

/** A record of another provider that is not a Part 2 record. */
export const medical = (over: Partial<Labels> = {}): Labels =>
  labels({ origin: { partner: partnerId('st-mary-hospital'), isPart2: false }, confidentiality: 'N', policy: [], ...over })

export const record = (over: Partial<RecordFacts> = {}): RecordFacts => ({
  type: 'CarePlan',
  id: 'cp',
  labels: labels(),
  codes: [],
  references: [],
  profiles: [],
  ...over,
})

const text = (url: string, valueString: string): Extension => ({ url, valueString })
const statement = (code: string): Extension => ({ url: EXTENSION.statement, extension: [{ url: 'code', valueCode: code }] })

export const STATEMENTS = [
  'right-to-revoke',
  'how-to-revoke',
  'hipaa-redisclosure',
  'redisclosure-potential',
  'consequences-of-refusal',
] as const

/** Every § 2.31 blank of the form filled in. */
export const ELEMENTS: readonly Extension[] = [
  text(EXTENSION.patientName, 'Jordan HTEST-Rivera'),
  { url: EXTENSION.discloser, valueReference: { reference: 'Organization/mission' } },
  text(EXTENSION.description, 'Care plan, referrals, diagnoses and services of the MISSION programme'),
  ...STATEMENTS.map(statement),
  {
    url: EXTENSION.signature,
    extension: [
      { url: 'capacity', valueCode: 'patient' },
      { url: 'method', valueCode: 'wet' },
      { url: 'when', valueDateTime: '2026-03-01' },
    ],
  },
  { url: EXTENSION.signedAt, valueDateTime: '2026-03-01' },
]

export const actor = (partnerName: string, role = 'IRCP', more: object = {}) => ({
  role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: role }] },
  reference: { reference: partnerName.includes('/') ? partnerName : `Organization/${partnerName}` },
  ...more,
})

export const purposes = (...codes: readonly string[]) =>
  codes.map((code) => ({ system: code === 'FUNDRAISING' ? PURPOSE_HOUSE : ACT_REASON, code }))
export const labelled = (...codes: readonly string[]) =>
  codes.map((code) => ({ system: ['U', 'L', 'M', 'N', 'R', 'V'].includes(code) ? CONFIDENTIALITY : ACT_CODE, code }))
export const classes = (...codes: readonly string[]) => codes.map((code) => ({ system: TYPES, code }))

/** A consent that permits: to the HIV clinic, for treatment, payment and operations, until the end of 2027. A test says what differs. */
export const consent = (over: Partial<FhirConsent> = {}, provision: Partial<ConsentProvision> = {}): FhirConsent => ({
  resourceType: 'Consent',
  id: 'c1',
  meta: { versionId: '1' },
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: { reference: `Patient/${PATIENT}` },
  policyRule: { coding: [{ system: ACT_CODE, code: '42CFRPart2' }] },
  extension: [...ELEMENTS],
  provision: {
    type: 'permit',
    period: { start: '2026-03-01', end: '2027-12-31' },
    actor: [actor('montrose-hiv')],
    purpose: purposes('TREAT', 'HPAYMT', 'HOPERAT'),
    ...provision,
  },
  ...over,
})

/** The consent's type as a category. */
export const ofType = (...types: readonly string[]): FhirConsent['category'] =>
  types.map((code) => ({ coding: [{ system: CONSENT_TYPE_SYSTEM, code }] }))

/** All elements but those with this extension (or this statement). */
export const without = (what: string): Extension[] =>
  ELEMENTS.filter(({ url, extension }) => url !== what && !(extension?.some(({ valueCode }) => valueCode === what) ?? false))

export const PATIENT_RESOURCE: Patient = {
  resourceType: 'Patient',
  id: PATIENT,
  birthDate: '1988-05-05',
  name: [{ family: 'HTEST-Rivera', given: ['Jordan'] }],
}

export const facts = (evidence: readonly Resource[] = [consent()], over: Partial<PatientFacts> = {}): PatientFacts => ({
  patient: patientId(PATIENT),
  zone: 'America/Chicago',
  partners: PARTNERS,
  records: [record()],
  evidence,
  bases: [],
  jurisdiction: 'US-TX',
  ...over,
})
