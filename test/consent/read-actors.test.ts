import { describe, expect, test } from '@jest/globals'
import type { ConsentProvisionActor, Extension } from '@medplum/fhirtypes'
import { EXTENSION } from '../../src/consent/extensions.ts'
import { readConsent } from '../../src/consent/read-consent.ts'
import { consent, NPI } from './support/world.ts'

/** An actor as a consent names it, beside what the consent contains. */
const read = (actor: object, ...contained: readonly object[]) =>
  readConsent({
    ...consent({}, { actor: [actor as ConsentProvisionActor] }),
    ...(contained.length === 0 ? {} : { contained: contained }),
  }).base.actors[0]
const named = (...extension: readonly Extension[]) => read({ extension })
const organization = (over: object = {}): object => ({ resourceType: 'Organization', id: 'org', ...over })

describe('whom a provision names', () => {
  test('by reference, in a role', () => {
    expect(
      read({
        role: { coding: [{ code: 'IRCP' }, { system: 'urn:r', code: 'PRCP' }] },
        reference: { reference: 'Organization/x' },
      }),
    ).toEqual({
      roles: [{ code: 'IRCP' }, { system: 'urn:r', code: 'PRCP' }],
      reference: 'Organization/x',
      identifiers: [],
      classes: [],
      isBroken: false,
      includesParts: false,
    })
  })

  test('nobody: neither a role nor a reference', () => {
    expect(read({})).toEqual({ roles: [], identifiers: [], classes: [], isBroken: false, includesParts: false })
  })

  test.each<[string, object, readonly object[]]>([
    ['with a system', { system: NPI, value: '1' }, [{ system: NPI, value: '1' }]],
    ['without one', { value: '1' }, [{ value: '1' }]],
    ['without a value it names nobody', { system: NPI }, []],
  ])('by identifier, %s', (_, identifier, identifiers) => {
    const found = read({ reference: { identifier } })
    expect(found).toMatchObject({ identifiers, isBroken: false })
    expect(found).not.toHaveProperty('reference')
  })

  test.each<[string, readonly object[], readonly object[], boolean]>([
    ['by its identifiers', [organization({ identifier: [{ system: NPI, value: '1' }] })], [{ system: NPI, value: '1' }], false],
    ['without a system', [organization({ identifier: [{ value: '1' }] })], [{ value: '1' }], false],
    ['a system that is no text', [organization({ identifier: [{ system: 7, value: '1' }] })], [{ value: '1' }], false],
    ['a single identifier', [organization({ identifier: { value: '1' } })], [{ value: '1' }], false],
    ['identifiers that are none', [organization({ identifier: [null, 'x', 1, {}, { value: 1 }] })], [], false],
    ['without identifiers', [organization()], [], false],
    ['contained, but another', [organization({ id: 'other' })], [], true],
    ['contained without an id', [{ resourceType: 'Organization' }], [], true],
    ['not contained at all', [], [], true],
  ])('by somebody inside the consent: %s', (_, contained, identifiers, isBroken) => {
    expect(read({ reference: { reference: '#org' } }, ...contained)).toMatchObject({ reference: '#org', identifiers, isBroken })
  })

  test('both by the reference and by what it points at inside', () => {
    expect(
      read({ reference: { reference: '#org', identifier: { value: 'a' } } }, organization({ identifier: [{ value: 'b' }] })),
    ).toMatchObject({ identifiers: [{ value: 'a' }, { value: 'b' }], isBroken: false })
  })

  test('somebody outside is not looked for inside', () => {
    expect(read({ reference: { reference: 'org' } }, organization({ identifier: [{ value: 'b' }] }))).toMatchObject({
      identifiers: [],
      isBroken: false,
    })
  })
})

describe('whom a provision designates in words (2.31(a)(4)(i))', () => {
  test.each(['treating-providers', 'health-plans', 'third-party-payers', 'program-operations'])('%s', (valueCode) => {
    expect(named({ url: EXTENSION.recipientClass, valueCode })?.classes).toEqual([valueCode])
  })

  test.each<[string, Extension]>([
    ['a class that nobody defined', { url: EXTENSION.recipientClass, valueCode: 'everybody' }],
    ['no class', { url: EXTENSION.recipientClass }],
    ['a class in another extension', { url: 'urn:x', valueCode: 'health-plans' }],
  ])('%s designates nobody', (_, extension) => {
    expect(named(extension)?.classes).toEqual([])
  })

  test('and its programmes, only when it is said', () => {
    expect(named({ url: EXTENSION.includesParts, valueBoolean: true })?.includesParts).toBe(true)
    expect(named({ url: EXTENSION.includesParts, valueBoolean: false })?.includesParts).toBe(false)
  })
})

describe('the members of an intermediary (2.31(a)(4)(ii))', () => {
  const member = (reference?: string): Extension => ({
    url: 'member',
    ...(reference === undefined ? {} : { valueReference: { reference } }),
  })
  const treating: Extension = { url: 'class', valueCode: 'treating-providers' }
  test.each<[string, readonly Extension[], object | undefined]>([
    [
      'by name',
      [member('Organization/a'), member('Organization/b')],
      { kind: 'named', references: ['Organization/a', 'Organization/b'] },
    ],
    ['those who treat the patient', [treating], { kind: 'treating-providers', references: [] }],
    ['a name is narrower than a class', [treating, member('Organization/a')], { kind: 'named', references: ['Organization/a'] }],
    ['a blank name is none', [member(''), member()], undefined],
    ['a name in another place is none', [{ url: 'other', valueReference: { reference: 'Organization/a' } }], undefined],
    ['another class says nothing', [{ url: 'class', valueCode: 'health-plans' }], undefined],
    ['the class in another place says nothing', [{ url: 'other', valueCode: 'treating-providers' }], undefined],
    ['one word among others', [{ url: 'class' }, treating], { kind: 'treating-providers', references: [] }],
    ['nothing said', [], undefined],
  ])('%s', (_, extension, members) => {
    const actor = named({ url: EXTENSION.intermediaryMembers, extension: [...extension] })
    expect(actor?.members).toEqual(members)
    expect(actor !== undefined && 'members' in actor).toBe(members !== undefined)
  })

  test('an empty extension says nothing', () => {
    expect(named({ url: EXTENSION.intermediaryMembers })).not.toHaveProperty('members')
  })
})
