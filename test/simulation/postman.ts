import { createDeliveryWorker, type Carrier, type DeliveryWorker } from '../../src/delivery/worker.ts'
import { discloseItem } from '../../src/flow/deliveries.ts'
import { receiveReply } from '../../src/flow/messages.ts'
import type { Scene } from './scene.ts'

let owners = 60_000

/** The one who empties the outbox, and dies at times. */
export interface Postman {
  /** Delivers what is due. @param mayDie whether the process may be killed on the way */
  readonly deliver: (mayDie?: boolean) => Promise<'deliver' | 'crash'>
  readonly crashes: () => number
  readonly stop: () => Promise<void>
}

export const hirePostman = (scene: Scene): Postman => {
  const { house, clock, dice, ends, url, patient, watched } = scene
  const abandoned: Promise<unknown>[] = []
  let crashes = 0
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
      const isAboutClient = item.patient === patient.slice('Patient/'.length) || item.what['record'] === patient
      if (isAboutClient && scene.isRevoked)
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
      disclose: async (item) => {
        const sent = await discloseItem(house, item)
        return sent === 'withheld' ? sent : sent.disclosure
      },
      answered: async (item, reply) => {
        const peer = item.channel === 'hl7v2' ? await house.partners.byId(item.partner) : undefined
        if (peer !== undefined) await receiveReply(house, peer, reply)
      },
      retry: { firstMs: 1000, capMs: 60_000, attemptsMax: 6 },
    })
  }
  const deliver = async (mayDie = true): Promise<'deliver' | 'crash'> => {
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

  return { deliver, crashes: () => crashes, stop: async () => worker?.stop() }
}
