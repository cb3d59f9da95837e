import { describe, expect, test } from '@jest/globals'
import { isValid, validate } from '../../src/validation/validate.ts'
import { plain } from './corpus.ts'
import { baseDefinitions } from './definitions.ts'

const aPlan = {
  resourceType: 'CarePlan',
  id: 'plan-1',
  meta: { tag: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] },
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>Plan of Jordan HTEST-Rivera</p></div>' },
  status: 'active',
  intent: 'plan',
  subject: { reference: 'Patient/p1' },
  period: { start: '2026-01-05', end: '2026-07-05' },
  activity: [{ reference: { reference: 'ServiceRequest/s1' } }],
}
const aPatient = {
  resourceType: 'Patient',
  id: 'p1',
  name: [{ family: 'HTEST-Rivera', given: ['Jordan'] }],
  gender: 'other',
  birthDate: '1988-04',
}

describe('structure of a resource', () => {
  test.each([
    ['a care plan', aPlan],
    ['a patient', aPatient],
    [
      'a primitive with an extension only',
      { ...aPatient, birthDate: undefined, _birthDate: { extension: [{ url: 'urn:x', valueCode: 'unknown' }] } },
    ],
    [
      'an array with a gap filled by an extension',
      { ...aPatient, name: [{ given: ['Jordan', null], _given: [null, { extension: [{ url: 'urn:x', valueString: 'y' }] }] }] },
    ],
    ['the end of a period in the same month as its start', { ...aPlan, period: { start: '2026-01-15', end: '2026-01' } }],
    ['a leap day', { ...aPatient, birthDate: '2024-02-29' }],
    ['a conditional reference', { ...aPlan, subject: { reference: 'Patient?identifier=a|b' } }],
  ])('%s is valid', (_, resource) => {
    expect(validate(typeof resource === 'object' ? plain(resource) : resource, baseDefinitions)).toEqual([])
  })

  test.each([
    ['an unknown type', { resourceType: 'Horse' }, 'Horse', 'not-supported'],
    ['no object', 'x', 'Resource', 'structure'],
    ['an unknown property', { ...aPlan, colour: 'red' }, 'CarePlan', 'structure'],
    ['a missing element', { ...aPlan, intent: undefined }, 'CarePlan.intent', 'required'],
    ['a code outside of a required binding', { ...aPlan, status: 'bogus' }, 'CarePlan.status', 'code-invalid'],
    ['an array where one is allowed', { ...aPlan, status: ['active'] }, 'CarePlan.status', 'structure'],
    ['one where an array is due', { ...aPlan, activity: {} }, 'CarePlan.activity', 'structure'],
    ['an empty array', { ...aPlan, activity: [] }, 'CarePlan.activity', 'structure'],
    ['an empty object', { ...aPlan, activity: [{}] }, 'CarePlan.activity[0]', 'invariant'],
    ['null', { ...aPlan, period: null }, 'CarePlan.period', 'structure'],
    ['an id with a space', { ...aPlan, id: 'a b' }, 'CarePlan.id', 'value'],
    ['the 30th of February', { ...aPlan, period: { start: '2026-02-30' } }, 'CarePlan.period.start', 'value'],
    ['an end before the start', { ...aPlan, period: { start: '2026-07-05', end: '2026-01-05' } }, 'CarePlan.period', 'invariant'],
    [
      'a reference to a type that is not allowed',
      { ...aPlan, subject: { reference: 'Practitioner/p' } },
      'CarePlan.subject',
      'structure',
    ],
    ['a reference that is none', { ...aPlan, subject: { reference: 'p' } }, 'CarePlan.subject', 'structure'],
    ['a local reference to nothing', { ...aPlan, subject: { reference: '#p' } }, 'CarePlan.subject', 'invariant'],
    [
      'a plan with detail and reference',
      { ...aPlan, activity: [{ reference: { reference: 'Task/a' }, detail: { status: 'scheduled' } }] },
      'CarePlan.activity[0]',
      'invariant',
    ],
    [
      'an extension with a value and extensions',
      { ...aPatient, extension: [{ url: 'urn:x', valueCode: 'a', extension: [{ url: 'b', valueCode: 'c' }] }] },
      'Patient.extension[0]',
      'invariant',
    ],
    [
      'an unknown modifier extension',
      { ...aPlan, modifierExtension: [{ url: 'urn:x', valueBoolean: true }] },
      'CarePlan.modifierExtension[0]',
      'extension',
    ],
    [
      'two types of one choice',
      { ...aPatient, deceasedBoolean: true, deceasedDateTime: '2026-01-01' },
      'Patient.deceased',
      'structure',
    ],
    [
      'a contained resource that nothing refers to',
      { ...aPlan, contained: [{ ...aPatient, id: 'x' }] },
      'CarePlan.contained[0]',
      'invariant',
    ],
    [
      'an id alone without a value',
      { ...aPatient, birthDate: undefined, _birthDate: { id: 'a' } },
      'Patient.birthDate',
      'invariant',
    ],
    ['a Boolean as text', { ...aPatient, active: 'true' }, 'Patient.active', 'value'],
  ])('%s is found', (_, resource, path, code) => {
    const issues = validate(typeof resource === 'object' ? plain(resource) : resource, baseDefinitions)
    expect(issues).toContainEqual(expect.objectContaining({ path, code, severity: 'error' }))
    expect(isValid(issues)).toBe(false)
  })

  test('no message tells a value', () => {
    const canary = 'ZZCANARY'
    const issues = validate(
      {
        ...aPlan,
        id: `${canary} x`,
        status: canary,
        [canary]: canary,
        period: { start: canary },
        subject: { reference: canary },
        text: { status: canary, div: canary },
      },
      baseDefinitions,
    )
    expect(issues.length).toBeGreaterThan(5)
    expect(JSON.stringify(issues)).not.toContain(canary)
  })

  test('a resource made to exhaust the stack is refused', () => {
    const nested = Array.from({ length: 5000 }).reduce<unknown>((inner) => ({ url: 'urn:x', extension: [inner] }), {
      url: 'urn:x',
      valueCode: 'a',
    })
    expect(validate({ ...aPatient, extension: [nested] }, baseDefinitions)).toContainEqual(
      expect.objectContaining({ code: 'too-costly' }),
    )
  })

  test('every invariant of the base is compiled', () => {
    baseDefinitions.compileAll()
    expect(baseDefinitions.unchecked).toEqual([])
  })
})
