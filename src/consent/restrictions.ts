import type { Reason } from '../model/decision.ts'
import { purposeCovers, refusalCovers } from './codes.ts'
import type { BasisScope, ReadBasis } from './bases.ts'
import { isWithinTpo } from './stated.ts'
import type { Content, Question } from './tree.ts'
import { holdsAt } from './windows.ts'
import type { Calendar } from './windows.ts'

/** Does a refusal with this scope touch the record: any label, type, code or record that it lists. */
const touches = (scope: BasisScope, content: Content): boolean => {
  const named = [scope.types, scope.labels, scope.codes, scope.records].filter((list) => list !== undefined)
  if (named.length === 0) return true
  const labels = [...content.labels.sensitivity, ...content.labels.parts.flatMap(({ sensitivity }) => sensitivity)]
  return (
    scope.types?.includes(content.type) === true ||
    scope.records?.includes(content.key) === true ||
    scope.codes?.some((code) => content.codes.some((own) => own.code === code)) === true ||
    scope.labels?.some((label) => labels.some((own) => refusalCovers(label, own)) || content.labels.policy.includes(label)) ===
      true
  )
}

/** A restriction that the patient asked for. */
export interface RestrictionRule {
  readonly id: string
  readonly law: string
  readonly bars: (restriction: ReadBasis, question: Question, content: Content) => boolean
}

const isPlanPurpose = (purpose: string): boolean => purposeCovers('HPAYMT', purpose) || purposeCovers('HOPERAT', purpose)

/** Restrictions bind treatment, payment and operations only. @law 42 CFR 2.26(a)(5) */
export const RESTRICTIONS: readonly RestrictionRule[] = [
  {
    id: 'restricted-paid-in-full',
    law: '42 CFR 2.26(a)(6)',
    bars: (restriction, { partner, purpose }) =>
      restriction.isTrue('paidInFull') && partner.sector === 'payer' && isPlanPurpose(purpose),
  },
  {
    id: 'restricted',
    law: '42 CFR 2.26(a)(3)',
    bars: (restriction, { purpose, world }, content) =>
      restriction.isTrue('agreed') &&
      !restriction.isTrue('paidInFull') &&
      isWithinTpo([purpose]) &&
      !isTerminated(restriction, content, world.calendar),
  },
]

/** The programme's own notice ends a restriction only for what came later; the patient's word ends it. @law 42 CFR 2.26(b) */
const isTerminated = (restriction: ReadBasis, content: Content, calendar: Calendar): boolean => {
  const endedAt = restriction.text('endedAt')
  const by = restriction.text('endedBy')
  if (endedAt === undefined) return false
  if (by === 'patient-in-writing' || (by === 'patient-orally' && restriction.isTrue('isDocumented'))) return true
  return (
    by === 'programme-notice' && content.recordedAt !== undefined && calendar.start(content.recordedAt) >= calendar.start(endedAt)
  )
}

const reaches = (restriction: ReadBasis, question: Question): boolean => {
  const recipients = restriction.texts('recipients')
  const purposes = restriction.purposes ?? []
  return (
    (recipients.length === 0 || recipients.includes(question.partner.id)) &&
    (restriction.recipient === undefined || restriction.recipient === question.partner.id) &&
    (purposes.length === 0 || purposes.some((stated) => purposeCovers(stated, question.purpose)))
  )
}

const endsBefore = (restriction: ReadBasis, { at, world }: Question): boolean => {
  const endedAt = restriction.text('endedAt')
  return endedAt !== undefined && at < world.calendar.start(endedAt)
}

/** The restrictions in force on a record for a question. @law 42 CFR 2.26 */
export const restrictionsOn = (
  question: Question,
  content: Content,
  ground: 'consent' | 'hipaa' | 'qso-agreement' | 'medical-emergency',
): readonly Reason[] =>
  question.world.bases
    .filter(({ kind, window }) => kind === 'restriction' && holdsAt(window, question.at))
    .filter((restriction) => reaches(restriction, question) && touches(restriction.scope, content))
    .flatMap((restriction) =>
      RESTRICTIONS.filter(({ bars }) =>
        bars(endsBefore(restriction, question) ? withoutEnd(restriction) : restriction, question, content),
      ).map(({ id, law }) => ({
        rule: id,
        law: ground === 'medical-emergency' ? '42 CFR 2.26(a)(4)' : law,
        reference: restriction.id,
      })),
    )

/** Before its end a restriction has not ended. */
const withoutEnd = (restriction: ReadBasis): ReadBasis => ({
  ...restriction,
  text: (name) => (name === 'endedAt' ? undefined : restriction.text(name)),
})
