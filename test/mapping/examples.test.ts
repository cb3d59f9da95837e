import { describe, expect, test } from '@jest/globals'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { Fhir } from 'fhir'
import { recordTypes } from '../../mappings/mission/record-types.ts'
import { typeOfExample } from '../../mappings/mission/examples.ts'
import { CONTEXT } from './context.ts'

const folder = new URL('../../mappings/mission/examples/', import.meta.url)
const golden = new URL('./golden/', import.meta.url)
const examples = readdirSync(folder).filter((name) => name.endsWith('.json'))
const oracle = new Fhir()

describe.each(examples)('%s', (file) => {
  const type = recordTypes[typeOfExample(file)]
  const record: unknown = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
  const resources = type?.toFhir(type.schema.parse(record), CONTEXT) ?? []

  test('becomes what was reviewed', () => {
    const text = `${JSON.stringify(resources, null, 2)}\n`
    const at = new URL(file, golden)
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(at, text)
    expect(text).toBe(readFileSync(at, 'utf8'))
  })

  test('is valid R4 for a second oracle', () => {
    for (const resource of resources) {
      const { valid, messages } = oracle.validate(resource)
      expect({
        type: resource.resourceType,
        messages: valid ? [] : messages.filter((m) => ['error', 'fatal'].includes(String(m.severity))),
      }).toEqual({
        type: resource.resourceType,
        messages: [],
      })
    }
  })
})

test('the plan has services as requests, and no activity.detail', () => {
  const plan: unknown = JSON.parse(readFileSync(new URL('treatment-plan.json', golden), 'utf8'))
  expect(JSON.stringify(plan)).not.toContain('"detail"')
  expect(plan).toContainEqual(expect.objectContaining({ resourceType: 'CarePlan', activity: expect.any(Array) }))
})
