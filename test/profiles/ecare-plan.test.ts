import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { recordTypes } from '../../mappings/mission/record-types.ts'
import { place } from '../../src/mapping/tree.ts'
import { isObject } from '../../src/validation/fhirpath-values.ts'
import { context } from '../validation/corpus.ts'
import { jsonOf } from '../validation/definitions.ts'

const CUSTODIAN = 'http://hl7.org/fhir/us/mcc/StructureDefinition/custodian'
const table = readFileSync(new URL('../../docs/mcc-ecare-plan.md', import.meta.url), 'utf8')
const rows = [...table.matchAll(/^\| `CarePlan\.([^`]+)` *\| ([^|]+?) *\| (yes|no) *\|/gm)].map(
  ([, element = '', asked = '', has = '']) => ({ element, asked, has }),
)
const type = recordTypes['treatment-plan']
const record = jsonOf('mappings/mission/examples/treatment-plan.json')
const whole = { ...(isObject(record) ? record : {}), informationSources: ['HTEST discharge summary'] }
const plan = type?.toFhir(type.schema.parse(whole), context).find(({ resourceType }) => resourceType === 'CarePlan')

test('the table names what the guide asks of a plan', () => {
  expect(rows).toHaveLength(9)
})

test.each(rows)('$element is in our plan: $has', ({ element, has }) => {
  const path = element.replace('activity.', 'activity[0].').replace('(custodian)', `(${CUSTODIAN})`)
  expect(plan).toBeDefined()
  expect(place(path).get({ ...plan }) !== undefined).toBe(has === 'yes')
})

test('the author is the case manager who stands first among the contributors, and a plan of before without one is read', () => {
  const made = type?.toFhir(type.schema.parse(whole), context) ?? []
  const author = place('author').get({ ...plan })
  expect(author).toEqual(place('contributor[0]').get({ ...plan }))
  const before = made.map(({ ...resource }) => {
    if (resource.resourceType === 'CarePlan') delete resource.author
    return resource
  })
  expect(before).not.toEqual(made)
  expect(type?.fromFhir(before)).toEqual(type?.fromFhir(made))
})
