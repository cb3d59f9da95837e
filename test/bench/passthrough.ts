// A bare Express and pg server that gives out the same bytes without consent, ledger or notice: what the gateway is compared with.
import express from 'express'
import pg from 'pg'
import type { AddressInfo } from 'node:net'

const [url = ''] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url, max: 16 })
const app = express().disable('x-powered-by').disable('etag')

app.get('/fhir/:type/:id', async (req, res) => {
  const { rows } = await pool.query<{ body: string }>({
    name: 'read',
    text: 'select body from bare where type = $1 and id = $2',
    values: [req.params.type, req.params.id],
  })
  const body = rows[0]?.body
  if (body === undefined) res.status(404).end()
  else res.type('application/fhir+json; charset=utf-8').send(body)
})

const server = app.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port)
})
process.on('disconnect', () => process.exit(0))
