import type { BasisKind } from '../model/decision.ts'
import { withheldFrom } from './judge.ts'
import type { Grant, Inquiry } from './inquiry.ts'
import type { Verdict } from './judge.ts'
import { isApart, isShut } from './patient-record.ts'
import type { Content } from './tree.ts'

/** Grounds on which somebody has a Provenance whatever it is about: it is their own. */
const OF_ITSELF: ReadonlySet<BasisKind> = new Set(['internal', 'origin'])

/**
 * A Provenance tells nothing but of its targets, so it goes to whoever has a basis for one of them, on the basis that carries most of
 * it, and to nobody else. What it says of targets that do not go is taken out where references are.
 * @param verdicts what is decided about each target, by its place; nothing for what is no record of the patient
 * @law 42 CFR 2.13(a), 2.13(c)
 */
export const provenanceVerdict = (
  inquiry: Inquiry,
  provenance: Content,
  own: Verdict,
  verdicts: readonly (Verdict | undefined)[],
): Verdict => {
  if (own.effect === 'permit' && OF_ITSELF.has(own.grant.basis.kind)) return own
  if (isShut(inquiry, provenance)) return own.effect === 'deny' ? own : NO_TARGET
  let best: { grant: Grant; withheldParts: readonly string[] } | undefined
  for (const verdict of verdicts) {
    if (verdict?.effect !== 'permit' || !mayBring(verdict.grant, provenance)) continue
    const { grant } = verdict
    const withheldParts = withheldFrom(inquiry, provenance, grant).filter((pointer) => !isShownTarget(pointer, verdicts))
    if (best === undefined || withheldParts.length < best.withheldParts.length) best = { grant, withheldParts }
  }
  if (best === undefined) return own.effect === 'deny' ? own : NO_TARGET
  const because = [{ rule: 'provenance-with-target', law: '42 CFR 2.13(a)' }, ...best.grant.because]
  return { effect: 'permit', grant: { ...best.grant, because }, withheldParts: best.withheldParts }
}

const NO_TARGET: Verdict = { effect: 'deny', because: () => [{ rule: 'no-target-goes', law: '42 CFR 2.13(a)' }] }

/** A ground that says nothing about the programme brings nothing that the programme wrote. */
const mayBring = ({ basis, carries }: Grant, { isPart2, labels }: Content): boolean =>
  !(isPart2 && isApart(basis.kind)) && labels.sensitivity.every((facet) => carries(facet))

/** What stands at a target says what the target says, and whoever has that may read it here. */
const isShownTarget = (pointer: string, verdicts: readonly (Verdict | undefined)[]): boolean => {
  const place = /^\/target\/(\d+)$/.exec(pointer)?.[1]
  return place !== undefined && verdicts[Number(place)]?.effect === 'permit'
}
