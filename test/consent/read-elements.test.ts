import { describe, expect, test } from '@jest/globals'
import type { Consent as FhirConsent, Extension } from '@medplum/fhirtypes'
import { EXTENSION } from '../../src/consent/extensions.ts'
import { readConsent } from '../../src/consent/read-consent.ts'
import { actor, consent } from './support/world.ts'

/** The § 2.31 elements of a consent that has these extensions and no other. */
const elements = (extension: readonly Extension[], over: Partial<FhirConsent> = {}, provision: object = {}) =>
  readConsent({ ...consent({ extension: [...extension], ...over }, { actor: [], ...provision }) }).elements
const words = (url: string, valueString: string): Extension => ({ url, valueString })
const complex = (url: string, ...extension: readonly Extension[]): Extension => ({ url, extension: [...extension] })

describe('the blanks of the form as they were filled (2.31(a))', () => {
  test('an empty form has nothing in it', () => {
    expect(elements([])).toEqual({
      disclosers: [],
      isPatientInitiated: false,
      statements: [],
      signatures: [],
      isConditionOfService: false,
    })
    const { extension: _none, ...without } = consent({}, { actor: [] })
    expect(readConsent(without).elements).toEqual(elements([]))
  })

  test.each([
    ['patientName', EXTENSION.patientName],
    ['description', EXTENSION.description],
    ['purposeText', EXTENSION.purposeText],
    ['monitoringDuty', EXTENSION.monitoringDuty],
  ] as const)('%s: as text or as markdown, without blanks around it; a blank one is left empty', (name, url) => {
    expect(elements([words(url, '  what it says ')])[name]).toBe('what it says')
    expect(elements([{ url, valueMarkdown: 'what it says' }])[name]).toBe('what it says')
    expect(elements([words(url, ' \n ')])).not.toHaveProperty(name)
    expect(elements([{ url }])).not.toHaveProperty(name)
  })

  test('the first of two blanks counts', () => {
    expect(elements([words(EXTENSION.description, 'one'), words(EXTENSION.description, 'two')]).description).toBe('one')
  })

  test("the patient's name may stand at the reference", () => {
    const patient = { reference: 'Patient/jordan', display: 'Jordan HTEST' }
    expect(elements([], { patient }).patientName).toBe('Jordan HTEST')
    expect(elements([words(EXTENSION.patientName, 'J. HTEST')], { patient }).patientName).toBe('J. HTEST')
  })

  test.each([
    ['isPatientInitiated', EXTENSION.patientInitiated],
    ['isConditionOfService', EXTENSION.conditionOfService],
  ] as const)('%s only when it is ticked', (name, url) => {
    expect(elements([{ url, valueBoolean: true }])[name]).toBe(true)
    expect(elements([{ url, valueBoolean: false }])[name]).toBe(false)
    expect(elements([{ url }])[name]).toBe(false)
  })
})

describe('who may disclose (2.31(a)(2))', () => {
  const { discloser } = EXTENSION
  test.each<[string, readonly Extension[], object, readonly string[]]>([
    ['by reference', [{ url: discloser, valueReference: { reference: 'Organization/mission' } }], {}, ['Organization/mission']],
    ['by class', [words(discloser, 'any programme that treats me')], {}, ['any programme that treats me']],
    ['several', [words(discloser, 'a'), words(discloser, 'b')], {}, ['a', 'b']],
    ['a blank names nobody', [words(discloser, ' '), { url: discloser }], {}, []],
    ['a reference of blanks names nobody', [{ url: discloser, valueReference: { reference: ' ' } }], {}, []],
    ['the holder among the actors', [], { actor: [actor('mission', 'CST')] }, ['Organization/mission']],
    [
      'the holder by identifier',
      [],
      { actor: [{ role: { coding: [{ code: 'AUT' }] }, reference: { identifier: { value: '1000000001' } } }] },
      ['1000000001'],
    ],
    ['a holder whom nothing names', [], { actor: [{ role: { coding: [{ code: 'CST' }] }, reference: { display: 'x' } }] }, []],
    [
      'the holder of an exception',
      [],
      { provision: [{ type: 'permit', actor: [actor('mission', 'custodian')] }] },
      ['Organization/mission'],
    ],
    ['a recipient discloses nothing', [], { actor: [actor('montrose-hiv', 'IRCP')] }, []],
    [
      'the blank first, then the actors',
      [words(discloser, 'a')],
      { actor: [actor('mission', 'CST')] },
      ['a', 'Organization/mission'],
    ],
  ])('%s', (_, extension, provision, disclosers) => {
    expect(elements(extension, {}, provision).disclosers).toEqual(disclosers)
  })
})

describe('the statements that the form prints (2.31(a)(4) to (10))', () => {
  const said = (...inner: readonly Extension[]): Extension => complex(EXTENSION.statement, ...inner)
  test.each([
    'right-to-revoke',
    'how-to-revoke',
    'hipaa-redisclosure',
    'redisclosure-potential',
    'consequences-of-refusal',
    'fundraising-opt-out',
  ])('%s', (valueCode) => {
    expect(elements([said({ url: 'code', valueCode })]).statements).toEqual([valueCode])
  })

  test('what is none is not taken for one', () => {
    expect(elements([said({ url: 'code', valueCode: 'anything' }), said({ url: 'code' }), said()]).statements).toEqual([])
    expect(elements([said({ url: 'text', valueCode: 'right-to-revoke' })]).statements).toEqual([])
    expect(elements([{ url: EXTENSION.statement, valueCode: 'right-to-revoke' }]).statements).toEqual([])
  })
})

describe('the event at which it ends (2.31(a)(7))', () => {
  const event = (...inner: readonly Extension[]) => elements([complex(EXTENSION.expirationEvent, ...inner)])
  test.each(['none', 'end-of-treatment', 'end-of-research-study', 'other'])('%s', (valueCode) => {
    expect(event({ url: 'event', valueCode }).expirationEvent).toEqual({ kind: valueCode })
  })

  test('in words, and once it took place', () => {
    expect(
      event(
        { url: 'event', valueCode: 'other' },
        { url: 'text', valueString: ' my lease ends ' },
        { url: 'occurredAt', valueDateTime: '2026-05-01' },
      ).expirationEvent,
    ).toEqual({ kind: 'other', text: 'my lease ends', occurredAt: '2026-05-01' })
  })

  test.each<[string, readonly Extension[]]>([
    ['an event that nobody defined', [{ url: 'event', valueCode: 'some-day' }]],
    ['words alone', [{ url: 'text', valueString: 'my lease ends' }]],
    ['a date alone', [{ url: 'occurredAt', valueDateTime: '2026-05-01' }]],
    ['nothing', []],
  ])('%s is no event', (_, inner) => {
    expect(event(...inner)).not.toHaveProperty('expirationEvent')
  })
})

describe('who signed, and when (2.31(a)(8), (9); 2.14, 2.15)', () => {
  const signature = (...inner: readonly Extension[]): Extension => complex(EXTENSION.signature, ...inner)
  const by = (valueCode: string): Extension => ({ url: 'capacity', valueCode })
  const wet: Extension = { url: 'method', valueCode: 'wet' }
  const digital = (when?: string): Extension => ({
    url: 'signature',
    valueSignature: { type: [{ code: 'x' }], who: { display: 'HTEST' }, ...(when === undefined ? {} : { when }) } as NonNullable<
      Extension['valueSignature']
    >,
  })
  test.each(['patient', 'minor-patient', 'parent', 'guardian', 'personal-representative'])('as %s', (capacity) => {
    expect(elements([signature(by(capacity), wet)]).signatures).toEqual([{ capacity }])
  })

  test.each<[string, readonly Extension[], readonly object[]]>([
    [
      'with the paper that makes him one',
      [by('guardian'), wet, { url: 'evidence', valueString: ' order 7 ' }],
      [{ capacity: 'guardian', evidence: 'order 7' }],
    ],
    [
      'on a day',
      [by('patient'), wet, { url: 'when', valueDateTime: '2026-03-01' }],
      [{ capacity: 'patient', when: '2026-03-01' }],
    ],
    ['digitally', [by('patient'), digital('2026-03-01T10:00:00Z')], [{ capacity: 'patient', when: '2026-03-01T10:00:00Z' }]],
    [
      'digitally, and on a day that is written beside it',
      [by('patient'), digital('2026-03-02T10:00:00Z'), { url: 'when', valueDateTime: '2026-03-01' }],
      [{ capacity: 'patient', when: '2026-03-01' }],
    ],
    ['digitally, without a time', [by('patient'), digital()], [{ capacity: 'patient' }]],
    ['in no capacity', [wet], []],
    ['in one that nobody defined', [by('neighbour'), wet], []],
    ['with neither a hand nor a key: not signed', [by('patient')], []],
    ['an empty method is none', [by('patient'), { url: 'method' }], []],
  ])('%s', (_, inner, signatures) => {
    expect(elements([signature(...inner)], { dateTime: '2026-01-01' }).signatures).toEqual(signatures)
  })

  test('the date of the form, else of the first signature, else of the resource', () => {
    const signed = signature(by('patient'), wet, { url: 'when', valueDateTime: '2026-03-02' })
    const unsigned = signature(by('patient'), wet)
    const dated: Extension = { url: EXTENSION.signedAt, valueDateTime: '2026-03-01' }
    const over = { dateTime: '2026-03-03' }
    expect(elements([signed, dated], over).signedAt).toBe('2026-03-01')
    expect(elements([signed], over).signedAt).toBe('2026-03-02')
    expect(elements([unsigned, signed], over).signedAt).toBe('2026-03-03')
    expect(elements([], over).signedAt).toBe('2026-03-03')
    expect(elements([unsigned])).not.toHaveProperty('signedAt')
  })
})

describe('until when a consent to the justice system cannot be taken back (2.35(c))', () => {
  const held = (...inner: readonly Extension[]) => elements([complex(EXTENSION.irrevocable, ...inner)])
  const event: Extension = { url: 'event', valueString: 'final disposition' }
  const until: Extension = { url: 'until', valueDateTime: '2026-12-31' }
  test('an event, a date, or both', () => {
    expect(held(event).irrevocable).toEqual({ event: 'final disposition' })
    expect(held(until).irrevocable).toEqual({ until: '2026-12-31' })
    expect(held(event, until).irrevocable).toEqual({ event: 'final disposition', until: '2026-12-31' })
    expect(held({ url: 'event', valueString: ' ' })).not.toHaveProperty('irrevocable')
    expect(held()).not.toHaveProperty('irrevocable')
  })
})
