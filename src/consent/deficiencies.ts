// In: a consent, a moment, and who its recipients are. Out: every way in which it fails § 2.31, each with its paragraph.
// Never: a decision; and never a consent's own word for it that it is complete.
import type { Consent, Deficiency } from '../model/consent.ts'
import type { Instant } from '../model/time.ts'
import {
  blank,
  endsTooLate,
  isAcceptedOldForm,
  isCombinedForProceedings,
  isOldForm,
  isResearch,
  isSpecific,
  isType,
  lacksEvent,
  lacksMembers,
  lacksPurpose,
  reachesHipaa,
  recipientsOf,
  says,
  signedLater,
} from './elements.ts'
import type { DeficiencyContext, Examined } from './examined.ts'
import { capacityFaults } from './signers.ts'
import { isSingleTpo, statedPurposes } from './stated.ts'

interface Row {
  readonly id: string
  readonly law: string
  readonly message: string
  readonly affects?: Deficiency['affects']
  /** New in the 2024 rule: not asked of an older form that counsel relies on. */
  readonly isNew?: true
  readonly fails: (examined: Examined) => boolean
}

/** § 2.31, element by element; a lawyer can check the table, a test spoils each row alone. */
export const ELEMENTS: readonly Row[] = [
  {
    id: 'patient-name-missing',
    law: '42 CFR 2.31(a)(1)',
    message: 'the name of the patient',
    fails: ({ consent }) => blank(consent.elements.patientName),
  },
  {
    id: 'discloser-missing',
    law: '42 CFR 2.31(a)(2)',
    message: 'who may disclose, by name or class',
    fails: ({ consent }) => consent.elements.disclosers.length === 0,
  },
  {
    id: 'description-missing',
    law: '42 CFR 2.31(a)(3)',
    message: 'a specific and meaningful description of the information',
    fails: ({ consent }) => !isSpecific(consent.elements.description ?? ''),
  },
  {
    id: 'recipient-missing',
    law: '42 CFR 2.31(a)(4)(i)',
    message: 'who may receive, by name or class',
    fails: ({ consent }) => recipientsOf(consent).length === 0,
  },
  {
    id: 'intermediary-members-missing',
    law: '42 CFR 2.31(a)(4)(ii)',
    message: 'the members of the intermediary, or that they are limited to treating providers',
    fails: lacksMembers,
  },
  {
    id: 'hipaa-redisclosure-statement-missing',
    law: '42 CFR 2.31(a)(4)(iii)',
    message: 'the statement that a covered entity or business associate may redisclose under HIPAA except for proceedings',
    isNew: true,
    fails: (e) => reachesHipaa(e) && !says(e, 'hipaa-redisclosure'),
  },
  { id: 'purpose-missing', law: '42 CFR 2.31(a)(5)', message: 'each purpose', fails: lacksPurpose },
  {
    id: 'fundraising-opt-out-missing',
    law: '42 CFR 2.31(a)(5)(iii)',
    message: 'the right to elect not to receive fundraising communications',
    affects: 'fundraising',
    fails: (e) => e.purposes.includes('FUNDRAISING') && !says(e, 'fundraising-opt-out'),
  },
  {
    id: 'right-to-revoke-missing',
    law: '42 CFR 2.31(a)(6)',
    message: 'the right to revoke in writing',
    fails: (e) => !isType(e, 'criminal-justice') && !says(e, 'right-to-revoke'),
  },
  {
    id: 'how-to-revoke-missing',
    law: '42 CFR 2.31(a)(6)',
    message: 'how the patient may revoke',
    fails: (e) => !isType(e, 'criminal-justice') && !says(e, 'how-to-revoke'),
  },
  {
    id: 'expiration-missing',
    law: '42 CFR 2.31(a)(7)',
    message: 'an expiration date or event',
    fails: (e) => !isType(e, 'criminal-justice') && e.consent.base.period?.end === undefined && lacksEvent(e.consent),
  },
  {
    id: 'expiration-none-beyond-tpo',
    law: '42 CFR 2.31(a)(7)',
    message: '"none" or "end of the treatment" suffices only for treatment, payment and operations',
    fails: endsTooLate,
  },
  {
    id: 'expiration-study-not-research',
    law: '42 CFR 2.31(a)(7)',
    message: '"end of the research study" suffices only for research',
    fails: (e) =>
      e.consent.base.period?.end === undefined &&
      e.consent.elements.expirationEvent?.kind === 'end-of-research-study' &&
      !isResearch(e),
  },
  {
    id: 'signature-missing',
    law: '42 CFR 2.31(a)(8)',
    message: 'the signature',
    fails: ({ consent }) => consent.elements.signatures.length === 0,
  },
  {
    id: 'signer-not-entitled',
    law: '42 CFR 2.31(a)(8)',
    message: 'the signature of the person whom §§ 2.14 and 2.15 ask for',
    fails: (e) => e.consent.elements.signatures.length > 0 && capacityFaults(e).length > 0,
  },
  {
    id: 'signed-date-missing',
    law: '42 CFR 2.31(a)(9)',
    message: 'the date of signing',
    fails: ({ consent }) => consent.elements.signedAt === undefined,
  },
  { id: 'signed-date-in-future', law: '42 CFR 2.31(a)(9)', message: 'a date of signing that has come', fails: signedLater },
  {
    id: 'redisclosure-potential-missing',
    law: '42 CFR 2.31(a)(10)(i)',
    message: 'that records may be redisclosed and no longer be protected',
    isNew: true,
    fails: (e) => e.isTpo && !says(e, 'redisclosure-potential'),
  },
  {
    id: 'consequences-of-refusal-missing',
    law: '42 CFR 2.31(a)(10)(ii)',
    message: 'the consequences of a refusal to sign',
    isNew: true,
    fails: (e) => e.isTpo && !says(e, 'consequences-of-refusal'),
  },
  { id: 'form-before-2024', law: '89 FR 12472', message: 'the form of the 2024 rule', fails: isOldForm },
  {
    id: 'sud-notes-combined',
    law: '42 CFR 2.31(b)(2)',
    message: 'counselling notes need a consent of their own',
    affects: 'sud-counseling-notes',
    fails: (e) => isType(e, 'sud-counseling-notes') && e.consent.types.length > 1,
  },
  {
    id: 'sud-notes-condition',
    law: '42 CFR 2.31(b)(3)',
    message: 'a service may not depend on a consent for counselling notes',
    affects: 'sud-counseling-notes',
    fails: (e) => isType(e, 'sud-counseling-notes') && e.consent.elements.isConditionOfService,
  },
  {
    id: 'psychotherapy-notes-combined',
    law: '45 CFR 164.508(b)(3)(ii)',
    message: 'psychotherapy notes need an authorization of their own',
    affects: 'psychotherapy-notes',
    fails: (e) => isType(e, 'psychotherapy-notes') && e.consent.types.length > 1,
  },
  {
    id: 'proceedings-combined',
    law: '42 CFR 2.31(d)',
    message: 'a consent for proceedings cannot be combined with another',
    affects: 'proceedings',
    fails: isCombinedForProceedings,
  },
  {
    id: 'justice-duration-missing',
    law: '42 CFR 2.35(b)',
    message: 'the period during which it remains in effect',
    fails: (e) => isType(e, 'criminal-justice') && e.consent.base.period?.end === undefined,
  },
  {
    id: 'justice-revocability-missing',
    law: '42 CFR 2.35(c)',
    message: 'the time or event upon which it becomes revocable',
    fails: (e) => isType(e, 'criminal-justice') && e.consent.elements.irrevocable === undefined,
  },
  {
    id: 'justice-duty-missing',
    law: '42 CFR 2.35(a)(1)',
    message: "the recipient's duty to monitor the patient's progress",
    fails: (e) => isType(e, 'criminal-justice') && blank(e.consent.elements.monitoringDuty),
  },
]

/**
 * Every way in which a consent fails § 2.31 on its face; empty for one that may be relied on.
 * @param at the moment of relying, against which the date of signing is held
 * @law 42 CFR 2.31(a), (b), (d); 42 CFR 2.35
 */
export const deficiencies = (consent: Consent, at: Instant, context: DeficiencyContext = {}): readonly Deficiency[] => {
  const purposes = statedPurposes(consent)
  const examined: Examined = { consent, at, purposes, isTpo: isSingleTpo(purposes), context }
  return ELEMENTS.filter((row) => !(row.isNew === true && isAcceptedOldForm(examined)) && row.fails(examined)).map(
    ({ id, law, message, affects }) => ({ rule: id, law, message, affects: affects ?? 'everything' }),
  )
}
