import { describe, expect, test } from '@jest/globals'
import type { Consent, Resource } from '@medplum/fhirtypes'
import { PERSON, ASKER, CLINIC, houseOf, bundle, directive, goal, said, decision } from './support/consult.ts'
import { ACT_CODE, classes, consent, facts, labelled, labels, PARTNERS, purposes } from './support/world.ts'

describe('how it is asked', () => {
  test.each<[string, object, string]>([
    ['nobody', { patientId: [] }, 'context.patientId'],
    ['a patient whose identifier is empty', { patientId: [{ value: '' }] }, 'context.patientId.0.value'],
    [
      'a bundle of something else',
      { consent: { resourceType: 'Bundle', entry: [{ resource: {} }] } },
      'context.consent.entry.0.resource.resourceType',
    ],
  ])('of %s: it is said where the request is wrong', (_, context, path) => {
    const found = said(context)
    expect(found).toMatchObject({
      kind: 'invalid',
      code: 'consult-request-invalid',
      issues: [{ path, severity: 'error', code: 'invalid' }],
    })
    expect('issues' in found ? found.issues.map(({ message }) => message.length > 0) : []).toEqual([true])
  })

  test.each<[string, unknown, string]>([
    ['a code', 'TREAT', 'CONSENT_PERMIT'],
    ['a coding', { system: 'urn:x', code: 'TREAT' }, 'CONSENT_PERMIT'],
    ['a list of both', ['TREAT', { code: 'COC' }], 'CONSENT_PERMIT'],
    ['a coding without a code', { display: 'treatment' }, 'purpose-unknown'],
    ['one that is known and one that is not', ['TREAT', 'CURIOSITY'], 'purpose-unknown'],
    ['an empty text', '', 'consult-request-invalid'],
  ])('the purpose is %s', (_, purposeOfUse, expected) => {
    expect(decision({ purposeOfUse, consent: bundle(directive()) })).toBe(expected)
  })

  test('a purpose that nobody defined is said to be one', () => {
    expect(said({ purposeOfUse: 'CURIOSITY' })).toEqual({
      kind: 'invalid',
      code: 'purpose-unknown',
      detail: 'every purpose is a v3-ActReason code',
    })
  })

  test('an empty place in a bundle is no consent', () => {
    const empty = { resourceType: 'Bundle', entry: [{}, { resource: directive() }] }
    expect(decision({ consent: empty })).toBe('CONSENT_PERMIT')
    expect(decision({ consent: { resourceType: 'Bundle' } })).toBe('NO_CONSENT')
  })
})

describe('whose consent it is', () => {
  const person = (over: object): Resource => ({ resourceType: 'Patient', id: 'anyone', ...over })
  const of = (patient: object | undefined): Consent => directive({}, { patient } as Partial<Consent>)
  test.each<[string, readonly Resource[], boolean]>([
    ['by the identifier in it', [of({ identifier: PERSON })], true],
    ['by the identifier of another', [of({ identifier: { system: 'urn:mrn', value: 'p-2' } })], false],
    ['by the same number elsewhere', [of({ identifier: { system: 'urn:other', value: 'p-1' } })], false],
    ['by the number alone, which has a system', [of({ identifier: { value: 'p-1' } })], false],
    ['by an identifier without a number', [of({ identifier: { system: 'urn:mrn' } })], false],
    ['by the resource beside it', [of({ reference: 'Patient/anyone' }), person({ identifier: [PERSON] })], true],
    [
      'by an absolute reference to it',
      [of({ reference: 'https://x.example/fhir/Patient/anyone' }), person({ identifier: [PERSON] })],
      true,
    ],
    ['by a resource of another', [of({ reference: 'Patient/anyone' }), person({ identifier: [{ value: 'p-1' }] })], false],
    ['by a resource without identifiers', [of({ reference: 'Patient/anyone' }), person({})], false],
    ['by the reference itself', [of({ reference: 'Patient/p-1' })], true],
    ['by the reference itself, beside another patient', [of({ reference: 'Patient/p-1' }), person({})], true],
    ['by a resource that has that id', [of({ reference: 'Patient/p-1' }), person({ id: 'p-1' })], true],
    ['by the only reference that there is', [of({ reference: 'Patient/anyone' })], true],
    [
      'by one of two references',
      [of({ reference: 'Patient/anyone' }), { ...of({ reference: 'Patient/else' }), id: 'd2' }],
      false,
    ],
    [
      'by a reference that leads nowhere, beside another patient',
      [of({ reference: 'Patient/anyone' }), person({ id: 'x' })],
      false,
    ],
    ['by nothing', [of(undefined)], false],
    ['by words', [of({ display: 'Jordan' })], false],
    [
      'by one of two references, beside other resources',
      [of({ reference: 'Patient/p-1' }), { ...of({ reference: 'Patient/else' }), id: 'd2' }],
      true,
    ],
    ['by a reference to somebody else', [of({ reference: 'Group/anyone' })], false],
    ['by a longer reference', [of({ reference: 'Patient/anyone/_history/2' })], false],
  ])('%s', (_, resources, isHis) => {
    expect(decision({ consent: bundle(...resources) })).toBe(isHis ? 'CONSENT_PERMIT' : 'NO_CONSENT')
  })

  test('by the second of the numbers that are asked for', () => {
    const given = bundle(of({ reference: 'Patient/7' }), { ...of({ reference: 'Patient/8' }), id: 'd2' })
    expect(decision({ patientId: [PERSON, { value: '7' }], consent: given })).toBe('CONSENT_PERMIT')
  })

  test('his age is a matter of the state, and no state speaks for what is brought', () => {
    const child: Resource = { resourceType: 'Patient', id: 'patient', birthDate: '2012-01-01', identifier: [PERSON] }
    const own = consent({ patient: { reference: 'Patient/patient' } })
    expect(decision({ actor: [CLINIC], consent: bundle(own, child) })).toBe('CONSENT_PERMIT')
    expect(
      said({ actor: [CLINIC], consent: bundle(own, child), content: bundle(goal('a')) }, houseOf({ a: labels() })),
    ).toMatchObject({
      content: [{ key: 'Goal/a' }],
    })
  })

  test('the whole reference may be the number that is asked for', () => {
    const given = {
      patientId: [{ value: 'Patient/7' }],
      consent: bundle(of({ reference: 'Patient/7' }), { ...of({ reference: 'Patient/8' }), id: 'd2' }),
    }
    expect(said(given)).toMatchObject({ decision: 'CONSENT_PERMIT', basedOn: 'Consent/d1' })
  })
})

describe('who asks', () => {
  const to = (who: object) => bundle(directive({ actor: [{ role: { coding: [{ code: 'IRCP' }] }, reference: who }] }))
  test.each<[string, object, object, string]>([
    ['a partner, named by reference', { reference: 'Organization/montrose-hiv' }, CLINIC, 'CONSENT_PERMIT'],
    ['a partner, named by another of his numbers', { identifier: { system: 'urn:own', value: '9' } }, CLINIC, 'CONSENT_PERMIT'],
    [
      'the same number in another system',
      { reference: 'Organization/montrose-hiv' },
      { system: 'urn:x', value: CLINIC.value },
      'NO_CONSENT',
    ],
    ['the number without its system', { reference: 'Organization/montrose-hiv' }, { value: CLINIC.value }, 'NO_CONSENT'],
    ['another partner', { reference: 'Organization/bayou-bh' }, CLINIC, 'NO_CONSENT'],
  ])('%s', (_, named, who, expected) => {
    expect(decision({ actor: [who, { system: 'urn:own', value: '9' }], consent: to(named) })).toBe(expected)
  })

  test('a partner asks for purposes beyond those that it is registered for: the consent says whether it may', () => {
    const few = houseOf({}, { partners: PARTNERS.map((one) => ({ ...one, purposes: ['TREAT'] })) })
    const stated = bundle(consent({}, { purpose: purposes('HPAYMT') }))
    expect(decision({ actor: [CLINIC], purposeOfUse: 'HPAYMT', consent: stated }, few)).toBe('CONSENT_PERMIT')
    expect(said({ actor: [CLINIC], consent: bundle(directive()), content: bundle(goal('a')) }, few)).toMatchObject({
      recipient: { id: 'montrose-hiv', purposes: ['TREAT'], identifiers: [CLINIC, CLINIC] },
    })
  })

  test('a number of ours has no system, whether it is left out or written as nothing', () => {
    const known = houseOf({}, { partners: PARTNERS.map((one) => ({ ...one, identifiers: [{ system: '', value: one.id }] })) })
    const named = { consent: to({ reference: 'Organization/montrose-hiv' }) }
    for (const own of [{ value: 'montrose-hiv' }, { system: '', value: 'montrose-hiv' }])
      expect(decision({ ...named, actor: [own] }, known)).toBe('CONSENT_PERMIT')
    expect(decision({ ...named, actor: [{ system: 'urn:x', value: 'montrose-hiv' }] }, known)).toBe('NO_CONSENT')
  })

  test('who is no partner is a covered entity without a scope', () => {
    expect(said({ consent: bundle(directive()), content: bundle(goal('a')) })).toMatchObject({
      decision: 'CONSENT_PERMIT',
      recipient: {
        id: 'asker',
        name: 'asker',
        kinds: ['covered-entity'],
        sector: 'other',
        identifiers: [ASKER],
        scopes: [],
        purposes: ['TREAT'],
        channels: [],
        isActive: true,
      },
    })
    expect(decision({ actor: [{ value: '5' }], consent: to({ identifier: { system: '', value: '5' } }) })).toBe('CONSENT_PERMIT')
  })

  test('a disabled partner may have nothing of the content', () => {
    const disabled = houseOf({}, { partners: PARTNERS.map((one) => ({ ...one, isActive: false })), stored: facts([]) })
    expect(decision({ actor: [CLINIC], content: bundle(goal('a')) }, disabled)).toBe('NO_CONSENT')
  })
})

describe('which consents are asked', () => {
  const both = bundle(
    directive({}, { id: 'd1' }),
    directive({ type: 'deny' }, { id: 'd2', category: [{ coding: [{ code: 'IDSCL' }] }] }),
  )
  test.each<[string, object, string]>([
    ['all', {}, 'CONSENT_DENY'],
    ['none named', { category: [] }, 'CONSENT_DENY'],
    ['of the one category', { category: [{ code: '59284-0' }] }, 'CONSENT_PERMIT'],
    ['of the other', { category: [{ code: 'IDSCL' }] }, 'CONSENT_DENY'],
    ['of the scope', { category: [{ code: 'patient-privacy' }] }, 'CONSENT_DENY'],
    ['of a category that none has', { category: [{ code: 'x' }] }, 'NO_CONSENT'],
    ['of a category without a code', { category: [{ system: 'x' }] }, 'CONSENT_DENY'],
  ])('%s', (_, category, expected) => {
    expect(decision({ ...category, consent: both })).toBe(expected)
  })
})

describe('what is to be left out', () => {
  test('each code once, with its system; the first consent is named', () => {
    const refusing = (id: string) => directive({ provision: [{ type: 'deny', securityLabel: labelled('SUD', 'HIV') }] }, { id })
    expect(said({ consent: bundle(refusing('d1'), refusing('d2')) })).toEqual({
      decision: 'CONSENT_PERMIT',
      obligations: [
        {
          id: { system: ACT_CODE, code: 'REDACT' },
          parameters: {
            codes: ['SUD', 'HIV', '42CFRPart2'].map((code) => ({ system: ACT_CODE, code })),
            exceptAnyOfCodes: [],
          },
        },
      ],
      basedOn: 'Consent/d1',
    })
  })

  test('the same code in two systems is two', () => {
    const refusal = { type: 'deny' as const, securityLabel: [{ code: 'X' }, { system: 'urn:x', code: 'X' }, { code: 'X' }] }
    expect(said({ consent: bundle(directive({ provision: [refusal] })) })).toMatchObject({
      obligations: [{ parameters: { codes: [{ code: 'X' }, { system: 'urn:x', code: 'X' }, { code: '42CFRPart2' }] } }],
    })
  })

  test('nothing, on a consent for everything', () => {
    expect(said({ actor: [CLINIC], consent: bundle(consent()) })).toEqual({
      decision: 'CONSENT_PERMIT',
      obligations: [],
      basedOn: 'Consent/c1',
    })
  })

  test('where one of two purposes is refused, nothing goes for both', () => {
    const some = bundle(consent({}, { provision: [{ type: 'deny', purpose: purposes('HPAYMT') }] }))
    const asked = (...purposeOfUse: readonly string[]) => said({ actor: [CLINIC], purposeOfUse, consent: some })
    expect(asked('TREAT', 'HPAYMT')).toEqual({ decision: 'CONSENT_DENY', obligations: [] })
    expect(asked('TREAT')).toMatchObject({ decision: 'CONSENT_PERMIT' })
  })

  test('a class without a code asks for nothing less', () => {
    const some = bundle(directive({ class: classes('CarePlan') }))
    expect(decision({ class: [{ system: 'urn:x' }], consent: some })).toBe('CONSENT_PERMIT')
  })

  test('of two purposes, what either leaves out', () => {
    const some = consent({}, { provision: [{ type: 'deny', purpose: purposes('HPAYMT'), class: classes('Goal') }] })
    expect(said({ actor: [CLINIC], purposeOfUse: ['TREAT', 'HPAYMT'], consent: bundle(some) })).toMatchObject({
      obligations: [{ parameters: { codes: [{ code: 'Goal' }] } }],
    })
    expect(said({ actor: [CLINIC], purposeOfUse: ['TREAT'], consent: bundle(some) })).toMatchObject({ obligations: [] })
  })
})
