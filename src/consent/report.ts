// In: a crime report or a child-abuse report as it was entered, and the patient. Out: the facts that the report may hold.
// Never: a diagnosis, a record, or a fact beyond those that the section lists.
import type { Address, HumanName, Patient } from '@medplum/fhirtypes'
import type { ReadBasis } from './bases.ts'

/** All that a report may say; an absent fact is one that nobody knows. @law 42 CFR 2.12(c)(5)(ii), (6) */
export interface PermittedReport {
  readonly circumstances: string
  /** That the person is a patient of the programme, which the circumstances include. */
  readonly patientStatus: 'patient of the programme'
  readonly name?: string
  readonly address?: string
  readonly lastKnownWhereabouts?: string
}

const words = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join(' ')

const nameOf = ({ text, given, family }: HumanName): string => words(...(given ?? []), family) || (text ?? '')
const addressOf = ({ text, line, city, state, postalCode }: Address): string =>
  words(...(line ?? []), city, state, postalCode) || (text ?? '')

/** The facts of one report, and nothing else. @law 42 CFR 2.12(c)(5)(ii), (6) */
export const permittedReport = (basis: ReadBasis, patient: Patient): PermittedReport => {
  const name = patient.name?.map(nameOf).find((one) => one !== '')
  const address = patient.address?.map(addressOf).find((one) => one !== '')
  const lastKnownWhereabouts = basis.text('lastKnownWhereabouts')
  return {
    circumstances: basis.text('incident') ?? '',
    patientStatus: 'patient of the programme',
    ...(name === undefined ? {} : { name }),
    ...(address === undefined ? {} : { address }),
    ...(lastKnownWhereabouts === undefined ? {} : { lastKnownWhereabouts }),
  }
}
