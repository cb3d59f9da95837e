import { describe, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { recordTypes } from '../../mappings/mission/record-types.ts'
import { isTree } from '../../src/mapping/tree.ts'
import { recordsOf } from './arbitrary.ts'
import { CONTEXT } from './context.ts'
import { mend } from './mend.ts'

const patientOf = (record: unknown): Resource[] =>
  isTree(record) && typeof record['clientId'] === 'string'
    ? (recordTypes['client']?.toFhir({ recordId: record['clientId'], clientId: record['clientId'] }, CONTEXT) ?? [])
    : []

describe.each(Object.entries(recordTypes))('%s', (name, type) => {
  const records = recordsOf(type.schema, mend(name))

  test('native to FHIR to native is the identity', () => {
    fc.assert(
      fc.property(records, (record) => {
        const resources = type.toFhir(record, CONTEXT)
        const withPatient = name === 'client' ? resources : [...resources, ...patientOf(record)]
        expect(type.fromFhir(structuredClone(withPatient))).toEqual({ ok: true, value: record })
        expect(type.fromFhir([...withPatient].reverse())).toEqual({ ok: true, value: record })
      }),
      { numRuns: 200 },
    )
  })

  test('of two records of a type, each is found by its id', () => {
    fc.assert(
      fc.property(records, records, (one, other) => {
        if (!isTree(one) || !isTree(other) || one['recordId'] === other['recordId']) return
        const resources = [one, other].flatMap((r) => [...type.toFhir(r, CONTEXT), ...(name === 'client' ? [] : patientOf(r))])
        expect(type.fromFhir(resources, String(other['recordId']))).toEqual({ ok: true, value: other })
      }),
      { numRuns: 20 },
    )
  })

  test('a second run gives the same ids and the same resources', () => {
    fc.assert(
      fc.property(records, (record) => {
        expect(type.toFhir(record, CONTEXT)).toEqual(type.toFhir(structuredClone(record), CONTEXT))
      }),
      { numRuns: 30 },
    )
  })

  test('every resource has an id of its own and a profile', () => {
    fc.assert(
      fc.property(records, (record) => {
        const resources = type.toFhir(record, CONTEXT)
        expect(new Set(resources.map((r) => `${r.resourceType}/${r.id ?? ''}`)).size).toBe(resources.length)
        for (const r of resources) expect(r.meta?.profile?.[0]).toMatch(/\/StructureDefinition\/mission-/)
      }),
      { numRuns: 30 },
    )
  })
})
