import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { CONTRACTS } from '../../mappings/mission/contracts.ts'
import { recordTypes } from '../../mappings/mission/record-types.ts'
import { extensionUrl } from '../../src/mapping/context.ts'
import { reconcile, servicesIn, unitsByDay, unitsOf, visitsOf } from '../../src/mapping/units.ts'
import type { Contract, Rounding, ServiceMinutes } from '../../src/mapping/units.ts'
import { validate } from '../../src/validation/validate.ts'
import { allDefinitions } from '../validation/definitions.ts'
import { CONTEXT } from './context.ts'

test.each<[Rounding, readonly (readonly [number, number])[]]>([
  [
    'floor',
    [
      [0, 0],
      [14, 0],
      [15, 1],
      [29, 1],
      [30, 2],
      [44, 2],
    ],
  ],
  [
    'ceil',
    [
      [0, 0],
      [1, 1],
      [15, 1],
      [16, 2],
      [30, 2],
    ],
  ],
  [
    'nearest',
    [
      [7, 0],
      [8, 1],
      [22, 1],
      [23, 2],
    ],
  ],
  [
    'eight-minute',
    [
      [0, 0],
      [7, 0],
      [8, 1],
      [22, 1],
      [23, 2],
      [37, 2],
      [38, 3],
      [52, 3],
      [53, 4],
      [67, 4],
      [68, 5],
    ],
  ],
])('%s', (rounding, table) => {
  for (const [minutes, units] of table)
    expect([minutes, unitsOf(minutes, { rounding, unitMinutes: 15 })]).toEqual([minutes, units])
})

const contractOf = (change: Partial<Contract>): Contract => ({
  id: 'x',
  unitMinutes: 15,
  rounding: 'floor',
  per: 'service',
  source: 'test',
  ...change,
})
const service = (change: Partial<ServiceMinutes>): ServiceMinutes => ({
  recordId: 'r',
  clientId: 'c',
  encounterId: 'e',
  day: '2026-01-28',
  minutes: 40,
  ...change,
})

describe('units and visits', () => {
  test('three services of ten minutes are nothing apart and two units as a day', () => {
    const day = [service({ minutes: 10 }), service({ minutes: 10 }), service({ minutes: 10 })]
    expect([...unitsByDay(day, contractOf({})).values()]).toEqual([0])
    expect([...unitsByDay(day, contractOf({ per: 'day' })).values()]).toEqual([2])
    expect(visitsOf(day)).toBe(1)
  })

  test('units never go down with minutes, and no rule is off by more than one unit', () => {
    fc.assert(
      fc.property(fc.nat(1440), fc.constantFrom<Rounding>('floor', 'ceil', 'nearest', 'eight-minute'), (minutes, rounding) => {
        const rule = { rounding, unitMinutes: 15 }
        expect(unitsOf(minutes + 1, rule)).toBeGreaterThanOrEqual(unitsOf(minutes, rule))
        expect(Math.abs(unitsOf(minutes, rule) - minutes / 15)).toBeLessThan(1)
      }),
    )
  })
})

describe('reconciliation', () => {
  const contract = CONTRACTS[0]
  if (contract === undefined) throw new Error('no contract')
  const read = (name: string): unknown =>
    JSON.parse(readFileSync(new URL(`../../mappings/mission/examples/${name}.json`, import.meta.url), 'utf8'))
  const resources = recordTypes['ryan-white-service']?.toFhir(read('ryan-white-service'), CONTEXT) ?? []
  const visit = recordTypes['encounter']
    ?.toFhir(read('encounter-home-visit'), CONTEXT)
    .find((r) => r.resourceType === 'Encounter')

  test('the shipped service has three units sent, and forty minutes are two', () => {
    const services = servicesIn(resources, extensionUrl, (at) => at.slice(0, 10))
    expect(services).toEqual([expect.objectContaining({ minutes: 40, units: 3, encounterId: 'contact-3', day: '2026-01-28' })])
    const report = reconcile(services, contract, new Map(visit?.resourceType === 'Encounter' ? [['contact-3', visit]] : []))
    expect(report).toEqual({
      contract: 'dshs-2022-23',
      services: 1,
      minutes: 40,
      units: 2,
      visits: 1,
      administrativeMinutes: 0,
      issues: [
        expect.objectContaining({
          path: 'ryan-white-service/rw-1.units',
          message: '40 minutes are 2 units here, and 3 were sent',
        }),
      ],
    })
  })

  test('minutes that differ from the contact, a missing contact and too much administration are told', () => {
    const messages = reconcile(
      [service({ minutes: 41, encounterId: 'contact-3' }), service({ encounterId: 'none', isAdministrative: true })],
      contract,
      new Map(visit?.resourceType === 'Encounter' ? [['contact-3', visit]] : []),
    ).issues.map((i) => i.message)
    expect(messages).toEqual([
      'the contact has 40 minutes, the service 41',
      'there is no such contact',
      'administrative time is more than 10 % of the contract',
    ])
  })
})

describe('units of a service whose sender states none', () => {
  const type = recordTypes['ryan-white-service']
  const example: unknown = JSON.parse(
    readFileSync(new URL('../../mappings/mission/examples/ryan-white-service.json', import.meta.url), 'utf8'),
  )
  const stated = typeof example === 'object' && example !== null && 'units' in example ? example : { units: undefined }
  const { units: _, ...unstated } = stated
  const client = recordTypes['client']?.toFhir({ recordId: 'htest-0001', clientId: 'htest-0001' }, CONTEXT) ?? []

  test.each<[string, number, number | undefined, string | undefined]>([
    ['dshs-2022-23', 40, 2, 'billable'],
    ['dshs-2022-23', 14, 0, 'not-billable'],
    ['ceil-15', 40, 3, 'billable'],
    ['hcpcs-t1016', 40, undefined, undefined],
    ['of-nobody', 40, undefined, undefined],
  ])('%s, %i minutes: %p', (contract, minutes, units, status) => {
    const record = { ...unstated, contract, minutes }
    const made = type?.toFhir(type.schema.parse(record), CONTEXT) ?? []
    const charge = made.find((r) => r.resourceType === 'ChargeItem')
    expect([charge?.quantity?.value, charge?.status]).toEqual([units, status])
    expect(made.flatMap((r) => validate(r, allDefinitions, r.meta?.profile).filter((i) => i.severity === 'error'))).toEqual([])
    expect(type?.fromFhir([...made, ...client])).toEqual({ ok: true, value: record })
    expect(servicesIn(made, extensionUrl, (at) => at.slice(0, 10)).map((one) => [one.minutes, one.units])).toEqual([
      [minutes, undefined],
    ])
  })

  test.each([
    ['hcpcs-t1017', 'T1017'],
    ['hcpcs-t1016', 'T1016'],
    ['dshs-2022-23', 'T1016'],
  ])('%s is billed as %s', (contract, code) => {
    const record = { ...stated, contract }
    const made = type?.toFhir(type.schema.parse(record), CONTEXT) ?? []
    const charge = made.find((r) => r.resourceType === 'ChargeItem')
    expect(charge?.code.coding?.map((c) => c.code)).toEqual([code])
    expect(type?.fromFhir([...made, ...client])).toEqual({ ok: true, value: record })
  })

  test('units that are stated stand as they are, on the resource that the derived ones would have', () => {
    const charges = [stated, unstated].map((record) => type?.toFhir(record, CONTEXT).find((r) => r.resourceType === 'ChargeItem'))
    expect(charges.map((c) => c?.quantity?.value)).toEqual([3, 2])
    expect(charges[0]?.quantity?.extension).toBeUndefined()
    expect(charges[1]?.id).toBe(charges[0]?.id)
  })
})
