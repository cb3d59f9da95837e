// In: what one member of staff proposes and another decides. Out: the same, as it stands.
// Never: lets one person be both (the database refuses it too), or changes what was decided.
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'

/** A proposal as it stands. */
export interface StoredProposal {
  readonly id: string
  readonly action: 'replay' | 'emergency-review'
  readonly target: string
  readonly body: { readonly finding?: string; readonly why?: string }
  readonly proposedBy: string
  /** Name of whoever proposed it. */
  readonly by: string
  readonly at: Instant
  readonly outcome: string | null
}

const ROWS = `select p.id, p.action, p.target, p.body, p.proposed_by as "proposedBy", s.name as by, p.proposed_at as at, p.outcome
  from staff_proposal p join staff s on s.id = p.proposed_by`

/** What waits for a second person, the oldest first. */
export const undecidedProposals = (tx: Tx): Promise<StoredProposal[]> =>
  tx.query(`${ROWS} where p.decided_at is null order by p.proposed_at`, [])

/** One proposal by its id. */
export const proposalById = async (tx: Tx, id: string): Promise<StoredProposal | undefined> =>
  (await tx.query<StoredProposal>(`${ROWS} where p.id::text = $1`, [id]))[0]

/** Keeps a proposal; false when the same waits already. */
export const keepProposal = async (
  tx: Tx,
  { id, action, target, body, proposedBy, at }: Omit<StoredProposal, 'by' | 'outcome'>,
): Promise<boolean> =>
  (
    await tx.query(
      `insert into staff_proposal (id, action, target, body, proposed_by, proposed_at) values ($1, $2, $3, $4::jsonb, $5, $6)
       on conflict do nothing returning id`,
      [id, action, target, JSON.stringify(body), proposedBy, at],
    )
  ).length === 1

/** Writes down what somebody decided; false when somebody has. */
export const decideStored = async (
  tx: Tx,
  id: string,
  by: string,
  at: Instant,
  outcome: 'confirmed' | 'refused',
): Promise<boolean> =>
  (
    await tx.query(
      'update staff_proposal set decided_by = $2, decided_at = $3, outcome = $4 where id = $1 and decided_at is null returning id',
      [id, by, at, outcome],
    )
  ).length === 1

/** What two people found about these emergencies, by emergency and version; the last finding counts. */
export const findingsOf = (
  tx: Tx,
  targets: readonly string[],
): Promise<{ readonly target: string; readonly finding: string }[]> =>
  tx.query(
    `select target, body ->> 'finding' as finding from staff_proposal
     where action = 'emergency-review' and outcome = 'confirmed' and target = any ($1::text[]) order by decided_at`,
    [targets],
  )
