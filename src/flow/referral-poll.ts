// In: partners whose FHIR servers are asked what became of referrals, and their answers. Out: referrals moved on as their peer says.
// Never: names a patient or a referral in a question that the partner did not name itself, or believes anybody but the server it asked.
import type { Resource, Task, TaskOutput } from '@medplum/fhirtypes'
import { keepExchange, settleExchange } from '../delivery/exchange.ts'
import type { FhirClient, FhirFailure } from '../delivery/fhir-client.ts'
import type { Channel, Partner } from '../model/partner.ts'
import { organizationOf } from '../model/referral-offer.ts'
import { REFERRAL_STATES, TRANSITIONS } from '../model/referral.ts'
import { instantOfMs, plusMs, type Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { framesOf } from '../platform/log.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { claimPoll, oldestWaiting, setPolled } from '../store/partner-polls.ts'
import { readRecord } from '../store/records.ts'
import { noteIncident } from '../store/referral-watch.ts'
import type { House } from './house.ts'
import { isRefusal } from './message-outcome.ts'
import { EXCHANGE_KEPT_DAYS } from './messages.ts'
import { followReferrals } from './referral-intake.ts'
import { disagree, heardOf } from './referral-watch.ts'
import { moveReferral, withOrigins, type Wish } from './referrals.ts'
import { settle } from './settle.ts'
import { write, type Writing } from './writing.ts'

/** The partner's own server, as the register has it. */
export type PolledChannel = Extract<Channel, { kind: 'fhir-push' }> & { readonly pollMinutes: number }

/** How a partner's server is asked. */
export type ClientFor = (channel: PolledChannel) => Promise<FhirClient | undefined>

const PAGE = 50
const PAGES_MAX = 100
/** What lies a little behind the newest change is asked for again: servers do not commit in the order of their clocks. */
const OVERLAP_MS = 60_000

const isPolled = (channel: Channel): channel is PolledChannel => channel.kind === 'fhir-push' && channel.pollMinutes !== undefined

/**
 * Asks every partner whose turn it is which of its Tasks have changed, and moves the referrals on as far as the table lets it.
 * @param goesOn asked before each partner
 * @returns how many partners were asked
 * @spec SDOH Clinical Care 3.0.0, polling: at least once a business day, not more often than every 15 minutes
 */
export const pollDue = async (house: House, clientFor: ClientFor, goesOn: () => boolean = () => true): Promise<number> => {
  let asked = 0
  for (const partner of await house.partners.all()) {
    const channel = partner.isActive ? partner.channels.find(isPolled) : undefined
    if (channel === undefined || !goesOn()) continue
    const at = house.clock.now()
    const first = plusMs((await oldestWaiting(house.db, partner.id)) ?? at, -OVERLAP_MS)
    const since = await claimPoll(house.db, partner.id, { at, first, next: plusMs(at, channel.pollMinutes * 60_000) })
    if (since === undefined) continue
    asked += 1
    const client = await clientFor(channel)
    const polled = client === undefined ? ok(true) : await pollOne(house, partner, channel, client, since)
    if (!polled.ok) await noteIncident(house.db, partner.id, `poll-${polled.error.code}`, house.clock.now())
  }
  return asked
}

const pollOne = async (
  house: House,
  partner: Partner,
  channel: PolledChannel,
  client: FhirClient,
  since: Instant,
): Promise<Result<true, FhirFailure>> => {
  const from = plusMs(since, -OVERLAP_MS)
  const path = `Task?_lastUpdated=ge${from}&_sort=_lastUpdated&_count=${String(PAGE)}`
  let answer = await client.request({ method: 'GET', path })
  for (let page = 0; page < PAGES_MAX; page += 1) {
    if (!answer.ok) return answer
    for (const theirs of tasksIn(answer.value.body)) {
      await takeVersion(house, partner, channel, client, theirs, since).catch((error: unknown) => setAside(house, partner, error))
      const changed = changedAt(theirs)
      const now = house.clock.now()
      // a change that lies in the future must not hide those before it
      if (changed !== undefined) await setPolled(house.db, partner.id, changed < now ? changed : now)
    }
    const next = client.nextPage(answer.value.body)
    if (next === undefined) break
    answer = await next
  }
  return ok(true)
}

/** One Task that cannot be taken does not keep the others waiting. */
const setAside = async (house: House, partner: Partner, error: unknown): Promise<void> => {
  const name = error instanceof Error ? error.name : 'unknown'
  house.log('gateway.fault', { where: 'referral-poll', error: name, code: 'take', frames: framesOf(error) })
  await noteIncident(house.db, partner.id, 'poll-fault', house.clock.now())
}

/** A Task of the partner's server, as far as it is read. */
type Theirs = Task & { readonly id: string }

/** When the partner's server took it, by the partner's clock. */
const changedAt = ({ meta }: Theirs): Instant | undefined => {
  const ms = Date.parse(meta?.lastUpdated ?? '')
  return Number.isNaN(ms) ? undefined : instantOfMs(ms)
}

const tasksIn = (body: unknown): readonly Theirs[] => {
  if (typeof body !== 'object' || body === null || !('entry' in body) || !Array.isArray(body.entry)) return []
  const entries: readonly unknown[] = body.entry
  return entries.flatMap((entry) => {
    const resource: unknown = typeof entry === 'object' && entry !== null && 'resource' in entry ? entry.resource : undefined
    return isTask(resource) ? [resource] : []
  })
}

const isTask = (resource: unknown): resource is Theirs =>
  typeof resource === 'object' &&
  resource !== null &&
  'resourceType' in resource &&
  resource.resourceType === 'Task' &&
  'id' in resource &&
  typeof resource.id === 'string' &&
  'status' in resource

/** One Task as the partner has it now: moved to, step by step where a move was missed, or put before a person. */
const takeVersion = async (
  house: House,
  partner: Partner,
  channel: PolledChannel,
  client: FhirClient,
  theirs: Theirs,
  since: Instant,
): Promise<void> => {
  const here = await referralHere(house.db, partner, theirs.id)
  const wanted = REFERRAL_STATES.find((state) => state === theirs.status)
  if (here === undefined || wanted === undefined) return
  const isDirect = here.status === wanted || TRANSITIONS.some((row) => row.from === here.status && row.to === wanted)
  const versions = isDirect ? [theirs] : await sinceOurs(client, theirs, here.status)
  const isNews = (changedAt(theirs) ?? since) > since
  const done = await write(house, (writing) => moveThrough(house, writing, partner, channel, versions, isNews))
  if (done.ok || !isRefusal(done.error)) return
  await write(house, async (writing) => {
    const exchange = await keepVersion(house, writing, partner, theirs)
    const task = await referralHere(writing.tx, partner, theirs.id)
    if (task !== undefined && task.status !== theirs.status)
      await disagree(house, writing, partner.id, task, theirs.status, { exchange })
    return ok(true)
  })
}

/** The referral of ours that this partner has under this id. */
const referralHere = async (tx: Tx, partner: Partner, id: string): Promise<Theirs | undefined> => {
  if (!/^[A-Za-z0-9.-]{1,64}$/.test(id)) return undefined
  const record = await readRecord(tx, 'Task', id)
  const task = record?.isDeleted === false && record.resource.resourceType === 'Task' ? record.resource : undefined
  return task?.intent === 'order' && organizationOf(task.owner?.reference) === partner.id ? task : undefined
}

/** The partner's own versions after the last one in the state that stands here, oldest first; the present one alone when it keeps none. */
const sinceOurs = async (client: FhirClient, theirs: Theirs, ours: string): Promise<readonly Theirs[]> => {
  const answer = await client.request({ method: 'GET', path: `Task/${theirs.id}/_history?_count=${String(PAGE)}` })
  const found = answer.ok ? tasksIn(answer.value.body).filter(isOf(theirs.id)) : []
  const versions = [...found].sort((a, b) => ((changedAt(a) ?? '') < (changedAt(b) ?? '') ? -1 : 1))
  const after = versions.slice(versions.findLastIndex(({ status }) => status === ours) + 1)
  return after.at(-1)?.status === theirs.status ? after : [theirs]
}

/** Versions of one Task in states that a referral has; `received` and `ready` are the partner's own business. */
const isOf =
  (wanted: string) =>
  ({ id, status }: Theirs): boolean =>
    id === wanted && REFERRAL_STATES.some((state) => state === status)

const moveThrough = async (
  house: House,
  writing: Writing,
  partner: Partner,
  channel: PolledChannel,
  versions: readonly Theirs[],
  isNews: boolean,
): Promise<Result<true>> => {
  for (const theirs of versions) {
    const record = await readRecord(writing.tx, 'Task', theirs.id)
    if (record?.resource.resourceType !== 'Task') return ok(true)
    const moved = await moveReferral(house, writing, partner, record.resource, wishOf(theirs, channel))
    if (!moved.ok) return record.resource.status === theirs.status ? ok(true) : moved
    if (moved.value.length === 0) {
      if (isNews) await heardOf(house, writing.tx, partner.id, record.resource)
      continue
    }
    await keepVersion(house, writing, partner, theirs)
    const settled = await settle(house, writing, partner.id, await withOrigins(writing.tx, moved.value))
    if (!settled.ok) return fail(settled.error)
    const followed = await followReferrals(house, writing, partner, moved.value)
    if (!followed.ok) return followed
  }
  return ok(true)
}

/** What a version asks for; what it refers to on the partner's server is named by its whole address. */
const wishOf = ({ status, statusReason, businessStatus, output }: Theirs, { baseUrl }: PolledChannel): Wish => ({
  status,
  ...(statusReason === undefined ? {} : { statusReason }),
  ...(businessStatus === undefined ? {} : { businessStatus }),
  ...(output === undefined ? {} : { output: output.map((one) => absolute(one, baseUrl.replace(/\/$/, ''))) }),
})

const absolute = (output: TaskOutput, base: string): TaskOutput => {
  const reference = output.valueReference?.reference
  return reference === undefined || !/^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]+$/.test(reference)
    ? output
    : { ...output, valueReference: { ...output.valueReference, reference: `${base}/${reference}` } }
}

/** The partner's version as it came, encrypted. */
const keepVersion = async (house: House, { tx }: Writing, partner: Partner, theirs: Theirs & Resource): Promise<string> => {
  const at = house.clock.now()
  const kept = await keepExchange(tx, house.exchangeKeys, {
    id: house.newId(),
    partner: partner.id,
    direction: 'in',
    channel: 'fhir-push',
    controlId: `Task/${theirs.id} ${theirs.meta?.versionId ?? ''}`.trim(),
    bytes: Buffer.from(JSON.stringify(theirs)),
    referral: `Task/${theirs.id}`,
    at,
    keepUntil: plusMs(at, EXCHANGE_KEPT_DAYS * 86_400_000),
  })
  await settleExchange(tx, house.exchangeKeys, kept.id, { state: 'mapped', issues: [], at })
  return kept.id
}
