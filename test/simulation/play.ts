import { readFileSync } from 'node:fs'
import { findDeliveries, release } from '../../src/delivery/operate.ts'
import { resume } from '../../src/delivery/outbox.ts'
import { createDeliveryWorker, type Carrier, type DeliveryWorker } from '../../src/delivery/worker.ts'
import { discloseItem } from '../../src/flow/deliveries.ts'
import type { House } from '../../src/flow/house.ts'
import { receive, receiveAll, type Sender } from '../../src/flow/inbound.ts'
import { receiveMessage, receiveReply } from '../../src/flow/messages.ts'
import { receiveRecord } from '../../src/flow/records.ts'
import { pollDue } from '../../src/flow/referral-poll.ts'
import { escalateDue } from '../../src/flow/referral-watch.ts'
import { beatHearts, subscribe } from '../../src/flow/subscriptions.ts'
import { partnerId } from '../../src/model/ids.ts'
import { REFERRAL_STATES, TRANSITIONS } from '../../src/model/referral.ts'
import type { SettableClock } from '../support/clock.ts'
import { fieldOf, MOODS, type Agency, type OtherEnds } from './agencies.ts'
import type { Dice } from './dice.ts'
import { checkStreet, type Watched } from './street-checks.ts'

/** One seed, step by step. */
export interface Play {
  readonly step: () => Promise<string>
  readonly check: () => Promise<void>
  /** Everybody well, all told, nothing held: whatever there is comes to its end. */
  readonly heal: () => Promise<void>
  readonly count: () => {
    readonly referrals: number
    readonly arrivals: number
    readonly crashes: number
    readonly moves: number
  }
}

const MISSION = partnerId('mission')
const PROGRAMME: Sender = { partner: MISSION, purposes: ['TREAT'] }
const DAY_MS = 86_400_000
const TASK_TOPIC = 'http://hl7.org/fhir/us/sdoh-clinicalcare/SubscriptionTopic/Task'
let owners = 60_000

/** A record as it is shipped. */
export const example = (place: string, name: string): Readonly<Record<string, unknown>> =>
  JSON.parse(readFileSync(new URL(`../../mappings/${place}/examples/${name}.json`, import.meta.url), 'utf8')) as Record<
    string,
    unknown
  >

export const must = (isFine: boolean, what: string): void => {
  if (!isFine) throw new Error(what)
}

/** Takes a record of the programme, as at its door. */
export const record = async (house: House, name: string, body: Readonly<Record<string, unknown>>): Promise<readonly string[]> => {
  const taken = await receiveRecord(house, MISSION, name, body)
  if (!taken.ok) throw new Error(`${name}: ${JSON.stringify(taken.error)}`)
  return taken.value.references
}

/** Where a seed is played. */
export interface Stage {
  readonly house: House
  readonly clock: SettableClock
  readonly dice: Dice
  readonly agencies: readonly Agency[]
  readonly ends: OtherEnds
  readonly url: string
}

interface Referral {
  readonly task: string
  readonly focus: string
  readonly to: readonly Agency[]
}

/** Begins a seed with a client of its own. */
export const beginPlay = async ({ house, clock, dice, agencies, ends, url }: Stage, name: string): Promise<Play> => {
  const clientId = `sim-${name}`
  const client = { clientId, family: 'HTEST-Sim', given: [name] }
  const made = await record(house, 'client', { ...example('mission', 'client'), ...client, recordId: clientId })
  const patient = made.find((reference) => reference.startsWith('Patient/')) ?? ''
  await record(house, 'enrolment', { ...example('mission', 'enrolment'), clientId, recordId: `e-${name}` })
  const recipients = agencies.map(({ id }) => ({ partner: id }))
  const consent = { clientId, recordId: `c-${name}`, patientName: `${name} HTEST-Sim`, recipients }
  await record(house, 'consent', { ...example('consent', 'consent-hospital'), ...consent })
  const [{ seq: from } = { seq: 0 }] = await house.db.query<{ seq: number }>(
    'select coalesce(max(seq), 0) as seq from ledger',
    [],
  )
  const watched: Watched = { house, agencies, from, disclosures: [], acknowledged: new Set(), referrals: new Set() }
  const referrals: Referral[] = []
  const sentTwice: { readonly agency: Agency; readonly bytes: Uint8Array; readonly answer: string }[] = []
  const late: { readonly agency: Agency; readonly text: string }[] = []
  const abandoned: Promise<unknown>[] = []
  let isRevoked = false
  let crashes = 0
  let controlId = 0
  let worker: DeliveryWorker | undefined
  let died: () => void = () => undefined
  let dieAt: 'nowhere' | 'before-arrival' | 'after-arrival' = 'nowhere'
  let owner = 0

  const dead = new Set<number>()
  const silence = (): Promise<never> => new Promise(() => undefined)
  const die = (): Promise<never> => {
    dead.add(owner)
    died()
    return silence()
  }
  /** What is true at the moment at which a byte leaves. */
  const guarded = (carrier: Carrier, by: number): Carrier => ({
    ...carrier,
    send: async (item, disclosure) => {
      // what was killed sends nothing more, whatever it was about to
      if (dead.has(by)) return silence()
      // the worker takes what is thrown for a fault of the way, and tries again
      if (item.patient === patient.slice('Patient/'.length) && isRevoked)
        watched.broken ??= `something about a client left after a revocation: ${item.idempotencyKey}`
      watched.disclosures.push(disclosure.id)
      const dies = by === owner ? dieAt : 'nowhere'
      if (by === owner) dieAt = 'nowhere'
      if (dies === 'before-arrival') return die()
      const outcome = await carrier.send(item, disclosure)
      return dies === 'after-arrival' ? die() : outcome
    },
  })
  const openWorker = (): DeliveryWorker => {
    const mine = ++owners
    owner = mine
    const entries = Object.entries(ends.carriers).map(([way, carrier]) => [way, guarded(carrier, mine)] as const)
    return createDeliveryWorker({
      db: house.db,
      url,
      owner: mine,
      clock,
      carriers: Object.fromEntries(entries),
      disclose: (item) => discloseItem(house, item),
      answered: async (item, reply) => {
        const peer = item.channel === 'hl7v2' ? await house.partners.byId(item.partner) : undefined
        if (peer !== undefined) await receiveReply(house, peer, reply)
      },
      retry: { firstMs: 1000, capMs: 60_000, attemptsMax: 6 },
    })
  }
  const deliver = async (mayDie = true): Promise<string> => {
    worker ??= openWorker()
    const death = new Promise<'died'>((resolve) => (died = () => resolve('died')))
    dieAt = mayDie ? dice.pick(['nowhere', 'nowhere', 'nowhere', 'before-arrival', 'after-arrival']) : 'nowhere'
    const draining = worker.drain()
    const end = await Promise.race([draining.then(() => 'drained' as const), death])
    dieAt = 'nowhere'
    if (end === 'drained') return 'deliver'
    crashes += 1
    abandoned.push(draining.catch(() => undefined))
    const locks = `from pg_locks where locktype = 'advisory' and objid = $1`
    await house.db.query(`select pg_terminate_backend(pid) ${locks} and pid <> pg_backend_pid()`, [owner])
    for (let i = 0; i < 200 && (await house.db.query(`select ${locks}`, [owner])).length > 0; i++);
    worker = undefined
    return 'crash'
  }

  const refer = async (to: readonly Agency[]): Promise<void> => {
    const nth = String(referrals.length)
    const request = { resourceType: 'ServiceRequest', status: 'active', intent: 'order', code: { text: `Service ${nth}` } }
    const [first] = to
    const whom =
      to.length === 1 && first !== undefined
        ? { owner: { reference: `Organization/${first.id}` } }
        : { restriction: { recipient: to.map(({ id }) => ({ reference: `Organization/${id}` })) } }
    const task = {
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      focus: { reference: 'urn:uuid:00000000-0000-4000-8000-000000000001' },
    }
    const by = { requester: { reference: 'Organization/mission' } }
    const taken = await receiveAll(house, PROGRAMME, [
      {
        kind: 'create',
        type: 'ServiceRequest',
        fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000001',
        resource: { ...request, ...by, subject: { reference: patient } },
      },
      {
        kind: 'create',
        type: 'Task',
        resource: { ...task, ...by, ...whom, for: { reference: patient }, authoredOn: clock.now() },
      },
    ])
    if (!taken.ok) throw new Error(JSON.stringify(taken.error))
    const [focus, made] = taken.value
    referrals.push({ task: made?.id ?? '', focus: focus?.id ?? '', to })
    watched.referrals.add(made?.id ?? '')
  }

  const send = async (agency: Agency, text: string): Promise<void> => {
    const peer = await house.partners.byId(agency.id)
    if (peer === undefined) throw new Error('an agency is registered')
    const bytes = Buffer.from(text)
    const answer = Buffer.from(await receiveMessage(house, peer, bytes)).toString('utf8')
    if (fieldOf(answer, 'MSA', 1) === 'AA') watched.acknowledged.add(`${agency.id} ${fieldOf(text, 'MSH', 10) ?? ''}`)
    sentTwice.push({ agency, bytes, answer })
  }
  const header = (type: string): string =>
    `MSH|^~\\&|A|A|MISSION-GATEWAY|MISSION|20260302120000-0600||${type}|${name}-${String((controlId += 1))}|P|2.5.1`
  const stateOf = async (focus: string): Promise<string> => {
    const task = referrals.find((one) => one.focus === focus)?.task
    const [row] = await house.db.query<{ state: string }>('select state from referral_watch where task = $1', [task ?? ''])
    return row?.state ?? 'completed'
  }
  const rri = async (agency: Agency): Promise<string | undefined> => {
    const told = agency.messages.filter((text) => fieldOf(text, 'RF1', 6) !== undefined)
    if (told.length === 0) return undefined
    const text = dice.pick(told)
    const status = wishFrom(await stateOf(fieldOf(text, 'RF1', 6) ?? ''))
    const pid = text.split('\r').find((line) => line.startsWith('PID')) ?? ''
    const state = { accepted: 'A', rejected: 'R', cancelled: 'E' }[status] ?? 'A'
    const notes = state === 'A' && status !== 'accepted' ? [`NTE|1||Referral state: ${status}`] : []
    return `${[header('RRI^I12^RRI_I12'), `RF1|${state}|||||${fieldOf(text, 'RF1', 6) ?? ''}||||because`, 'PRD|RT|', pid, ...notes].join('\r')}\r`
  }

  /** A wish that the table has, mostly. */
  const wishFrom = (state: string): string =>
    dice.oneIn(4)
      ? dice.pick(REFERRAL_STATES)
      : dice.pick([...TRANSITIONS.filter((row) => row.from === state).map(({ to }) => to), 'accepted'])
  const because = (): object =>
    dice.oneIn(5) ? {} : { statusReason: { text: 'because' }, output: [{ type: { text: 'outcome' }, valueString: 'done' }] }

  const answer = async (agency: Agency): Promise<void> => {
    if (agency.way === 'hl7v2') {
      const text = await rri(agency)
      if (text === undefined) return
      if (dice.oneIn(3)) late.push({ agency, text })
      else await send(agency, text)
      return
    }
    if (agency.way === 'fhir-push') {
      const ids = [...agency.tasks.keys()]
      if (ids.length === 0) return
      const id = dice.pick(ids)
      ends.change(agency, id, { status: wishFrom(agency.tasks.get(id)?.at(-1)?.status ?? ''), ...because() })
      return
    }
    const mine = referrals.filter(({ to }) => to.includes(agency))
    if (mine.length === 0) return
    const { task, focus } = dice.pick(mine)
    const operations = Object.entries({ status: wishFrom(await stateOf(focus)), ...because() }).map(([path, value]) => ({
      op: 'add',
      path: `/${path}`,
      value,
    }))
    await receive(
      house,
      { partner: partnerId(agency.id), purposes: ['TREAT'] },
      { kind: 'patch', type: 'Task', id: task, operations },
    )
  }

  const moves: Readonly<Record<string, () => unknown>> = {
    refer: () => refer([dice.pick(agencies)]),
    offer: () => refer([...new Set([dice.pick(agencies), dice.pick(agencies), dice.pick(agencies)])]),
    'refer in': async () => {
      const agency = dice.pick(agencies.filter(({ way }) => way === 'hl7v2'))
      const rf1 = `RF1|P|R||||${name}-in-${String(controlId)}|20260302||20260302`
      const pid = `PID|1||HTEST-${name}^^^MRN^MR||HTEST-Sim^${name}||19840317|M`
      await send(
        agency,
        `${[header('REF^I12^REF_I12'), rf1, 'PRD|RP|HTEST^Provider', pid, 'NTE|1||Service requested: peer support'].join('\r')}\r`,
      )
    },
    answer: () => {
      // one that has something to answer
      const able = agencies.filter(({ messages, tasks }) => messages.length > 0 || tasks.size > 0)
      const mine = referrals.flatMap(({ to }) => to.filter(({ way }) => way === 'rest-hook' || way === 'email'))
      const any = [...able, ...mine]
      return any.length === 0 ? undefined : answer(dice.pick(any))
    },
    'answer late': async () => {
      const one = late.shift()
      if (one !== undefined) await send(one.agency, one.text)
    },
    'answer twice': async () => {
      const one = sentTwice.length === 0 ? undefined : dice.pick(sentTwice)
      const peer = one === undefined ? undefined : await house.partners.byId(one.agency.id)
      if (one === undefined || peer === undefined) return
      const again = Buffer.from(await receiveMessage(house, peer, one.bytes)).toString('utf8')
      must(fieldOf(one.answer, 'MSA', 1) !== 'AA' || again === one.answer, 'the same message gets the same answer')
    },
    'programme moves': async () => {
      const open = await house.db.query<{ id: string }>(`select task as id from referral_watch order by task`, [])
      if (open.length === 0) return
      const operations = Object.entries({ status: dice.pick(REFERRAL_STATES), ...because() }).map(([path, value]) => ({
        op: 'add',
        path: `/${path}`,
        value,
      }))
      await receive(house, PROGRAMME, { kind: 'patch', type: 'Task', id: dice.pick(open).id, operations })
    },
    subscribe: () => {
      const agency = dice.pick(agencies.filter(({ way }) => way === 'rest-hook' || way === 'email'))
      const endpoint = agency.way === 'email' ? `mailto:${agency.id}@agency.example` : `http://127.0.0.1:1/${agency.id}`
      const channel = { type: agency.way, endpoint, payload: 'application/fhir+json' }
      const wish = { resourceType: 'Subscription', status: 'requested', reason: 'referrals', criteria: TASK_TOPIC, channel }
      return subscribe(house, { partner: partnerId(agency.id), purposes: ['TREAT'] }, wish)
    },
    poll: () => pollDue(house, ({ baseUrl }) => Promise.resolve(ends.clientFor(baseUrl))),
    hearts: () => beatHearts(house),
    'days pass': async () => {
      clock.advance(dice.pick([1, 2, 3, 8]) * DAY_MS)
      await escalateDue(house)
      const due = await house.db.query('select task from referral_watch where due_at <= $1', [clock.now()])
      must(due.length === 0, 'nobody is silent too long without something being done')
    },
    wait: () => {
      clock.advance(dice.pick([10, 1500, 70_000, 1_000_000]))
    },
    'clock goes back': () => {
      clock.advance(-dice.roll(20_000))
    },
    mood: () => {
      dice.pick(agencies).mood = dice.pick(MOODS)
    },
    consent: async () => {
      if (!isRevoked && !dice.oneIn(3)) return
      isRevoked = !isRevoked
      const name = isRevoked ? 'consent-hospital-revoked' : 'consent-hospital'
      await record(house, 'consent', { ...example('consent', name), ...consent })
    },
    operate: async () => {
      const held = await findDeliveries(house.db, { state: 'held', limit: 20 })
      if (held.length > 0) await release(house.db, dice.pick(held).id, clock.now())
    },
  }
  const WEIGHTS: Readonly<Record<string, number>> = { refer: 2, offer: 2, answer: 7, poll: 3, consent: 2 }
  const NAMES = Object.keys(moves).flatMap((move) => Array.from({ length: WEIGHTS[move] ?? 1 }, () => move))

  const check = (): Promise<void> => checkStreet(watched)
  await record(house, 'inbound-referral', {
    ...example('mission', 'inbound-referral'),
    clientId,
    recordId: `l-${name}`,
    status: 'requested',
  })
  return {
    step: async () => {
      if (dice.oneIn(3)) return deliver()
      const move = dice.pick(NAMES)
      await moves[move]?.()
      return move
    },
    check,
    heal: async () => {
      for (const agency of agencies) {
        agency.mood = 'well'
        await resume(house.db, partnerId(agency.id))
      }
      for (let i = 0; i < 8; i++) {
        for (const item of await findDeliveries(house.db, { state: 'held', limit: 500 }))
          await release(house.db, item.id, clock.now())
        clock.advance(1_000_000)
        await deliver(false)
        await pollDue(house, ({ baseUrl }) => Promise.resolve(ends.clientFor(baseUrl)))
      }
      await deliver(false)
      await check()
      await checkStreet({ ...watched, isHealed: true })
      await worker?.stop()
    },
    count: () => ({
      referrals: referrals.length,
      arrivals: agencies.reduce((sum, { arrivals }) => sum + arrivals.length, 0),
      crashes,
      moves: watched.moves ?? 0,
    }),
  }
}
