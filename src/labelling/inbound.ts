import type { Coding } from '@medplum/fhirtypes'
import { CONFIDENTIALITY, type Confidentiality, type Sensitivity } from '../model/label.ts'

/** What the labels that came with a record say. */
export interface InboundLabels {
  readonly confidentiality: Confidentiality | undefined
  readonly sensitivity: readonly Sensitivity[]
  readonly policy: readonly string[]
  /** Codings that say neither: obligations, refrains, marks, purposes; they stay on the record as they came. */
  readonly others: readonly Coding[]
  /** False when a label cannot be read, so that a person must. */
  readonly isReadable: boolean
}

export const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
export const CONFIDENTIALITY_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
/** System of the house's own sensitivity codes. */
export const HOUSE_SYSTEM = 'https://mission-gateway.example/fhir/CodeSystem/sensitivity'
/** Classifier on codings that `stamp` wrote for parts: they say nothing of the whole and are worked out anew. */
export const PART_CLASSIFIER = 'urn:gateway:labelling:part'
export const CLASSIFIER_URL = 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-sec-label-classifier'

/** @spec HL7 v3-ActCode, ActPrivacyLaw and ActPrivacyPolicy (UTG 2026-08) */
export const POLICIES = [
  'Title38Section7332',
  '42CFRPart2',
  'HIPAAPsyNotes',
  'HIPAASelfPay',
  'CommonRule',
  'HIPAAROAD',
  'HIPAANOPP',
  'HIPAAAuth',
  'HIPAAConsent',
  '42CFRPart2CD',
  'HIPAAConsentCD',
  'HIPAAAuthCD',
  'GDPRCD',
  'JurisIP',
  'JurisCUI',
  'JurisDEID',
] as const
const POLICY_CODES: ReadonlySet<string> = new Set(POLICIES)

/** Obligations, refrains, marks and security controls of v3-ActCode; none of them is a sensitivity. */
const HANDLING = new Set(
  (
    'AOD AUDIT AUDTR CPLYCC CPLYCD CPLYCUI CPLYJPP CPLYOPP CPLYOSP CPLYPOL DECLASSIFYLABEL DEID DELAU DOWNGRDLABEL DRIVLABEL ENCRYPT ENCRYPTR ENCRYPTT ' +
    'ENCRYPTU HUAPRV LABEL MASK MINEC PERSISTLABEL PRIVMARK PSEUD REDACT UPGRDLABEL PROCESSINLINELABEL NOAUTH NOCOLLECT NODSCLCD NODSCLCDS NOINTEGRATE ' +
    'NOLIST NOMOU NOORGPOL NOPAT NOPERSISTP NORDSCLCD NORDSCLCDS NORDSCLW NORELINK NOREUSE NOVIP NORESALE NOSALE ORCON OPTIN OPTINR OPTOUT OPTOUTE ' +
    'ConfidentialMark COPYMark CUIMark DeliverToAddresseeOnlyMark DRAFTMark RedisclosureProhibitionMark RestrictedConfidentialityMark'
  ).split(' '),
)

/** Codes that were renamed, by their new name. @spec HL7 UTG: NORDSLCD is retired for NORDSCLCD */
const RENAMED: Readonly<Record<string, string>> = { NORDSLCD: 'NORDSCLCD', SICKLE: 'SCA' }

/** `ETH` is neither above nor below `SUD` in the tree, yet means the same: the record carries both. */
const ALSO: Readonly<Record<string, string>> = { ETH: 'SUD' }

/** Codes by which v3-Confidentiality once spoke of a subject. */
const LEGACY: Readonly<Record<string, { readonly level: Confidentiality; readonly sensitivity: readonly Sensitivity[] }>> = {
  B: { level: 'R', sensitivity: [] },
  D: { level: 'R', sensitivity: [] },
  I: { level: 'R', sensitivity: [] },
  C: { level: 'R', sensitivity: [] },
  S: { level: 'R', sensitivity: [] },
  T: { level: 'R', sensitivity: ['TBOO'] },
  ETH: { level: 'R', sensitivity: ['ETH', 'SUD'] },
  HIV: { level: 'R', sensitivity: ['HIV'] },
  PSY: { level: 'R', sensitivity: ['PSY'] },
  SDV: { level: 'R', sensitivity: ['SDV'] },
}

type Kind = 'confidentiality' | 'code' | 'house' | 'other' | 'foreign' | 'unreadable'

/** A label's code system, whichever of its names it came under. */
const kindOf = (coding: Coding): Kind => {
  const system = (coding.system ?? '').toLowerCase()
  if (coding.code === undefined || coding.code.trim() === '') return 'unreadable'
  if (
    system.endsWith('/v3-confidentiality') ||
    system === 'http://hl7.org/fhir/v3/confidentiality' ||
    system === 'urn:oid:2.16.840.1.113883.5.25'
  )
    return 'confidentiality'
  if (system.endsWith('/v3-actcode') || system === 'http://hl7.org/fhir/v3/actcode' || system === 'urn:oid:2.16.840.1.113883.5.4')
    return 'code'
  // under the second name it was written before the code system was published
  if (system.endsWith('/codesystem/sensitivity') || system === 'urn:gateway:sensitivity') return 'house'
  if (system === '') return isConfidentiality(coding.code) || LEGACY[coding.code] !== undefined ? 'confidentiality' : 'code'
  return /v3-(actreason|observationvalue)$|\/v3\/(actreason|observationvalue)$|common-tags|iso-21089|\/security-label-ds4p\//.test(
    system,
  )
    ? 'other'
    : 'foreign'
}

const isConfidentiality = (code: string): code is Confidentiality => CONFIDENTIALITY.some((level) => level === code)

/** Is this a coding that `stamp` wrote for a part? */
export const isForPart = (coding: Coding): boolean =>
  coding.extension?.some((e) => e.url === CLASSIFIER_URL && e.valueReference?.identifier?.value === PART_CLASSIFIER) === true

/** Of two levels the stricter. */
export const stricter = (a: Confidentiality | undefined, b: Confidentiality): Confidentiality =>
  a !== undefined && CONFIDENTIALITY.indexOf(a) > CONFIDENTIALITY.indexOf(b) ? a : b

/** Today's name of a label. */
export const renamed = (code: string): string => RENAMED[code] ?? code

/** Reads the labels that a record came with. A code that is not known counts as a sensitivity that nobody's consent names. */
export const readInbound = (codings: readonly Coding[]): InboundLabels => {
  let confidentiality: Confidentiality | undefined
  let isReadable = true
  const sensitivity = new Set<Sensitivity>()
  const policy = new Set<string>()
  const others: Coding[] = []
  for (const coding of codings) {
    if (isForPart(coding)) continue
    const code = renamed(coding.code ?? '')
    const kind = kindOf(coding)
    if (kind === 'unreadable') isReadable = false
    else if (kind === 'confidentiality') {
      const legacy = LEGACY[code]
      if (isConfidentiality(code)) confidentiality = stricter(confidentiality, code)
      else if (legacy !== undefined) {
        confidentiality = stricter(confidentiality, legacy.level)
        for (const s of legacy.sensitivity) sensitivity.add(s)
      } else isReadable = false
    } else if (kind === 'foreign') sensitivity.add(`${coding.system ?? ''}|${code}`)
    else if (kind === 'other' || HANDLING.has(code)) others.push({ ...coding, code })
    else if (POLICY_CODES.has(code)) policy.add(code)
    else {
      sensitivity.add(code)
      const also = ALSO[code]
      if (also !== undefined) sensitivity.add(also)
    }
  }
  return { confidentiality, sensitivity: [...sensitivity].sort(), policy: [...policy].sort(), others, isReadable }
}
