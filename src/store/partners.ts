// In: partners as the operator wrote them. Out: the current version of each.
// Never: forgets a version; a disclosure of last year names the partner as it was.
import type { Partner } from '../model/partner.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'

/** Keeps a new version of a partner; the last one counts from the next statement on, in every gateway. */
export const savePartner = async (tx: Tx, partner: Partner, at: Instant): Promise<void> => {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 3))', [`partner ${partner.id}`])
  await tx.query('update partner set is_current = false where id = $1 and is_current', [partner.id])
  await tx.query(
    `insert into partner (id, version, is_current, is_active, saved_at, body)
     select $1, coalesce(max(version), 0) + 1, true, $2, $3, $4::jsonb from partner where id = $1`,
    [partner.id, partner.isActive, at, JSON.stringify(partner)],
  )
}

/** Current partners by id, the inactive ones too. */
export const listPartners = async (tx: Tx): Promise<readonly Partner[]> =>
  (await tx.query<{ body: Partner }>('select body from partner where is_current order by id', [])).map(({ body }) => body)

/** The current version of one partner. */
export const partnerById = async (tx: Tx, id: string): Promise<Partner | undefined> => {
  const [row] = await tx.query<{ body: Partner }>('select body from partner where is_current and id = $1', [id])
  return row?.body
}

/** The partners that were registered at a past moment, as they were then. */
export const partnersAsOf = async (tx: Tx, at: Instant): Promise<readonly Partner[]> =>
  (
    await tx.query<{ body: Partner }>(
      'select distinct on (id) body from partner where saved_at <= $1 order by id, version desc',
      [at],
    )
  ).map(({ body }) => body)
