// In: a patient, under lock. Out: everything that a decision about this patient rests on, as it is at this moment.
// Never: decides, and never reads without the lock.
import type { Resource } from '@medplum/fhirtypes'
import { patientId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import type { PatientFacts } from '../model/patient-facts.ts'
import type { Instant } from '../model/time.ts'
import { FOREVER } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { basesOf } from './bases.ts'
import { lockPatient, readRecords, readRecordsAsOf, versionKey, versionsOf } from './records.ts'
import type { StoredRecord } from './records.ts'

/** Types whose content is evidence in a decision. */
export const EVIDENCE_TYPES: ReadonlySet<string> = new Set([
  'Consent', 'CareTeam', 'ServiceRequest', 'Task', 'Encounter', 'EpisodeOfCare', 'Coverage', 'Patient', 'RelatedPerson',
]) // prettier-ignore

/** Types that belong to no patient and are evidence where they are referred to, by the record or by other evidence. */
const SHARED_EVIDENCE = /^(PractitionerRole|Practitioner|Group|Organization)\//
/** Steps from the record: a role, its organisation, and what that is part of. */
const STEPS_MAX = 4

/** What a decision rests on, with the stored versions that it is about. */
export interface HeldFacts {
  readonly facts: PatientFacts
  /** All versions of all records, oldest first within a record; `facts.records` has one entry for each, in this order. */
  readonly versions: readonly StoredRecord[]
  /** Roles, staff, groups and organisations that `facts.evidence` took from records of nobody. */
  readonly shared: readonly StoredRecord[]
}

/** Locks the patient and reads every version of every record, and what a decision about them rests on. */
export const factsForUpdate = async (tx: Tx, patient: string, partners: readonly Partner[], zone: string): Promise<HeldFacts> => {
  await lockPatient(tx, patient)
  return heldFacts(tx, patient, await versionsOf(tx, patient), partners, zone)
}

/**
 * What a decision about these versions rests on; the caller holds the patient's lock and has read all of them under it. A former
 * version is called `id/_history/3` in `facts.records`, so that it is decided about by its own labels (`records.versionKey`).
 */
export const heldFacts = async (
  tx: Tx,
  patient: string,
  versions: readonly StoredRecord[],
  partners: readonly Partner[],
  zone: string,
): Promise<HeldFacts> => {
  const bases = await basesOf(tx, patient)
  const current = versions.filter(({ isCurrent, isDeleted }) => isCurrent && !isDeleted)
  const shared = await sharedEvidence(tx, current)
  const evidence = [...current.filter(({ type }) => EVIDENCE_TYPES.has(type)), ...shared].map(withVersion)
  const records = versions.map((version) => ({ ...version.facts, labels: version.labels, id: versionKey(version) }))
  return { facts: { patient: patientId(patient), zone, partners, records, evidence, bases }, versions, shared }
}

/** Evidence names its version, so that a decision can say on which one it rests. */
export const withVersion = ({ resource, version }: StoredRecord): Resource => ({
  ...resource,
  meta: { ...resource.meta, versionId: String(version) },
})

/**
 * What belongs to no patient and is referred to by these records, or by other evidence: roles, staff, groups, organisations.
 * @param past as it was at this moment; as it is now when absent
 */
export const sharedEvidence = async (
  tx: Tx,
  current: readonly StoredRecord[],
  past?: Instant,
): Promise<readonly StoredRecord[]> => {
  const references = new Set(current.flatMap(({ facts }) => facts.references).filter((one) => SHARED_EVIDENCE.test(one)))
  if (references.size === 0) return []
  const at = past ?? FOREVER
  const keys = await tx.query<{ type: string; id: string }>(REACH, [[...references], SHARED_EVIDENCE.source, STEPS_MAX, at])
  const found = past === undefined ? await readRecords(tx, keys) : await readRecordsAsOf(tx, keys, past)
  return found.filter(({ isDeleted }) => !isDeleted)
}

const AS_OF = `(case when $4::timestamptz = '9999-12-31T23:59:59.999Z' then r.is_current else r.version = (
          select max(o.version) from record o where o.type = r.type and o.id = r.id and o.updated <= $4
        ) end)`

/** A role is found by what refers to it, and by the practitioner who holds it. */
const REACH = `
  with recursive reach (reference, step) as (
    select unnest($1::text[]) collate "C", 1
    union
    select next.one, reach.step + 1
    from reach cross join lateral (
      select one collate "C" as one
      from record r cross join lateral jsonb_array_elements_text(r.facts -> 'references') as one
      where r.type = split_part(reach.reference, '/', 1) and r.id = split_part(reach.reference, '/', 2) and ${AS_OF} and one ~ $2
      union all
      select ('PractitionerRole/' || r.id) collate "C"
      from record r
      where reach.reference like 'Practitioner/%' and r.patient = '' and r.type = 'PractitionerRole'
        and r.facts -> 'references' ? reach.reference and ${AS_OF}
    ) next
    where reach.step < $3
  )
  select distinct split_part(reference, '/', 1) as type, split_part(reference, '/', 2) as id from reach`

/**
 * Patients whose decisions may rest on one of these records of nobody, by a chain as long as `sharedEvidence` follows; on a role also
 * where only the practitioner who holds it, or held it, is named.
 */
export const patientsRestingOn = async (tx: Tx, references: readonly string[]): Promise<readonly string[]> => {
  const own = references.filter((one) => SHARED_EVIDENCE.test(one))
  if (own.length === 0) return []
  return (await tx.query<{ patient: string }>(RESTING, [own, STEPS_MAX])).map(({ patient }) => patient)
}

/** Patients whose records name one of these. */
export const patientsNaming = async (tx: Tx, references: readonly string[]): Promise<readonly string[]> => {
  if (references.length === 0) return []
  const rows = await tx.query<{ patient: string }>(
    `select distinct patient from record where is_current and patient <> '' and facts -> 'references' ?| $1::text[] order by patient`,
    [references],
  )
  return rows.map(({ patient }) => patient)
}

const RESTING = `
  with recursive reach (reference, step) as (
    select unnest($1::text[]) collate "C", 1
    union
    select next.one, reach.step + 1
    from reach cross join lateral (
      select (r.type || '/' || r.id) collate "C" as one
      from record r
      where r.is_current and r.patient = '' and r.facts -> 'references' ? reach.reference
      union all
      select one collate "C"
      from record r cross join lateral jsonb_array_elements_text(r.facts -> 'references') as one
      where reach.reference like 'PractitionerRole/%' and r.type = 'PractitionerRole'
        and r.id = split_part(reach.reference, '/', 2) and one like 'Practitioner/%'
    ) next
    where reach.step < $2
  )
  select distinct r.patient
  from reach join record r on r.is_current and r.patient <> '' and r.facts -> 'references' ? reach.reference
  order by r.patient`
