import type { Allowance } from '../model/decision.ts'
import { CONFIDENTIALITY } from '../model/label.ts'
import type { Labels, Sensitivity } from '../model/label.ts'

/**
 * Codes that tell of each other: whoever must not learn one of a family must not learn the others from what is left.
 * @spec HL7 v3-ActCode sensitivity; ETH stands apart in the code system and means the same
 */
const FAMILIES: readonly (readonly Sensitivity[])[] = [
  ['SUD', 'ETH', 'ETHUD', 'OPIOIDUD'],
  ['MH', 'PSY', 'PSYTHPN', 'BH', 'SPI', 'COGN', 'DVD', 'EMOTDIS'],
  ['HIV', 'STD', 'SEX'],
  ['VIO', 'SDV'],
]

/** The parts that stay out: what the decision says, and what still waits for a person unless the programme itself looks. */
export const withheldPartsOf = (labels: Labels, allowance: Allowance): readonly string[] => {
  const doubtful =
    allowance.basis.kind === 'internal'
      ? []
      : labels.parts.filter((part) => part.certainty === 'doubtful').map((part) => part.pointer)
  if (doubtful.length === 0 && allowance.withheldParts.length < 2) return allowance.withheldParts
  return [...new Set([...allowance.withheldParts, ...doubtful])].sort()
}

/** Does what a rule, or a record that is referred to, says of a code count for the one who looks? */
export type Speaks = (rule: string, code: Sensitivity) => boolean

/**
 * Sensitivity codes of what is withheld, and their kin, that nothing of what stays accounts for. A code that the record only
 * learned from what it refers to goes with the reference: else whoever writes one could ask what stands behind it.
 * @law 42 CFR 2.13(c)(2)
 */
export const hidesOf = (
  labels: Labels,
  withheldParts: readonly string[],
  speaks: Speaks,
  withheldRecords: readonly (Labels | undefined)[],
): readonly Sensitivity[] => {
  const stays = remainingCodes(labels, withheldParts, speaks)
  const goes = new Set([
    ...[...labels.sensitivity, ...labels.parts.flatMap((part) => part.sensitivity)].filter((code) => !stays.has(code)),
    ...labels.parts.filter((part) => withheldParts.includes(part.pointer)).flatMap((part) => part.sensitivity),
    ...withheldRecords.flatMap((record) =>
      record === undefined ? [] : [...record.sensitivity, ...record.parts.flatMap((part) => part.sensitivity)],
    ),
  ])
  const kin = FAMILIES.filter((family) => family.some((code) => goes.has(code))).flat()
  return [...new Set([...goes, ...kin])].filter((code) => !stays.has(code)).sort()
}

/** What the whole, and the parts that stay, say of themselves or have from something that may be seen. */
const remainingCodes = (labels: Labels, withheldParts: readonly string[], speaks: Speaks): ReadonlySet<Sensitivity> => {
  const whole = labels.sensitivity.filter((code) => isSaid(rulesFor(labels, code), code, speaks))
  const parts = labels.parts
    .filter((part) => !withheldParts.includes(part.pointer))
    .flatMap((part) => part.sensitivity.filter((code) => isSaid(part.rule.split(' '), code, speaks)))
  return new Set([...whole, ...parts])
}

/** Which rules and records put a code on the whole. */
export const rulesFor = (labels: Labels, code: Sensitivity): readonly string[] =>
  (labels.because ?? []).filter(({ sensitivity }) => sensitivity === code).map(({ rule }) => rule)

/** A label without a rule speaks for itself. */
const isSaid = (rules: readonly string[], code: Sensitivity, speaks: Speaks): boolean =>
  rules.length === 0 || rules.some((rule) => speaks(rule, code))

/**
 * What the confidentiality comes down to when the parts and references that raised it are out: `N` when nothing sensitive is
 * left and no law protects the record as such.
 */
export const loweredConfidentiality = (labels: Labels, withheldParts: readonly string[], speaks: Speaks): string | undefined => {
  if (labels.policy.length > 0 || (labels.sensitivity.length === 0 && labels.parts.length === 0)) return undefined
  const isPlain = remainingCodes(labels, withheldParts, speaks).size === 0
  return isPlain && CONFIDENTIALITY.indexOf(labels.confidentiality) > CONFIDENTIALITY.indexOf('N') ? 'N' : undefined
}
