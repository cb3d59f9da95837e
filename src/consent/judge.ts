// In: a question and a record. Out: permit with its basis, or deny with every reason.
// Never: a yes by default. Deny is what remains when no basis carries the disclosure.
import type { Reason } from '../model/decision.ts'
import { LEGAL_GROUNDS } from './by-basis.ts'
import { HIPAA_GROUNDS, OWN_GROUNDS } from './grounds.ts'
import { nearestOf } from './findings.ts'
import { GATES, SECTOR_PROFILES } from './reliance.ts'
import { consentGround } from './by-consent.ts'
import type { Grant, Ground, Inquiry } from './inquiry.ts'
import type { Content, Question } from './tree.ts'
import { facetsOf } from './tree.ts'
import { appliedTo } from './walk.ts'

/** Works out what all records have in common. */
export const inquire = (question: Question): Inquiry => ({ question, applied: appliedTo(question) })

/** The answer, before it is put into a `Decision` or an `Allowance`. */
export type Verdict =
  | { readonly effect: 'permit'; readonly grant: Grant; readonly withheldParts: readonly string[] }
  | { readonly effect: 'deny'; readonly because: () => readonly Reason[] }

/** Every ground on which a record may go, in the order in which equals are preferred. */
export const GROUNDS: readonly Ground[] = [...OWN_GROUNDS, consentGround, ...HIPAA_GROUNDS, ...LEGAL_GROUNDS]

/**
 * May this record go, on which basis, without which parts.
 * @law 42 CFR 2.12, 2.13, 2.31, 2.33
 */
export const judge = (inquiry: Inquiry, content: Content): Verdict => {
  const shut = GATES.filter(({ bars }) => bars(inquiry.question, content))
  if (shut.length > 0) return { effect: 'deny', because: () => shut.map(({ id, law }) => ({ rule: id, law })) }
  const explanations: (() => readonly Reason[])[] = []
  let best: { grant: Grant; withheldParts: readonly string[] } | undefined
  for (const ground of GROUNDS) {
    const finding = ground.find(inquiry, content)
    if ('explain' in finding) {
      explanations.push(finding.explain)
      continue
    }
    const withheldParts = withheldFrom(inquiry, content, finding.grant)
    if (best === undefined || withheldParts.length < best.withheldParts.length) best = { grant: finding.grant, withheldParts }
    if (withheldParts.length === 0) break
  }
  if (best !== undefined) return { effect: 'permit', ...best }
  return {
    effect: 'deny',
    because: () => nearestOf(explanations.map((explain) => explain()).filter(({ length }) => length > 0)) ?? [NO_CONSENT],
  }
}

/** The labelled parts that a grant does not carry. */
export const withheldFrom = ({ question }: Inquiry, content: Content, grant: Grant): readonly string[] => {
  const isForSector = grant.basis.kind === 'consent' || grant.basis.kind === 'hipaa'
  const profile = isForSector ? SECTOR_PROFILES.find(({ sector }) => sector === question.partner.sector) : undefined
  return content.labels.parts
    .filter(({ certainty, sensitivity }) => {
      if (certainty === 'doubtful') return !grant.includesDoubtful
      return !facetsOf(sensitivity).every(
        (facet) => grant.carries(facet) && (profile === undefined || !profile.excludesFacet(facet)),
      )
    })
    .map(({ pointer }) => pointer)
}

const NO_CONSENT: Reason = { rule: 'no-consent', law: '42 CFR 2.13(a); 2.31' }
