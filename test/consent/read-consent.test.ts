import { describe, expect, test } from '@jest/globals'
import type { Consent as FhirConsent, ConsentProvision, Extension } from '@medplum/fhirtypes'
import { EXTENSION, R4_REPLACES } from '../../src/consent/extensions.ts'
import { readConsent } from '../../src/consent/read-consent.ts'
import { consent, labelled, ofType, purposes, without } from './support/world.ts'

/** A Consent as it may come from anywhere: what FHIR asks for may be missing, and what it has no word for may be there. */
const read = (over: object, provision: object = {}) => readConsent({ ...consent({}, provision), ...over })
const bare = (over: object) => readConsent({ resourceType: 'Consent', ...over })

describe('which consent it is', () => {
  test('id, version, status and patient as written; where nothing is written, nothing is made up', () => {
    expect(read({})).toMatchObject({ id: 'c1', version: '1', status: 'active', patient: 'Patient/jordan', faults: [] })
    const empty = bare({})
    expect(empty).toMatchObject({ id: '', version: '', status: '', scope: [], categories: [], replaces: [], isKnownFalse: false })
    expect('form' in empty).toBe(false)
    expect('revokedAt' in empty).toBe(false)
    expect('patient' in empty).toBe(false)
  })

  test('scope and category are read with their systems, and without one where none is written', () => {
    const found = read({
      scope: { coding: [{ code: 'research' }, { display: 'no code' }] },
      category: [{ coding: [{ system: 'urn:a', code: 'x' }] }, { text: 'in words' }, { coding: [{ code: 'y' }] }],
    })
    expect(found.scope).toEqual([{ code: 'research' }])
    expect(found.categories).toEqual([{ system: 'urn:a', code: 'x' }, { code: 'y' }])
  })

  test('the form that was used, and the instant at which it was taken back', () => {
    const extension = [
      { url: EXTENSION.form, valueUri: 'urn:form:7' },
      { url: EXTENSION.revokedAt, valueDateTime: '2026-05-01T10:00:00Z' },
    ]
    expect(read({ extension })).toMatchObject({ form: 'urn:form:7', revokedAt: '2026-05-01T10:00:00Z' })
  })
})

describe('which consents claim 42 CFR Part 2', () => {
  test.each<[string, object, 'part2' | 'other']>([
    ['the policy rule', { policyRule: { coding: [{ code: '42CFRPart2' }] } }, 'part2'],
    ['the consent directive of the code system', { policyRule: { coding: [{ code: '42CFRPart2CD' }] } }, 'part2'],
    ['a category', { policyRule: undefined, category: [{ coding: [{ code: '42CFRPart2' }] }] }, 'part2'],
    ['a policy by the eCFR address', policy('https://www.ecfr.gov/current/title-42/chapter-I/subchapter-A/part-2'), 'part2'],
    ['a policy in words', policy('42 CFR Part 2'), 'part2'],
    ['a policy as a name', policy('urn:policy:42-cfr-part-2'), 'part2'],
    ['a policy written together', policy('urn:42CFRPART2'), 'part2'],
    [
      'one policy among others',
      { policy: [{}, { uri: 'urn:hipaa' }, { uri: 'urn:42cfr_part_2' }], policyRule: undefined },
      'part2',
    ],
    ['another title of the code', policy('https://www.ecfr.gov/current/title-45/part-2'), 'other'],
    ['another part of title 42', policy('https://www.ecfr.gov/current/title-42/chapter-I/part-21'), 'other'],
    ['another part in words', policy('42 CFR Part 21'), 'other'],
    ['another rule', { policyRule: { coding: [{ code: 'OPTIN' }] } }, 'other'],
    ['no rule', { policyRule: undefined }, 'other'],
  ])('%s', (_, over, regime) => {
    expect(read(over).regime).toBe(regime)
  })
})

describe('what a consent is for (2.31(b)(2), (d); 2.35)', () => {
  test.each<[string, FhirConsent['category'], readonly string[]]>([
    ['nothing said: a general one', [{ coding: [{ code: '59284-0' }] }], ['general']],
    ['one type', ofType('proceedings'), ['proceedings']],
    ['two types, each once', ofType('research', 'general', 'research'), ['research', 'general']],
    ['a word of ours in another code system says nothing', [{ coding: [{ system: 'urn:x', code: 'proceedings' }] }], ['general']],
    ['a word that our code system does not have', ofType('everything'), ['general']],
  ])('%s', (_, category, types) => {
    expect(read({ category }).types).toEqual(types)
  })
})

describe('which older consent it takes the place of', () => {
  const by = (...extension: readonly Extension[]) => read({ extension }).replaces
  test.each<[string, () => readonly string[], readonly string[]]>([
    ['by reference', () => by({ url: EXTENSION.replaces, valueReference: { reference: 'Consent/old' } }), ['Consent/old']],
    [
      'by an absolute reference with a version',
      () => by({ url: EXTENSION.replaces, valueReference: { reference: 'https://x.example/fhir/Consent/old.1-a/_history/3' } }),
      ['Consent/old.1-a'],
    ],
    ["by R4's own extension, as a uri", () => by({ url: R4_REPLACES, valueUri: 'urn:base/Consent/o1' }), ['Consent/o1']],
    ["by R4's own extension, as a canonical", () => by({ url: R4_REPLACES, valueCanonical: 'Consent/o2' }), ['Consent/o2']],
    [
      'several',
      () =>
        by(
          { url: EXTENSION.replaces, valueReference: { reference: 'Consent/a' } },
          { url: EXTENSION.replaces, valueReference: { reference: 'Consent/b' } },
        ),
      ['Consent/a', 'Consent/b'],
    ],
    ['not by another resource', () => by({ url: EXTENSION.replaces, valueReference: { reference: 'Contract/a' } }), []],
    ['not by a word that ends like it', () => by({ url: EXTENSION.replaces, valueReference: { reference: 'OldConsent/a' } }), []],
    [
      'not by an address that goes on',
      () => by({ url: EXTENSION.replaces, valueReference: { reference: 'Consent/a/extra' } }),
      [],
    ],
    ['not by an extension without a reference', () => by({ url: EXTENSION.replaces }), []],
    [
      'not by another extension',
      () => by({ url: 'urn:x', valueUri: 'Consent/a', valueReference: { reference: 'Consent/a' } }),
      [],
    ],
  ])('%s', (_, found, replaced) => {
    expect(found()).toEqual(replaced)
  })

  test('the source that it was made from is taken as replaced', () => {
    expect(read({ sourceReference: { reference: 'Consent/paper' } }).replaces).toEqual(['Consent/paper'])
    expect(bare({ sourceReference: { reference: 'Consent/paper' } }).replaces).toEqual(['Consent/paper'])
    expect(read({ sourceReference: { reference: 'DocumentReference/paper' } }).replaces).toEqual([])
  })
})

describe('a consent that is known to be false (2.31(c)(4))', () => {
  test.each<[string, object, boolean]>([
    ['said to be', { extension: [{ url: EXTENSION.knownFalse, valueBoolean: true }] }, true],
    ['said not to be', { extension: [{ url: EXTENSION.knownFalse, valueBoolean: false }] }, false],
    ['the last verification failed', { verification: [{ verified: true }, { verified: false }] }, true],
    ['the last verification went well', { verification: [{ verified: false }, { verified: true }] }, false],
  ])('%s', (_, over, isFalse) => {
    expect(read(over).isKnownFalse).toBe(isFalse)
  })
})

describe('what makes a consent one that is not understood (2.31(c)(2))', () => {
  const nested = (provision: object): object => ({ provision: [{ type: 'permit', ...provision }] })
  test.each<[string, object, object, readonly string[]]>([
    ['no scope', { scope: undefined }, {}, ['Consent.scope']],
    ['no category', { category: undefined }, {}, ['Consent.category']],
    ['an empty category', { category: [] }, {}, ['Consent.category']],
    ['neither policy nor rule', { policyRule: undefined }, {}, ['Consent.policy']],
    ['a policy is enough', { policyRule: undefined, policy: [{ uri: 'urn:x' }] }, {}, []],
    ['a status that FHIR does not know', { status: 'approved' }, {}, ['Consent.status']],
    ['no status', { status: undefined }, {}, ['Consent.status']],
    ['a date that does not exist', { dateTime: '2026-02-30' }, {}, ['Consent.dateTime']],
    [
      'a revocation at no time',
      { extension: [...without(''), { url: EXTENSION.revokedAt, valueDateTime: 'yesterday' }] },
      {},
      ['Consent.extension(revoked-at)'],
    ],
    ['a root that neither permits nor denies', {}, { type: 'maybe' }, ['Consent.provision.type']],
    ['an exception that neither permits nor denies', {}, nested({ type: undefined }), ['Consent.provision.provision[0].type']],
    ['the second exception', {}, { provision: [{ type: 'deny' }, { type: 'allow' }] }, ['Consent.provision.provision[1].type']],
    ['a period that begins at no time', {}, { period: { start: '2026-13-01' } }, ['Consent.provision.period']],
    ['a period that ends at no time', {}, nested({ period: { end: 'soon' } }), ['Consent.provision.provision[0].period']],
    ['a data period that begins at no time', {}, { dataPeriod: { start: '2026-1-1' } }, ['Consent.provision.dataPeriod']],
    ['a data period that ends at no time', {}, { dataPeriod: { end: '26-01-01' } }, ['Consent.provision.dataPeriod']],
    ['data without a meaning', {}, { data: [{ reference: { reference: 'Goal/1' } }] }, ['Consent.provision.data']],
    [
      'data of a meaning that FHIR does not know',
      {},
      { data: [{ meaning: 'all', reference: { reference: 'Goal/1' } }] },
      ['Consent.provision.data'],
    ],
    ['data that points at nothing', {}, { data: [{ meaning: 'instance' }] }, ['Consent.provision.data']],
    ['all of it well', {}, { data: [{ meaning: 'related', reference: { reference: 'Goal/1' } }] }, []],
  ])('%s', (_, over, provision, faults) => {
    expect(read(over, provision).faults).toEqual(faults)
  })

  test.each(['draft', 'proposed', 'active', 'rejected', 'inactive', 'entered-in-error'])(
    'the status %s is one of FHIR',
    (status) => {
      expect(read({ status }).faults).toEqual([])
    },
  )

  test('a tree deeper than any form is not followed', () => {
    const deep = (levels: number): ConsentProvision =>
      levels === 0 ? { type: 'permit' } : { type: 'permit', provision: [deep(levels - 1)] }
    expect(read({ provision: deep(63) }).faults).toEqual([])
    const [fault = '', ...more] = read({ provision: deep(65) }).faults
    expect([fault.split('.provision').length - 1, more]).toEqual([66, []])
    expect(fault.startsWith('Consent.provision.provision[0].provision[0]')).toBe(true)
  })
})

describe('what the root says when it does not say it itself', () => {
  const root = (rule: string | undefined, provision: object | undefined) =>
    read({ policyRule: rule === undefined ? { text: 'x' } : { coding: [{ code: 'x' }, { code: rule }] }, provision }).base
  test.each<[string, 'permit' | 'deny', boolean]>([
    ['OPTIN', 'permit', false],
    ['OPTINR', 'permit', false],
    ['IMPLIED', 'permit', false],
    ['IMPLIEDD', 'permit', false],
    ['OPTOUT', 'deny', true],
    ['OPTOUTE', 'deny', true],
    ['NOCONSENT', 'deny', true],
    ['EMRGONLY', 'deny', false],
    ['42CFRPart2', 'deny', false],
  ])('%s: %s, a refusal in itself: %s', (rule, effect, isExpress) => {
    expect(root(rule, {})).toMatchObject({ path: 'provision', effect, isExpress })
    expect(root(rule, undefined)).toMatchObject({ path: 'provision', effect, isExpress })
  })

  test('no rule: what is not said is not permitted, and nothing is refused', () => {
    expect(root(undefined, {})).toMatchObject({ effect: 'deny', isExpress: false, exceptions: [] })
  })

  test('a word that every object knows is no rule, and hides none', () => {
    expect(root('constructor', {})).toMatchObject({ effect: 'deny', isExpress: false })
    const two = { policyRule: { coding: [{ code: 'toString' }, { code: 'OPTOUT' }] }, provision: {} }
    expect(read(two).base).toMatchObject({ effect: 'deny', isExpress: true })
  })

  test('what the provision says itself comes before the rule', () => {
    expect(root('OPTIN', { type: 'deny' })).toMatchObject({ effect: 'deny', isExpress: true })
    expect(root('OPTOUT', { type: 'permit' })).toMatchObject({ effect: 'permit' })
    expect(root('OPTIN', { type: 'maybe' })).toMatchObject({ effect: 'deny', isExpress: false })
  })

  test('"for an emergency only" refuses everything but emergency treatment', () => {
    expect(root('EMRGONLY', { provision: [{ type: 'deny' }] }).exceptions).toMatchObject([
      { effect: 'deny', path: 'provision.provision[0]' },
      {
        effect: 'permit',
        path: 'policyRule',
        isExpress: true,
        purposes: [{ code: 'ETREAT' }],
        actors: [],
        actions: [],
        labels: [],
        classes: [],
        codes: [],
        data: [],
        exceptions: [],
      },
    ])
    expect(root('OPTOUT', {}).exceptions).toEqual([])
  })

  test.each<[string, object, boolean]>([
    ['a list of what is permitted under a root that selects nothing is no refusal', {}, false],
    ['one that selects a label refuses it', { securityLabel: labelled('HIV') }, true],
    ['a class', { class: [{ code: 'Goal' }] }, true],
    ['a code', { code: [{ coding: [{ code: '1' }] }] }, true],
    ['a record', { data: [{ meaning: 'instance', reference: { reference: 'Goal/1' } }] }, true],
    ['a time', { dataPeriod: { start: '2026-01-01' } }, true],
  ])('%s', (_, more, isExpress) => {
    expect(read({}, { type: 'deny', provision: [{ type: 'permit' }], ...more }).base.isExpress).toBe(isExpress)
    expect(read({}, { type: 'deny', provision: [{ type: 'deny' }], ...more }).base.isExpress).toBe(true)
  })
})

describe('the constraints of a provision', () => {
  test('each is read; a code that is missing still constrains, and matches nothing', () => {
    const { base } = read(
      {},
      {
        period: { start: '2026-01-01' },
        dataPeriod: { end: '2026-02-01' },
        actor: undefined,
        action: [{ coding: [{ code: 'access' }] }, { text: 'look' }],
        securityLabel: [...labelled('HIV'), { display: 'x' }],
        purpose: [...purposes('TREAT'), {}],
        class: [{ system: 'urn:t', code: 'Goal' }, { display: 'x' }],
        code: [{ coding: [{ code: '1' }, { display: 'no code' }] }, { text: 'in words' }],
        data: [{ meaning: 'authoredby', reference: { reference: 'Practitioner/1' } }, { meaning: 'x' }],
      },
    )
    expect(base).toMatchObject({
      isExpress: false,
      period: { start: '2026-01-01' },
      dataPeriod: { end: '2026-02-01' },
      actors: [],
      actions: [{ code: 'access' }, { code: '' }],
      classes: [{ system: 'urn:t', code: 'Goal' }, { code: '' }],
      codes: [[{ code: '1' }], []],
      data: [
        { meaning: 'authoredby', reference: 'Practitioner/1' },
        { meaning: 'instance', reference: '' },
      ],
    })
    expect(base.labels.map(({ code }) => code)).toEqual(['HIV', ''])
    expect(base.purposes.map(({ code }) => code)).toEqual(['TREAT', ''])
    expect([base.period, base.dataPeriod]).toEqual([{ start: '2026-01-01' }, { end: '2026-02-01' }])
  })

  test('an exception keeps its place, and is a refusal when it denies', () => {
    const { base } = read({}, { provision: [{ type: 'deny', provision: [{ type: 'permit' }, { type: 'deny' }] }] })
    const [refusal] = base.exceptions
    expect(refusal).toMatchObject({ path: 'provision.provision[0]', effect: 'deny', isExpress: true })
    expect(refusal?.exceptions.map(({ path, effect }) => [path, effect])).toEqual([
      ['provision.provision[0].provision[0]', 'permit'],
      ['provision.provision[0].provision[1]', 'deny'],
    ])
    expect(read({ provision: { type: 'permit' } }).base).not.toHaveProperty('period')
    expect(read({ provision: { type: 'permit' } }).base).not.toHaveProperty('dataPeriod')
  })
})

function policy(uri: string): object {
  return { policyRule: undefined, policy: [{ uri }] }
}
