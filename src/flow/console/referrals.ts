// In: which referrals somebody wants to see. Out: where each stands, and every step that it took.
// Never: moves one: that is for those who take part in it.
import type { Task } from '@medplum/fhirtypes'
import { parseEntry } from '../../audit/parse-entry.ts'
import type { ReferralLine, ReferralStep } from '../../model/console-referrals.ts'
import { patientId } from '../../model/ids.ts'
import type { Labels } from '../../model/label.ts'
import { REFERRAL_STATES } from '../../model/referral.ts'
import { may, type StaffMember } from '../../model/staff.ts'
import { findDeliveries } from '../../delivery/operate.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { listPartners } from '../../store/partners.ts'
import { readRecord } from '../../store/records.ts'
import type { House } from '../house.ts'
import { look, type Place } from './look.ts'
import { clientNames } from './names.ts'

const REFERRALS: Place = { name: 'referrals', permission: 'referrals.read' }
const MOST = 200

export interface ReferralQuery {
  readonly partner?: string | undefined
  readonly patient?: string | undefined
  readonly state?: string | undefined
}

/** Every state with how many are in it, and the referrals that changed last. */
export interface Referrals {
  readonly states: readonly { readonly state: string; readonly count: number }[]
  readonly rows: readonly ReferralLine[]
}

const WHERE = `type = 'Task' and is_current and not is_deleted and ($1::text is null or patient = $1)
  and ($2::text is null or body::jsonb -> 'owner' ->> 'reference' = 'Organization/' || $2
       or body::jsonb -> 'requester' ->> 'reference' = 'Organization/' || $2)`

const COUNT = `select body::jsonb ->> 'status' as state, count(*)::int as count from record where ${WHERE} group by 1`
const FIND = `select id, patient, updated, labels, body::jsonb as task from record
  where ${WHERE} and ($3::text is null or body::jsonb ->> 'status' = $3) order by updated desc limit ${String(MOST)}`

/** Referrals by state. */
export const listReferrals = (house: House, who: StaffMember, query: ReferralQuery): Promise<Result<Referrals>> =>
  look(house, who, REFERRALS, async () => {
    const asked = [query.patient ?? null, query.partner ?? null]
    const [counts, found, names] = await Promise.all([
      house.db.query<{ state: string; count: number }>(COUNT, asked),
      house.db.query<Found>(FIND, [...asked, query.state ?? null]),
      partnerNames(house),
    ])
    const patients = found.map(({ patient }) => patient)
    const clientOf = await clientNames(house, who, patients)
    const byState = new Map(counts.map(({ state, count }) => [state, count]))
    const page = {
      states: REFERRAL_STATES.map((state) => ({ state, count: byState.get(state) ?? 0 })),
      rows: found.map((row) => lineOf(row, names, clientOf, may(who.role, 'clients.name'))),
    }
    return ok({ page, patients: [...patients, query.patient] })
  })

interface Found {
  readonly id: string
  readonly patient: string
  readonly updated: string
  readonly labels: Pick<Labels, 'sensitivity' | 'parts'>
  readonly task: Task
}

const partnerNames = async (house: House): Promise<(reference: string | undefined) => string> => {
  const names = new Map((await listPartners(house.db)).map(({ id, name }) => [`Organization/${id}`, name]))
  return (reference) => (reference === undefined ? 'nobody yet' : (names.get(reference) ?? reference))
}

const lineOf = (
  { id, patient, updated, labels, task }: Found,
  nameOf: (reference: string | undefined) => string,
  clientOf: Awaited<ReturnType<typeof clientNames>>,
  mayKnowWhat: boolean,
): ReferralLine => ({
  id,
  client: clientOf(patient),
  state: task.status,
  from: nameOf(task.requester?.reference),
  to: nameOf(task.owner?.reference),
  what: (mayKnowWhat || !isTelling(labels) ? (task.code?.text ?? task.code?.coding?.[0]?.display) : undefined) ?? 'referral',
  authoredAt: task.authoredOn ?? updated,
  changedAt: updated,
})

/** Does the referral say by its own code what somebody is treated for? */
const isTelling = ({ sensitivity, parts }: Found['labels']): boolean =>
  sensitivity.length > 0 || parts.some(({ pointer }) => pointer === '' || pointer === '/code')

const STEPS = `select l.body from ledger_patient p join ledger l on l.seq = p.seq
  where p.patient = $1 and l.kind in ('referral', 'delivery', 'disclosure') order by p.seq`

/** What became of one referral, step by step: its states, what was sent of it, and what waits. */
export const referralSteps = (house: House, who: StaffMember, id: string): Promise<Result<readonly ReferralStep[]>> =>
  look(house, who, { ...REFERRALS, name: 'referrals/:id' }, async () => {
    const record = await readRecord(house.db, 'Task', id)
    if (record === undefined || record.isDeleted)
      return fail(problem('not-found', 'referral-unknown', { detail: 'no referral has this id' }))
    const [rows, items, names] = await Promise.all([
      house.db.query<{ body: string }>(STEPS, [record.patient]),
      findDeliveries(house.db, { referral: `Task/${id}`, patient: patientId(record.patient) }),
      partnerNames(house),
    ])
    const nameOf = (partner: string): string => names(`Organization/${partner}`)
    const steps = rows.flatMap(({ body }) => stepOf(body, `Task/${id}`, nameOf))
    const waiting = items
      .filter(({ endedAt }) => endedAt === null)
      .map(({ enqueuedAt, partner, state, cause }) => ({
        at: enqueuedAt,
        what: `waits to be sent${cause === null ? '' : `: ${cause.replaceAll('-', ' ')}`}`,
        by: nameOf(partner),
        state,
      }))
    const authored = record.resource.resourceType === 'Task' ? record.resource.authoredOn : undefined
    const first = authored === undefined ? [] : [{ at: authored, what: 'referral made', by: nameOf(record.origin.partner) }]
    const page = [...first, ...steps, ...waiting].sort((a, b) => (a.at < b.at ? -1 : 1))
    return ok({ page, patients: [record.patient], record: `Task/${id}` })
  })

const STEP_WORDS = {
  asked: 'asked where it stands',
  unanswered: 'no answer: put before a person',
  unknown: 'nothing is known of it any more',
  disagreed: 'the two sides disagree: put before a person',
} as const

const stepOf = (body: string, task: string, nameOf: (partner: string) => string): readonly ReferralStep[] => {
  const entry = parseEntry(body)
  if (entry?.kind === 'referral' && entry.task === task)
    return entry.step !== undefined
      ? [{ at: entry.at, what: STEP_WORDS[entry.step], by: nameOf(entry.by), state: entry.to }]
      : [{ at: entry.at, what: `became ${entry.to.replaceAll('-', ' ')}`, by: nameOf(entry.by), state: entry.to }]
  if (entry?.kind === 'disclosure' && entry.referral === task)
    return [{ at: entry.at, what: `sent through ${entry.door}`, by: nameOf(entry.recipient) }]
  return []
}
