import type { House } from '../../src/flow/house.ts'
import { FINAL_STATES, TRANSITIONS } from '../../src/model/referral.ts'
import type { Agency } from './agencies.ts'
import { checkMerges, type Merged } from './merges.ts'

/** What the simulation has seen of a seed so far. */
export interface Watched {
  readonly house: House
  readonly agencies: readonly Agency[]
  /** The ledger entry before the first of this seed. */
  readonly from: number
  /** Ids of what left, in its order. */
  readonly disclosures: string[]
  /** Partner and control id of each message that was acknowledged. */
  readonly acknowledged: Set<string>
  /** Tasks that the programme was told are taken. */
  readonly referrals: Set<string>
  /** Clients that were merged by the programme. */
  readonly merges: Merged[]
  /** Patients that an agency has merged, by their numbers there. */
  readonly merged: Merged[]
  readonly isHealed?: boolean
  /** The client has taken the consent back at some time. */
  wasRevoked?: boolean
  /** What must not have happened, and did while something was sent. */
  broken?: string
  moves?: number
}

class Broken extends Error {
  override readonly name = 'Broken'
}
const must = (holds: boolean, sentence: string): void => {
  if (!holds) throw new Broken(sentence)
}

interface Move {
  readonly task: string
  readonly by: string
  readonly from: string
  readonly to: string
  readonly step?: string
}

interface Row {
  readonly id: string
  readonly status: string
  readonly requester: string | null
  readonly owner: string | null
  readonly candidates: readonly string[] | null
}

/** Everything that holds after every step of every seed. */
export const checkStreet = async (watched: Watched): Promise<void> => {
  const { house, from } = watched
  const left = [...watched.disclosures]
  must(watched.broken === undefined, watched.broken ?? '')
  const [tasks, entries, items, states, attention] = await Promise.all([
    house.db.query<Row>(
      `select id, body::jsonb ->> 'status' as status, replace(body::jsonb -> 'requester' ->> 'reference', 'Organization/', '') as requester,
         replace(body::jsonb -> 'owner' ->> 'reference', 'Organization/', '') as owner,
         (select array_agg(replace(one ->> 'reference', 'Organization/', '')) from jsonb_array_elements(body::jsonb -> 'restriction' -> 'recipient') one) as candidates
       from record where type = 'Task' and is_current and body::jsonb ->> 'intent' = 'order'
         and id in (select substr(record, 6) from (select body::jsonb ->> 'record' as record from ledger where seq > $1 and kind = 'write') w where record like 'Task/%')`,
      [from],
    ),
    house.db.query<{ kind: string; body: string }>(
      `select kind, body from ledger where seq > $1 and kind in ('referral', 'disclosure', 'delivery') order by seq`,
      [from],
    ),
    house.db.query<{ key: string; lane: string; seq: number; state: string; partner: string; head: boolean }>(
      `select idempotency_key as key, order_key as lane, seq, state, partner, is_head as head, cause, attempts, next_at, owner from outbox order by seq`,
      [],
    ),
    house.db.query<{ task: string; state: string; waits: string }>(
      'select task, state, waits_for as waits from referral_watch',
      [],
    ),
    house.db.query<{ task: string; kind: string }>('select task, kind from referral_attention where closed_at is null', []),
  ])
  const bodies = entries.map(({ kind, body }) => ({
    kind,
    entry: JSON.parse(body) as Move & { readonly disclosure?: string; readonly id?: string },
  }))
  checkChains(
    watched,
    tasks,
    bodies.flatMap(({ kind, entry }) => (kind === 'referral' ? [entry] : [])),
  )
  checkWatch(tasks, states, attention)
  const onLedger = new Set(bodies.flatMap(({ entry }) => [entry.disclosure ?? '', entry.id ?? '']))
  for (const id of left) must(onLedger.has(id), 'what left is on the ledger')
  checkDeliveries(watched, items)
  await checkAcknowledged(watched)
  await checkMerges(watched)
}

/** Every move is a row of the table, made by a side that may; each begins where the last ended, and none is made twice. */
const checkChains = (watched: Watched, tasks: readonly Row[], moves: readonly Move[]): void => {
  for (const id of watched.referrals)
    must(
      tasks.some((task) => task.id === id),
      'a referral that was taken is there',
    )
  const made = Map.groupBy(
    moves.filter(({ step }) => step === undefined),
    ({ task }) => task,
  )
  watched.moves = moves.length
  for (const task of tasks) {
    const chain = (made.get(`Task/${task.id}`) ?? []).filter(({ from, to }) => from !== to)
    let state = chain[0]?.from ?? task.status
    for (const { from, to, by } of chain) {
      must(from === state, `a move begins where the last one ended: ${state}, ${from} to ${to}`)
      const row = TRANSITIONS.find((one) => one.from === from && one.to === to)
      must(row !== undefined, `every move is a row of the table: ${from} to ${to}`)
      const isTarget = by === task.owner || (to === 'accepted' && task.candidates?.includes(by) === true)
      const isEntitled = row?.actors.some((actor) => (actor === 'requester' ? by === task.requester : isTarget)) === true
      must(isEntitled, `a move is made by the side that may: ${by}, ${from} to ${to}`)
      state = to
    }
    must(state === task.status, `a referral stands where its last move took it: ${state}, ${task.status}`)
    const isClaimed = task.candidates !== null && task.owner !== null
    must(!isClaimed || task.candidates.includes(task.owner), 'who owns an open referral was offered it')
  }
}

/** Every open referral is under watch in its state, and none that has ended is, or waits for word that will not come. */
const checkWatch = (
  tasks: readonly Row[],
  states: readonly { readonly task: string; readonly state: string; readonly waits: string }[],
  attention: readonly { readonly task: string; readonly kind: string }[],
): void => {
  const watch = new Map(states.map((one) => [one.task, one]))
  for (const { id, status, owner } of tasks) {
    const isEnd = FINAL_STATES.some((state) => state === status)
    const one = watch.get(id)
    must(isEnd === (one === undefined), `an open referral is under watch, and no other: ${status}`)
    must(one === undefined || one.state === status, `what is under watch is the state: ${one?.state ?? ''}, ${status}`)
    must(one === undefined || status === 'draft' || one.waits === (owner ?? ''), 'it waits for whose move it is')
    const open = attention.filter(({ task }) => task === id).map(({ kind }) => kind)
    must(
      !isEnd || !open.some((kind) => ['unanswered', 'unknown', 'screening', 'capacity'].includes(kind)),
      `nothing waits in an end: ${open.join()}`,
    )
  }
}

const OPEN: ReadonlySet<string> = new Set(['queued', 'sending', 'unknown', 'held'])

/** Order is kept, ledger and outbox agree, what is delivered has arrived, and in the end everything has come to one. */
const checkDeliveries = (
  { agencies, isHealed }: Watched,
  items: readonly {
    readonly key: string
    readonly lane: string
    readonly seq: number
    readonly state: string
    readonly partner: string
    readonly head: boolean
  }[],
): void => {
  for (const [lane, all] of Map.groupBy(items, ({ partner, lane }) => `${partner} ${lane}`)) {
    const first = all.find(({ state }) => OPEN.has(state))
    must(
      all.every((item) => item.head === (item === first)),
      `the lane ${lane} has one head: its first open item`,
    )
  }
  for (const agency of agencies) {
    const seen = new Set(agency.arrivals.map(({ key }) => key))
    for (const item of items)
      if (item.partner === agency.id && item.state === 'delivered') must(seen.has(item.key), 'what is delivered has arrived')
    for (const [lane, all] of Map.groupBy(agency.arrivals, ({ lane }) => lane)) {
      const firsts = [...new Map(all.toReversed().map((one) => [one.key, one])).values()].toReversed()
      must(
        firsts.every(({ seq }, i) => i === 0 || seq > (firsts[i - 1]?.seq ?? 0)),
        `${agency.id} saw ${lane} in order`,
      )
    }
    if (isHealed === true)
      for (const [, numbers] of agency.told)
        must(
          [...numbers].sort((a, b) => a - b).every((number, i) => number === i + 1),
          `events have no gap: ${[...numbers].join()}`,
        )
  }
  const left = items.filter(({ state }) => OPEN.has(state))
  if (isHealed === true) must(left.length === 0, `every item comes to an end: ${JSON.stringify(left)}`)
}

/** What was acknowledged is kept, and was taken. */
const checkAcknowledged = async ({ house, acknowledged }: Watched): Promise<void> => {
  if (acknowledged.size === 0) return
  const kept = await house.db.query<{ key: string }>(
    `select partner || ' ' || control_id as key from exchange where direction = 'in' and state = 'mapped' and control_id = any($1)`,
    [[...acknowledged].map((key) => key.split(' ')[1] ?? '')],
  )
  const keys = new Set(kept.map(({ key }) => key))
  for (const key of acknowledged) must(keys.has(key), `a message that was acknowledged was taken: ${key}`)
}
