import type { Role } from '../model/staff.ts'
import type { Tone } from './parts/parts.tsx'

const ROLE_WORDS: Readonly<Record<Role, string>> = {
  'compliance-officer': 'compliance officer',
  'case-manager': 'case manager',
  operator: 'operator',
  auditor: 'auditor (read only)',
}
export const roleWords = (role: Role): string => ROLE_WORDS[role]

const WORDS: Readonly<Record<string, string>> = {
  TREAT: 'treatment',
  ETREAT: 'emergency treatment',
  HPAYMT: 'payment',
  HOPERAT: 'operations',
  COC: 'coordination of care',
  PATRQT: 'request of the patient',
  HRESCH: 'research',
  PUBHLTH: 'public health',
  fhir: 'FHIR',
  'fhir-push': 'FHIR push',
  hl7v2: 'HL7 v2',
  hmis: 'HMIS CSV',
  accounting: 'accounting of disclosures',
  'intermediary-list': 'list of intermediaries',
  access: 'access to records',
  'nothing-to-show': 'nothing to show',
}
/** A code in words that people use; other codes as they are, without their hyphens. */
export const say = (code: string): string => WORDS[code] ?? code.replaceAll('-', ' ')

const TONES: Readonly<Record<string, Tone>> = {
  disclosure: 'info',
  refusal: 'warn',
  staff: 'plain',
  active: 'good',
  'in-force': 'good',
  delivered: 'good',
  completed: 'good',
  accepted: 'good',
  held: 'bad',
  failed: 'bad',
  rejected: 'bad',
  deficient: 'bad',
  unknown: 'warn',
  requested: 'warn',
  'on-hold': 'warn',
  sending: 'info',
  queued: 'info',
  'in-progress': 'info',
}
/** The tone in which a state is shown. */
export const toneOf = (code: string): Tone => TONES[code] ?? 'plain'
