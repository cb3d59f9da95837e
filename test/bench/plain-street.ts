// In: the settings of a running gateway, on the command line. Out: the same street on the same store, without audience and notice; without
// the ledger too, unless the last word is `ledger`.
// Never: part of the product; it is what a search with consent is compared with.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readConfig } from '../../src/app/config.ts'
import { openHouse } from '../../src/app/gateway.ts'
import { parseSearch } from '../../src/formats/fhir/search-grammar.ts'
import type { House } from '../../src/flow/house.ts'
import { createStreet } from '../../src/http/server.ts'
import type { Shown } from '../../src/model/ask.ts'
import { patientId } from '../../src/model/ids.ts'
import { instant } from '../../src/model/time.ts'
import { silentLog } from '../../src/platform/log.ts'
import { fail, ok } from '../../src/platform/result.ts'
import { problem } from '../../src/platform/problem.ts'

const [origin = '', settings = '{}', ledger] = process.argv.slice(2)
const config = readConfig(JSON.parse(settings) as Record<string, string>)
if (!config.ok) throw new Error(config.error.join('; '))
const opened = await openHouse(config.value, silentLog, origin)
const { db, searches } = opened.house

interface Row {
  readonly type: string
  readonly id: string
  readonly patient: string
  readonly body: string
}

const updated = instant('2026-01-01T00:00:00Z')
const shown = ({ type, id, patient, body }: Row): Shown =>
  ({ type, id, patient: patientId(patient), body, versionId: '1', updated, isDeleted: false, basis: { kind: 'internal' }, obligations: [], mode: 'match' }) // prettier-ignore

/** The same question, parsed in the same way, put to one table of texts by one index. */
const find: House['find'] = async (_tx, { wanted }, manner = {}) => {
  if (wanted.interaction !== 'search') return fail(problem('unsupported', 'bench'))
  const parsed = parseSearch(wanted.query, searches, { handling: 'strict', ...manner, nowMs: Date.now() })
  if (!parsed.ok) return parsed
  const { count, filter, types } = parsed.value
  const [owner] = filter.flatMap((one) => (one.kind === 'owner' ? [one.patient] : []))
  const where = owner === undefined ? '' : 'and patient = $3'
  const values = [types[0], count + 1, ...(owner === undefined ? [] : [owner])]
  const rows = await db.query<Row>(
    `select type, id, patient, body from bare where type = $1 ${where} order by id limit $2`,
    values,
  )
  return ok({ rows: rows.slice(0, count).map(shown), ...(rows.length > count ? { next: rows[count - 1]?.id ?? '' } : {}) })
}

const house: House = {
  ...opened.house,
  find,
  ledger: ledger === 'ledger' ? opened.house.ledger : { ...opened.house.ledger, append: () => Promise.resolve({ seq: 0 }) },
}
const server = createServer(
  createStreet(house, {
    origin,
    signingKey: opened.keys.signing,
    tokenSeconds: 3_600,
    ratePerMinute: 100_000_000,
    bodyBytesMax: 1_000_000,
  }),
)
server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port)
})
process.on('disconnect', () => process.exit(0))
