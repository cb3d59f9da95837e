import { describe, expect, test } from '@jest/globals'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Resource } from '@medplum/fhirtypes'
import { createPatch } from 'rfc6902'
import { houseOf } from '../../src/disclosure/house.ts'
import { PROFILES, showsType, type ProfileName } from '../../src/disclosure/profiles.ts'
import { render } from '../../src/disclosure/render.ts'
import { wholeShape, type Shape } from '../../src/disclosure/shape.ts'
import { labelAll } from '../../src/labelling/label.ts'
import { stamp } from '../../src/labelling/stamp.ts'
import { PROGRAM_IDENTITY } from '../../src/labelling/world.ts'
import { shippedRules } from '../labelling/rules-files.ts'
import { MISSION, PARTNERS } from '../labelling/support.ts'

/**
 * What is taken out of each record of a MISSION client, and what is put in its place, as JSON Patch from the record to what
 * leaves; reviewed by hand. `npm run test:unit -- test/disclosure/renditions` with UPDATE_GOLDEN=1 writes them again.
 */
const RECORDS = new URL('../mapping/golden/', import.meta.url)
const GOLDEN = new URL('golden/', import.meta.url)
const HOUSE = houseOf([
  { what: 'name', value: 'MISSION', tells: [PROGRAM_IDENTITY], source: 'test' },
  { what: 'reference', value: 'Organization/mission', tells: [PROGRAM_IDENTITY], source: 'test' },
])
const NAMES: readonly ProfileName[] = ['whole', 'payment', 'housing', 'justice']

const isResource = (value: unknown): value is Resource => typeof value === 'object' && value !== null && 'resourceType' in value
const recordsIn = (name: string): readonly Resource[] => {
  const value: unknown = JSON.parse(readFileSync(new URL(name, RECORDS), 'utf8'))
  const list: unknown = typeof value === 'object' && value !== null && 'resources' in value ? value.resources : value
  return (Array.isArray(list) ? list : [list]).filter(isResource)
}

const names = readdirSync(RECORDS).filter((name) => name.endsWith('.json'))
const labels = labelAll(
  names.flatMap(recordsIn).map((resource) => ({ resource, origin: MISSION })),
  shippedRules(),
  { partners: PARTNERS },
)

const changeOf = (record: Resource, shape: Shape): unknown => {
  const left = render(record, shape)
  return left === undefined ? 'withheld' : createPatch(record, left)
}

const changesOf = (resource: Resource): Record<string, unknown> => {
  const own = labels.get(`${resource.resourceType}/${resource.id ?? ''}`)
  if (own === undefined) throw new Error('labelled')
  const record = stamp(resource, own)
  const parts = own.parts.filter(({ pointer }) => pointer !== '')
  const telling = parts.filter(({ sensitivity }) => sensitivity.some((one) => one !== PROGRAM_IDENTITY))
  const changes: Record<string, unknown> = {}
  for (const profile of NAMES.filter((one) => showsType(PROFILES[one], resource.resourceType)))
    for (const [who, out, hides] of [
      ['may know all', [], []],
      ['may know the programme', telling, own.sensitivity.filter((one) => one !== PROGRAM_IDENTITY)],
      ['may know nothing', parts, own.sensitivity],
    ] as const) {
      const withheldParts = out.map(({ pointer }) => pointer)
      changes[`${profile}, who ${who}`] = changeOf(record, { ...wholeShape(HOUSE), profile, withheldParts, hides })
    }
  return changes
}

describe('what leaves of the records of a MISSION client', () => {
  mkdirSync(GOLDEN, { recursive: true })
  test.each(names)('%s', (name) => {
    const changes = Object.fromEntries(recordsIn(name).map((one) => [`${one.resourceType}/${one.id ?? ''}`, changesOf(one)]))
    const at = new URL(name, GOLDEN)
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(at, `${JSON.stringify(changes, null, 1)}\n`)
    expect(existsSync(at)).toBe(true)
    expect(changes).toEqual(JSON.parse(readFileSync(at, 'utf8')))
  })
})
