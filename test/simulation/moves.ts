import { findDeliveries, release } from '../../src/delivery/operate.ts'
import { receive, receiveAll, type Sender } from '../../src/flow/inbound.ts'
import { receiveMessage } from '../../src/flow/messages.ts'
import { pollDue } from '../../src/flow/referral-poll.ts'
import { escalateDue } from '../../src/flow/referral-watch.ts'
import { beatHearts, subscribe } from '../../src/flow/subscriptions.ts'
import { partnerId } from '../../src/model/ids.ts'
import { REFERRAL_STATES, TRANSITIONS } from '../../src/model/referral.ts'
import { fieldOf, MOODS, type Agency } from './agencies.ts'
import { mergeInside, mergeOfAgency } from './merges.ts'
import { consentTo, MISSION, must, type Scene } from './scene.ts'
import { header, send } from './sending.ts'

const PROGRAMME: Sender = { partner: MISSION, purposes: ['TREAT'] }
const DAY_MS = 86_400_000
const TASK_TOPIC = 'http://hl7.org/fhir/us/sdoh-clinicalcare/SubscriptionTopic/Task'

/** The programme refers the client to an agency, or offers the referral to several. */
const refer = async ({ house, clock, patient, referrals, watched }: Scene, to: readonly Agency[]): Promise<void> => {
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

const stateOf = async ({ house, referrals }: Scene, focus: string): Promise<string> => {
  const task = referrals.find((one) => one.focus === focus)?.task
  const [row] = await house.db.query<{ state: string }>('select state from referral_watch where task = $1', [task ?? ''])
  return row?.state ?? 'completed'
}

const rri = async (scene: Scene, agency: Agency): Promise<string | undefined> => {
  const { dice } = scene
  const told = agency.messages.filter((text) => fieldOf(text, 'RF1', 6) !== undefined)
  if (told.length === 0) return undefined
  const text = dice.pick(told)
  const status = wishFrom(scene, await stateOf(scene, fieldOf(text, 'RF1', 6) ?? ''))
  const pid = text.split('\r').find((line) => line.startsWith('PID')) ?? ''
  const state = { accepted: 'A', rejected: 'R', cancelled: 'E' }[status] ?? 'A'
  const notes = state === 'A' && status !== 'accepted' ? [`NTE|1||Referral state: ${status}`] : []
  return `${[header(scene, 'RRI^I12^RRI_I12'), `RF1|${state}|||||${fieldOf(text, 'RF1', 6) ?? ''}||||because`, 'PRD|RT|', pid, ...notes].join('\r')}\r`
}

/** A wish that the table has, mostly. */
const wishFrom = ({ dice }: Scene, state: string): string =>
  dice.oneIn(4)
    ? dice.pick(REFERRAL_STATES)
    : dice.pick([...TRANSITIONS.filter((row) => row.from === state).map(({ to }) => to), 'accepted'])

const because = ({ dice }: Scene): object =>
  dice.oneIn(5) ? {} : { statusReason: { text: 'because' }, output: [{ type: { text: 'outcome' }, valueString: 'done' }] }

const answer = async (scene: Scene, agency: Agency): Promise<void> => {
  const { house, dice, ends, late, referrals } = scene
  if (agency.way === 'hl7v2') {
    const text = await rri(scene, agency)
    if (text === undefined) return
    if (dice.oneIn(3)) late.push({ agency, text })
    else await send(scene, agency, text)
    return
  }
  if (agency.way === 'fhir-push') {
    const ids = [...agency.tasks.keys()]
    if (ids.length === 0) return
    const id = dice.pick(ids)
    ends.change(agency, id, { status: wishFrom(scene, agency.tasks.get(id)?.at(-1)?.status ?? ''), ...because(scene) })
    return
  }
  const mine = referrals.filter(({ to }) => to.includes(agency))
  if (mine.length === 0) return
  const { task, focus } = dice.pick(mine)
  const operations = Object.entries({ status: wishFrom(scene, await stateOf(scene, focus)), ...because(scene) }).map(
    ([path, value]) => ({
      op: 'add',
      path: `/${path}`,
      value,
    }),
  )
  await receive(
    house,
    { partner: partnerId(agency.id), purposes: ['TREAT'] },
    { kind: 'patch', type: 'Task', id: task, operations },
  )
}

/** What one move of a seed does. */
export type Moves = Readonly<Record<string, () => unknown>>

/** What the programme and the agencies say to each other. */
const movesOfReferrals = (scene: Scene): Moves => {
  const { house, dice, agencies, referrals, sentTwice, late, name } = scene
  return {
    refer: () => refer(scene, [dice.pick(agencies)]),
    offer: () => refer(scene, [...new Set([dice.pick(agencies), dice.pick(agencies), dice.pick(agencies)])]),
    'refer in': async () => {
      const agency = dice.pick(agencies.filter(({ way }) => way === 'hl7v2'))
      const rf1 = `RF1|P|R||||${name}-in-${String(scene.controlId)}|20260302||20260302`
      const pid = `PID|1||HTEST-${name}^^^MRN^MR||HTEST-Sim^${name}||19840317|M`
      await send(
        scene,
        agency,
        `${[header(scene, 'REF^I12^REF_I12'), rf1, 'PRD|RP|HTEST^Provider', pid, 'NTE|1||Service requested: peer support'].join('\r')}\r`,
      )
    },
    answer: () => {
      // one that has something to answer
      const able = agencies.filter(({ messages, tasks }) => messages.length > 0 || tasks.size > 0)
      const mine = referrals.flatMap(({ to }) => to.filter(({ way }) => way === 'rest-hook' || way === 'email'))
      const any = [...able, ...mine]
      return any.length === 0 ? undefined : answer(scene, dice.pick(any))
    },
    'answer late': async () => {
      const one = late.shift()
      if (one !== undefined) await send(scene, one.agency, one.text)
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
      const operations = Object.entries({ status: dice.pick(REFERRAL_STATES), ...because(scene) }).map(([path, value]) => ({
        op: 'add',
        path: `/${path}`,
        value,
      }))
      await receive(house, PROGRAMME, { kind: 'patch', type: 'Task', id: dice.pick(open).id, operations })
    },
  }
}

/** What happens around them. */
const movesOfTheWorld = (scene: Scene): Moves => {
  const { house, clock, dice, agencies, ends, watched } = scene
  return {
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
      if (!scene.isRevoked && !dice.oneIn(3)) return
      scene.isRevoked = !scene.isRevoked
      watched.wasRevoked = true
      await consentTo(scene, scene, scene.isRevoked ? 'consent-hospital-revoked' : 'consent-hospital')
    },
    'merge inside': () => mergeInside(scene),
    'merge of an agency': () => mergeOfAgency(scene),
    operate: async () => {
      const held = await findDeliveries(house.db, { state: 'held', limit: 20 })
      if (held.length > 0) await release(house.db, dice.pick(held).id, clock.now())
    },
  }
}

/** Everything that may happen in a seed, by name. */
export const movesOf = (scene: Scene): Moves => ({ ...movesOfReferrals(scene), ...movesOfTheWorld(scene) })
