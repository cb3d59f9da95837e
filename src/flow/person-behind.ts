// In: an ask, with the person behind the system when the token names one. Out: what was found, or nothing when that person may not.
// Never: widens what the audience holds, or lets a number tell what a person may not see.
import { isAtPartner, needsToKnow } from '../consent/person.ts'
import type { Ask, Found } from '../model/ask.ts'
import { patientId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import type { PatientFacts } from '../model/patient-facts.ts'
import type { Tx } from '../platform/db.ts'
import type { Result } from '../platform/result.ts'
import { basesOf } from '../store/bases.ts'
import { EVIDENCE_TYPES, sharedEvidence, withVersion } from '../store/facts.ts'
import type { FindManner } from '../store/find.ts'
import { rolesOf } from '../store/person-roles.ts'
import { recordsOfPatient, type StoredRecord } from '../store/records.ts'
import { NOBODY } from './decide-again.ts'
import type { House } from './house.ts'
import { withReliedEvidence } from './relied-evidence.ts'

/**
 * What the audience holds for the one who asks. Audiences are of partners; a person only narrows them: without a role at the
 * partner, by what the programme filed, nothing is shown; and a person of the programme sees patients that they work with.
 * @law 42 CFR 2.12(c)(3), 2.31(a)(4)
 */
export const findFor = async (house: House, ask: Ask, manner: FindManner): Promise<Result<Found>> => {
  const { subject, recipient } = ask
  if (subject === undefined) return house.find(house.reader, ask, manner)
  const partners = await house.partners.all()
  const partner = partners.find(({ id }) => id === recipient)
  const roles = await rolesOf(house.db, subject.id)
  const facts = await factsFrom(house, house.db, NOBODY, [], roles, partners)
  // An ask without a purpose sees nothing, and says what one says that sees nothing.
  if (partner === undefined || !isAtPartner(facts, partner, subject.id, ask.at))
    return house.find(house.reader, { ...ask, purposes: [] }, manner)
  const found = await house.find(house.reader, ask, manner)
  if (!found.ok || !partner.kinds.includes('programme')) return found
  return (await mayKnow(house, ask, subject.id, found.value, partners))
    ? found
    : house.find(house.reader, { ...ask, purposes: [] }, manner)
}

/** All of it or nothing: a page out of which rows were taken would tell by its number what was taken. */
const mayKnow = async (
  house: House,
  ask: Ask,
  person: string,
  { rows, next, total }: Found,
  partners: readonly Partner[],
): Promise<boolean> => {
  const isWhole = next === undefined && (total === undefined || total === rows.filter(({ mode }) => mode === 'match').length)
  if (!isWhole && !isAboutOne(ask)) return false
  for (const patient of new Set(rows.flatMap((row) => row.patient ?? []))) {
    const current = (await recordsOfPatient(house.db, patient)).filter(({ isDeleted }) => !isDeleted)
    const shared = await sharedEvidence(house.db, current)
    const facts = await factsFrom(house, house.db, patient, current, shared, partners)
    if (!needsToKnow(facts, person, ask.at)) return false
  }
  return true
}

/** Whether whatever an ask finds, on this page or a later one, is of one patient. */
const isAboutOne = ({ wanted }: Ask): boolean => {
  switch (wanted.interaction) {
    case 'search':
      return wanted.query.compartment?.type === 'Patient'
    case 'read':
    case 'vread':
    case 'history-instance':
    case 'everything':
      return true
    case 'history-type':
    case 'history-system':
      return false
  }
}

const factsFrom = async (
  house: House,
  tx: Tx,
  patient: string,
  current: readonly StoredRecord[],
  shared: readonly StoredRecord[],
  partners: readonly Partner[],
): Promise<PatientFacts> => {
  const evidence = [...current.filter(({ type }) => EVIDENCE_TYPES.has(type)), ...shared].map(withVersion)
  const bases = patient === NOBODY ? [] : await basesOf(tx, patient)
  const facts = { patient: patientId(patient), zone: house.settings.zone, partners, records: [], evidence, bases }
  return withReliedEvidence(tx, { facts, versions: current, shared }, partners)
}
