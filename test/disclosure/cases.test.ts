import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import type { Resource } from '@medplum/fhirtypes'
import { parse } from 'yaml'
import { houseOf } from '../../src/disclosure/house.ts'
import type { ProfileName } from '../../src/disclosure/profiles.ts'
import { render } from '../../src/disclosure/render.ts'
import { wholeShape } from '../../src/disclosure/shape.ts'

interface Case {
  readonly it: string
  readonly law: string
  readonly profile: ProfileName
  readonly resource: Resource
  readonly withheld?: readonly string[]
  readonly references?: readonly string[]
  readonly hides?: readonly string[]
  readonly shown?: readonly string[]
  readonly hidden?: readonly string[]
  readonly expect?: 'withheld whole'
}

const HOUSE = houseOf([
  { what: 'name', value: 'MISSION', tells: ['PROGRAM-IDENTITY'], source: 'test' },
  { what: 'name', value: 'Bayou Recovery Clinic', tells: ['SUD'], source: 'test' },
  { what: 'system', value: 'urn:mission:', tells: ['PROGRAM-IDENTITY'], source: 'test' },
  { what: 'reference', value: 'Organization/mission', tells: ['PROGRAM-IDENTITY'], source: 'test' },
])
const FOLDER = new URL('../cases/redaction/', import.meta.url)

describe.each(readdirSync(FOLDER))('%s', (file) => {
  const cases = parse(readFileSync(new URL(file, FOLDER), 'utf8')) as readonly Case[]
  test.each(cases.map((one) => [one.it, one] as const))('%s', (_, one) => {
    const left = render(one.resource, {
      ...wholeShape(HOUSE),
      profile: one.profile,
      withheldParts: one.withheld ?? [],
      withheldReferences: one.references ?? [],
      hides: one.hides ?? [],
    })
    if (one.expect === 'withheld whole') {
      expect(left).toBeUndefined()
      return
    }
    const text = JSON.stringify(left)
    for (const words of one.shown ?? []) expect(text).toContain(words)
    for (const words of one.hidden ?? []) expect(text).not.toContain(words)
  })
})
