import { describe, expect, test } from '@jest/globals'
import type { Task } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { existsSync, readFileSync } from 'node:fs'
import { partnerId } from '../../src/model/ids.ts'
import { CROSSWALK, crosswalkOf } from '../../src/model/referral-crosswalk.ts'
import { FINAL_STATES, REFERRAL_STATES, TRANSITIONS, partiesOf, transition } from '../../src/model/referral.ts'
import type { Move, ReferralParties, ReferralState } from '../../src/model/referral.ts'
import { instant } from '../../src/model/time.ts'

const mission = partnerId('mission')
const bayou = partnerId('bayou-bh')
const stranger = partnerId('harbor-housing')
const parties: ReferralParties = { requester: mission, target: bayou }
const at = instant('2026-11-21T12:00:00Z')

const taskIn = (status: ReferralState): Task => ({
  resourceType: 'Task',
  status,
  intent: 'order',
  requester: { reference: 'Organization/mission' },
  owner: { reference: 'Organization/bayou-bh' },
})
const full = (to: ReferralState): Move => ({
  to,
  at,
  assertionSource: 'RECEIVING_ORG',
  reason: { text: 'no bed free' },
  output: [{ type: { text: 'outcome' }, valueString: 'moved in' }],
})

const known = TRANSITIONS.map((each) => `${each.from} to ${each.to}`)
const pairs = REFERRAL_STATES.flatMap((from) => REFERRAL_STATES.map((to) => [from, to] as const)).filter(
  ([from, to]) => from !== to,
)

describe('every pair of states, asked by each side and by a stranger', () => {
  test.each(pairs)('%s to %s', (from, to) => {
    const found = TRANSITIONS.find((each) => each.from === from && each.to === to)
    for (const [actor, peer] of [
      ['requester', mission],
      ['target', bayou],
    ] as const) {
      const result = transition(taskIn(from), parties, peer, full(to))
      expect(result.ok).toBe(found?.actors.includes(actor) === true)
      if (!result.ok) expect(result.error.code).toBe(found === undefined ? 'transition-not-allowed' : 'actor-not-entitled')
      else expect([result.value.task.status, result.value.isChanged]).toEqual([to, true])
    }
    expect(transition(taskIn(from), parties, stranger, full(to))).toMatchObject({ ok: false, error: { kind: 'forbidden' } })
  })
})

describe('where it stands inside a state', () => {
  const business = { text: 'on the waiting list' }
  const say = (peer: typeof mission, from: ReferralState, to = from): ReturnType<typeof transition> =>
    transition(taskIn(from), parties, peer, { to, at, assertionSource: 'RECEIVING_ORG', businessStatus: business })
  test.each(REFERRAL_STATES.filter((state) => !FINAL_STATES.includes(state)))(
    '%s: is for its target to say, and no move',
    (state) => {
      const said = say(bayou, state)
      expect(said).toMatchObject({
        ok: true,
        value: { isChanged: true, from: state, to: state, task: { businessStatus: business } },
      })
      const again = said.ok
        ? transition(said.value.task, parties, bayou, { to: state, at, assertionSource: 'HUMAN', businessStatus: business })
        : said
      expect(again).toMatchObject({ ok: true, value: { isChanged: false } })
      expect(say(stranger, state).ok).toBe(false)
      const requester = say(mission, state)
      expect(requester.ok ? requester.value.task.businessStatus : undefined).toBeUndefined()
    },
  )
  test('goes along with a move', () => {
    expect(say(bayou, 'accepted', 'in-progress')).toMatchObject({ ok: true, value: { task: { businessStatus: business } } })
  })
})

describe('a requester without a system of their own', () => {
  test('is nobody among the partners, and the target still moves the referral', () => {
    const letter = { ...taskIn('requested'), requester: { display: 'County Community Supervision' } }
    const sides = partiesOf(letter)
    if (!sides.ok) throw new Error('a letter has two sides')
    expect(transition(letter, sides.value, bayou, full('accepted')).ok).toBe(true)
    expect(transition(letter, sides.value, mission, full('cancelled')).ok).toBe(false)
    expect(partiesOf({ ...letter, requester: { reference: 'Practitioner/x', display: 'somebody' } }).ok).toBe(false)
  })
})

describe('what a transition must bring along', () => {
  test.each(TRANSITIONS.filter((each) => each.requires.some((one) => one !== 'owner')))(
    '$from to $to needs $requires',
    ({ from, to, actors, requires }) => {
      const peer = actors.includes('target') ? bayou : mission
      expect(transition(taskIn(from), parties, peer, { to, at, assertionSource: 'HUMAN' })).toMatchObject({
        ok: false,
        error: { kind: 'invalid', code: `${requires[0] ?? ''}-missing` },
      })
      expect(transition(taskIn(from), parties, peer, { to, at, assertionSource: 'HUMAN', reason: { text: '  ' } }).ok).toBe(false)
      expect(transition(taskIn(from), parties, peer, full(to)).ok).toBe(true)
    },
  )
  test('the reason and the output are on the Task, and a former reason is gone', () => {
    const held = { ...taskIn('on-hold'), statusReason: { text: 'papers missing' } }
    const done = transition(held, parties, bayou, {
      to: 'completed',
      at,
      assertionSource: 'RECEIVING_ORG',
      output: full('completed').output ?? [],
    })
    expect(done.ok && done.value.task).toMatchObject({
      status: 'completed',
      lastModified: at,
      output: [{ valueString: 'moved in' }],
    })
    expect(done.ok && done.value.task.statusReason).toBe(undefined)
    expect(done.ok && done.value.serviceRequestStatus).toBe('completed')
  })
  test.each([['cancelled'], ['rejected']] as const)('%s revokes the request', (to) => {
    const result = transition(taskIn('requested'), parties, bayou, full(to))
    expect(result.ok && result.value.serviceRequestStatus).toBe('revoked')
  })
})

describe('an open referral', () => {
  const { owner: _owner, ...open } = taskIn('requested')
  const openTo = (...candidates: (typeof bayou)[]): ReferralParties => ({ requester: mission, candidates })
  test('is claimed by a candidate, who then owns it', () => {
    const claimed = transition(open, openTo(bayou), bayou, full('accepted'))
    expect(claimed.ok && claimed.value.task.owner).toEqual({ reference: 'Organization/bayou-bh' })
    expect(claimed.ok && claimed.value.parties.target).toBe(bayou)
    if (!claimed.ok) return
    expect(transition(claimed.value.task, claimed.value.parties, stranger, full('accepted')).ok).toBe(false)
  })
  test('is not claimed by anybody else, nor ended by one candidate for all', () => {
    expect(transition(open, openTo(bayou), stranger, full('accepted')).ok).toBe(false)
    expect(transition(open, openTo(bayou), bayou, full('rejected')).ok).toBe(false)
  })
})

test('the same move twice changes nothing the second time', () => {
  const first = transition(taskIn('requested'), parties, bayou, full('accepted'))
  if (!first.ok) throw new Error(first.error.code)
  const second = transition(first.value.task, parties, bayou, full('accepted'))
  expect(second).toMatchObject({ ok: true, value: { isChanged: false } })
  expect(second.ok && second.value.task).toBe(first.value.task)
})

test('what the message says of its sender has no say', () => {
  const forged = { ...taskIn('requested'), owner: { reference: 'Organization/harbor-housing' } }
  expect(transition(forged, parties, stranger, full('accepted')).ok).toBe(false)
})

test('any walk of allowed moves ends in a final state or can go on, and never leaves the table', () => {
  const step = fc.tuple(fc.constantFrom(...REFERRAL_STATES), fc.constantFrom(mission, bayou, stranger))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let task = taskIn('draft')
      for (const [to, peer] of steps) {
        const before = task.status
        const result = transition(task, parties, peer, full(to))
        if (result.ok) task = result.value.task
        expect(before === task.status || known.includes(`${before} to ${task.status}`)).toBe(true)
      }
    }),
  )
  expect([...FINAL_STATES].sort()).toEqual(['cancelled', 'completed', 'entered-in-error', 'failed', 'rejected'])
})

test('the crosswalk has each state once', () => {
  expect(CROSSWALK.map((each) => each.state).sort()).toEqual([...REFERRAL_STATES].sort())
  expect(crosswalkOf('accepted')?.rf1).toBe('A')
})

test('the parties of a Task are partners', () => {
  expect(partiesOf(taskIn('requested'))).toEqual({ ok: true, value: parties })
  expect(partiesOf({ ...taskIn('requested'), requester: { reference: 'Practitioner/1' } }).ok).toBe(false)
})

const anchor = '/work/shared/data/exchange/derived/referral-state-machine-crosswalk.json'
test('the edges are those of the guide', () => {
  if (!existsSync(anchor)) return
  const { edges } = JSON.parse(readFileSync(anchor, 'utf8')) as { edges: [string, string, string][] }
  const theirs = edges
    .filter(([from]) => from !== '*')
    .map(([from, to, who]) => `${from} ${to} ${who.replace('owner', 'target')}`)
  const ours = TRANSITIONS.filter((each) => each.to !== 'entered-in-error').map(
    (each) => `${each.from} ${each.to} ${each.actors.join('|')}`,
  )
  expect(ours.sort()).toEqual(theirs.sort())
})
