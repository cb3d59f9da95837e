import { describe, expect, test } from '@jest/globals'
import type { Patient, Resource } from '@medplum/fhirtypes'
import { EXTENSION } from '../../src/consent/extensions.ts'
import { readConsent } from '../../src/consent/read-consent.ts'
import { capacityFaults, minorityOf, minorRuleOf } from '../../src/consent/signers.ts'
import { calendarOf } from '../../src/consent/windows.ts'
import { instant } from '../../src/model/time.ts'
import { consent, facts, PATIENT_RESOURCE, without } from './support/world.ts'

interface Signing {
  readonly born?: string
  readonly died?: string | true
  readonly signedAt?: string
  readonly state?: string
  readonly zone?: string
  /** Other resources than the Patient's own. */
  readonly instead?: readonly Resource[]
}

/** The rules of signing that these signatures break. */
const broken = (
  signatures: readonly (readonly [capacity: string, evidence?: string])[],
  { born, died, signedAt = '2026-03-01', state, zone, instead }: Signing,
): readonly string[] => {
  const { birthDate: _born, ...person } = PATIENT_RESOURCE
  const patient: Patient = {
    ...person,
    ...(born === undefined ? {} : { birthDate: born }),
    ...(died === undefined ? {} : died === true ? { deceasedBoolean: true } : { deceasedDateTime: died }),
  }
  const signed = signatures.map(([capacity, evidence]) => ({
    url: EXTENSION.signature,
    extension: [
      { url: 'capacity', valueCode: capacity },
      { url: 'method', valueCode: 'wet' },
      ...(evidence === undefined ? [] : [{ url: 'evidence', valueString: evidence }]),
    ],
  }))
  const dated = signedAt === '' ? [] : [{ url: EXTENSION.signedAt, valueDateTime: signedAt }]
  return capacityFaults({
    consent: readConsent(
      consent({
        extension: [...without(EXTENSION.signature).filter(({ url }) => url !== EXTENSION.signedAt), ...signed, ...dated],
      }),
    ),
    at: instant('2026-06-01T15:00:00Z'),
    purposes: [],
    isTpo: false,
    context: {
      evidence: instead ?? [patient],
      ...(state === undefined ? {} : { jurisdiction: state }),
      ...(zone === undefined ? {} : { zone }),
    },
  })
}

const ADULT = { born: '1988-05-05' }
const MINOR = { born: '2010-05-05' }

describe('an adult (2.31(a)(8), 2.15(a))', () => {
  test.each<[string, Parameters<typeof broken>[0], readonly string[]]>([
    ['signs himself', [['patient']], []],
    ['a guardian with his order', [['guardian', 'order 7']], []],
    ['a personal representative with his paper', [['personal-representative', 'order 7']], []],
    ['a guardian without it', [['guardian']], ['authority-not-shown']],
    ['a representative without it, beside the patient', [['patient'], ['personal-representative']], ['authority-not-shown']],
    ['a parent', [['parent']], ['adult-must-sign']],
    ['as a minor', [['minor-patient']], ['adult-must-sign']],
    ['nobody', [], ['adult-must-sign']],
  ])('%s', (_, signatures, rules) => {
    expect(broken(signatures, ADULT)).toEqual(rules)
  })
})

describe('a minor (2.14)', () => {
  test.each(['US-TX', 'US-MA', 'US-CA'])('acts alone in %s (2.14(b))', (state) => {
    const asked = { ...MINOR, state }
    expect([broken([['minor-patient']], asked), broken([['patient']], asked)]).toEqual([[], []])
    expect([broken([['parent']], asked), broken([['guardian']], asked)]).toEqual([['minor-must-sign'], ['minor-must-sign']])
  })

  test.each([undefined, 'US-ZZ'])(
    'signs beside a parent or guardian in a state of which nothing is known (%s; 2.14(c))',
    (state) => {
      const asked = { ...MINOR, ...(state === undefined ? {} : { state }) }
      expect(broken([['minor-patient'], ['parent']], asked)).toEqual([])
      expect(broken([['minor-patient'], ['guardian']], asked)).toEqual([])
      expect(broken([['minor-patient']], asked)).toEqual(['parent-must-sign'])
      expect(broken([['parent']], asked)).toEqual(['minor-must-sign'])
      expect(broken([['personal-representative']], asked)).toEqual(['minor-must-sign', 'parent-must-sign'])
    },
  )

  test.each<[string, Signing, boolean]>([
    ['the day before he comes of age', { born: '2008-03-02' }, true],
    ['the day itself', { born: '2008-03-01' }, false],
    ['at a time of that day', { born: '2008-03-01', signedAt: '2026-03-01T08:00:00-06:00' }, false],
    ['born on a day that the year does not have: the last of February', { born: '2008-02-29', signedAt: '2026-02-28' }, true],
    ['born on a day that the year does not have: the first of March', { born: '2008-02-29', signedAt: '2026-03-01' }, false],
    ['born on the last of February', { born: '2008-02-28', signedAt: '2026-02-28' }, false],
  ])('age counts at signing: %s', (_, asked, isMinor) => {
    expect(broken([['patient']], asked)).toEqual(isMinor ? ['parent-must-sign'] : [])
  })

  test.each<[string, Signing]>([
    ['no date of birth', {}],
    ['no date of signing', { ...ADULT, signedAt: '' }],
    ['no Patient', { instead: [] }],
    ['another Patient', { instead: [{ ...PATIENT_RESOURCE, id: 'other' }] }],
    ['a resource of another type with that id', { instead: [{ resourceType: 'RelatedPerson', id: 'jordan', patient: {} }] }],
  ])('with %s the capacity tells', (_, asked) => {
    expect(broken([['patient']], asked)).toEqual([])
    expect(broken([['minor-patient']], asked)).toEqual(['parent-must-sign'])
    expect(broken([['parent']], asked)).toEqual(['minor-must-sign'])
    expect(broken([['guardian', 'order 7']], asked)).toEqual([])
    expect(broken([['guardian', 'order 7'], ['minor-patient']], asked)).toEqual([])
    expect(broken([['personal-representative', 'order 7'], ['minor-patient']], asked)).toEqual(['parent-must-sign'])
  })
})

describe('a patient who has died (2.15(b))', () => {
  const died = (when: string | true): Signing => ({ ...ADULT, died: when })
  const REPRESENTATIVE = ['personal-representative', 'letters'] as const
  test('is spoken for by the personal representative, and by nobody else', () => {
    for (const when of ['2026-02-01', true] as const) {
      expect(broken([REPRESENTATIVE], died(when))).toEqual([])
      expect(broken([['guardian', 'order 7']], died(when))).toEqual(['representative-must-sign'])
      expect(broken([['parent']], died(when))).toEqual(['representative-must-sign'])
    }
  })
  test('a minor who has died is, too, by one who shows his paper', () => {
    expect(broken([['personal-representative']], { ...MINOR, died: '2026-02-01' })).toEqual(['authority-not-shown'])
    expect(broken([REPRESENTATIVE], { ...MINOR, died: '2026-02-01' })).toEqual([])
    expect(broken([['parent']], { ...MINOR, died: '2026-02-01' })).toEqual(['representative-must-sign'])
  })
  test.each<[string, Signing, boolean]>([
    ['on the day of his death', died('2026-03-01'), true],
    ['on the day before', died('2026-03-02'), true],
    ['on the day after', died('2026-02-28'), false],
    ['at the moment of his death', { ...died('2026-03-01T12:00:00Z'), signedAt: '2026-03-01T12:00:00Z' }, false],
    ['a moment before', { ...died('2026-03-01T12:00:01Z'), signedAt: '2026-03-01T12:00:00Z' }, true],
    ['on a day that in Houston began after it', { ...died('2026-03-01T05:00:00Z'), zone: 'America/Chicago' }, false],
    ['on a day that in UTC began before it', died('2026-03-01T05:00:00Z'), true],
    ['nobody knows when he died', died(true), false],
    ['nobody knows when he signed', { ...died('2026-04-01'), signedAt: '' }, false],
  ])('what he signed in life stands: %s', (_, asked, stands) => {
    expect(broken([['patient']], asked)).toEqual(stands ? [] : ['representative-must-sign'])
  })
  test('nor is it less for another having signed beside him', () => {
    expect(broken([['patient'], ['guardian', 'order 7']], died('2026-04-01'))).toEqual([])
  })
  test('what another signed in his life does not', () => {
    expect(broken([['guardian', 'order 7']], died('2026-04-01'))).toEqual(['representative-must-sign'])
  })
  test('one who is said not to have died has not', () => {
    const patient: Patient = { ...PATIENT_RESOURCE, deceasedBoolean: false }
    expect(broken([['patient']], { instead: [patient] })).toEqual([])
  })
})

describe('for how long the patient is a minor', () => {
  const until = (evidence: readonly Resource[], jurisdiction?: string) => {
    const { jurisdiction: _state, ...known } = facts(evidence)
    return minorityOf({ ...known, ...(jurisdiction === undefined ? {} : { jurisdiction }) }, calendarOf('America/Chicago'))
  }
  test('to the midnight with which he turns eighteen; not at all when nobody knows', () => {
    expect(until([{ ...PATIENT_RESOURCE, birthDate: '2010-06-10' }], 'US-TX')).toEqual({
      from: '0001-01-01T00:00:00.000Z',
      until: '2028-06-10T05:00:00.000Z',
    })
    const { birthDate: _born, ...person } = PATIENT_RESOURCE
    for (const evidence of [[], [person], [{ ...PATIENT_RESOURCE, id: 'other' }]])
      expect(until(evidence).from > until(evidence).until).toBe(true)
  })
  test("another patient's date of birth tells nothing", () => {
    expect(
      until([
        { ...PATIENT_RESOURCE, id: 'other', birthDate: '2015-01-01' },
        { ...PATIENT_RESOURCE, birthDate: '2010-06-10' },
      ]).until,
    ).toBe('2028-06-10T05:00:00.000Z')
  })
  test('a state that is not listed asks for both signatures', () => {
    expect([minorRuleOf(undefined), minorRuleOf('US-ZZ')].map(({ minorActsAlone, law }) => [minorActsAlone, law])).toEqual([
      [false, '42 CFR 2.14'],
      [false, '42 CFR 2.14'],
    ])
    expect(minorRuleOf('US-TX')).toMatchObject({ minorActsAlone: true, adultAt: 18 })
  })
})
