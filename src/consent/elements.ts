import type { Consent } from '../model/consent.ts'
import type { Partner } from '../model/partner.ts'
import { instant } from '../model/time.ts'
import { purposeCovers, roleKind } from './codes.ts'
import type { Examined } from './examined.ts'
import { isWithinTpo } from './stated.ts'
import { calendarOf } from './windows.ts'

/** Words that by themselves, or with each other, say nothing of which information is meant. @law 42 CFR 2.31(a)(3) */
const VAGUE: ReadonlySet<string> = new Set(
  (
    'all any and of or my the your our their some other entire whole complete full everything every necessary relevant as needed ' +
    'available patient client record records information data file files document documents stuff thing things info detail details ' +
    'na none tbd various unspecified todo todos toda todas mi mis el la los las de del cualquier información informacion registro ' +
    'registros expediente expedientes datos archivo archivos documento documentos paciente ninguno ninguna'
  ).split(' '),
)

/** True for a description that says which information is meant. @law 42 CFR 2.31(a)(3) */
export const isSpecific = (description: string): boolean =>
  (description.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? []).some((word) => !VAGUE.has(word) && !/^x+$/.test(word))

/** Whether the form prints this statement. */
export const says = ({ consent }: Examined, statement: Consent['elements']['statements'][number]): boolean =>
  consent.elements.statements.includes(statement)
/** Whether the consent is, among others, of this type. */
export const isType = ({ consent }: Examined, type: Consent['types'][number]): boolean => consent.types.includes(type)
/** First day on which only the 2024 form will do. */
const COMPLIANCE = instant('2026-02-16T00:00:00Z')

/** True for a blank that was left empty. */
export const blank = (text: string | undefined): boolean => text === undefined || text.trim() === ''

/** Everybody whom a consent names as recipient, at any depth; who is only refused is none. @law 42 CFR 2.31(a)(4)(i) */
export const recipientsOf = (consent: Consent): Consent['base']['actors'] => {
  const walk = (provision: Consent['base']): Consent['base']['actors'] => [
    ...provision.actors.filter(({ roles }) => roleKind(roles) === 'recipient'),
    ...provision.exceptions.filter(({ effect, exceptions }) => effect === 'permit' || exceptions.length > 0).flatMap(walk),
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

/** An intermediary needs its members by name, or that they treat the patient. @law 42 CFR 2.31(a)(4)(ii) */
export function lacksMembers(examined: Examined): boolean {
  return namedPartners(examined).some(
    ([actor, { kinds }]) => kinds.includes('intermediary') && !kinds.includes('covered-entity') && actor.members === undefined,
  )
}

const TPO_PARTS = ['TREAT', 'HPAYMT', 'HOPERAT']

/** Whether a covered entity or business associate may receive for treatment, payment or operations. @law 42 CFR 2.31(a)(4)(iii) */
export function reachesHipaa(examined: Examined): boolean {
  if (!examined.purposes.some((purpose) => TPO_PARTS.some((part) => purposeCovers(part, purpose)))) return false
  const isHipaa = ({ kinds }: Partner): boolean => kinds.includes('covered-entity') || kinds.includes('business-associate')
  return (
    recipientsOf(examined.consent).some(({ classes }) => classes.length > 0) ||
    namedPartners(examined).some(([, partner]) => isHipaa(partner))
  )
}

/** No purpose, or "at the request of the patient" where the patient did not begin it. @law 42 CFR 2.31(a)(5)(i) */
export function lacksPurpose({ consent, purposes }: Examined): boolean {
  if (purposes.length > 0) return false
  const text = consent.elements.purposeText ?? ''
  const isAtRequest = /^(at )?(the )?request of the (patient|individual|client)$|^a petici[oó]n del paciente$/i.test(text.trim())
  return text.trim() === '' ? !consent.elements.isPatientInitiated : isAtRequest && !consent.elements.isPatientInitiated
}

/** No event at which it expires. @law 42 CFR 2.31(a)(7) */
export const lacksEvent = ({ elements: { expirationEvent } }: Consent): boolean =>
  expirationEvent === undefined || (expirationEvent.kind === 'other' && blank(expirationEvent.text))

/** An end that suffices for treatment, payment and operations only. @law 42 CFR 2.31(a)(7) */
export function endsTooLate({ consent, purposes }: Examined): boolean {
  const kind = consent.elements.expirationEvent?.kind
  return consent.base.period?.end === undefined && (kind === 'none' || kind === 'end-of-treatment') && !isWithinTpo(purposes)
}

/** Whether every purpose is research. @law 42 CFR 2.31(a)(7) */
export const isResearch = ({ purposes }: Examined): boolean =>
  purposes.length > 0 && purposes.every((purpose) => purposeCovers('HRESCH', purpose))

/** Signed at a time that has not come. @law 42 CFR 2.31(a)(9) */
export function signedLater({ consent, at, context }: Examined): boolean {
  const signed = consent.elements.signedAt
  return signed !== undefined && calendarOf(context.zone ?? 'UTC').start(signed) > at
}

const isBefore2024 = ({ consent, context: { forms } }: Examined): boolean =>
  consent.form !== undefined && forms?.before2024.includes(consent.form) === true

/** Whether counsel relies on a form of before the 2024 rule, signed while it would do. @law 89 FR 12472 */
export function isAcceptedOldForm(examined: Examined): boolean {
  const { consent, context } = examined
  const signed = calendarOf(context.zone ?? 'UTC').start(consent.elements.signedAt)
  return isBefore2024(examined) && context.forms?.acceptsBefore2024 === true && signed < COMPLIANCE
}

/** A form of before the 2024 rule on which nobody may rely for it. @law 89 FR 12472 */
export function isOldForm(examined: Examined): boolean {
  return examined.isTpo && isBefore2024(examined) && !isAcceptedOldForm(examined)
}

/** Speaks of proceedings and of something else. @law 42 CFR 2.31(d) */
export function isCombinedForProceedings({ consent, purposes }: Examined): boolean {
  const speaksOfProceedings = consent.types.includes('proceedings') || purposes.includes('HLEGAL')
  return (
    speaksOfProceedings &&
    (consent.types.length > 1 || !consent.types.includes('proceedings') || purposes.some((purpose) => purpose !== 'HLEGAL'))
  )
}
