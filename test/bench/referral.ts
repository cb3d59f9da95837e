// In: a gateway, a partner that listens by MLLP, both on loopback. Out: how long it is from a referral at the programme's door to the
// partner's acknowledgement. BENCH_CLIENTS sets how many clients there are (20), each of whom is referred five times.
// Never: leaves anything behind.
import { readFile } from 'node:fs/promises'
import { monotonicMs } from '../../src/platform/clock.ts'
import { acknowledge } from '../../src/formats/hl7v2/acknowledge.ts'
import { controlIdOf, parse } from '../../src/formats/hl7v2/message.ts'
import { enrol, openClinic } from '../flow/clinic.ts'
import { printTarget } from './lines.ts'

const CLIENTS = Number(process.env['BENCH_CLIENTS'] ?? 20)
const COUNT = CLIENTS * 5
const TARGET_MS = 100

const clinic = await openClinic({ GATEWAY_POOL_SIZE: '6' })
try {
  await enrol(clinic.street)
  const token = await clinic.street.token('mission')
  const example = async (place: string, name: string): Promise<Readonly<Record<string, unknown>>> =>
    JSON.parse(await readFile(new URL(`../../mappings/${place}/examples/${name}.json`, import.meta.url), 'utf8')) as Record<
      string,
      unknown
    >
  const post = async (record: string, body: object): Promise<void> => {
    const answer = await fetch(`${clinic.street.gateway.origin}/mission/v1/${record}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    })
    if (answer.status !== 201) throw new Error(`${record}: ${String(answer.status)} ${await answer.text()}`)
    await answer.text()
  }
  for (let n = 0; n < CLIENTS; n += 1) {
    const clientId = `htest-bench-${String(n)}`
    await post('client', { ...(await example('mission', 'client')), recordId: clientId, clientId })
    await post('enrolment', { ...(await example('mission', 'enrolment')), recordId: `e-${clientId}`, clientId })
    await post('consent', { ...(await example('consent', 'consent-clinic')), recordId: `c-${clientId}`, clientId })
  }
  const referral = await example('mission', 'referral-behavioural-health')
  let arrived: (() => void) | undefined
  clinic.answerWith((message) => {
    arrived?.()
    const parsed = parse(message)
    if (!parsed.ok) throw new Error(parsed.error.code)
    const by = { controlId: 'C1', time: '20260202120000', application: 'BAYOU', facility: 'BAYOU BH' }
    return acknowledge(by, 'AA', parsed.value, controlIdOf(parsed.value))
  })
  const times: number[] = []
  const processor = process.cpuUsage()
  const taken: number[] = []
  for (let n = 0; n < COUNT; n += 1) {
    const told = new Promise<void>((resolve) => (arrived = resolve))
    const began = monotonicMs()
    const clientId = `htest-bench-${String(n % CLIENTS)}`
    await post('referral', { ...referral, recordId: `bench-${String(n)}`, clientId, text: `Outpatient group ${String(n)}` })
    taken.push(monotonicMs() - began)
    await told
    times.push(monotonicMs() - began)
  }
  const { user, system } = process.cpuUsage(processor)
  const at = (all: readonly number[], q: number): number =>
    [...all].sort((a, b) => a - b)[Math.floor(all.length * q)] ?? Number.NaN
  const figures = `p50 ${at(times, 0.5).toFixed(0)} ms   p99 ${at(times, 0.99).toFixed(0)} ms   first tenth ${at(times.slice(0, COUNT / 10), 0.5).toFixed(0)} ms, last tenth ${at(times.slice(-COUNT / 10), 0.5).toFixed(0)} ms   (of it the record's own answer p50 ${at(taken, 0.5).toFixed(0)} ms; processor without PostgreSQL ${((user + system) / 1000 / COUNT).toFixed(0)} ms each)`
  printTarget('referral to the acknowledgement', figures, `p50 under ${String(TARGET_MS)} ms`, at(times, 0.5) < TARGET_MS)
} finally {
  await clinic.close()
}
