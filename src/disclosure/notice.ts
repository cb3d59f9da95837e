// In: which statement a channel allows, and in which languages. Out: the notice of § 2.32(a) as it must travel along.
// Never: takes a text that is not one of the two statements of the rule as amended in 2024.
import { problem } from '../platform/problem.ts'
import { fail, ok } from '../platform/result.ts'
import type { Result } from '../platform/result.ts'

export type Language = 'en' | 'es'

/** The notice that goes along with a disclosure made with consent. @law 42 CFR 2.32(a) */
export interface Notice {
  readonly statement: 1 | 2
  /** Date from which the wording is the rule's. */
  readonly edition: typeof EDITION
  /** The English text is the statement of the rule; the Spanish one is given beside it. */
  readonly text: Readonly<Record<Language, string>>
}

/** Federal Register 89 FR 12472, in force from this day. */
export const EDITION = '2024-04-16'

const STATEMENT_1_EN = `This record which has been disclosed to you is protected by Federal confidentiality rules (42 CFR part 2). These rules prohibit you from using or disclosing this record, or testimony that describes the information contained in this record, in any civil, criminal, administrative, or legislative proceedings by any Federal, State, or local authority, against the patient, unless authorized by the consent of the patient, except as provided at 42 CFR 2.12(c)(5) or as authorized by a court in accordance with 42 CFR 2.64 or 2.65. In addition, the Federal rules prohibit you from making any other use or disclosure of this record unless at least one of the following applies:
(i) Further use or disclosure is expressly permitted by the written consent of the individual whose information is being disclosed in this record or as otherwise permitted by 42 CFR part 2.
(ii) You are a covered entity or business associate and have received the record for treatment, payment, or health care operations, or
(iii) You have received the record from a covered entity or business associate as permitted by 45 CFR part 164, subparts A and E.
A general authorization for the release of medical or other information is NOT sufficient to meet the required elements of written consent to further use or redisclose the record (see 42 CFR 2.31).`

const STATEMENT_1_ES = `Este expediente que se le ha divulgado está protegido por normas federales de confidencialidad (42 CFR parte 2). Estas normas le prohíben usar o divulgar este expediente, o un testimonio que describa la información que contiene, en cualquier procedimiento civil, penal, administrativo o legislativo de una autoridad federal, estatal o local contra el paciente, salvo que lo autorice el consentimiento del paciente, con las excepciones de 42 CFR 2.12(c)(5) o lo que autorice un tribunal conforme a 42 CFR 2.64 o 2.65. Además, las normas federales le prohíben cualquier otro uso o divulgación de este expediente, salvo que se cumpla al menos una de estas condiciones:
(i) El uso o la divulgación posterior está expresamente permitido por el consentimiento escrito de la persona cuya información se divulga en este expediente o, de otro modo, por 42 CFR parte 2.
(ii) Usted es una entidad cubierta o un asociado comercial y ha recibido el expediente para tratamiento, pago u operaciones de atención médica, o
(iii) Usted ha recibido el expediente de una entidad cubierta o de un asociado comercial según lo permite 45 CFR parte 164, subpartes A y E.
Una autorización general para divulgar información médica o de otro tipo NO basta para cumplir los elementos exigidos al consentimiento escrito para usar o volver a divulgar el expediente (véase 42 CFR 2.31).`

const STATEMENT_2_EN = '42 CFR part 2 prohibits unauthorized use or disclosure of these records.'
const STATEMENT_2_ES = '42 CFR parte 2 prohíbe el uso o la divulgación no autorizados de estos expedientes.'

const NOTICES: readonly Notice[] = [
  { statement: 1, edition: EDITION, text: { en: STATEMENT_1_EN, es: STATEMENT_1_ES } },
  { statement: 2, edition: EDITION, text: { en: STATEMENT_2_EN, es: STATEMENT_2_ES } },
]

/** Ways out that carry a notice; each allows as long a statement as it has room for. */
export type NoticeChannel = 'fhir' | 'hl7v2' | 'hmis' | 'csv' | 'pdf' | 'email' | 'short-message'

const STATEMENT_OF = { fhir: 1, hl7v2: 1, hmis: 1, csv: 1, pdf: 1, email: 1, 'short-message': 2 } as const satisfies Record<
  NoticeChannel,
  1 | 2
>

/** One of the two statements. */
export const noticeOf = (statement: 1 | 2): Notice => NOTICES.find((notice) => notice.statement === statement) ?? noticeOf(1)

/** The statement that a channel has room for. */
export const noticeFor = (channel: NoticeChannel): Notice => noticeOf(STATEMENT_OF[channel])

/** Wordings of 2018 and before, which the rule of 2024 replaced. */
const REPLACED: readonly RegExp[] = [
  /prohibits unauthorized disclosure of these records/i,
  /prohibit you from making any further disclosure/i,
  /restrict any use of the information to (?:criminally )?investigate or prosecute/i,
]

/**
 * Checks a notice that somebody configured.
 * @returns the statement that it is; `notice-replaced` for a wording that 2024 replaced, `notice-unknown` for any other text
 * @law 42 CFR 2.32(a) as amended by 89 FR 12472
 */
export const parseNotice = (text: string): Result<Notice> => {
  const given = plain(text)
  const known = NOTICES.find((notice) => plain(notice.text.en) === given)
  if (known !== undefined) return ok(known)
  return REPLACED.some((wording) => wording.test(given))
    ? fail(
        problem('invalid', 'notice-replaced', {
          detail: 'the text is that of 2018; use statement 1 or 2 of 42 CFR 2.32(a) as amended in 2024',
        }),
      )
    : fail(problem('invalid', 'notice-unknown', { detail: 'the text is neither statement 1 nor statement 2 of 42 CFR 2.32(a)' }))
}

const plain = (text: string): string => text.replace(/\s+/g, ' ').replace(/[“”"]/g, '').trim()

/** The words of one consent's scope, in each language. @law 42 CFR 2.32(b) */
export interface ScopeWords {
  /** `Consent/id`. */
  readonly consent: string
  readonly version: string
  readonly text: Readonly<Record<Language, string>>
}

/**
 * Notice and scopes as plain text, English then Spanish: the README of an export, the foot of a letter, the notes of a message.
 */
export const noticeText = (
  notice: Notice,
  scopes: readonly ScopeWords[],
  languages: readonly Language[] = ['en', 'es'],
): string =>
  languages
    .map((language) =>
      [notice.text[language], ...scopes.map((scope) => `${SCOPE_HEADING[language]} ${scope.text[language]}`)].join('\n\n'),
    )
    .join('\n\n')
    .concat('\n')

const SCOPE_HEADING = { en: 'What the consent covers:', es: 'Lo que abarca el consentimiento:' } as const satisfies Record<
  Language,
  string
>
