import { describe, expect, test } from '@jest/globals'
import { readFileSync, readdirSync } from 'node:fs'
import fc from 'fast-check'
import { typeOfExample } from '../../mappings/mission/examples.ts'
import { recordTypes } from '../../mappings/mission/record-types.ts'
import { validate } from '../../src/validation/validate.ts'
import { allDefinitions } from '../validation/definitions.ts'
import { recordsOf } from './arbitrary.ts'
import { CONTEXT } from './context.ts'
import { mend } from './mend.ts'

const faultsOf = (resources: readonly { resourceType: string; meta?: { profile?: string[] } }[]): string[] =>
  resources.flatMap((r) =>
    validate(r, allDefinitions, r.meta?.profile ?? [])
      .filter((i) => i.severity === 'error')
      .map((i) => `${i.path} ${i.message}`),
  )

const folder = new URL('../../mappings/mission/examples/', import.meta.url)

describe('examples conform to our profiles, and to US Core 6.1, 7.0 and 8.0 where these impose it', () => {
  test.each(readdirSync(folder).filter((name) => name.endsWith('.json')))('%s', (file) => {
    const record: unknown = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
    expect(faultsOf(recordTypes[typeOfExample(file)]?.toFhir(record, CONTEXT) ?? [])).toEqual([])
  })
})

describe('whatever the schema accepts conforms', () => {
  test.each(Object.entries(recordTypes))('%s', (name, type) => {
    fc.assert(
      fc.property(recordsOf(type.schema, mend(name)), (record) => {
        expect(faultsOf(type.toFhir(record, CONTEXT))).toEqual([])
      }),
      { numRuns: 25 },
    )
  })
})
