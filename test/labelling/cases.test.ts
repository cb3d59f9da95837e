import { readdirSync, readFileSync } from 'node:fs'
import type { Resource } from '@medplum/fhirtypes'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { labelAll } from '../../src/labelling/label.ts'
import type { Labels } from '../../src/model/label.ts'
import { shippedRules } from './rules-files.ts'
import { EHR, MISSION, PARTNERS } from './support.ts'

interface Expected {
  readonly whole?: readonly string[]
  readonly parts?: Readonly<Record<string, readonly string[]>>
  readonly status?: Labels['status']
  readonly policy?: readonly string[]
  readonly confidentiality?: string
  readonly note?: string
}
interface Case {
  readonly it: string
  readonly law?: string
  readonly origin: 'mission' | 'ehr'
  readonly records: readonly Resource[]
  readonly expect: Readonly<Record<string, Expected>>
}

const FOLDER = new URL('../cases/labelling/', import.meta.url)
const rules = shippedRules()

const partsOf = (labels: Labels): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    labels.parts.map((part) => [
      part.certainty === 'doubtful' && part.pointer !== '' ? `${part.pointer} doubtful` : part.pointer,
      part.sensitivity,
    ]),
  )

describe.each(readdirSync(FOLDER).sort())('%s', (file) => {
  const cases = parse(readFileSync(new URL(file, FOLDER), 'utf8')) as readonly Case[]
  test.each(cases)('$it', ({ origin, records, expect: expected }) => {
    const given = records.map((resource) => ({ resource, origin: origin === 'mission' ? MISSION : EHR }))
    const labels = labelAll(given, rules, { partners: PARTNERS })
    expect(Object.keys(expected).length).toBeGreaterThan(0)
    for (const [key, want] of Object.entries(expected)) {
      const got = labels.get(key)
      if (got === undefined) throw new Error(`${key} is not labelled`)
      const { sensitivity, status, policy, confidentiality, noteKind } = got
      const all = { whole: sensitivity, parts: partsOf(got), status, policy, confidentiality, note: noteKind }
      expect({ [key]: Object.fromEntries(Object.entries(all).filter(([name]) => name in want)) }).toEqual({ [key]: want })
    }
  })
})
