import { isArray, isObject } from './json.ts'
import type { Json, JsonObject } from './json.ts'
import type { Profile } from './profiles.ts'
import type { Shape } from './shape.ts'

const CONFIDENTIALITY_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'

/** Policies, obligations and refrains: how to handle, not what is in it. @spec HL7 v3-ActCode, DS4P */
const HANDLING: ReadonlySet<string> = new Set(
  (
    '42CFRPart2 42CFRPart2CD HIPAANOPP HIPAAPsyNotes HIPAASelfPay HIPAAROAD Title38Section7332 CommonRule ' +
    'NORDSCLCD NORDSCLCDS NODSCLCD NODSCLCDS NOAUTH NOREUSE NOPERSISTP NOLIST NOMOU NOORGPOL NOINTEGRATE NORELINK NORDSCLW ORCON ' +
    'PERSISTLABEL PRIVMARK CPLYCD CPLYJPP CPLYPOL CPLYCC CPLYCUI MINEC AOD AUDIT AUDTR DELAU DEID HUAPRV ENCRYPT ' +
    'RedisclosureProhibitionMark ConfidentialMark COPYMark CUIMark'
  ).split(' '),
)

/** Tell of themselves that something was taken out or is kept back. @spec DS4P high-water mark */
const TELLING_MARKS: ReadonlySet<string> = new Set(['REDACT', 'MASK', 'NODSCLCD', 'NODSCLCDS'])

/**
 * The labels that a recipient may see on what it gets: all of them, how to handle it, or how confidential it is; never one
 * that stands for what was taken out.
 */
export const reduceSecurity = (meta: JsonObject, profile: Profile, shape: Shape): JsonObject => {
  const security = meta.security
  if (!isArray(security)) return meta
  const isCut = shape.withheldParts.length > 0 || shape.withheldReferences.length > 0
  const left = security.flatMap((label): readonly Json[] => {
    if (!isObject(label)) return []
    const reduced = reduceLabel(label, profile, shape, isCut)
    return reduced === undefined ? [] : [reduced]
  })
  if (left.length === security.length && left.every((label, index) => label === security[index])) return meta
  const { security: _, ...rest } = meta
  return left.length === 0 ? rest : { ...rest, security: left }
}

const reduceLabel = (label: JsonObject, profile: Profile, shape: Shape, isCut: boolean): JsonObject | undefined => {
  const code = typeof label.code === 'string' ? label.code : ''
  if (label.system === CONFIDENTIALITY_SYSTEM) return confidentialityOf(label, code, profile, shape)
  // a code outside the standard's system travels between the rooms as `system|code`
  if (shape.hides.includes(code) || shape.hides.includes(`${typeof label.system === 'string' ? label.system : ''}|${code}`))
    return undefined
  if (isCut && TELLING_MARKS.has(code)) return undefined
  if (profile.labels === 'all') return label
  if (profile.labels === 'confidentiality' || !HANDLING.has(code)) return undefined
  return bareCoding(label)
}

const confidentialityOf = (label: JsonObject, code: string, profile: Profile, shape: Shape): JsonObject => {
  const becomes = shape.confidentiality ?? code
  if (becomes === code) return profile.labels === 'all' && shape.hides.length === 0 ? label : bareCoding(label)
  return { system: CONFIDENTIALITY_SYSTEM, code: becomes }
}

/** A label without the extensions that give its basis or who set it. @spec DS4P sec-label-basis, sec-label-classifier */
const bareCoding = (label: JsonObject): JsonObject => {
  if (Object.keys(label).every((key) => key === 'system' || key === 'code' || key === 'display')) return label
  const { system, code, display } = label
  return {
    ...(system !== undefined && { system }),
    ...(code !== undefined && { code }),
    ...(display !== undefined && { display }),
  }
}
