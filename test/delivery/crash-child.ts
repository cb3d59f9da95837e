/** A gateway's delivery worker in a process of its own, whose partner never answers: to be killed. Arguments: database URL, owner. */
import { createDeliveryWorker } from '../../src/delivery/worker.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { openDb } from '../../src/platform/db.ts'
import { sealed } from './support.ts'

const [url = '', owner = '0'] = process.argv.slice(2)
const worker = createDeliveryWorker({
  db: openDb({ url }),
  url,
  carriers: { hl7v2: { send: () => new Promise(() => undefined) } },
  disclose: (item) => Promise.resolve(sealed(item.id)),
  clock: systemClock,
  owner: Number(owner),
})
await worker.start()
