import { describe, expect, test } from '@jest/globals'
import { narrativeFault } from '../../src/validation/narrative.ts'
import { validate } from '../../src/validation/validate.ts'
import { allDefinitions } from './definitions.ts'

const N = 300_000
const div = (content: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`
const nested = (levels: number): unknown => {
  let value: unknown = { url: 'urn:x', valueCode: 'a' }
  for (let i = 0; i < levels; i++) value = { url: 'urn:x', extension: [value] }
  return value
}
const aPatient = { resourceType: 'Patient', id: 'p' }
const aBinary = { resourceType: 'Binary', id: 'b', contentType: 'text/plain' }

// whatever grew faster than its input would run into the time limit of the test, many times over
describe('what is made to exhaust us is answered', () => {
  test.each([
    ['comments never closed', div('<!--'.repeat(N / 4))],
    ['tags never closed', div('<a '.repeat(N / 3))],
    ['attributes without an end', div(`<a ${'x="y" '.repeat(N / 6)}`)],
    ['spaces in a tag', div(`<a${' '.repeat(N)}`)],
    ['ampersands', div('&'.repeat(N))],
    ['elements in elements', div('<b>'.repeat(N / 3))],
  ])('narrative: %s', (_, text) => {
    expect(narrativeFault(text)).toEqual(expect.any(String))
  })

  test.each([
    ['base64 of spaces', { ...aBinary, data: `${' '.repeat(N)}!` }],
    ['a mime type with many parameters', { ...aBinary, contentType: `text/plain${';a=b'.repeat(N / 4)};` }],
    ['a mime type that may be cut in many ways', { ...aBinary, contentType: `text/plain;${'='.repeat(N)};` }],
    ['a code of many words', { ...aPatient, gender: `${'a '.repeat(N / 2)} ` }],
    ['a reference of many slashes', { ...aPatient, managingOrganization: { reference: `http:${'/A/a'.repeat(N / 4)} ` } }],
    ['a date that goes on', { ...aPatient, birthDate: `2026-01-01${'0'.repeat(N)}` }],
    ['extensions in extensions', { ...aPatient, extension: [nested(20_000)] }],
    ['contained in depth', { ...aPatient, contained: [{ ...aPatient, id: 'x', extension: [nested(20_000)] }] }],
    [
      'a resource with many unknown properties',
      { ...aPatient, ...Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`x${String(i)}`, 1])) },
    ],
    [
      'a questionnaire of many equal links',
      {
        resourceType: 'Questionnaire',
        status: 'draft',
        item: Array.from({ length: 20_000 }, () => ({ linkId: '1', type: 'display', text: 'x' })),
      },
    ],
  ])('resource: %s', (_, resource) => {
    const issues = validate(resource, allDefinitions)
    expect(issues.some(({ severity }) => severity === 'error')).toBe(true)
    expect(issues.length).toBeLessThanOrEqual(100)
  })
})
