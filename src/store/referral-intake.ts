// In: what a referral was screened by, and who has how many places. Out: the same; a place is taken or given back exactly once.
// Never: decides about a referral, or keeps what a record says: findings name records.
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'

/** What a referral was screened by last. */
export interface StoredScreening {
  readonly task: string
  readonly patient: string
  /** The patient under whom the programme screened; empty while it has not. */
  readonly client: string
  readonly outcome: string
  readonly findings: readonly { readonly criterion: string; readonly finding: string; readonly evidence: readonly string[] }[]
  readonly at: Instant
}

/** Keeps what a referral was screened by; a patient under whom the programme screened stays known. */
export const keepScreening = async (tx: Tx, one: StoredScreening): Promise<void> => {
  await tx.query(
    `insert into referral_screening as s (task, patient, client, outcome, findings, at) values ($1, $2, $3, $4, $5::jsonb, $6)
     on conflict (task) do update set client = case when $3 = '' then s.client else $3 end, outcome = $4, findings = $5::jsonb, at = $6`,
    [one.task, one.patient, one.client, one.outcome, JSON.stringify(one.findings), one.at],
  )
}

export const readScreening = async (tx: Tx, task: string): Promise<StoredScreening | undefined> =>
  (
    await tx.query<StoredScreening>(
      'select task, patient, client, outcome, findings, at from referral_screening where task = $1',
      [task],
    )
  )[0]

/** Referrals of somebody whom the programme screened, or who was referred under this number, the oldest first. */
export const referralsOfClient = async (tx: Tx, patient: string): Promise<readonly string[]> =>
  (
    await tx.query<{ task: string }>(
      `select task from referral_screening where client = $1 and client <> ''
       union select task from referral_screening where patient = $1 order by task`,
      [patient],
    )
  ).map(({ task }) => task)

export const CAPACITY_STATUSES = ['capacity', 'no-capacity', 'no-capacity-has-waitlist'] as const
export type CapacityStatus = (typeof CAPACITY_STATUSES)[number]

/** What a partner says of its places for one service. */
export interface Capacity {
  readonly provider: string
  /** `system|code`, or an asterisk for whatever it does. */
  readonly need: string
  readonly status: CapacityStatus
  /** Free places; null where nobody counts them. */
  readonly places: number | null
  readonly statedAt: Instant
  readonly statedBy: string
}

const CAPACITY = 'provider, need, status, places, stated_at as "statedAt", stated_by as "statedBy"'

/** Notes what a partner says of its places; what it said before no longer counts. */
export const stateCapacity = async (tx: Tx, one: Capacity): Promise<void> => {
  await tx.query(
    `insert into service_capacity (provider, need, status, places, stated_at, stated_by) values ($1, $2, $3, $4, $5, $6)
     on conflict (provider, need) do update set status = $3, places = $4, stated_at = $5, stated_by = $6`,
    [one.provider, one.need, one.status, one.places, one.statedAt, one.statedBy],
  )
}

/** What all partners say, by partner and service. */
export const listCapacity = (tx: Tx): Promise<readonly Capacity[]> =>
  tx.query<Capacity>(`select ${CAPACITY} from service_capacity order by provider, need`, [])

/** What a partner says of one of these services, else of all it does; locked until the transaction ends. */
export const capacityFor = async (tx: Tx, provider: string, needs: readonly string[]): Promise<Capacity | undefined> =>
  (
    await tx.query<Capacity>(
      `select ${CAPACITY} from service_capacity where provider = $1 and (need = any($2) or need = '*')
       order by need = '*', need limit 1 for update`,
      [provider, needs],
    )
  )[0]

/** Gives a referral one of the places that were found free; the same referral takes no second one. */
export const takePlace = async (tx: Tx, task: string, { provider, need }: Capacity): Promise<void> => {
  await tx.query(
    `with taken as (insert into referral_place (task, provider, need) values ($1, $2, $3) on conflict (task) do nothing returning task)
     update service_capacity set places = greatest(places - 1, 0) where provider = $2 and need = $3 and exists (select from taken)`,
    [task, provider, need],
  )
}

/** Gives back the place of a referral that has ended, if it had one. */
export const freePlace = async (tx: Tx, task: string): Promise<void> => {
  await tx.query(
    `with freed as (delete from referral_place where task = $1 returning provider, need)
     update service_capacity c set places = c.places + 1 from freed f where c.provider = f.provider and c.need = f.need`,
    [task],
  )
}
