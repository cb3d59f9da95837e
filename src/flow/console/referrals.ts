// In: which referrals somebody wants to see. Out: where each stands, and every step that it took.
// Never: moves one: that is for those who take part in it.
import type { Task } from '@medplum/fhirtypes'
import { entriesAbout } from '../../audit/ledger-pages.ts'
import type { ReferralFigures, ReferralLine, ReferralStep } from '../../model/console-referrals.ts'
import { patientId } from '../../model/ids.ts'
import type { Labels } from '../../model/label.ts'
import type { LedgerEntry } from '../../model/ledger.ts'
import { REFERRAL_STATES } from '../../model/referral.ts'
import { may, type StaffMember } from '../../model/staff.ts'
import { findDeliveries } from '../../delivery/operate.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { listPartners } from '../../store/partners.ts'
import { readRecord, type StoredRecord } from '../../store/records.ts'
import {
  countReferrals,
  listReferralLines,
  REFERRAL_KEYS,
  type ReferralCount,
  type ReferralQuery,
} from '../../store/referral-lines.ts'
import type { House } from '../house.ts'
import { acceptsBy, cut, oneMore, recordsIn, type ConsoleList } from './list.ts'
import { look, type Place } from './look.ts'
import { clientNames } from './names.ts'

const REFERRALS: Place = { name: 'referrals', permission: 'referrals.read' }

/** Referrals, and where each stands. */
export const referralList: ConsoleList<'referrals', ReferralQuery, ReferralLine> = {
  name: 'referrals',
  permission: 'referrals.read',
  accepts: acceptsBy(REFERRAL_KEYS),
  read: async (house, who, query, part) => {
    const { shown, ...next } = cut(await listReferralLines(house.db, query, oneMore(part)), part.limit)
    const [records, names] = await Promise.all([recordsIn(house, 'Task', shown), partnerNames(house)])
    const patients = records.map(({ patient }) => patient)
    const clientOf = await clientNames(house, who, patients)
    const mayKnowWhat = may(who.role, 'clients.name')
    const rows = records.map((record) => lineOf(record, names, clientOf, mayKnowWhat))
    return { rows, patients: [...patients, query.patient], ...next }
  },
  cells: {
    referral: ({ id }) => id,
    client: ({ client }) => client.id,
    state: ({ state }) => state,
    from: ({ from }) => from,
    to: ({ to }) => to,
    what: ({ what }) => what,
    made: ({ authoredAt }) => authoredAt,
    'changed (UTC)': ({ changedAt }) => changedAt,
  },
}

/** States in which somebody is still expected to do something. */
const OPEN: readonly string[] = ['requested', 'accepted', 'in-progress', 'on-hold']
/** Bounds between the ages of open referrals, in days. */
const AGES = [2, 7, 28] as const

/** How many referrals stand where, and how old the open ones are: of all that fit, whatever their number. */
export const referralFigures = (
  house: House,
  who: StaffMember,
  query: Pick<ReferralQuery, 'partner' | 'patient'>,
): Promise<Result<ReferralFigures>> =>
  look(house, who, { ...REFERRALS, name: 'referrals/figures' }, async () => {
    const counts = await countReferrals(house.db, query, house.clock.now(), AGES)
    const sum = (isCounted: (one: ReferralCount) => boolean): number =>
      counts.filter(isCounted).reduce((all, { count }) => all + count, 0)
    const page: ReferralFigures = {
      states: REFERRAL_STATES.map((state) => ({ state, count: sum((one) => one.state === state) })),
      ages: [0, ...AGES].map((fromDays, age) => {
        const untilDays = AGES[age]
        const count = sum((one) => one.age === age && OPEN.includes(one.state))
        return { fromDays, ...(untilDays === undefined ? {} : { untilDays }), count }
      }),
    }
    return ok({ page, patients: [query.patient] })
  })

const partnerNames = async (house: House): Promise<(reference: string | undefined) => string> => {
  const names = new Map((await listPartners(house.db)).map(({ id, name }) => [`Organization/${id}`, name]))
  return (reference) => (reference === undefined ? 'nobody yet' : (names.get(reference) ?? reference))
}

const lineOf = (
  { id, patient, updated, labels, resource }: StoredRecord,
  nameOf: (reference: string | undefined) => string,
  clientOf: Awaited<ReturnType<typeof clientNames>>,
  mayKnowWhat: boolean,
): ReferralLine => {
  const task = resource as Task
  return {
    id,
    client: clientOf(patient),
    state: task.status,
    from: nameOf(task.requester?.reference),
    to: nameOf(task.owner?.reference),
    what: (mayKnowWhat || !isTelling(labels) ? (task.code?.text ?? task.code?.coding?.[0]?.display) : undefined) ?? 'referral',
    authoredAt: task.authoredOn ?? updated,
    changedAt: updated,
  }
}

/** Does the referral say by its own code what somebody is treated for? */
const isTelling = ({ sensitivity, parts }: Pick<Labels, 'sensitivity' | 'parts'>): boolean =>
  sensitivity.length > 0 || parts.some(({ pointer }) => pointer === '' || pointer === '/code')

/** What became of one referral, step by step: its states, what was sent of it, and what waits. */
export const referralSteps = (house: House, who: StaffMember, id: string): Promise<Result<readonly ReferralStep[]>> =>
  look(house, who, { ...REFERRALS, name: 'referrals/:id' }, async () => {
    const record = await readRecord(house.db, 'Task', id)
    if (record === undefined || record.isDeleted)
      return fail(problem('not-found', 'referral-unknown', { detail: 'no referral has this id' }))
    const [rows, items, names] = await Promise.all([
      entriesAbout(house.db, record.patient, ['referral', 'delivery', 'disclosure']),
      findDeliveries(house.db, { referral: `Task/${id}`, patient: patientId(record.patient) }),
      partnerNames(house),
    ])
    const nameOf = (partner: string): string => names(`Organization/${partner}`)
    const steps = rows.flatMap(({ entry }) => stepOf(entry, `Task/${id}`, nameOf))
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

const stepOf = (entry: LedgerEntry, task: string, nameOf: (partner: string) => string): readonly ReferralStep[] => {
  if (entry.kind === 'referral' && entry.task === task)
    return entry.step !== undefined
      ? [{ at: entry.at, what: STEP_WORDS[entry.step], by: nameOf(entry.by), state: entry.to }]
      : [{ at: entry.at, what: `became ${entry.to.replaceAll('-', ' ')}`, by: nameOf(entry.by), state: entry.to }]
  if (entry.kind === 'disclosure' && entry.referral === task)
    return [{ at: entry.at, what: `sent through ${entry.door}`, by: nameOf(entry.recipient) }]
  return []
}
