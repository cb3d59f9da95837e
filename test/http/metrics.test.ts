import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { Writable } from 'node:stream'
import { deliveryObserver } from '../../src/app/metering.ts'
import { routeOf } from '../../src/http/metrics.ts'
import { partnerId } from '../../src/model/ids.ts'
import { openLog } from '../../src/platform/log.ts'
import { openMetrics } from '../../src/platform/metrics.ts'
import { enrol, eventually, openClinic, type Clinic } from '../flow/clinic.ts'

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic({ GATEWAY_METRICS_PORT: '0' })
  await enrol(clinic.street)
}, 120_000)
afterAll(() => clinic.close())

const scrape = async (path = '/metrics', method = 'GET'): Promise<{ readonly status: number; readonly text: string }> => {
  const answer = await fetch(`http://127.0.0.1:${String(clinic.street.gateway.metricsPort)}${path}`, { method })
  return { status: answer.status, text: await answer.text() }
}

describe('GET /metrics', () => {
  test('counts answers by template and status, deliveries by outcome, and messages', async () => {
    await clinic.street.ask('mission', '/Patient/ZZCANARY-1')
    await clinic.street.ask('mission', '/Patient/ZZCANARY-2')
    await fetch(`${clinic.street.gateway.origin}/nowhere/ZZCANARY`)
    await clinic.street.post('referral', 'referral-behavioural-health')
    await clinic.send('MSH|^~\\&|X|Y|G|M|20260202||MFN^M01|ZZCANARY|P|2.5.1\rMFI|x\r')
    const { text } = await eventually(scrape, (seen) => seen.text.includes('outcome="delivered"'))
    expect(text).toContain('gateway_http_request_seconds_count{method="GET",route="/fhir/:type/:id",status="404"} 2')
    expect(text).toContain('gateway_http_request_seconds_count{method="GET",route="none",status="404"} 1')
    expect(text).toContain('gateway_deliveries_total{channel="hl7v2",outcome="delivered"} 1')
    expect(text).toMatch(/gateway_elements_without_home_total\{message="referral"\} [1-9]/)
    expect(text).toContain('gateway_mllp_events_total{kind="handled"} 1')
    expect(text).toMatch(/gateway_outbox_messages\{state="queued"\} 0/)
    expect(text).not.toContain('ZZCANARY')
    expect(text).not.toContain('HTEST')
    expect(text).not.toContain('bayou')
  })
  test('shows how many items wait', async () => {
    await clinic.house.db.query(
      `insert into partner_pause (partner, since, reason, by_whom) values ('bayou-bh', now(), 'test', 'test')`,
      [],
    )
    await clinic.house.db.query(
      `select item_id from outbox_enqueue(gen_random_uuid(), 'bayou-bh', 'k', 'hl7v2', null, null, 't', '{}', 'k', null, now())`,
      [],
    )
    expect((await scrape()).text).toContain('gateway_outbox_messages{state="queued"} 1')
  })
  test.each([
    ['/', 'GET'],
    ['/metrics/x', 'GET'],
    ['/metrics?x', 'GET'],
    ['/metrics', 'POST'],
  ])('%s %s is not there', async (path, method) => {
    expect(await scrape(path, method)).toEqual({ status: 404, text: '' })
  })
  test('it is not on the street', async () => {
    expect((await fetch(`${clinic.street.gateway.origin}/metrics`)).status).toBe(404)
  })
  test('no other address of this machine leads to it', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter((each) => !each.internal && each.family === 'IPv4')
    for (const { address } of others) {
      const reached = await new Promise((resolve) => {
        const socket = connect({ host: address, port: clinic.street.gateway.metricsPort ?? 0, timeout: 500 })
        const end = (isReached: boolean) => (): void => {
          socket.destroy()
          resolve(isReached)
        }
        socket.on('connect', end(true)).on('error', end(false)).on('timeout', end(false))
      })
      expect(reached).toBe(false)
    }
  })
})

test.each([
  [{ baseUrl: '/fhir', route: { path: '/:type' } }, '/fhir/:type'],
  [{ baseUrl: '/a-name', route: { path: '/x' } }, '/x'],
  [{ route: { path: /x/ } }, 'none'],
  [{}, 'none'],
])('the route of %j is %s', (request, route) => {
  expect(routeOf(request)).toBe(route)
})

test('deliveries are logged in ids and codes; one that waits for a person warns', () => {
  const lines: string[] = []
  const out = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk))
      done()
    },
  })
  const observe = deliveryObserver(openMetrics(), openLog(out))
  const item = { kind: 'settled', item: 'i-1', partner: partnerId('bayou-bh'), channel: 'hl7v2', attempts: 2 } as const
  observe({ ...item, state: 'delivered' })
  observe({ ...item, state: 'held', cause: 'ack-ar' })
  observe({ kind: 'taken-over', partner: partnerId('bayou-bh') })
  observe({ kind: 'lock-lost' })
  observe({ kind: 'fault' })
  const said = lines.map((line) => JSON.parse(line) as Record<string, unknown>).map(({ time: _time, ...rest }) => rest)
  expect(said).toEqual([
    {
      level: 'info',
      event: 'delivery.settled',
      item: 'i-1',
      partner: 'bayou-bh',
      channel: 'hl7v2',
      state: 'delivered',
      attempts: 2,
    },
    {
      level: 'warn',
      event: 'delivery.held',
      item: 'i-1',
      partner: 'bayou-bh',
      channel: 'hl7v2',
      state: 'held',
      cause: 'ack-ar',
      attempts: 2,
    },
    { level: 'warn', event: 'delivery.taken-over', partner: 'bayou-bh' },
    { level: 'warn', event: 'delivery.lock-lost' },
    { level: 'error', event: 'delivery.fault' },
  ])
})
