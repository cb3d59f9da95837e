import { describe, expect, test } from '@jest/globals'
import { readFileSync, readdirSync } from 'node:fs'
import fc from 'fast-check'
import { typeOfExample } from '../../mappings/mission/examples.ts'
import { recordTypes } from '../../mappings/mission/record-types.ts'
import { parseIntake } from '../../src/intake/parse-intake.ts'
import { checkRules } from '../../src/mapping/check-rules.ts'
import { copyOf, isTree } from '../../src/mapping/tree.ts'
import { CONTEXT } from './context.ts'

const folder = new URL('../../mappings/mission/examples/', import.meta.url)

/** Every place in a JSON value, as paths. */
const places = (value: unknown, path: readonly (string | number)[] = []): (string | number)[][] => {
  const children = Array.isArray(value)
    ? value.map((v, i) => places(v, [...path, i]))
    : isTree(value)
      ? Object.keys(value).map((k) => places(value[k], [...path, k]))
      : []
  return [[...path], ...children.flat()]
}

const spoil = (value: unknown, path: readonly (string | number)[], by: unknown): unknown => {
  const [step, ...rest] = path
  if (step === undefined) return by
  if (Array.isArray(value)) return value.map((v: unknown, i): unknown => (i === step ? spoil(v, rest, by) : v))
  return isTree(value) ? { ...value, [step]: spoil(value[step], rest, by) } : value
}

const junk = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    ' ',
    '\u0000',
    '\ud800',
    'x'.repeat(5000),
    -1,
    1e308,
    NaN,
    [],
    {},
    [null],
    { key: 1 },
    '2026-02-30',
    '9999-99-99T99:99:99Z',
    '__proto__',
  ),
  fc.jsonValue(),
)

describe.each(readdirSync(folder).filter((name) => name.endsWith('.json')))('%s, spoiled anywhere', (file) => {
  const name = typeOfExample(file)
  const type = recordTypes[name]
  const record: unknown = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
  const spots = places(record)

  test('is taken and mapped, or refused with a place; never thrown at', () => {
    if (type === undefined) throw new Error('no such type')
    fc.assert(
      fc.property(fc.constantFrom(...spots), junk, (path, by) => {
        const read = parseIntake(type.schema, spoil(record, path, by))
        if (read.ok) {
          for (const resource of type.toFhir(read.value, CONTEXT)) expect(resource.id).toMatch(/^[0-9a-f-]{36}$/)
          checkRules(name, read.value, { records: {} })
        } else expect(read.error.issues?.every((i) => i.path.startsWith('$') && i.message !== '')).toBe(true)
      }),
      { numRuns: 120 },
    )
  })

  test('resources spoiled anywhere are read or refused; never thrown at', () => {
    if (type === undefined) throw new Error('no such type')
    const resources = type.toFhir(record, CONTEXT)
    const all = places(resources)
    fc.assert(
      fc.property(fc.constantFrom(...all), junk, (path, by) => {
        const spoiled = spoil(copyOf(resources), path, by)
        const read = type.fromFhir(
          Array.isArray(spoiled) ? spoiled.filter(isTree).map((r) => Object.assign({}, resources[0], r)) : [],
        )
        expect(typeof read.ok).toBe('boolean')
      }),
      { numRuns: 60 },
    )
  })
})
