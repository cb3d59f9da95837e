import type { Patient } from '@medplum/fhirtypes'
import type { SignerCapacity } from '../model/consent.ts'
import type { PatientFacts } from '../model/patient-facts.ts'
import { BEGINNING, calendarOf, isWritten, NEVER } from './windows.ts'
import type { Calendar, Window } from './windows.ts'
import type { Examined } from './examined.ts'

/** What a state asks of a minor's consent to substance use treatment; rows only narrow. @law 42 CFR 2.14 */
export interface MinorRule {
  readonly state: string
  readonly law: string
  /** Whether the minor's own signature suffices, and then is the only one that counts. */
  readonly minorActsAlone: boolean
  readonly adultAt: number
}

/** States by the programme's jurisdiction; one that is not listed asks for both signatures, the stricter reading. */
export const MINORS: readonly MinorRule[] = [
  { state: 'US-TX', law: 'Tex. Family Code 32.003(a)(5), 32.004', minorActsAlone: true, adultAt: 18 },
  { state: 'US-MA', law: 'M.G.L. c.112 s.12E', minorActsAlone: true, adultAt: 18 },
  { state: 'US-CA', law: 'Cal. Family Code 6929', minorActsAlone: true, adultAt: 18 },
]

const STRICT: MinorRule = { state: '', law: '42 CFR 2.14', minorActsAlone: false, adultAt: 18 }

/** The row for a state, or the strict one. */
export const minorRuleOf = (jurisdiction: string | undefined): MinorRule =>
  MINORS.find(({ state }) => state === jurisdiction) ?? STRICT

interface SignerRow {
  readonly id: string
  readonly law: string
  readonly fails: (signed: ReadonlySet<SignerCapacity>, patient: Standing, examined: Examined) => boolean
}

interface Standing {
  readonly isMinor: boolean
  readonly isDeceased: boolean
  readonly rule: MinorRule
}

const BY_OTHERS: readonly SignerCapacity[] = ['guardian', 'personal-representative']

/** Who has to have signed. A guardian or representative shows the paper that makes him one. @law 42 CFR 2.14, 2.15 */
export const SIGNERS: readonly SignerRow[] = [
  {
    id: 'minor-must-sign',
    law: '42 CFR 2.14',
    fails: (signed, { isMinor, isDeceased }) => isMinor && !isDeceased && !signed.has('minor-patient') && !signed.has('patient'),
  },
  {
    id: 'parent-must-sign',
    law: '42 CFR 2.14(c)',
    fails: (signed, { isMinor, isDeceased, rule }) =>
      isMinor && !isDeceased && !rule.minorActsAlone && !signed.has('parent') && !signed.has('guardian'),
  },
  {
    id: 'adult-must-sign',
    law: '42 CFR 2.31(a)(8)',
    fails: (signed, { isMinor, isDeceased }) =>
      !isMinor && !isDeceased && !signed.has('patient') && !BY_OTHERS.some((one) => signed.has(one)),
  },
  {
    id: 'representative-must-sign',
    law: '42 CFR 2.15(b)',
    fails: (signed, { isDeceased }, examined) => isDeceased && !signed.has('personal-representative') && !signedInLife(examined),
  },
  {
    id: 'authority-not-shown',
    law: '42 CFR 2.15(a)',
    fails: (_, { isMinor, isDeceased }, { consent }) =>
      (isDeceased || !isMinor) &&
      consent.elements.signatures.some(({ capacity, evidence }) => BY_OTHERS.includes(capacity) && evidence === undefined),
  },
]

/** The rules of signing that a consent breaks, by id. */
export const capacityFaults = (examined: Examined): readonly string[] => {
  const patient = patientAt(examined)
  const signed = new Set(examined.consent.elements.signatures.map(({ capacity }) => capacity))
  return SIGNERS.filter((row) => row.fails(signed, patient, examined)).map(({ id }) => id)
}

const patientOf = ({ consent, context }: Examined): Patient | undefined => {
  const found = context.evidence?.find((resource) => `${resource.resourceType}/${resource.id ?? ''}` === consent.patient)
  return found?.resourceType === 'Patient' ? found : undefined
}

/** Age counts at signing; without a date of birth the capacity in which he signed tells. */
const patientAt = (examined: Examined): Standing => {
  const patient = patientOf(examined)
  const rule = minorRuleOf(examined.context.jurisdiction)
  const signed = examined.consent.elements.signedAt?.slice(0, 10)
  const born = patient?.birthDate
  const isMinor =
    born === undefined || signed === undefined
      ? examined.consent.elements.signatures.some(({ capacity }) => capacity === 'minor-patient' || capacity === 'parent')
      : signed < comingOfAge(born, rule)
  return { isMinor, isDeceased: patient?.deceasedBoolean === true || patient?.deceasedDateTime !== undefined, rule }
}

/** What a patient signed while alive stands after death. */
const signedInLife = (examined: Examined): boolean => {
  const died = patientOf(examined)?.deceasedDateTime
  const { signedAt, signatures } = examined.consent.elements
  if (died === undefined || signedAt === undefined) return false
  const calendar = calendarOf(examined.context.zone ?? 'UTC')
  return signatures.some(({ capacity }) => capacity === 'patient') && calendar.start(signedAt) < calendar.end(died)
}

/** The time for which the patient is a minor by the programme's state; none when no date of birth is on file. @law 42 CFR 2.14 */
export const minorityOf = ({ evidence, patient, jurisdiction }: PatientFacts, calendar: Calendar): Window => {
  const born = evidence.flatMap((resource) =>
    resource.resourceType === 'Patient' && resource.id === patient ? (resource.birthDate ?? []) : [],
  )[0]
  return born === undefined ? NEVER : { from: BEGINNING, until: calendar.start(comingOfAge(born, minorRuleOf(jurisdiction))) }
}

/** A day of birth that the year of majority does not have comes on the first of March. */
const comingOfAge = (born: string, { adultAt }: MinorRule): string => {
  const same = `${String(Number(born.slice(0, 4)) + adultAt).padStart(4, '0')}${born.slice(4)}`
  return isWritten(same) ? same : same.replace('-02-29', '-03-01')
}
