// A bare Express and pg server that gives out the same bytes without consent, ledger or notice: what the gateway is compared with.
// Below `/durable` the same, once a line about each answer is on disk: the least that an answer with a durable entry can cost.
import express, { type Response } from 'express'
import pg from 'pg'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'

const [url = ''] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url, max: 16 })
const app = express().disable('x-powered-by').disable('etag')

const send = (res: Response, body: string): void => {
  res.type('application/fhir+json; charset=utf-8').send(body)
}

let waiting: { readonly line: string; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = []
let flushing = false

/** Lines that come while others are written go together, as on the ledger. */
const flush = async (): Promise<void> => {
  flushing = true
  while (waiting.length > 0) {
    await nextTurn()
    const batch = waiting
    waiting = []
    const lines = batch.map(({ line }) => line)
    try {
      await pool.query({ name: 'note', text: 'insert into bare_line (line) select unnest($1::text[])', values: [lines] })
      for (const { resolve } of batch) resolve()
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
  flushing = false
}

/** @returns when the line would survive a power cut */
const note = (line: string): Promise<void> =>
  new Promise((resolve, reject) => {
    waiting.push({ line, resolve, reject })
    if (!flushing) flush().catch(reject)
  })

const DURABLE = '/durable'
app.use((req, _res, next) => {
  if (!req.url.startsWith(`${DURABLE}/`)) {
    next()
    return
  }
  req.url = req.url.slice(DURABLE.length)
  note(`${new Date().toISOString()} ${req.url}`).then(() => {
    next()
  }, next)
})

app.get('/fhir/:type/:id', async (req, res) => {
  const { rows } = await pool.query<{ body: string }>({
    name: 'read',
    text: 'select body from bare where type = $1 and id = $2',
    values: [req.params.type, req.params.id],
  })
  const body = rows[0]?.body
  if (body === undefined) res.status(404).end()
  else send(res, body)
})

app.get('/fhir/:type', async (req, res) => {
  const { patient, _count } = req.query
  const values = [req.params.type, Number(_count) + 1, ...(typeof patient === 'string' ? [patient] : [])]
  const { rows } = await pool.query<{ id: string; body: string }>({
    name: typeof patient === 'string' ? 'of-one' : 'of-all',
    text: `select id, body from bare where type = $1 ${typeof patient === 'string' ? 'and patient = $3' : ''} order by id limit $2`,
    values,
  })
  const entries = rows
    .slice(0, Number(_count))
    .map(
      ({ id, body }) =>
        `{"fullUrl":"http://127.0.0.1/fhir/${req.params.type}/${id}","resource":${body},"search":{"mode":"match"}}`,
    )
  send(res, `{"resourceType":"Bundle","type":"searchset","entry":[${entries.join(',')}]}`)
})

const server = app.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port)
})
process.on('disconnect', () => process.exit(0))
