import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import type { Resource } from '@medplum/fhirtypes'
import { parse } from 'yaml'
import { houseOf } from '../../src/disclosure/house.ts'
import { PROFILES, showsType, type ProfileName } from '../../src/disclosure/profiles.ts'
import { render } from '../../src/disclosure/render.ts'
import { wholeShape } from '../../src/disclosure/shape.ts'
import { labelAll } from '../../src/labelling/label.ts'
import { stamp } from '../../src/labelling/stamp.ts'
import { PROGRAM_IDENTITY } from '../../src/labelling/world.ts'
import { isValid, validate } from '../../src/validation/validate.ts'
import { shippedRules } from '../labelling/rules-files.ts'
import { MISSION, PARTNERS } from '../labelling/support.ts'
import { allDefinitions } from '../validation/definitions.ts'

/** Every golden, in every shape that it may leave in, against base R4 and every profile that it still claims. */
const house = houseOf([], (left, profile) => isValid(validate(left, allDefinitions, [profile])))
const NAMES: readonly ProfileName[] = ['whole', 'payment', 'housing', 'justice']

const faultsIn = (resource: Resource): readonly string[] =>
  validate(resource, allDefinitions, resource.meta?.profile)
    .filter(({ severity }) => severity === 'error')
    .map(({ path, message }) => `${path}: ${message}`)

const CASES = new URL('../cases/redaction/', import.meta.url)
const cases = readdirSync(CASES).flatMap(
  (file) =>
    parse(readFileSync(new URL(file, CASES), 'utf8')) as readonly {
      readonly it: string
      readonly resource: Resource
      readonly withheld?: readonly string[]
      readonly references?: readonly string[]
      readonly hides?: readonly string[]
    }[],
)

describe('the cases of redaction', () => {
  test.each(cases)('$it', ({ resource, withheld, references, hides }) => {
    expect(faultsIn(resource)).toEqual([])
    for (const profile of NAMES) {
      const withheldParts = { withheldParts: withheld ?? [], withheldReferences: references ?? [], hides: hides ?? [] }
      const left = render(resource, { ...wholeShape(house), ...withheldParts, profile })
      expect([profile, left === undefined ? [] : faultsIn(left)]).toEqual([profile, []])
    }
  })
})

const GOLDEN = new URL('../mapping/golden/', import.meta.url)
const isResource = (value: unknown): value is Resource => typeof value === 'object' && value !== null && 'resourceType' in value
const goldenIn = (name: string): readonly Resource[] => {
  const value: unknown = JSON.parse(readFileSync(new URL(name, GOLDEN), 'utf8'))
  const list: unknown = typeof value === 'object' && value !== null && 'resources' in value ? value.resources : value
  return (Array.isArray(list) ? list : [list]).filter(isResource)
}

describe('the records of a MISSION client, each in every shape, without what is labelled', () => {
  const names = readdirSync(GOLDEN).filter((name) => name.endsWith('.json'))
  const all = names.flatMap(goldenIn)
  const labels = labelAll(
    all.map((resource) => ({ resource, origin: MISSION })),
    shippedRules(),
    { partners: PARTNERS },
  )
  const seen = { left: 0, claims: 0, changed: 0 }

  test.each(names)('%s', (name) => {
    for (const resource of goldenIn(name)) {
      const own = labels.get(`${resource.resourceType}/${resource.id ?? ''}`)
      if (own === undefined) throw new Error('labelled')
      const stamped = stamp(resource, own)
      const parts = own.parts.filter(({ pointer }) => pointer !== '')
      // who may know the programme sees which of its profiles a record claims
      const telling = parts.filter(({ sensitivity }) => sensitivity.some((one) => one !== PROGRAM_IDENTITY))
      for (const profile of NAMES.filter((one) => showsType(PROFILES[one], resource.resourceType)))
        for (const out of [parts, telling]) {
          const withheldParts = out.map(({ pointer }) => pointer)
          const left = render(stamped, { ...wholeShape(house), profile, withheldParts, hides: own.sensitivity })
          if (left === undefined) continue
          seen.left += 1
          seen.claims += left.meta?.profile?.length ?? 0
          if (left !== stamped) seen.changed += 1
          expect([resource.resourceType, profile, faultsIn(left)]).toEqual([resource.resourceType, profile, []])
        }
    }
  })

  test('there was something to check: records that left, changed ones, and claims that stayed', () => {
    expect(seen.left).toBeGreaterThan(150)
    expect(seen.changed).toBeGreaterThan(80)
    expect(seen.claims).toBeGreaterThan(50)
  })
})
