import { BASE } from '../../src/mapping/context.ts'

/** One row of a code table: the v2 code, the FHIR code, and where it is written. */
export interface CodeRow {
  readonly v2: string
  readonly fhir: string
}

/** A code table that is read both ways; of several rows with one target the first is written. */
export interface Codes<T extends string = string> {
  readonly source: string
  readonly toFhir: (v2: string | undefined) => T | undefined
  readonly toV2: (fhir: string | undefined) => string | undefined
  readonly rows: readonly CodeRow[]
}

const codes = <const T extends string>(source: string, pairs: readonly (readonly [v2: string, fhir: T])[]): Codes<T> => ({
  source,
  rows: pairs.map(([v2, fhir]) => ({ v2, fhir })),
  toFhir: (v2) => pairs.find(([code]) => code === v2)?.[1],
  toV2: (fhir) => pairs.find(([, code]) => code === fhir)?.[0],
})

const CONCEPT_MAP = 'HL7 v2-to-FHIR concept map'

export const GENDER = codes(`${CONCEPT_MAP} AdministrativeSex (0001)`, [
  ['F', 'female'],
  ['M', 'male'],
  ['O', 'other'],
  ['A', 'other'],
  ['N', 'other'],
  ['X', 'other'],
  ['U', 'unknown'],
])

export const NAME_USE = codes(`${CONCEPT_MAP} NameType (0200)`, [
  ['L', 'official'],
  ['D', 'usual'],
  ['M', 'maiden'],
  ['N', 'nickname'],
  ['S', 'anonymous'],
  ['T', 'temp'],
  ['TEMP', 'temp'],
  ['NOUSE', 'old'],
  ['BAD', 'old'],
])

export const ADDRESS_USE = codes(`${CONCEPT_MAP} AddressType[Use] (0190)`, [
  ['H', 'home'],
  ['B', 'work'],
  ['O', 'work'],
  ['C', 'temp'],
  ['BA', 'old'],
  ['BI', 'billing'],
])

export const TELECOM_USE = codes(`${CONCEPT_MAP} TelecommunicationUseCode (0201)`, [
  ['PRN', 'home'],
  ['WPN', 'work'],
  ['ORN', 'temp'],
  ['VHN', 'temp'],
  ['PRS', 'mobile'],
])

export const TELECOM_SYSTEM = codes(`${CONCEPT_MAP} TelecommunicationEquipmentType (0202)`, [
  ['PH', 'phone'],
  ['CP', 'phone'],
  ['FX', 'fax'],
  ['BP', 'pager'],
  ['Internet', 'email'],
  ['X.400', 'email'],
  ['SAT', 'phone'],
  ['MD', 'other'],
  ['TDD', 'other'],
  ['TTY', 'other'],
])

/** Proposed: no official map of RF1 exists. */
export const REFERRAL_STATUS = codes('table 0283; proposed, docs/hl7v2.md', [
  ['P', 'requested'],
  ['A', 'accepted'],
  ['R', 'rejected'],
  ['E', 'cancelled'],
])

export const REFERRAL_PRIORITY = codes('table 0280; proposed, docs/hl7v2.md', [
  ['R', 'routine'],
  ['A', 'asap'],
  ['S', 'stat'],
  ['U', 'urgent'],
])

export const CODE_SYSTEMS = codes('table 0396 and terminology.hl7.org', [
  ['LN', 'http://loinc.org'],
  ['SCT', 'http://snomed.info/sct'],
  ['I10', 'http://hl7.org/fhir/sid/icd-10'],
  ['I10C', 'http://hl7.org/fhir/sid/icd-10-cm'],
  ['I9', 'http://hl7.org/fhir/sid/icd-9'],
  ['I9C', 'http://hl7.org/fhir/sid/icd-9-cm'],
  ['ICD10CM', 'http://hl7.org/fhir/sid/icd-10-cm'],
  ['SNM', 'http://snomed.info/sct'],
  ['RXNORM', 'http://www.nlm.nih.gov/research/umls/rxnorm'],
  ['UCUM', 'http://unitsofmeasure.org'],
  ['C4', 'http://www.ama-assn.org/go/cpt'],
  ['CVX', 'http://hl7.org/fhir/sid/cvx'],
  ['NDC', 'http://hl7.org/fhir/sid/ndc'],
  ['CDCREC', 'urn:oid:2.16.840.1.113883.6.238'],
])

const V2_TABLE = 'http://terminology.hl7.org/CodeSystem/v2-'
const LOCAL = `${BASE}/CodeSystem/v2/`

/** The URI of a coding system named in CWE.3; a name that is not known gives a URI of our own, so that the way back is certain. */
export const systemOfName = (name: string): string => {
  const table = /^HL7(\d{4})$/.exec(name)
  return table?.[1] !== undefined ? V2_TABLE + table[1] : (CODE_SYSTEMS.toFhir(name) ?? LOCAL + encodeURIComponent(name))
}

/** The name to write into CWE.3 for a URI. */
export const nameOfSystem = (system: string): string => {
  if (system.startsWith(V2_TABLE)) return `HL7${system.slice(V2_TABLE.length)}`
  return CODE_SYSTEMS.toV2(system) ?? (system.startsWith(LOCAL) ? decodeURIComponent(system.slice(LOCAL.length)) : system)
}

export const CONDITION_CLINICAL = 'http://terminology.hl7.org/CodeSystem/condition-clinical'
export const CONDITION_VERIFICATION = 'http://terminology.hl7.org/CodeSystem/condition-ver-status'
export const CONDITION_CATEGORY = 'http://terminology.hl7.org/CodeSystem/condition-category'
export const IDENTIFIER_TYPE = `${V2_TABLE}0203`

export const v2Table = (number: string): string => V2_TABLE + number
