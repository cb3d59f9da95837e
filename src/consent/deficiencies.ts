// In: a consent, a moment, and who its recipients are. Out: every way in which it fails § 2.31, each with its paragraph.
// Never: a decision; and never a consent's own word for it that it is complete.
import type { Consent, Deficiency } from '../model/consent.ts'
import type { Partner } from '../model/partner.ts'
import type { Instant } from '../model/time.ts'
import { instant } from '../model/time.ts'
import { purposeCovers, roleKind } from './codes.ts'
import type { DeficiencyContext, Examined } from './examined.ts'
import { capacityFaults } from './signers.ts'
import { isSingleTpo, isWithinTpo, statedPurposes } from './stated.ts'
import { calendarOf } from './windows.ts'

interface Row {
  readonly id: string
  readonly law: string
  readonly message: string
  readonly affects?: Deficiency['affects']
  /** New in the 2024 rule: not asked of an older form that counsel relies on. */
  readonly isNew?: true
  readonly fails: (examined: Examined) => boolean
}

/** Words that describe nothing. @law 42 CFR 2.31(a)(3) */
const FILLER =
  /\b(all|any|and|of|or|my|the|your|our|their|some|other|entire|whole|complete|full|everything|every|necessary|relevant|as|needed|available|patient|client)\b/gi
const EMPTY_WORDS =
  /^(records?|information|data|files?|documents?|stuff|things?|info|details?|n\/?a|none|tbd|various|unspecified|x+)?$/i

/** True for a description that says which information is meant. @law 42 CFR 2.31(a)(3) */
export const isSpecific = (description: string): boolean =>
  !EMPTY_WORDS.test(
    description
      .replace(FILLER, ' ')
      .replace(/[\s.,;:!*/-]+/g, ' ')
      .trim(),
  )

const says = ({ consent }: Examined, statement: Consent['elements']['statements'][number]): boolean =>
  consent.elements.statements.includes(statement)
const isType = ({ consent }: Examined, type: Consent['types'][number]): boolean => consent.types.includes(type)
/** First day on which only the 2024 form will do. */
const COMPLIANCE = instant('2026-02-16T00:00:00Z')

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

const blank = (text: string | undefined): boolean => text === undefined || text.trim() === ''

const recipientsOf = (consent: Consent): Consent['base']['actors'] => {
  const walk = (provision: Consent['base']): Consent['base']['actors'] => [
    ...provision.actors.filter(({ roles }) => roleKind(roles) === 'recipient'),
    ...provision.exceptions.flatMap(walk),
  ]
  return walk(consent.base)
}

const namedPartners = ({ consent, context }: Examined): readonly (readonly [Consent['base']['actors'][number], Partner])[] =>
  recipientsOf(consent).flatMap((actor) =>
    (context.partners ?? [])
      .filter(
        (partner) =>
          actor.reference === `Organization/${partner.id}` ||
          actor.identifiers.some(({ system, value }) =>
            partner.identifiers.some((own) => own.system === system && own.value === value),
          ),
      )
      .map((partner) => [actor, partner] as const),
  )

function lacksMembers(examined: Examined): boolean {
  return namedPartners(examined).some(
    ([actor, { kinds }]) => kinds.includes('intermediary') && !kinds.includes('covered-entity') && actor.members === undefined,
  )
}

const TPO_PARTS = ['TREAT', 'HPAYMT', 'HOPERAT']

function reachesHipaa(examined: Examined): boolean {
  if (!examined.purposes.some((purpose) => TPO_PARTS.some((part) => purposeCovers(part, purpose)))) return false
  const isHipaa = ({ kinds }: Partner): boolean => kinds.includes('covered-entity') || kinds.includes('business-associate')
  return (
    recipientsOf(examined.consent).some(({ classes }) => classes.length > 0) ||
    namedPartners(examined).some(([, partner]) => isHipaa(partner))
  )
}

function lacksPurpose({ consent, purposes }: Examined): boolean {
  if (purposes.length > 0) return false
  const text = consent.elements.purposeText ?? ''
  const isAtRequest = /^(at )?(the )?request of the (patient|individual|client)$|^a petici[oó]n del paciente$/i.test(text.trim())
  return text.trim() === '' ? !consent.elements.isPatientInitiated : isAtRequest && !consent.elements.isPatientInitiated
}

const lacksEvent = ({ elements: { expirationEvent } }: Consent): boolean =>
  expirationEvent === undefined || (expirationEvent.kind === 'other' && blank(expirationEvent.text))

function endsTooLate({ consent, purposes }: Examined): boolean {
  const kind = consent.elements.expirationEvent?.kind
  return consent.base.period?.end === undefined && (kind === 'none' || kind === 'end-of-treatment') && !isWithinTpo(purposes)
}

const isResearch = ({ purposes }: Examined): boolean =>
  purposes.length > 0 && purposes.every((purpose) => purposeCovers('HRESCH', purpose))

function signedLater({ consent, at, context }: Examined): boolean {
  const signed = consent.elements.signedAt
  return signed !== undefined && calendarOf(context.zone ?? 'UTC').start(signed) > at
}

const isBefore2024 = ({ consent, context: { forms } }: Examined): boolean =>
  consent.form !== undefined && forms?.before2024.includes(consent.form) === true

function isAcceptedOldForm(examined: Examined): boolean {
  const { consent, context } = examined
  const signed = calendarOf(context.zone ?? 'UTC').start(consent.elements.signedAt)
  return isBefore2024(examined) && context.forms?.acceptsBefore2024 === true && signed < COMPLIANCE
}

function isOldForm(examined: Examined): boolean {
  return examined.isTpo && isBefore2024(examined) && !isAcceptedOldForm(examined)
}

function isCombinedForProceedings({ consent, purposes }: Examined): boolean {
  const speaksOfProceedings = consent.types.includes('proceedings') || purposes.includes('HLEGAL')
  return (
    speaksOfProceedings &&
    (consent.types.length > 1 || !consent.types.includes('proceedings') || purposes.some((purpose) => purpose !== 'HLEGAL'))
  )
}
