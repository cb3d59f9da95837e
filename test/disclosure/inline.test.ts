import { describe, expect, test } from '@jest/globals'
import type { Extension, Resource } from '@medplum/fhirtypes'
import { EMPTY_HOUSE } from '../../src/disclosure/house.ts'
import { render } from '../../src/disclosure/render.ts'
import { wholeShape, type Shape } from '../../src/disclosure/shape.ts'

const DS4P = 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/'
const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const MARK = { system: ACT, code: 'PROCESSINLINELABEL' }
const HAS = { url: `${DS4P}extension-has-inline-sec-label`, valueBoolean: true }
const N = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' }
const label = (code: string): readonly Extension[] => [
  { url: `${DS4P}extension-inline-sec-label`, valueCoding: { system: ACT, code } },
]
const shape = (more: Partial<Shape> = {}): Shape => ({ ...wholeShape(EMPTY_HOUSE), ...more })

const NAMES = [{ family: 'HTEST', extension: label('HIV') }, { family: 'HTEST-Two' }]
const PATIENT = {
  resourceType: 'Patient',
  id: 'p',
  meta: { extension: [HAS], security: [N, MARK] },
  gender: 'female',
  birthDate: '1980-01-01',
  _birthDate: { extension: label('SUD') },
  name: NAMES,
}

const left = (resource: object, more: Partial<Shape> = {}): unknown => render(resource as Resource, shape(more))

describe('labels on elements', () => {
  test('go to whoever may have the elements, as they are stored', () => {
    expect(left(PATIENT)).toBe(PATIENT)
  })

  test('go with the element, and the word that there are some stays while one is left', () => {
    expect(left(PATIENT, { withheldParts: ['/birthDate'], hides: ['SUD'] })).toEqual({
      resourceType: 'Patient',
      id: 'p',
      meta: { extension: [HAS], security: [N, MARK] },
      gender: 'female',
      name: NAMES,
    })
  })

  test.each([
    ['alone', { extension: [HAS], security: [MARK] }, undefined],
    ['beside a level', { security: [MARK, N] }, { security: [N] }],
    ['beside another extension', { extension: [{ url: 'urn:x', valueString: 'y' }, HAS] }, { extension: [{ url: 'urn:x', valueString: 'y' }] }],
    ['under the name of another edition', { security: [N, { system: `${DS4P}x`, code: 'HAS-INLINE-SEC-LABELS' }] }, { security: [N] }],
    ['not at all', { security: [N] }, { security: [N] }],
  ])('that there were some is not told when none is left: %s', (_, meta, expected) => {
    const rest = { resourceType: 'Patient', id: 'p', ...(expected !== undefined && { meta: expected }), gender: 'female', name: [{ family: 'HTEST-Two' }] }
    expect(left({ ...PATIENT, meta }, { withheldParts: ['/birthDate', '/name/0'] })).toEqual(rest)
  }) // prettier-ignore

  test('that the profile of a sector takes out are not told of either', () => {
    const text = JSON.stringify(left(PATIENT, { profile: 'housing' }))
    expect(text).toContain('HTEST-Two')
    expect(text).not.toMatch(/inline|INLINE|SUD|HIV/)
  })

  test('inside a contained resource count for that resource, and for the one that contains it', () => {
    const inner = { ...PATIENT, id: 'inner' }
    const outer = {
      resourceType: 'RelatedPerson',
      id: 'r',
      meta: PATIENT.meta,
      contained: [inner],
      patient: { reference: '#inner' },
    }
    const without = left(outer, { withheldParts: ['/contained/0/birthDate', '/contained/0/name/0'] })
    expect(without).toEqual({
      resourceType: 'RelatedPerson',
      id: 'r',
      meta: { security: [N] },
      contained: [
        { resourceType: 'Patient', id: 'inner', meta: { security: [N] }, gender: 'female', name: [{ family: 'HTEST-Two' }] },
      ],
      patient: { reference: '#inner' },
    })
    const one = left(outer, { withheldParts: ['/contained/0/birthDate'] })
    expect(one).toMatchObject({ meta: PATIENT.meta, contained: [{ meta: PATIENT.meta }] })
  })
})
