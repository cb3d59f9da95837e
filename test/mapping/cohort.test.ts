import { expect, test } from '@jest/globals'
import { consentRecordType } from '../../mappings/consent/record-type.ts'
import { cohort } from '../../mappings/mission/cohort.ts'
import { recordTypes } from '../../mappings/mission/record-types.ts'
import { checkRules } from '../../src/mapping/check-rules.ts'
import { validate } from '../../src/validation/validate.ts'
import { allDefinitions } from '../validation/definitions.ts'
import { CONTEXT } from './context.ts'

const typeOf = (name: string) => (name === 'consent' ? consentRecordType : recordTypes[name])
const clients = [...cohort(7, 300)]
const records = clients.flatMap((c) => c.records)

test('the same seed gives the same clients, another seed others', () => {
  expect([...cohort(7, 20)]).toEqual(clients.slice(0, 20))
  expect([...cohort(8, 1)][0]?.records[0]?.record).not.toEqual(clients[0]?.records[0]?.record)
})

test('every record meets its schema, is marked as test data and has an id of its own', () => {
  for (const { type, record } of records)
    expect([type, typeOf(type)?.schema.safeParse(record).error?.issues]).toEqual([type, undefined])
  expect(records.every(({ record }) => record['isTest'] === true)).toBe(true)
  expect(records.every(({ type, record }) => type !== 'client' || String(record['family']).startsWith('HTEST'))).toBe(true)
  const ids = records.map(({ type, record }) => `${type}/${String(record['recordId'])}`)
  expect(new Set(ids).size).toBe(ids.length)
})

test('no rule of the programme blocks any of them', () => {
  for (const client of clients) {
    const facts: Record<string, Record<string, unknown>[]> = {}
    for (const { type, record } of client.records) facts[type] = [...(facts[type] ?? []), { ...record }]
    for (const { type, record } of client.records)
      expect(checkRules(type, record, { records: facts }).filter((i) => i.severity === 'error')).toEqual([])
  }
})

test('all that they become conforms', () => {
  const faults = clients
    .slice(0, 8)
    .flatMap((c) => c.records)
    .flatMap(({ type, record }) => typeOf(type)?.toFhir(record, CONTEXT) ?? [])
    .flatMap((r) =>
      validate(r, allDefinitions, r.meta?.profile ?? [])
        .filter((i) => i.severity === 'error')
        .map((i) => `${i.path} ${i.message}`),
    )
  expect(faults).toEqual([])
})

test('the shares are plausible', () => {
  const share = (holds: (r: { type: string; record: Readonly<Record<string, unknown>> }) => boolean): number =>
    clients.filter((c) => c.records.some(holds)).length / clients.length
  const within = (value: number, low: number, high: number): void => {
    expect(value).toBeGreaterThan(low)
    expect(value).toBeLessThan(high)
  }
  within(
    share((r) => r.record['isHivPositive'] === true),
    0.05,
    0.2,
  )
  within(
    share((r) => r.type === 'lost-to-care'),
    0.03,
    0.14,
  )
  within(
    share((r) => r.type === 'appointment'),
    0.6,
    1,
  )
  within(
    share((r) => r.record['recordId'] === `${String(r.record['clientId'])}.consent-housing`),
    0.5,
    0.8,
  )
  within(records.length / clients.length, 20, 90)
})
