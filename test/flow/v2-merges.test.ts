import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Patient } from '@medplum/fhirtypes'
import { readFileSync } from 'node:fs'
import { pause, resume } from '../../src/delivery/outbox.ts'
import { receiveRecord } from '../../src/flow/records.ts'
import { partnerId } from '../../src/model/ids.ts'
import { V2_MESSAGES } from '../../src/model/v2-messages.ts'
import { enrol, eventually, field, openClinic, type Clinic } from './clinic.ts'

/** Two records of one person are made one: who sees both hears it by ADT^A40, who sees one of them hears nothing of the other. */
let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic({}, { messages: V2_MESSAGES })
  await enrol(clinic.street)
}, 120_000)
afterAll(async () => {
  await clinic.close()
})

const example = (place: string, name: string): Readonly<Record<string, unknown>> =>
  JSON.parse(readFileSync(new URL(`../../mappings/${place}/examples/${name}.json`, import.meta.url), 'utf8')) as Record<
    string,
    unknown
  >

/** A client of the programme; with a consent the clinic sees them. */
const admit = async (clientId: string, isConsented: boolean): Promise<string> => {
  const record = async (type: string, body: Readonly<Record<string, unknown>>): Promise<readonly string[]> => {
    const taken = await receiveRecord(clinic.house, partnerId('mission'), type, { ...body, clientId })
    if (!taken.ok) throw new Error(JSON.stringify(taken.error))
    return taken.value.references
  }
  const [patient = ''] = await record('client', { ...example('mission', 'client'), recordId: clientId, given: [clientId] })
  await record('enrolment', { ...example('mission', 'enrolment'), recordId: `e-${clientId}` })
  const consent = { ...example('consent', 'consent-clinic'), recordId: `c-${clientId}` }
  if (isConsented) await record('consent', { ...consent, patientName: `${clientId} HTEST-Rivera` })
  return patient
}

const patientOf = async (reference: string): Promise<Patient> => {
  const answer = await clinic.street.ask('mission', `/${reference}`)
  return JSON.parse(answer.body) as Patient
}

/** Staff link the two, in one transaction as a directory of persons does. */
const merge = async (gone: string, into: string): Promise<void> => {
  const [old, kept] = [await patientOf(gone), await patientOf(into)]
  const entry = [
    { ...old, active: false, link: [{ other: { reference: into }, type: 'replaced-by' }] },
    { ...kept, link: [{ other: { reference: gone }, type: 'replaces' }] },
  ].map(({ meta, ...resource }) => ({
    resource: { ...resource, meta: { profile: meta?.profile, tag: meta?.tag } },
    request: { method: 'PUT', url: `Patient/${resource.id ?? ''}` },
  }))
  const answer = await clinic.street.ask('mission', '/', {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }),
  })
  if (answer.status >= 300) throw new Error(answer.body)
}

const sentAfter = async (change: () => Promise<unknown>): Promise<readonly string[]> => {
  const before = clinic.received.length
  await change()
  await eventually(
    () =>
      clinic.house.db.query<{ n: number }>(
        `select count(*)::int as n from outbox where state in ('queued', 'sending', 'unknown')`,
      ),
    ([row]) => row?.n === 0,
  )
  return clinic.received.slice(before)
}
const nameOf = (text: string): string => `${field(text, 'MSH', 9) ?? ''}^${field(text, 'MSH', 9, 2) ?? ''}`

describe('two clients who are one', () => {
  test('both seen: one ADT^A40 that names both, under the notice, and on the ledger with both', async () => {
    const [gone, into] = [await admit('htest-m1', true), await admit('htest-m2', true)]
    const [adt = '', ...more] = await sentAfter(() => merge(gone, into))
    expect([nameOf(adt), more.map(nameOf)]).toEqual(['ADT^A40', []])
    expect([field(adt, 'PID', 3), field(adt, 'MRG', 1), field(adt, 'MRG', 7, 2)]).toEqual(['htest-m2', 'htest-m1', 'htest-m1'])
    expect(adt).toContain('protected by Federal confidentiality rules (42 CFR part 2)')
    expect(adt).toContain('for these purposes only')
    const [entry] = await clinic.house.db.query<{ body: { records: { record: string; patient?: string }[] } }>(
      `select body::jsonb as body from ledger where body::jsonb ->> 'kind' = 'disclosure' order by seq desc limit 1`,
    )
    expect(entry?.body.records.map(({ record, patient }) => [record, `Patient/${patient ?? ''}`]).sort()).toEqual(
      [gone, into].map((one) => [one, one]).sort(),
    )
    // the same said once more is the same merge
    expect(await sentAfter(() => merge(gone, into))).toEqual([])
  })
  test.each<readonly [string, string, string]>([
    ['the one that goes', 'htest-m3', 'htest-m4'],
    ['the one that stays', 'htest-m6', 'htest-m5'],
  ])('only %s is seen: nothing of the other leaves', async (which, seen, hidden) => {
    const [shown, unknown] = [await admit(seen, true), await admit(hidden, false)]
    const [gone, into] = which === 'the one that goes' ? [shown, unknown] : [unknown, shown]
    const sent = await sentAfter(() => merge(gone, into))
    expect(sent.map(nameOf)).toEqual(which === 'the one that goes' ? ['ADT^A08'] : [])
    expect(sent.join('')).not.toContain(hidden)
    expect(sent.join('')).not.toContain(unknown.slice('Patient/'.length))
  })
  test('a consent that is taken back before it leaves: it never does', async () => {
    const [gone, into] = [await admit('htest-m7', true), await admit('htest-m8', true)]
    const bayou = partnerId('bayou-bh')
    const { db, clock } = clinic.house
    await db.transact((tx) => pause(tx, bayou, { whom: 'operator', reason: 'test', at: clock.now() }))
    await merge(gone, into)
    const revoked = { recordId: 'c-htest-m8', clientId: 'htest-m8', status: 'inactive', revokedAt: '2026-03-03T09:00:00-06:00' }
    const consent = { ...example('consent', 'consent-clinic'), ...revoked, patientName: 'htest-m8 HTEST-Rivera' }
    const taken = await receiveRecord(clinic.house, partnerId('mission'), 'consent', consent)
    expect(taken.ok || taken.error).toBe(true)
    expect(await sentAfter(() => resume(db, bayou))).toEqual([])
    expect(await db.query(`select state from outbox where what ->> 'merged' = $1`, [gone])).toEqual([{ state: 'withheld' }])
  })
})
