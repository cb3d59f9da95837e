// In: what is on record of somebody who was referred to the programme. Out: by criterion whether it is met, and which records say so.
// Never: takes silence for a no, guesses from free text, or decides where two records say opposite things: that is for a person.
import type { CodeableConcept, Coding, Condition, Observation, Resource } from '@medplum/fhirtypes'
import { localSystem } from '../src/mapping/context.ts'

export const FINDINGS = ['met', 'not-met', 'unknown'] as const
export type Finding = (typeof FINDINGS)[number]

export const SCREENING_OUTCOMES = ['eligible', 'not-eligible', 'undecided'] as const
export type ScreeningOutcome = (typeof SCREENING_OUTCOMES)[number]

/** One criterion of the programme. */
export interface Criterion {
  readonly id: string
  /** Where the seeds say so. */
  readonly seed: string
  readonly says: string
  /** Whether the programme's own decision rests on it; a criterion of the Ryan White contract is found and shown, and decides nothing here. */
  readonly decides: boolean
  /** Codes of a Condition that say that it is met. */
  readonly conditions: readonly CodeSet[]
  /** The code of an Observation that answers it. */
  readonly observation: Coding
  /** Answers beside the LOINC yes and no. */
  readonly answers?: Readonly<Record<string, boolean>>
}

/** Codes of one system, by their beginnings or one by one. */
export interface CodeSet {
  readonly system: string
  readonly prefixes?: readonly string[]
  readonly codes?: readonly string[]
}

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const SNOMED = 'http://snomed.info/sct'
const LOINC = 'http://loinc.org'
const icd = (...prefixes: readonly string[]): CodeSet => ({ system: ICD, prefixes })
const snomed = (...codes: readonly string[]): CodeSet => ({ system: SNOMED, codes })
const item = (code: string): Coding => ({ system: localSystem('eligibility-item'), code })

/** Blocks of ICD-10-CM chapter 5 whose first three signs run from one to the other. */
const block = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `F${String(from + i)}`)

/** Whom the programme is for, each criterion with its place in the seeds; nicotine (F17) is no substance use disorder here. */
export const CRITERIA: readonly Criterion[] = [
  {
    id: 'homeless',
    seed: '000:98',
    says: 'homeless, at risk of it, or back in the community from it not long ago',
    decides: true,
    conditions: [icd('Z59.0', 'Z59.81'), snomed('32911000')],
    observation: { system: LOINC, code: '71802-3' },
    // SNOMED CT where the screening's table has a code, else its own word; LA30190-5 is "I do not have housing"
    answers: { '32911000': true, 'at-risk': true, '185960001': true, '161036002': false, 'LA30190-5': true },
  },
  {
    id: 'substance-use-disorder',
    seed: '000:99',
    says: 'a substance use disorder',
    decides: true,
    conditions: [icd(...block(10, 16), ...block(18, 19)), snomed('26416006', '191816009', '191833002')],
    observation: item('substance-use-disorder'),
  },
  {
    id: 'mental-illness',
    seed: '000:99',
    says: 'a mental illness beside it',
    decides: true,
    conditions: [icd(...block(20, 48), 'F60'), snomed('75084000', '47505003')],
    observation: item('mental-illness'),
  },
  {
    id: 'willing',
    seed: '000:100',
    says: 'willing to take part',
    decides: true,
    conditions: [],
    observation: item('willing'),
  },
  {
    id: 'community',
    seed: '000:100',
    says: 'able and willing to live in the community',
    decides: true,
    conditions: [],
    observation: item('community'),
  },
  {
    id: 'hiv-positive',
    seed: '003:40',
    says: 'HIV positive, for the Ryan White contract',
    decides: false,
    conditions: [icd('B20', 'Z21'), snomed('86406008')],
    observation: item('hiv-positive'),
  },
  {
    id: 'service-area',
    seed: '003:40',
    says: 'lives in the service area, for the Ryan White contract',
    decides: false,
    conditions: [],
    observation: item('service-area'),
  },
]

/** What was found of one criterion. */
export interface Found {
  readonly criterion: string
  readonly finding: Finding
  /** `Type/id` of the records that say so. */
  readonly evidence: readonly string[]
}

export interface Screening {
  /** Undecided wherever a criterion that decides is unknown and none is not met: a person has to look. */
  readonly outcome: ScreeningOutcome
  readonly findings: readonly Found[]
}

type Kept = Resource & { readonly id: string }

/** Holds what is on record against every criterion. */
export const screen = (records: readonly Kept[]): Screening => {
  const findings = CRITERIA.map((criterion) => findingOf(criterion, records))
  const deciding = findings.filter((_, i) => CRITERIA[i]?.decides === true)
  const outcome = deciding.some(({ finding }) => finding === 'not-met')
    ? 'not-eligible'
    : deciding.every(({ finding }) => finding === 'met')
      ? 'eligible'
      : 'undecided'
  return { outcome, findings }
}

const findingOf = (criterion: Criterion, records: readonly Kept[]): Found => {
  const diagnosed = records.filter((one) => one.resourceType === 'Condition' && isSaidBy(criterion, one))
  const answered = newest(
    records.filter((one): one is Observation & Kept => one.resourceType === 'Observation').filter(answers(criterion)),
  )
  const answer = answered === undefined ? undefined : answerOf(criterion, answered)
  const evidence = [...diagnosed, ...(answer === undefined || answered === undefined ? [] : [answered])].map(
    ({ resourceType, id }) => `${resourceType}/${id}`,
  )
  const isYes = diagnosed.length > 0 || answer === true
  const finding = isYes === (answer === false) ? 'unknown' : isYes ? 'met' : 'not-met'
  return { criterion: criterion.id, finding, evidence }
}

/** A diagnosis that was refuted, entered in error or only suspected says nothing; one in remission still does. */
const isSaidBy = ({ conditions }: Criterion, { code, verificationStatus }: Condition): boolean =>
  !codings(verificationStatus).some((coding) =>
    ['refuted', 'entered-in-error', 'differential', 'unconfirmed'].includes(coding.code ?? ''),
  ) && codings(code).some((coding) => conditions.some((set) => isIn(set, coding)))

const isIn = ({ system, prefixes = [], codes = [] }: CodeSet, coding: Coding): boolean =>
  coding.system === system &&
  (codes.includes(coding.code ?? '') || prefixes.some((prefix) => coding.code?.toUpperCase().startsWith(prefix) === true))

const answers =
  ({ observation }: Criterion) =>
  ({ code, status }: Observation): boolean =>
    !['entered-in-error', 'cancelled'].includes(status) &&
    codings(code).some((coding) => coding.system === observation.system && coding.code === observation.code)

const newest = (observations: readonly (Observation & Kept)[]): (Observation & Kept) | undefined =>
  [...observations].sort((a, b) => ((a.effectiveDateTime ?? '') < (b.effectiveDateTime ?? '') ? 1 : -1))[0]

const YES_NO: Readonly<Record<string, boolean>> = { 'LA33-6': true, 'LA32-8': false }

const answerOf = (
  { answers: more = {} }: Criterion,
  { valueCodeableConcept, valueBoolean }: Observation,
): boolean | undefined => {
  if (valueBoolean !== undefined) return valueBoolean
  const said = codings(valueCodeableConcept).map(({ code = '' }) => more[code] ?? YES_NO[code])
  return said.find((answer) => answer !== undefined)
}

const codings = (concept: CodeableConcept | undefined): readonly Coding[] => concept?.coding ?? []

/** What a person decided at the screening, and on which referral; undefined for any other record. */
export interface ScreeningDecision {
  readonly decision: 'eligible' | 'not-eligible' | 'pending'
  readonly reason?: string
  /** The id of the referral as the programme wrote it. */
  readonly referral?: string
}

const DECISIONS = ['eligible', 'not-eligible', 'pending'] as const

/** Reads the decision of a screening from its Observation. */
export const decisionIn = (resource: Resource): ScreeningDecision | undefined => {
  if (resource.resourceType !== 'Observation') return undefined
  const isDecision = codings(resource.code).some(
    ({ system, code }) => system === localSystem('eligibility-item') && code === 'decision',
  )
  const decision = DECISIONS.find((one) => codings(resource.valueCodeableConcept).some(({ code }) => code === one))
  if (!isDecision || decision === undefined) return undefined
  const [basedOn] = resource.basedOn ?? []
  const referral = basedOn?.identifier?.value ?? basedOn?.reference?.replace(/^ServiceRequest\//, '')
  const reason = resource.note?.[0]?.text
  return { decision, ...(reason === undefined ? {} : { reason }), ...(referral === undefined ? {} : { referral }) }
}
