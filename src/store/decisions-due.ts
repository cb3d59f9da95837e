// In: a change that concerns many patients. Out: about whom has to be decided again, and one of them after the other.
// Never: decides; leaves out a patient whom the change could open to the partner, or lets a partner keep what may no longer be its.
import type { PartnerId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { EVIDENCE_TYPES } from './facts.ts'

const DUE = `insert into decision_due (patient, since) select patient, $1 from found where patient <> ''
  on conflict (patient) do update set since = excluded.since`

/** Notes that it has to be decided again about everybody. */
export const noteEverybody = async (tx: Tx, at: Instant): Promise<void> => {
  await tx.query(`with found as (select distinct patient from place) ${DUE}`, [at])
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
    select 'Organization/' || $2, 0 union select one, 0 from named
    union select case when l.one = reach.one then l.other else l.one end, step + 1
    from reach join link l on reach.one in (l.one, l.other) where step < $5
  ), reached as materialized (select array_agg(distinct one) as all from reach
  ), found as (
    select patient from showing where recipient = $2
    union select patient from record where is_current and origin ->> 'partner' = $2
    union select patient from record, reached where is_current and type = any ($3)
      and (facts -> 'references' ?| reached.all or body like any ($6::text[]) or (type = 'Consent' and body not like '%"actor"%'))
    union select patient from legal_basis where is_current and patient <> '' and (fields::text like any ($6::text[]))
    union select patient from place where exists (
      select from legal_basis where is_current and patient = '' and (fields::text like any ($6::text[]) or kind = 'intermediary-membership'))
  )`

const quoted = (value: string): string => `%"${value.replace(/[\\%_]/g, '\\$&')}"%`

/** Notes everybody whom this partner, as it is now registered, could see something of, or of whom it has seen something. */
export const noteConcerned = async (tx: Tx, partner: Partner, at: Instant): Promise<void> => {
  const names = [partner.id, `Organization/${partner.id}`, ...partner.identifiers.map(({ value }) => value)]
  const patterns = names.map(quoted)
  await tx.query(`${CONCERNED} ${DUE}`, [at, partner.id, [...EVIDENCE_TYPES], SHARED, STEPS_MAX, patterns])
}

/** Takes everybody's records away from a recipient until it has been decided again. */
export const withholdAll = async (tx: Tx, recipient: PartnerId, at: Instant): Promise<void> => {
  for (const table of ['showing', 'shown_before'])
    await tx.query(`update ${table} set until = greatest(since, $2) where recipient = $1 and patient <> '' and until > $2`, [
      recipient,
      at,
    ])
}

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

/** How many patients wait to be decided about. */
export const countDue = async (tx: Tx): Promise<number> => {
  const [row] = await tx.query<{ waiting: number }>('select count(*)::integer as waiting from decision_due', [])
  return row?.waiting ?? 0
}
