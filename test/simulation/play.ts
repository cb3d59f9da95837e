import { findDeliveries, release } from '../../src/delivery/operate.ts'
import { resume } from '../../src/delivery/outbox.ts'
import { pollDue } from '../../src/flow/referral-poll.ts'
import { partnerId } from '../../src/model/ids.ts'
import { movesOf } from './moves.ts'
import { hirePostman } from './postman.ts'
import { admit, example, record, type Scene, type Stage } from './scene.ts'
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
    readonly merges: number
  }
}

/** How often a move is picked, where it is not once. */
const WEIGHTS: Readonly<Record<string, number>> = { refer: 2, offer: 2, answer: 7, poll: 3, consent: 2 }

/** Begins a seed with a client of its own. */
export const beginPlay = async (stage: Stage, name: string): Promise<Play> => {
  const { house, clock, dice, agencies, ends } = stage
  const clientId = `sim-${name}`
  const patient = await admit(stage, clientId, name)
  const [{ seq: from } = { seq: 0 }] = await house.db.query<{ seq: number }>(
    'select coalesce(max(seq), 0) as seq from ledger',
    [],
  )
  const watched: Watched = {
    house,
    agencies,
    from,
    disclosures: [],
    acknowledged: new Set(),
    referrals: new Set(),
    merges: [],
    merged: [],
  }
  const begun = { referrals: [], sentTwice: [], late: [], isRevoked: false, controlId: 0 }
  const scene: Scene = { ...stage, name, clientId, patient, watched, ...begun }
  const postman = hirePostman(scene)
  const moves = movesOf(scene)
  const names = Object.keys(moves).flatMap((move) => Array.from({ length: WEIGHTS[move] ?? 1 }, () => move))
  const letter = { clientId, recordId: `l-${name}`, status: 'requested' }
  await record(house, 'inbound-referral', { ...example('mission', 'inbound-referral'), ...letter })
  return {
    step: async () => {
      if (dice.oneIn(3)) return postman.deliver()
      const move = dice.pick(names)
      await moves[move]?.()
      return move
    },
    check: () => checkStreet(watched),
    heal: async () => {
      for (const agency of agencies) {
        agency.mood = 'well'
        await resume(house.db, partnerId(agency.id))
      }
      for (let i = 0; i < 8; i++) {
        for (const item of await findDeliveries(house.db, { state: 'held', limit: 500 }))
          await release(house.db, item.id, clock.now())
        clock.advance(1_000_000)
        await postman.deliver(false)
        await pollDue(house, ({ baseUrl }) => Promise.resolve(ends.clientFor(baseUrl)))
      }
      await postman.deliver(false)
      await checkStreet(watched)
      await checkStreet({ ...watched, isHealed: true })
      await postman.stop()
    },
    count: () => ({
      referrals: scene.referrals.length,
      arrivals: agencies.reduce((sum, { arrivals }) => sum + arrivals.length, 0),
      crashes: postman.crashes(),
      moves: watched.moves ?? 0,
      merges: watched.merges.length + watched.merged.length,
    }),
  }
}
