import { expect, test } from '@jest/globals'
import { loadDefinitions, validate } from '../../src/validation/validate.ts'
import { BASE } from './definitions.ts'
import { plain } from './corpus.ts'

/** What validators that count slices by hand pass over: closed lists, rules inside a slice, discriminators that ask for presence. */
const URL_OF = 'urn:htest:profile'
const base = (path: string, more: object = {}): object => ({ id: path, path, min: 0, max: '*', base: { path, min: 0, max: '*' }, ...more }) // prettier-ignore
const slice = (path: string, name: string, more: object = {}): object => ({ ...base(path, more), id: `${path}:${name}`, sliceName: name }) // prettier-ignore
const inside = (path: string, name: string, child: string, more: object): object => ({ ...base(`${path}.${child}`, { max: '1', base: { path: child, min: 0, max: '1' }, ...more }), id: `${path}:${name}.${child}` }) // prettier-ignore
const rule = (key: string, expression: string): object => ({ key, severity: 'error', human: key, expression })

const profile = {
  resourceType: 'StructureDefinition', url: URL_OF, name: 'Htest', kind: 'resource', type: 'Patient', derivation: 'constraint',
  snapshot: { element: [
    base('Patient'),
    base('Patient.identifier', { type: [{ code: 'Identifier' }], slicing: { rules: 'closed', discriminator: [{ type: 'value', path: 'system' }] } }),
    slice('Patient.identifier', 'mrn', { type: [{ code: 'Identifier' }], max: '1' }),
    inside('Patient.identifier', 'mrn', 'system', { type: [{ code: 'uri' }], min: 1, fixedUri: 'urn:mrn' }),
    inside('Patient.identifier', 'mrn', 'value', { type: [{ code: 'string' }], min: 1 }),
    base('Patient.name', { type: [{ code: 'HumanName' }], constraint: [rule('two-1', 'family.exists()'), rule('two-2', 'given.exists()')] }),
    base('Patient.telecom', { type: [{ code: 'ContactPoint' }], slicing: { rules: 'open', discriminator: [{ type: 'exists', path: 'period' }] } }),
    slice('Patient.telecom', 'former', { type: [{ code: 'ContactPoint' }], max: '1' }),
    inside('Patient.telecom', 'former', 'period', { type: [{ code: 'Period' }], min: 1 }),
  ] },
} // prettier-ignore
const definitions = loadDefinitions([...BASE, profile])

const MRN = { system: 'urn:mrn', value: '1' }
const FORMER = { system: 'phone', value: '1', period: { end: '2026' } }
const errorsOf = (more: object): readonly string[] =>
  validate(plain({ resourceType: 'Patient', id: 'p', ...more }), definitions, [URL_OF])
    .filter(({ severity }) => severity === 'error')
    .map(({ path, message }) => `${path} ${message}`)

test.each<[string, object]>([
  ['one of each slice', { identifier: [MRN], telecom: [FORMER, { system: 'phone', value: '2' }] }],
  ['nothing at all', {}],
])('%s is valid', (_, more) => {
  expect(errorsOf(more)).toEqual([])
})

test.each<[string, object, string]>([
  ['what is in no slice of a closed list', { identifier: [MRN, { system: 'urn:other', value: '1' }] }, 'Patient.identifier'],
  ['what a slice asks for within', { identifier: [{ system: 'urn:mrn' }] }, 'Patient.identifier[0].value'],
  ['a slice twice', { identifier: [MRN, { ...MRN, value: '2' }] }, 'Patient.identifier'],
  ['a slice by presence, twice', { telecom: [FORMER, { ...FORMER, value: '2' }] }, 'Patient.telecom'],
])('%s is found', (_, more, path) => {
  expect(errorsOf(more).map((error) => error.split(' ')[0])).toContainEqual(expect.stringContaining(path))
})

test('every invariant that fails at one element is told, not only the first', () => {
  const told = errorsOf({ name: [{ text: 'x' }] }).join('\n')
  expect(told).toContain('two-1')
  expect(told).toContain('two-2')
})
