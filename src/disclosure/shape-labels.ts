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

/** Sensitivity codes of what is withheld, and their kin, that nothing of what stays accounts for. */
export const hidesOf = (
  labels: Labels,
  withheldParts: readonly string[],
  withheldRecords: readonly (Labels | undefined)[],
): readonly Sensitivity[] => {
  const stays = new Set([...labels.sensitivity, ...remainingCodes(labels, withheldParts)])
  const goes = new Set([
    ...labels.parts.filter((part) => withheldParts.includes(part.pointer)).flatMap((part) => part.sensitivity),
    ...withheldRecords.flatMap((record) =>
      record === undefined ? [] : [...record.sensitivity, ...record.parts.flatMap((part) => part.sensitivity)],
    ),
  ])
  const kin = FAMILIES.filter((family) => family.some((code) => goes.has(code))).flat()
  return [...new Set([...goes, ...kin])].filter((code) => !stays.has(code)).sort()
}

const remainingCodes = (labels: Labels, withheldParts: readonly string[]): readonly Sensitivity[] =>
  labels.parts.filter((part) => !withheldParts.includes(part.pointer)).flatMap((part) => part.sensitivity)

/**
 * What the confidentiality comes down to when the parts that raised it are out: `N` when nothing sensitive is left and no law
 * protects the record as such.
 */
export const loweredConfidentiality = (labels: Labels, withheldParts: readonly string[]): string | undefined => {
  if (withheldParts.length === 0 || labels.policy.length > 0) return undefined
  const isPlain = labels.sensitivity.length === 0 && remainingCodes(labels, withheldParts).length === 0
  return isPlain && CONFIDENTIALITY.indexOf(labels.confidentiality) > CONFIDENTIALITY.indexOf('N') ? 'N' : undefined
}
