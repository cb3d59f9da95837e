import type { BasisKind } from '../../model/decision.ts'

/** Each basis in words, with the section that it rests on. */
export const BASIS_WORDS: Readonly<Record<BasisKind, { readonly words: string; readonly law: string }>> = {
  internal: { words: 'use within the programme', law: '42 CFR 2.12(c)(3)' },
  consent: { words: 'the patient’s written consent', law: '42 CFR 2.31, 2.33' },
  'patient-access': { words: 'the patient’s own access', law: '42 CFR 2.23' },
  'medical-emergency': { words: 'a medical emergency', law: '42 CFR 2.51' },
  'qso-agreement': { words: 'a qualified service organisation agreement', law: '42 CFR 2.11, 2.12(c)(4)' },
  'audit-evaluation': { words: 'an audit or evaluation', law: '42 CFR 2.53' },
  research: { words: 'research', law: '42 CFR 2.52' },
  'public-health': { words: 'de-identified data for public health', law: '42 CFR 2.54' },
  'court-order': { words: 'a court order', law: '42 CFR 2.61 to 2.67' },
  'crime-on-premises': { words: 'a crime on the premises or against staff', law: '42 CFR 2.12(c)(5)' },
  'child-abuse-report': { words: 'a report of child abuse or neglect', law: '42 CFR 2.12(c)(6)' },
  hipaa: { words: 'HIPAA, for a record that Part 2 does not cover', law: '45 CFR 164.506' },
  origin: { words: 'the recipient’s own record, given back', law: '42 CFR 2.12(d)(2)' },
  directory: { words: 'an organisation, a place or a form: about no patient', law: '42 CFR 2.11' },
}

/** Why nothing was shown, for the officer; the partner was told that nothing is there. */
const REFUSALS: Readonly<Record<string, string>> = {
  'nothing-to-show': 'nothing that this partner may see for this purpose: withheld, or not there; the partner cannot tell which',
  gone: 'the record was deleted, and the partner had been shown it before',
  'purpose-unknown': 'the partner may not assert this purpose',
  'consent-revoked': 'the consent was revoked before it left',
}

/** A refusal's code in words. */
export const refusalWords = (code: string): string => REFUSALS[code] ?? `refused: ${code.replaceAll('-', ' ')}`

/** Purposes of use in words. @spec v3-ActReason */
export const PURPOSE_WORDS: Readonly<Record<string, string>> = {
  TREAT: 'treatment',
  ETREAT: 'emergency treatment',
  HPAYMT: 'payment',
  HOPERAT: 'health care operations',
  COC: 'coordination of care',
  PATRQT: 'request of the patient',
  HRESCH: 'research',
  PUBHLTH: 'public health',
}
