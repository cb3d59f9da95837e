// In: a consent, a language, and (best) who is to read it. Out: what the consent allows, in words that anyone understands.
// Never: a name of the patient, of another recipient, or of what the patient refused: those would disclose by themselves.
import type { Consent, Provision } from '../model/consent.ts'
import type { PartnerId } from '../model/ids.ts'
import { labelKind } from './codes.ts'
import { CLASS_WORDS, LABEL_WORDS, PURPOSE_WORDS, TYPE_WORDS } from './words.ts'
import { statedPurposes } from './stated.ts'

/** Languages in which the scope is explained. */
export type Language = 'en' | 'es'

const SENTENCES = {
  en: {
    opening: (to: string) => `The patient has consented in writing that this information be disclosed to ${to}`,
    you: 'you, the recipient',
    purposes: (list: string) => `for these purposes only: ${list}`,
    content: (list: string) => `The consent covers: ${list}.`,
    everything: 'the information described in the consent',
    including: (list: string) => `the information described in the consent, information about ${list} included`,
    coded: 'records with the codes that the consent names',
    listed: 'the records that the consent names',
    until: (day: string) => `It is valid until ${day}, unless the patient revokes it earlier.`,
    events: {
      none: 'It is valid until the patient revokes it.',
      'end-of-treatment': 'It is valid until the treatment ends, unless the patient revokes it earlier.',
      'end-of-research-study': 'It is valid until the research study ends, unless the patient revokes it earlier.',
      other: 'It is valid until the event that it states, unless the patient revokes it earlier.',
    },
    nothingElse: 'Nothing else is covered, and nothing in it allows use in proceedings against the patient.',
    proceedings: 'It covers use in the proceeding that it describes, and nothing else.',
    and: 'and',
    period: (from: string, until: string) => `information from ${from} to ${until}`,
    atRequest: 'at the request of the patient',
    only: (list: string) => `${list}, and no other kind of record`,
    named: (list: string) => `information about ${list}`,
  },
  es: {
    opening: (to: string) => `El paciente ha consentido por escrito que esta información se divulgue a ${to}`,
    you: 'usted, el destinatario',
    purposes: (list: string) => `solo para estos fines: ${list}`,
    content: (list: string) => `El consentimiento abarca: ${list}.`,
    everything: 'la información descrita en el consentimiento',
    including: (list: string) => `la información descrita en el consentimiento, incluida la información sobre ${list}`,
    coded: 'registros con los códigos que nombra el consentimiento',
    listed: 'los registros que nombra el consentimiento',
    until: (day: string) => `Es válido hasta el ${day}, salvo que el paciente lo revoque antes.`,
    events: {
      none: 'Es válido hasta que el paciente lo revoque.',
      'end-of-treatment': 'Es válido hasta que termine el tratamiento, salvo que el paciente lo revoque antes.',
      'end-of-research-study': 'Es válido hasta que termine el estudio de investigación, salvo que el paciente lo revoque antes.',
      other: 'Es válido hasta el hecho que en él se indica, salvo que el paciente lo revoque antes.',
    },
    nothingElse: 'No abarca nada más, y nada en él permite su uso en procedimientos contra el paciente.',
    proceedings: 'Abarca el uso en el procedimiento que describe, y nada más.',
    and: 'y',
    period: (from: string, until: string) => `información del ${from} al ${until}`,
    atRequest: 'a petición del paciente',
    only: (list: string) => `${list}, y ningún otro tipo de registro`,
    named: (list: string) => `información sobre ${list}`,
  },
} as const

/**
 * A clear explanation of the scope of a consent, to travel with each disclosure made on it.
 * @param recipient whom the words are for; rules for others are then left out
 * @law 42 CFR 2.32(b)
 */
export const scopeOf = (consent: Consent, language: Language, recipient?: PartnerId): string => {
  const say = SENTENCES[language]
  const permits = permitsFor(consent.base, recipient)
  const purposes = unique(
    permits.flatMap(({ purposes: stated }) => stated.map(({ code }) => PURPOSE_WORDS[language][code] ?? code)),
  )
  const stated =
    purposes.length > 0
      ? purposes
      : statedPurposes(consent).length === 0 && consent.elements.isPatientInitiated
        ? [say.atRequest]
        : []
  const opening = say.opening(recipient === undefined ? recipientsIn(permits, language) || say.you : say.you)
  const sentences = [
    stated.length === 0 ? `${opening}.` : `${opening}, ${say.purposes(join(stated, say.and))}.`,
    say.content(contentIn(permits, language)),
    validityOf(consent, language),
    consent.types.includes('proceedings') ? say.proceedings : say.nothingElse,
  ]
  return sentences.filter((sentence) => sentence !== '').join(' ')
}

const unique = (words: readonly string[]): readonly string[] => [...new Set(words)]

const join = (words: readonly string[], and: string): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${and} ${words.at(-1) ?? ''}`

/** Permits with everything that the rules above them add, those for somebody else left out. */
const permitsFor = (rule: Provision, recipient: PartnerId | undefined): readonly Provision[] => {
  const names = rule.actors.flatMap(({ reference }) => reference ?? [])
  const isForOther =
    recipient !== undefined &&
    names.length > 0 &&
    names.every((name) => name.startsWith('Organization/')) &&
    !names.includes(`Organization/${recipient}`) &&
    rule.actors.every(({ classes, members }) => classes.length === 0 && members === undefined)
  if (isForOther) return []
  return [...(rule.effect === 'permit' ? [rule] : []), ...rule.exceptions.flatMap((inner) => permitsFor(inner, recipient))]
}

const recipientsIn = (permits: readonly Provision[], language: Language): string =>
  join(
    unique(
      permits.flatMap(({ actors }) => actors.flatMap(({ classes }) => classes.map((named) => CLASS_WORDS[language][named]))),
    ),
    SENTENCES[language].and,
  )

const contentIn = (permits: readonly Provision[], language: Language): string => {
  const say = SENTENCES[language]
  const types = unique(permits.flatMap(({ classes }) => classes.map(({ code }) => TYPE_WORDS[language][code] ?? code)))
  const labels = unique(
    permits.flatMap((permit) =>
      permit.labels.filter((label) => labelKind(label) === 'sensitivity').map(({ code }) => LABEL_WORDS[language][code] ?? code),
    ),
  )
  const times = permits.flatMap(({ dataPeriod }) =>
    dataPeriod?.start === undefined || dataPeriod.end === undefined
      ? []
      : [say.period(dataPeriod.start.slice(0, 10), dataPeriod.end.slice(0, 10))],
  )
  // a rule without limits covers all that is described, and those that name something only say so expressly
  if (permits.some(isWithoutLimits)) return labels.length === 0 ? say.everything : say.including(join(labels, say.and))
  const parts = [
    ...(types.length > 0 ? [say.only(join(types, say.and))] : []),
    ...(labels.length > 0 ? [say.named(join(labels, say.and))] : []),
    ...unique(times),
    ...(permits.some(({ codes }) => codes.length > 0) ? [say.coded] : []),
    ...(permits.some(({ data }) => data.length > 0) ? [say.listed] : []),
  ]
  return parts.length === 0 ? say.everything : parts.join('; ')
}

const isWithoutLimits = ({ classes, labels, codes, data, dataPeriod }: Provision): boolean =>
  [classes, labels, codes, data].every((limits) => limits.length === 0) && dataPeriod === undefined

const validityOf = ({ base, elements }: Consent, language: Language): string => {
  const say = SENTENCES[language]
  if (base.period?.end !== undefined) return say.until(base.period.end.slice(0, 10))
  return elements.expirationEvent === undefined ? '' : say.events[elements.expirationEvent.kind]
}
