import { expect, test } from '@jest/globals'
import { openMetrics } from '../../src/platform/metrics.ts'

test('what was counted and timed is shown, in seconds', async () => {
  const metrics = openMetrics()
  metrics.count('disclosures_total', { interaction: 'read', outcome: 'permit' })
  metrics.count('disclosures_total', { interaction: 'read', outcome: 'permit' }, 2)
  metrics.set('outbox_messages', { state: 'held' }, 4)
  metrics.time('ledger_append_seconds', {}, 2)
  const text = await metrics.text()
  expect(text).toContain('gateway_disclosures_total{interaction="read",outcome="permit"} 3')
  expect(text).toContain('gateway_outbox_messages{state="held"} 4')
  expect(text).toContain('gateway_ledger_append_seconds_sum 0.002')
  expect(text).toContain('gateway_ledger_append_seconds_bucket{le="0.001"} 0')
  expect(text).toContain('gateway_ledger_append_seconds_bucket{le="0.0025"} 1')
})

test('a label that is no code, or is not listed, or comes without end, does not show', async () => {
  const metrics = openMetrics()
  metrics.count('disclosures_total', { interaction: 'Patient ZZCANARY', outcome: 'permit' })
  const more: { interaction: string; outcome: string; patient: string } = {
    interaction: 'read',
    outcome: 'deny',
    patient: 'ZZCANARY',
  }
  metrics.count('disclosures_total', more)
  for (let i = 0; i < 1_000; i++)
    metrics.time('http_request_seconds', { method: 'GET', route: `/fhir/Patient/${String(i)}`, status: '200' }, 1)
  const text = await metrics.text()
  expect(text).not.toContain('ZZCANARY')
  expect(text).toContain('gateway_disclosures_total{interaction="other",outcome="permit"} 1')
  expect(text.match(/^gateway_http_request_seconds_count/gm)).toHaveLength(101)
  expect(text).toContain('gateway_http_request_seconds_count{method="GET",route="other",status="200"} 900')
})

test('two gateways in one process do not count together', async () => {
  const [one, two] = [openMetrics(), openMetrics()]
  one.count('deliveries_total', { channel: 'hl7v2', outcome: 'AA' })
  expect(await two.text()).not.toContain('hl7v2')
})
