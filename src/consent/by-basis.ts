import type { Reason } from '../model/decision.ts'
import type { ReadBasis } from './bases.ts'
import { purposeCovers, sensitivityCovers } from './codes.ts'
import { grant, nearestOf, NOTES, PROCEEDINGS } from './findings.ts'
import type { Finding, Ground } from './inquiry.ts'
import { LEGAL, type LegalGround } from './legal.ts'
import { restrictionsOn } from './restrictions.ts'
import type { Content, Question } from './tree.ts'
import { holdsAt, isWithin } from './windows.ts'

const isInScope = ({ scope, dated }: ReadBasis, content: Content): boolean => {
  const lists: readonly (boolean | undefined)[] = [
    scope.types?.includes(content.type),
    scope.records?.includes(content.key),
    scope.codes?.some((code) => content.codes.some((own) => own.code === code)),
    scope.labels === undefined
      ? undefined
      : content.labels.sensitivity.every((own) => scope.labels?.some((label) => sensitivityCovers(label, own)) === true),
  ]
  const isInTime = dated === undefined || (content.window !== undefined && isWithin(content.window, dated))
  return isInTime && lists.every((holds) => holds !== false)
}

const legalGround = (row: LegalGround): Ground => ({
  kind: row.kind,
  find: ({ question }, content) => {
    const found = question.world.bases.filter(
      ({ kind, recipient, faults }) =>
        kind === row.basis && (recipient === question.partner.id || (faults.length > 0 && recipient === undefined)),
    )
    const failures: (readonly Reason[])[] = []
    for (const basis of found) {
      const reasons = barsOf(row, basis, question, content)
      if (reasons.length === 0) return legalGrant(row, basis, question, content)
      failures.push(reasons)
    }
    return { explain: () => nearestOf(failures) ?? [] }
  },
})

const barsOf = (row: LegalGround, basis: ReadBasis, question: Question, content: Content): readonly Reason[] => {
  const purposes = basis.purposes ?? row.purposes
  const reference = basis.id
  const reasons: Reason[] = basis.faults.map(({ id, law }) => ({ rule: id, law, reference }))
  if (!holdsAt(basis.window, question.at)) reasons.push({ rule: `${row.kind}-not-in-force`, law: row.law, reference })
  if (!purposes.some((stated) => purposeCovers(stated, question.purpose)))
    reasons.push({ rule: 'purpose-not-stated', law: row.law, reference })
  if (question.purpose === 'HLEGAL' && content.isPart2 && row.kind !== 'court-order') reasons.push({ ...PROCEEDINGS, reference })
  if (content.labels.noteKind !== undefined && !row.includesNotes(basis)) reasons.push({ ...NOTES, reference })
  if (!isInScope(basis, content)) reasons.push({ rule: 'outside-scope', law: row.law, reference })
  for (const { id, law, bars } of row.bars) if (bars(basis, question, content)) reasons.push({ rule: id, law, reference })
  return reasons
}

const legalGrant = (row: LegalGround, basis: ReadBasis, question: Question, content: Content): Finding => {
  const restricted =
    row.kind === 'medical-emergency' ? restrictionsOn({ ...question, purpose: 'TREAT' }, content, 'medical-emergency') : []
  const { labels } = basis.scope
  return grant(row.kind, row.law, {
    basis: { kind: row.kind, reference: basis.id, version: basis.version },
    obligations: content.isPart2 ? (restricted.length > 0 ? [...row.obligations, 'NOREUSE'] : row.obligations) : [],
    because: [
      { rule: row.kind, law: row.law, reference: basis.id },
      ...restricted.map((one) => ({ ...one, rule: 'restricted-yet-emergency' })),
    ],
    carries: (facet) => labels === undefined || (facet !== undefined && labels.some((label) => sensitivityCovers(label, facet))),
  })
}

/** What rests on a paper that is not a consent. */
export const LEGAL_GROUNDS: readonly Ground[] = LEGAL.map(legalGround)
