// In: a change that concerns many patients. Out: about whom has to be decided again, and one of them after the other.
// Never: decides; leaves out a patient whom the change could open to the partner, or lets a partner keep what may no longer be its.
import type { PartnerId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { quotedPattern, type RecordKey } from './directory.ts'
import { EVIDENCE_TYPES } from './facts.ts'

const DUE = `insert into decision_due (patient, since) select patient, $1 from found where patient <> ''
  on conflict (patient) do update set since = excluded.since`

/** Notes that it has to be decided again about everybody. */
export const noteEverybody = async (tx: Tx, at: Instant): Promise<void> => {
  await tx.query(`with found as (select distinct patient from place) ${DUE}`, [at])
}

/** Notes that it has to be decided again about whatever belongs to nobody. */
export const noteDirectory = async (tx: Tx, at: Instant): Promise<void> => {
  await tx.query(
    `insert into directory_due (type, id, since) select type, id, $1 from place where patient = '' order by type, id
     on conflict (type, id) do update set since = excluded.since`,
    [at],
  )
}

/** Types that belong to nobody and say who works where, and what is part of what. */
const SHARED = ['PractitionerRole', 'Practitioner', 'Group', 'Organization']
/** Steps from an organisation to whoever works in a part of it. */
const STEPS_MAX = 4

// whatever could make this partner somebody in a patient's consents, or treat the patient: more than it is, never less
const CONCERNED = `with recursive named as (
    select type || '/' || id as one from record
    where patient = '' and is_current and type = any ($4) and body like any ($6::text[])
  ), link as materialized (
    select type || '/' || id as one, other from record, jsonb_array_elements_text(facts -> 'references') as other
    where patient = '' and is_current and type = any ($4) and split_part(other, '/', 1) = any ($4)
  ), reach (one, step) as (
    select 'Organization/' || one, 0 from unnest($7::text[]) as one union select one, 0 from named
    union select case when l.one = reach.one then l.other else l.one end, step + 1
    from reach join link l on reach.one in (l.one, l.other) where step < $5
  ), reached as materialized (select array_agg(distinct one) as all from reach
  ), found as (
    select patient from showing where recipient = any ($8::text[])
    union select patient from record
    where is_current and (origin ->> 'partner' = $2 or ($9::boolean and origin ->> 'isPart2' = 'false'))
    union select patient from record, reached where is_current and type = any ($3)
      and (facts -> 'references' ?| reached.all or body like any ($6::text[]) or (type = 'Consent' and body not like '%"actor"%'))
    union select patient from legal_basis where is_current and patient <> '' and (fields::text like any ($6::text[]))
    union select patient from place where exists (
      select from legal_basis where is_current and patient = '' and (fields::text like any ($6::text[]) or kind = 'intermediary-membership'))
  )`

/**
 * Notes everybody whom this partner, as it is now registered, could see something of, or of whom it has seen something.
 * @param wholes the partners that it is a part of, by the register
 * @param withheld all from whom something was taken away because of the change
 */
export const noteConcerned = async (
  tx: Tx,
  partner: Partner,
  wholes: readonly Partner[],
  withheld: readonly string[],
  at: Instant,
): Promise<void> => {
  const names = [partner, ...wholes].flatMap(({ id, identifiers }) => [
    id,
    `Organization/${id}`,
    ...identifiers.map(({ value }) => value),
  ])
  const ids = [partner, ...wholes].map(({ id }) => id)
  const patterns = names.map(quotedPattern)
  await tx.query(`${CONCERNED} ${DUE}`, [
    at,
    partner.id,
    [...EVIDENCE_TYPES],
    SHARED,
    STEPS_MAX,
    patterns,
    ids,
    [partner.id, ...withheld],
    // what is no Part 2 record may go between those who treat and pay, without anybody naming them
    partner.kinds.some((kind) => kind === 'covered-entity' || kind === 'part2-program'),
  ])
}

/** Takes all records away from these recipients until it has been decided again. */
export const withholdAll = async (tx: Tx, recipients: readonly PartnerId[], at: Instant): Promise<void> => {
  for (const table of TABLES)
    await tx.query(`update ${table} set until = greatest(since, $2) where recipient = any ($1::text[]) and until > $2`, [
      recipients,
      at,
    ])
}

/** Takes the records of patients away from these recipients until it has been decided again; what belongs to nobody stays. */
export const withholdPatients = async (tx: Tx, recipients: readonly string[], at: Instant): Promise<void> => {
  for (const table of TABLES)
    await tx.query(
      `update ${table} set until = greatest(since, $2) where recipient = any ($1::text[]) and patient <> '' and until > $2`,
      [recipients, at],
    )
}

/** Takes away, until it has been decided again, what is shown on the ground of a consent in which these words stand. */
export const withholdByConsent = async (tx: Tx, words: string, at: Instant): Promise<void> => {
  for (const table of TABLES)
    await tx.query(
      `update ${table} s set until = greatest(since, $2) from (
         select distinct patient, '%"Consent/' || id || '"%' as reference from record
         where type = 'Consent' and patient <> '' and body like $1
       ) consent where s.patient = consent.patient and s.until > $2 and array_to_string(s.bases, ' ') like consent.reference`,
      [quotedPattern(words), at],
    )
}

const TABLES = ['showing', 'shown_before'] as const

/** Partners that take part in this one as an intermediary, by a basis that covers somebody or everybody. */
export const membersThrough = async (tx: Tx, intermediary: PartnerId): Promise<readonly string[]> =>
  (
    await tx.query<{ member: string }>(
      `select distinct fields ->> 'member' as member from legal_basis
       where is_current and kind = 'intermediary-membership' and fields ->> 'intermediary' = $1 and fields ->> 'member' is not null`,
      [intermediary],
    )
  ).map(({ member }) => member)

/** The next patient about whom has to be decided, kept from every other gateway until the end of the transaction. */
export const takeDue = async (tx: Tx): Promise<string | undefined> => {
  const [row] = await tx.query<{ patient: string }>(
    `delete from decision_due where patient = (
       select patient from decision_due order by since, patient for update skip locked limit 1
     ) returning patient`,
    [],
  )
  return row?.patient
}

/** The next records of nobody about which has to be decided, kept as a patient is. */
export const takeDirectoryDue = async (tx: Tx, most: number): Promise<readonly RecordKey[]> =>
  tx.query<RecordKey>(
    `with next as materialized (
       select type, id from directory_due order by since, type, id for update skip locked limit $1
     )
     delete from directory_due using next where (directory_due.type, directory_due.id) = (next.type, next.id)
     returning next.type, next.id`,
    [most],
  )

/** How many patients, and records of nobody, wait to be decided about. */
export const countDue = async (tx: Tx): Promise<number> => {
  const [row] = await tx.query<{ waiting: number }>(
    'select ((select count(*) from decision_due) + (select count(*) from directory_due))::integer as waiting',
    [],
  )
  return row?.waiting ?? 0
}
