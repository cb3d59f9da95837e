import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Appointment, Encounter, Patient, Resource } from '@medplum/fhirtypes'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countLosses } from '../../src/delivery/exchange.ts'
import { pause, resume } from '../../src/delivery/outbox.ts'
import { registerPartner } from '../../src/flow/partners.ts'
import { partnerId } from '../../src/model/ids.ts'
import { V2_MESSAGES } from '../../src/model/v2-messages.ts'
import { makeCertificates } from '../support/certificates.ts'
import { enrol, eventually, field, openClinic, type Clinic } from './clinic.ts'

/**
 * What happens to a client reaches a partner by the HL7 v2 messages that its agreement names, over MLLP with mutual TLS, under the
 * consent of the moment in which they leave.
 */
const folder = mkdtempSync(join(tmpdir(), 'mission-v2-'))
const certificates = makeCertificates()
const fileOf = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

let clinic: Clinic
let client = ''
beforeAll(async () => {
  const own =
    certificates === undefined
      ? {}
      : {
          GATEWAY_MLLP_TLS_CERT_FILE: fileOf('gateway.pem', certificates.server.cert),
          GATEWAY_MLLP_TLS_KEY_FILE: fileOf('gateway.key', certificates.server.key),
          GATEWAY_MLLP_TLS_CA_FILE: fileOf('ca.pem', certificates.ca),
        }
  const tls =
    certificates === undefined
      ? {}
      : { tls: { listening: { ...certificates.client, ca: certificates.ca }, caFile: join(folder, 'ca.pem') } }
  clinic = await openClinic(own, { ...tls, messages: V2_MESSAGES })
  await enrol(clinic.street)
  const [patient] = await records('Patient')
  client = patient?.id ?? ''
}, 120_000)
afterAll(async () => {
  await clinic.close()
  rmSync(folder, { recursive: true, force: true })
})

const records = async (type: string): Promise<readonly (Resource & { readonly id: string })[]> =>
  (
    await clinic.house.db.query<{ body: string }>(
      `select body::text as body from record where type = $1 and is_current and not is_deleted order by id`,
      [type],
    )
  ).map(({ body }) => JSON.parse(body) as Resource & { id: string })

const nameOf = (text: string): string => `${field(text, 'MSH', 9) ?? ''}^${field(text, 'MSH', 9, 2) ?? ''}`
const WAITING = `select count(*)::int as n from outbox where state in ('queued', 'sending', 'unknown')`
/** Everything that a change made leave, in the order in which it came. */
const sentAfter = async (change: () => Promise<unknown>): Promise<readonly string[]> => {
  const before = clinic.received.length
  await change()
  await eventually(
    () => clinic.house.db.query<{ n: number }>(WAITING),
    ([row]) => row?.n === 0,
  )
  return clinic.received.slice(before)
}
const put = async (resource: Resource & { readonly id?: string }): Promise<void> => {
  const answer = await clinic.street.ask('mission', `/${resource.resourceType}/${resource.id ?? ''}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify(resource),
  })
  if (answer.status >= 300) throw new Error(answer.body)
}
const remove = async (record: string): Promise<void> => {
  const answer = await clinic.street.ask('mission', `/${record}`, { method: 'DELETE' })
  if (answer.status >= 300) throw new Error(answer.body)
}
const subject = (): { readonly reference: string } => ({ reference: `Patient/${client}` })
const appointment = (id: string, more: Partial<Appointment> = {}): Appointment & { readonly id: string } => ({
  resourceType: 'Appointment',
  id,
  status: 'booked',
  start: '2026-02-10T15:00:00Z',
  end: '2026-02-10T16:00:00Z',
  participant: [{ actor: subject(), status: 'accepted' }],
  ...more,
})

describe('appointments', () => {
  test('a booking that the programme records is SIU^S12, with staff, place, notice and scope', async () => {
    const [siu = '', ...more] = await sentAfter(() => clinic.street.post('appointment', 'appointment-booked'))
    expect([nameOf(siu), more]).toEqual(['SIU^S12', []])
    expect(field(siu, 'PID', 5)).toBe('HTEST-Rivera')
    expect(field(siu, 'SCH', 11, 4)).toMatch(/^20260203/)
    expect([field(siu, 'SCH', 7, 2), field(siu, 'SCH', 25), field(siu, 'AIL', 3, 9)]).toEqual([
      'Case management session',
      'Booked',
      'Office',
    ])
    expect([field(siu, 'SCH', 6, 2), field(siu, 'SCH', 16, 2), field(siu, 'AIP', 3, 2)]).not.toContain(undefined)
    expect(siu).toContain('protected by Federal confidentiality rules (42 CFR part 2)')
    expect(siu).toContain('for these purposes only')
  })
  test('the same record again tells nothing', async () => {
    expect(await sentAfter(() => clinic.street.post('appointment', 'appointment-booked'))).toEqual([])
  })
  test.each<readonly [string, Partial<Appointment>]>([
    ['SIU^S12', {}],
    ['SIU^S14', { minutesDuration: 60 }],
    ['SIU^S13', { minutesDuration: 60, start: '2026-02-11T15:00:00Z', end: '2026-02-11T16:00:00Z' }],
    ['SIU^S26', { status: 'noshow', start: '2026-02-11T15:00:00Z', end: '2026-02-11T16:00:00Z' }],
  ])('%s of one that changes', async (name, more) => {
    const sent = await sentAfter(() => put(appointment('ap-1', more)))
    expect(sent.map(nameOf)).toEqual([name])
  })
  test('SIU^S15 gives the reason of a cancellation', async () => {
    await sentAfter(() => put(appointment('ap-2')))
    const cancelled = { status: 'cancelled', cancelationReason: { text: 'staff is ill' } } as const
    const [siu = ''] = await sentAfter(() => put(appointment('ap-2', cancelled)))
    expect([nameOf(siu), field(siu, 'SCH', 6, 2), field(siu, 'SCH', 25)]).toEqual(['SIU^S15', 'staff is ill', 'Cancelled'])
  })
  test('SIU^S16 is for one that had begun', async () => {
    await sentAfter(() => put(appointment('ap-6', { status: 'arrived' })))
    const [siu = ''] = await sentAfter(() => put(appointment('ap-6', { status: 'cancelled' })))
    expect([nameOf(siu), field(siu, 'SCH', 25)]).toEqual(['SIU^S16', 'Dc'])
  })
  test('SIU^S17 is for one that is deleted, as it stood; its deletion is on the ledger with the person', async () => {
    await sentAfter(() => put(appointment('ap-7', { identifier: [{ value: 'HTEST-AP-7' }] })))
    const [siu = '', ...more] = await sentAfter(() => remove('Appointment/ap-7'))
    expect([nameOf(siu), field(siu, 'SCH', 2), field(siu, 'SCH', 25), field(siu, 'PID', 5)]).toEqual([
      'SIU^S17',
      'ap-7',
      'Deleted',
      'HTEST-Rivera',
    ])
    expect([more, siu.includes('for these purposes only')]).toEqual([[], true])
    const [entry] = await clinic.house.db.query<{ body: { records: { record: string }[] } }>(
      `select body::jsonb as body from ledger where body::jsonb ->> 'interaction' = 'history-instance' order by seq desc limit 1`,
    )
    expect(entry?.body.records.map(({ record }) => record)).toEqual(['Appointment/ap-7', `Patient/${client}`])
  })
  test('what a message has no field for is kept by its place, and counted', async () => {
    const losses = await countLosses(clinic.house.db, partnerId('bayou-bh'))
    const lost = {
      partner: 'bayou-bh',
      direction: 'out',
      place: 'Patient.extension:mission-recorded-on.valueDate',
      why: 'no-home',
    }
    const found = losses.find(({ place, direction }) => place === lost.place && direction === 'out')
    expect(found).toMatchObject(lost)
    expect(found?.messages).toBeGreaterThan(4)
    expect(JSON.stringify(losses)).not.toContain('HTEST')
  })
  test('each is on the ledger, with the records that it showed', async () => {
    const entries = await clinic.house.db.query<{ body: { records: { record: string }[] } }>(
      `select body::jsonb as body from ledger where body::jsonb ->> 'kind' = 'disclosure' and body::jsonb ->> 'door' = 'hl7v2'`,
    )
    const shown = entries.map(({ body }) => body.records.map(({ record }) => record).join(' '))
    expect(shown.filter((one) => one.includes('Appointment/ap-1'))).toHaveLength(4)
    expect(shown.every((one) => one.includes(`Patient/${client}`))).toBe(true)
  })
})

describe('visits and the person', () => {
  const visit = (id: string, more: Partial<Encounter> = {}): Encounter & { readonly id: string } => ({
    resourceType: 'Encounter',
    id,
    status: 'in-progress',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: subject(),
    period: { start: '2026-02-02T15:00:00Z' },
    ...more,
  })
  const over = { status: 'finished', period: { start: '2026-02-02T15:00:00Z', end: '2026-02-02T16:00:00Z' } } as const
  const admitted = { class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' } }
  test.each<readonly [string, readonly string[], string, Partial<Encounter>]>([
    ['is planned', [], 'v-1', { status: 'planned' }],
    ['begins', ['ADT^A04'], 'v-1', {}],
    ['changes', ['ADT^A08'], 'v-1', { type: [{ text: 'home visit' }] }],
    ['ends', ['ADT^A03'], 'v-1', over],
    ['has begun and ended at once', ['ADT^A03'], 'v-2', over],
    ['is an admission', ['ADT^A01'], 'v-3', admitted],
    ['did not take place, and was not told', [], 'v-4', { status: 'cancelled' }],
    ['has not ended after all', ['ADT^A13'], 'v-1', { ...admitted, type: [{ text: 'home visit' }] }],
    ['is called off', ['ADT^A11'], 'v-1', { status: 'cancelled' }],
    ['was an error', ['ADT^A23'], 'v-2', { ...over, status: 'entered-in-error' }],
    ['was an error, and is told once more', [], 'v-2', { ...over, status: 'entered-in-error', type: [{ text: 'visit' }] }],
  ])('a visit that %s is %j', async (_, names, id, more) => {
    const sent = await sentAfter(() => put(visit(id, more)))
    expect(sent.map(nameOf)).toEqual(names)
    for (const one of sent) expect(one).toContain('protected by Federal confidentiality rules (42 CFR part 2)')
  })
  test('ADT^A23 is for one that is deleted; one that nobody was told of goes as it came', async () => {
    const [adt = '', ...more] = await sentAfter(() => remove('Encounter/v-3'))
    expect([nameOf(adt), more, field(adt, 'PV1', 2)]).toEqual(['ADT^A23', [], 'I'])
    expect(await sentAfter(() => remove('Encounter/v-4'))).toEqual([])
  })
  test('a client who moves is ADT^A08, with the notice where the structure has room for it', async () => {
    const [patient] = (await records('Patient')) as readonly (Patient & { readonly id: string })[]
    if (patient === undefined) throw new Error('there is no client')
    const [adt = '', ...more] = await sentAfter(() => put({ ...patient, address: [{ city: 'Galveston', state: 'TX' }] }))
    expect([nameOf(adt), more]).toEqual(['ADT^A08', []])
    expect([field(adt, 'PID', 11, 3), field(adt, 'PV1', 2), field(adt, 'OBX', 3), field(adt, 'NTE', 3)]).toEqual([
      'Galveston',
      'N',
      'REDISCLOSURE-NOTICE',
      undefined,
    ])
  })
})

describe('results', () => {
  test('a screening is ORU^R01, with its score', async () => {
    const sent = await sentAfter(() => clinic.street.post('assessment', 'assessment-phq-9'))
    expect(sent.map(nameOf)).toContain('ORU^R01')
    expect(sent.map((one) => field(one, 'OBX', 5))).toContain('21')
    expect(sent.every((one) => field(one, 'OBR', 4) !== undefined)).toBe(true)
  })
  test('results of a report are told with it, once', async () => {
    const entry = [
      { resourceType: 'Observation', id: 'lab-1', status: 'final', code: { text: 'sodium' }, subject: subject(), valueString: '140' },
      { resourceType: 'DiagnosticReport', id: 'rep-1', status: 'final', code: { text: 'panel' }, subject: subject(), result: [{ reference: 'Observation/lab-1' }] },
    ].map((resource) => ({ resource, request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` } })) // prettier-ignore
    const sent = await sentAfter(() =>
      clinic.street.ask('mission', '/', {
        method: 'POST',
        headers: { 'content-type': 'application/fhir+json' },
        body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }),
      }),
    )
    expect(sent.map((one) => [nameOf(one), field(one, 'OBR', 4, 2), field(one, 'OBX', 5)])).toEqual([['ORU^R01', 'panel', '140']])
  })
})

describe('a result that is deleted', () => {
  test('is ORU^R01 that takes it back', async () => {
    const result = { resourceType: 'Observation' as const, id: 'lab-2', status: 'final' as const, code: { text: 'potassium' } }
    await sentAfter(() => put({ ...result, subject: subject(), valueString: '4' }))
    const [oru = '', ...more] = await sentAfter(() => remove('Observation/lab-2'))
    expect([nameOf(oru), more, field(oru, 'OBX', 3, 2), field(oru, 'OBX', 11)]).toEqual(['ORU^R01', [], 'potassium', 'D'])
  })
})

describe('what is under a referral', () => {
  test('comes after it, in its order, and under its number', async () => {
    const sent = await sentAfter(async () => {
      const made = await clinic.street.post('referral', 'referral-behavioural-health')
      const request = made.find((one) => one.startsWith('ServiceRequest/')) ?? ''
      await put(appointment('ap-9', { basedOn: [{ reference: request }] }))
    })
    expect(sent.map(nameOf).filter((one) => /^(REF|SIU)/.test(one))).toEqual(['REF^I12', 'SIU^S12'])
    const [ref, siu] = ['REF', 'SIU'].map((code) => sent.find((one) => field(one, 'MSH', 9) === code) ?? '')
    expect(field(siu ?? '', 'SCH', 26)).toBe(field(ref ?? '', 'RF1', 6))
    const lanes = await clinic.house.db.query<{ lane: string }>(
      `select distinct order_key as lane from outbox where what ->> 'record' = 'Appointment/ap-9' or what ->> 'task' is not null`,
    )
    expect(lanes).toHaveLength(1)
  })
})

describe('who gets nothing', () => {
  test('a partner without a consent, whose agreement names everything: no message, and none in the queue', async () => {
    const channel = { kind: 'hl7v2', host: '127.0.0.1', port: 1, version: '2.3', application: 'CW', facility: 'CW' }
    const file = { id: 'careware-elsewhere', name: 'Elsewhere', kind: 'covered-entity', sector: 'hiv', purposes: ['TREAT'] }
    const added = await registerPartner(clinic.house, { ...file, channels: [{ ...channel, messages: V2_MESSAGES }] }, 'operator')
    expect(added.ok).toBe(true)
    await sentAfter(() => put(appointment('ap-3')))
    const rows = await clinic.house.db.query<{ partner: string }>(`select distinct partner from outbox`)
    expect(rows).toEqual([{ partner: 'bayou-bh' }])
  })
  test('the one who said it', async () => {
    const own = { ...appointment('ap-9'), status: 'booked' as const }
    const sent = await sentAfter(() =>
      clinic.street.ask('bayou-bh', '/Appointment', {
        method: 'POST',
        headers: { 'content-type': 'application/fhir+json' },
        body: JSON.stringify({ ...own, id: undefined }),
      }),
    )
    expect(sent).toEqual([])
  })
  test('a client who takes the consent back: what waits never leaves, and the refusal is on the ledger', async () => {
    const bayou = partnerId('bayou-bh')
    const { db, clock } = clinic.house
    await db.transact((tx) => pause(tx, bayou, { whom: 'operator', reason: 'test', at: clock.now() }))
    await put(appointment('ap-4'))
    const stateOf = () => db.query<{ state: string }>(`select state from outbox where what ->> 'record' = 'Appointment/ap-4'`)
    expect(await stateOf()).toEqual([{ state: 'queued' }])
    const [consent] = await records('Consent')
    if (consent?.resourceType !== 'Consent') throw new Error('there is no consent')
    await put({ ...consent, status: 'inactive' })
    const sent = await sentAfter(() => resume(db, bayou))
    expect([sent, await stateOf()]).toEqual([[], [{ state: 'withheld' }]])
    const refusals = await db.query<{ code: string }>(
      `select body::jsonb ->> 'code' as code from ledger where kind = 'refusal' and recipient = 'bayou-bh' and body::jsonb ->> 'type' = 'Appointment'`,
    )
    expect(refusals).toEqual([{ code: 'nothing-to-show' }])
    expect(await sentAfter(() => put(appointment('ap-5')))).toEqual([])
  })
})
