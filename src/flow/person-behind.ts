// In: an ask, with the person behind the system when the token names one. Out: what was found, or nothing when that person may not.
// Never: widens what the audience holds, or lets a number tell what a person may not see.
import { hash } from 'node:crypto'
import { isAtPartner, isForAnother, needsToKnow } from '../consent/person.ts'
import type { Ask, Asker, Found, Subject } from '../model/ask.ts'
import { patientId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import type { PatientFacts } from '../model/patient-facts.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import type { Result } from '../platform/result.ts'
import { basesOf } from '../store/bases.ts'
import { EVIDENCE_TYPES, sharedEvidence, withVersion } from '../store/facts.ts'
import type { FindManner } from '../store/find.ts'
import { listPartners } from '../store/partners.ts'
import { rolesOf, whoseConsentsNamePersons } from '../store/person-roles.ts'
import { recordsOfPatient, type StoredRecord } from '../store/records.ts'
import { NOBODY } from './nobody.ts'
import type { House } from './house.ts'
import { withReliedEvidence } from './relied-evidence.ts'

/** A person as the ledger names one: whom the token names is nobody else's business. */
export const personName = ({ id }: Subject): string => hash('sha256', id)

/** Where it is asked from: a transaction that is under way, or else the house's own connections. */
interface Place {
  readonly reader: Tx
  readonly facts: Tx
  readonly partners: () => Promise<readonly Partner[]>
}

const placeOf = (house: House, tx: Tx | undefined): Place =>
  tx === undefined
    ? { reader: house.reader, facts: house.db, partners: () => house.partners.all() }
    : { reader: tx, facts: tx, partners: () => listPartners(tx) }

/**
 * What the audience holds for the one who asks: the only way in which the corridor looks for records. Audiences are of partners; a
 * person only narrows them: without a role at the partner, by what the programme filed, nothing is shown; and a person of the
 * programme sees patients that they work with.
 * @param tx the transaction in which it is asked, when one is under way
 * @law 42 CFR 2.12(c)(3), 2.31(a)(4)
 */
export const findFor = async (house: House, ask: Ask, manner: FindManner, tx?: Tx): Promise<Result<Found>> => {
  const { subject, recipient, at } = ask
  const place = placeOf(house, tx)
  const find = (asked: Ask): Promise<Result<Found>> => house.find(place.reader, asked, manner)
  if (subject === undefined) return find(ask)
  // An ask without a purpose sees nothing, and says what one says that sees nothing.
  const nothing = { ...ask, purposes: [] }
  const partners = await place.partners()
  const partner = partners.find(({ id }) => id === recipient)
  if (!(await isPersonOf(house, place, partner, subject.id, at))) return find(nothing)
  const found = await find(ask)
  if (!found.ok) return found
  const may = partner?.kinds.includes('programme') === true ? mayKnow : isMeant
  return (await may(house, place, ask, subject.id, found.value)) ? found : find(nothing)
}

/**
 * Whether the person behind a system, when one is named, may look at what the gateway holds about this patient as the partner may.
 * @law 42 CFR 2.12(c)(3), 2.31(a)(4)
 */
export const mayLookAt = async (house: House, { partner: id, subject }: Asker, patient: string): Promise<boolean> => {
  if (subject === undefined) return true
  const place = placeOf(house, undefined)
  const at = house.clock.now()
  const partner = (await place.partners()).find((one) => one.id === id)
  if (!(await isPersonOf(house, place, partner, subject.id, at))) return false
  return partner?.kinds.includes('programme') !== true || (await isNeeded(house, place, patient, subject.id, at))
}

/**
 * Whether who asks may speak for the partner at all: its system by itself, or a person who has a role there.
 * @law 42 CFR 2.31(a)(4)
 */
export const speaksFor = async (house: House, { partner: id, subject }: Asker): Promise<boolean> => {
  if (subject === undefined) return true
  const place = placeOf(house, undefined)
  const partner = (await place.partners()).find((one) => one.id === id)
  return isPersonOf(house, place, partner, subject.id, house.clock.now())
}

/**
 * Whether who asks may look at what is not about one patient: a person of the programme needs a recorded need that covers everybody.
 * @law 42 CFR 2.12(c)(3)
 */
export const mayLookAtAll = async (house: House, asker: Asker): Promise<boolean> => {
  if (asker.subject === undefined) return true
  if (!(await speaksFor(house, asker))) return false
  const bases = await basesOf(house.db, NOBODY)
  const facts = await factsFrom(house, placeOf(house, undefined), NOBODY, [], [])
  return needsToKnow({ ...facts, bases }, asker.subject.id, house.clock.now())
}

const isPersonOf = async (
  house: House,
  place: Place,
  partner: Partner | undefined,
  person: string,
  at: Instant,
): Promise<boolean> => {
  if (partner === undefined) return false
  const facts = await factsFrom(house, place, NOBODY, [], await rolesOf(place.facts, person))
  return isAtPartner(facts, partner, person, at)
}

/** All of it or nothing: a page out of which rows were taken would tell by its number what was taken. */
const mayKnow = async (house: House, place: Place, ask: Ask, person: string, { rows, next, total }: Found): Promise<boolean> => {
  const isWhole = next === undefined && (total === undefined || total === rows.filter(({ mode }) => mode === 'match').length)
  if (!isWhole && !isAboutOne(ask)) return false
  // a count shows no rows, and is about the patient all the same
  for (const patient of new Set([...patientIn(ask), ...rows.flatMap((row) => row.patient ?? [])]))
    if (!(await isNeeded(house, place, patient, person, ask.at))) return false
  return true
}

/**
 * Whether nothing of it rests on a consent that means a colleague only. All of it or nothing, as above; a count is about all records.
 * @law 42 CFR 2.31(a)(4)(i)
 */
const isMeant = async (house: House, place: Place, ask: Ask, person: string, { rows, total = 0 }: Found): Promise<boolean> => {
  const patients = [...new Set([...patientIn(ask), ...rows.flatMap((row) => row.patient ?? [])])]
  for (const patient of await whoseConsentsNamePersons(place.facts, patients)) {
    const facts = await allFactsOf(house, place, patient, person)
    const asked = rows.length === 0 && total > 0 ? facts.records : rows.filter((row) => row.patient === patient)
    for (const { type, id } of asked) {
      const record = facts.records.find((one) => one.type === type && one.id === id)
      if (record === undefined || ask.purposes.some((purpose) => isForAnother(facts, record, { ...ask, purpose, person })))
        return false
    }
  }
  return true
}

/** The current records of a patient, with what decides about them and the roles of a person. */
const allFactsOf = async (house: House, place: Place, patient: string, person: string): Promise<PatientFacts> => {
  const current = (await recordsOfPatient(place.facts, patient)).filter(({ isDeleted }) => !isDeleted)
  const shared = [...(await rolesOf(place.facts, person)), ...(await sharedEvidence(place.facts, current))]
  const { jurisdiction } = house.settings
  return {
    ...(await factsFrom(house, place, patient, current, distinct(shared))),
    records: current.map((version) => ({ ...version.facts, labels: version.labels, id: version.id })),
    ...(jurisdiction === undefined ? {} : { jurisdiction }),
  }
}

/** Each record once. */
export const distinct = (records: readonly StoredRecord[]): readonly StoredRecord[] => [
  ...new Map(records.map((one) => [`${one.type}/${one.id}`, one])).values(),
]

const patientIn = ({ wanted }: Ask): readonly string[] => {
  if (wanted.interaction === 'everything') return [wanted.patient]
  return wanted.interaction === 'search' && wanted.query.compartment?.type === 'Patient' ? [wanted.query.compartment.id] : []
}

const isNeeded = async (house: House, place: Place, patient: string, person: string, at: Instant): Promise<boolean> => {
  const current = (await recordsOfPatient(place.facts, patient)).filter(({ isDeleted }) => !isDeleted)
  const shared = await sharedEvidence(place.facts, current)
  return needsToKnow(await factsFrom(house, place, patient, current, shared), person, at)
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
  place: Place,
  patient: string,
  current: readonly StoredRecord[],
  shared: readonly StoredRecord[],
): Promise<PatientFacts> => {
  const partners = await place.partners()
  const evidence = [...current.filter(({ type }) => EVIDENCE_TYPES.has(type)), ...shared].map(withVersion)
  const bases = patient === NOBODY ? [] : await basesOf(place.facts, patient)
  const facts = { patient: patientId(patient), zone: house.settings.zone, partners, records: [], evidence, bases }
  return withReliedEvidence(place.facts, { facts, versions: current, shared }, partners)
}
