// In: the access restrictions of a message (ARV), or resources with their labels. Out: the labels that everything in it came with, or ARV.
// Never: leaves out a restriction that it does not know: an unknown word becomes a label that nobody can read, and is held.
import type { Coding, Resource } from '@medplum/fhirtypes'
import { isAtLeast } from '../../src/formats/hl7v2/acknowledge.ts'
import { segment } from '../../src/formats/hl7v2/build.ts'
import { segmentsNamed, textAt, type Message, type Segment } from '../../src/formats/hl7v2/message.ts'

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'

/** ARV-3, table 0717: what is restricted, in the words of DS4P; what is not named by a sensitivity is restricted as a whole. */
const RESTRICTED: Readonly<Record<string, Coding>> = {
  DRG: { system: ACT_CODE, code: 'SUD' },
  HIV: { system: ACT_CODE, code: 'HIV' },
  PSY: { system: ACT_CODE, code: 'PSY' },
  STD: { system: ACT_CODE, code: 'STD' },
  ALL: { system: CONFIDENTIALITY, code: 'R' },
  DEM: { system: CONFIDENTIALITY, code: 'R' },
  LOC: { system: CONFIDENTIALITY, code: 'R' },
  SMD: { system: CONFIDENTIALITY, code: 'R' },
}

const LEVELS: ReadonlySet<string> = new Set(['U', 'L', 'M', 'N', 'R', 'V'])

/** ARV-2, table 0206: a restriction that is taken away in this message restricts nothing in it. */
const GONE: ReadonlySet<string> = new Set(['D'])

/** The labels of ARV-3, ARV-7 and ARV-8, each once. @spec HL7 v2+ §3.3.11 ARV; tables 0717, 0952, 0953 */
export const restrictionsOf = (message: Message): readonly Coding[] => {
  const codings = segmentsNamed(message, 'ARV').flatMap((arv): readonly Coding[] => {
    const text = (field: number): string | undefined => textAt(message, arv, { field })
    if (GONE.has(text(2) ?? '')) return []
    const value = text(3)
    const restricted = value === undefined || value === 'NO' ? undefined : (RESTRICTED[value] ?? tagged(value))
    return [restricted, tagged(text(7)), tagged(text(8))].filter((coding) => coding !== undefined)
  })
  return [...new Map(codings.map((coding) => [`${coding.system ?? ''}|${coding.code ?? ''}`, coding])).values()]
}

const tagged = (code: string | undefined): Coding | undefined =>
  code === undefined ? undefined : { system: LEVELS.has(code) ? CONFIDENTIALITY : ACT_CODE, code }

/** Places in a message that the labels say. */
export const isRestriction = (place: string): boolean => /^ARV\[\d+\]-[12378]\b/.test(place)

/** Sensitivities that table 0717 has a word for; what else is restricted is `SMD`, sensitive. */
const VALUES: Readonly<Record<string, string>> = {
  SUD: 'DRG',
  ETH: 'DRG',
  ETHUD: 'DRG',
  OPIOIDUD: 'DRG',
  ALC: 'DRG',
  '42CFRPart2': 'DRG',
  HIV: 'HIV',
  PSY: 'PSY',
  MH: 'PSY',
  STD: 'STD',
}

/**
 * What a message tells that is restricted, for a receiver who sees the labels of it; none before 2.6, which has no ARV.
 * @spec HL7 v2.6 §3.4.16 ARV, table 0717
 */
export const arvOf = (resources: readonly Resource[], version: string): readonly Segment[] => {
  if (!isAtLeast(version, '2.6')) return []
  const labels = resources.flatMap((one) => one.meta?.security ?? [])
  const named = labels.flatMap(({ code = '' }) => (Object.hasOwn(VALUES, code) ? [VALUES[code] ?? ''] : []))
  const isRestricted = labels.some(({ system, code }) => system === CONFIDENTIALITY && (code === 'R' || code === 'V'))
  const values = named.length > 0 ? named : isRestricted ? ['SMD'] : []
  return [...new Set(values)].sort().map((value, i) => segment('ARV', { 1: String(i + 1), 2: 'A', 3: value }))
}
