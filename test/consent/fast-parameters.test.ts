import { describe, expect, test } from '@jest/globals'
import type { AuditEvent, Consent, Parameters, Patient, Resource } from '@medplum/fhirtypes'
import { EXTENSION } from '../../src/consent/extensions.ts'
import { fileConsent, named, outcomeOf, recordDisclosure, revokeConsent } from '../../src/consent/fast.ts'
import { partnerId } from '../../src/model/ids.ts'
import { instant } from '../../src/model/time.ts'
import type { Result } from '../../src/platform/result.ts'
import type { Problem } from '../../src/platform/problem.ts'
import { consent, NPI, ofType, PARTNERS, without } from './support/world.ts'

const NOW = instant('2026-06-01T12:00:00Z')
const document: Resource = { resourceType: 'DocumentReference', status: 'current', content: [{ attachment: {} }] }
const answers: Resource = { resourceType: 'QuestionnaireResponse', status: 'completed' }
const patient: Patient = { resourceType: 'Patient', id: 'jordan' }
const event = (who: object = { reference: 'Organization/bayou-bh' }, over: object = {}): AuditEvent => ({
  resourceType: 'AuditEvent',
  type: { code: 'rest' },
  recorded: NOW,
  source: { observer: { reference: 'Organization/bayou-bh' } },
  agent: [{ requestor: true, who }],
  ...over,
})
type Given = readonly (readonly [name: string, resource?: Resource])[]
const parameters = (given: Given): Parameters => ({
  resourceType: 'Parameters',
  parameter: given.map(([name, resource]) => (resource === undefined ? { name } : { name, resource })),
})
const file = (body: unknown) => fileConsent(body, NOW, { partners: PARTNERS })
const revoke = (given: Given, stored: Consent | undefined = consent()) =>
  revokeConsent(parameters(given), stored, ({ id }) => id === 'jordan', NOW)
const record = (given: Given, stored: Consent | undefined = consent(), who = 'bayou-bh', names: readonly string[] = []) =>
  recordDisclosure(parameters(given), stored, partnerId(who), names)
const problemOf = (result: Result<unknown>): Problem | undefined => (result.ok ? undefined : result.error)
/** Each fault as `where: what [kind]`. */
const faults = (result: Result<unknown>): readonly string[] =>
  (problemOf(result)?.issues ?? []).map(({ path, message, severity, code }) => `${severity} ${path}: ${message} [${code}]`)

describe('the parameters of $fileConsent', () => {
  const consentGiven = ['consent', consent()] as const
  const documentGiven = ['document', document] as const
  test.each<[string, Given, readonly string[]]>([
    [
      'nothing at all',
      [],
      [
        'error Parameters.parameter(consent): consent is expected once [required]',
        'error Parameters.parameter(document): document is expected once [required]',
      ],
    ],
    ['no consent', [documentGiven], ['error Parameters.parameter(consent): consent is expected once [required]']],
    [
      'two documents',
      [consentGiven, documentGiven, documentGiven],
      ['error Parameters.parameter(document): document is expected once [required]'],
    ],
    [
      'a consent that is no resource',
      [['consent'], documentGiven],
      ['error Parameters.parameter(consent).resource: consent is a Consent [structure]'],
    ],
    [
      'a document of another type',
      [consentGiven, ['document', patient]],
      ['error Parameters.parameter(document).resource: document is a DocumentReference or QuestionnaireResponse [structure]'],
    ],
    [
      'a parameter of another operation',
      [consentGiven, documentGiven, ['patient', patient]],
      ['error Parameters.parameter(patient): this parameter is not known [not-supported]'],
    ],
    [
      'nor is a name that every object knows',
      [consentGiven, documentGiven, ['constructor', patient]],
      ['error Parameters.parameter(constructor): this parameter is not known [not-supported]'],
    ],
    [
      'the name of a column of ours is no parameter',
      [consentGiven, documentGiven, ['on', patient]],
      ['error Parameters.parameter(on): this parameter is not known [not-supported]'],
    ],
  ])('%s', (_, given, expected) => {
    const filed = file(parameters(given))
    expect(problemOf(filed)).toMatchObject({ kind: 'invalid', code: 'parameters-invalid' })
    expect(faults(filed)).toEqual(expected)
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'Parameters'],
    ['another resource', consent()],
    ['an object without a type', { parameter: [] }],
    ['parameters that are no list', { resourceType: 'Parameters', parameter: { name: 'consent' } }],
    ['a list with nothing in it that has a name', { resourceType: 'Parameters', parameter: [{}] }],
    ['a name that is no text', { resourceType: 'Parameters', parameter: [{ name: 1 }] }],
    ['an empty place in the list', { resourceType: 'Parameters', parameter: [null] }],
    ['a text in the list', { resourceType: 'Parameters', parameter: ['name'] }],
    ['one of them wrong', { resourceType: 'Parameters', parameter: [{ name: 'consent' }, 7] }],
  ])('%s is no Parameters resource, and names nothing', (_, body) => {
    expect(problemOf(file(body))).toMatchObject({ kind: 'invalid', code: 'parameters-expected' })
    expect(faults(file(body))).toEqual(['error Parameters: a Parameters resource is expected [structure]'])
    expect(named(body, 'consent')).toBeUndefined()
  })

  test('a Parameters resource without a parameter is one in which all are missing', () => {
    expect(faults(file({ resourceType: 'Parameters' }))).toHaveLength(2)
    expect(named({ resourceType: 'Parameters' }, 'consent')).toBeUndefined()
  })

  test('the resource of a parameter is found by its name, whatever stands beside it', () => {
    const body = parameters([
      ['document', document],
      ['consent', consent()],
      ['more', patient],
    ])
    expect([named(body, 'consent'), named(body, 'more'), named(body, 'patient')]).toEqual([consent(), patient, undefined])
  })

  test('answers to a questionnaire show the consent as well as a document', () => {
    expect(file(parameters([consentGiven, ['document', answers]]))).toEqual({
      ok: true,
      value: { consent: consent(), document: answers, deficiencies: [] },
    })
  })

  test('what cannot be understood is named', () => {
    const broken = { ...consent(), status: 'approved', category: [] } as unknown as Consent
    const filed = file(parameters([['consent', broken], documentGiven]))
    expect(problemOf(filed)).toMatchObject({ kind: 'invalid', code: 'consent-invalid' })
    expect(faults(filed)).toEqual([
      'error Consent.category: is missing or cannot be understood [invalid]',
      'error Consent.status: is missing or cannot be understood [invalid]',
    ])
  })

  test('a directive that does not claim Part 2 is not held against 2.31', () => {
    const directive = consent({ policyRule: { coding: [{ code: 'OPTIN' }] }, extension: [] })
    expect(file(parameters([['consent', directive], documentGiven]))).toMatchObject({ ok: true, value: { deficiencies: [] } })
  })
})

describe('the parameters of $revokeConsent', () => {
  const both: Given = [
    ['consent', consent()],
    ['patient', patient],
  ]
  const revokedAt = { url: EXTENSION.revokedAt, valueDateTime: NOW }

  test('the document may be left out, and comes back when it was given', () => {
    const ended = consent({ status: 'inactive', extension: [...without(''), revokedAt] })
    expect(revoke(both)).toStrictEqual({ ok: true, value: { consent: ended } })
    expect(revoke([...both, ['document', document]])).toEqual({ ok: true, value: { consent: ended, document } })
  })

  test.each<[string, Given, readonly string[]]>([
    [
      'two documents',
      [...both, ['document', document], ['document', document]],
      ['error Parameters.parameter(document): document is expected at most once [required]'],
    ],
    ['no patient', both.slice(0, 1), ['error Parameters.parameter(patient): patient is expected once [required]']],
    [
      'a patient who is none',
      [
        ['consent', consent()],
        ['patient', document],
      ],
      ['error Parameters.parameter(patient).resource: patient is a Patient [structure]'],
    ],
  ])('%s', (_, given, expected) => {
    expect(faults(revoke(given))).toEqual(expected)
  })

  test.each(['proposed', 'draft'] as const)('a consent that is %s can be taken back too', (status) => {
    expect(revoke(both, consent({ status }))).toMatchObject({ ok: true, value: { consent: { status: 'inactive' } } })
  })

  test.each(['rejected', 'inactive', 'entered-in-error'] as const)('one that is %s is over already', (status) => {
    expect(problemOf(revoke(both, consent({ status })))).toEqual({ kind: 'conflict', code: 'consent-not-active' })
  })

  test('taken back before, it stays as it was, and the new document is kept', () => {
    const before = consent({
      status: 'inactive',
      extension: [{ url: EXTENSION.revokedAt, valueDateTime: '2026-05-01T00:00:00Z' }],
    })
    expect(revoke(both, before)).toEqual({ ok: true, value: { consent: before } })
    expect(revoke([...both, ['document', document]], before)).toEqual({ ok: true, value: { consent: before, document } })
  })

  test('a consent without any extension gets its first', () => {
    const { extension: _none, ...plain } = consent()
    expect(revoke(both, plain)).toMatchObject({ ok: true, value: { consent: { extension: [revokedAt] } } })
  })

  test('one to the justice system stands until its event, and says when it was taken back (2.35(c))', () => {
    const held = consent({ category: ofType('criminal-justice') })
    expect(revoke(both, held)).toEqual({
      ok: true,
      value: { consent: { ...held, extension: [...without(''), revokedAt] } },
    })
  })

  test.each<[string, Given, Consent | undefined]>([
    ['there is none', both, undefined],
    [
      'it is of another patient',
      [
        ['consent', consent()],
        ['patient', { ...patient, id: 'other' }],
      ],
      consent(),
    ],
  ])('%s: not found', (_, given, stored) => {
    const answer = stored === undefined ? revokeConsent(parameters(given), undefined, () => true, NOW) : revoke(given, stored)
    expect(problemOf(answer)).toEqual({ kind: 'not-found', code: 'consent-unknown' })
  })
})

describe('the parameters of $recordDisclosure', () => {
  const given = (disclosure: AuditEvent): Given => [
    ['disclosure', disclosure],
    ['consent', consent()],
  ]
  test('both are expected', () => {
    expect(faults(record([]))).toEqual([
      'error Parameters.parameter(disclosure): disclosure is expected once [required]',
      'error Parameters.parameter(consent): consent is expected once [required]',
    ])
    expect(
      faults(
        record([
          ['disclosure', document],
          ['consent', consent()],
        ]),
      ),
    ).toEqual(['error Parameters.parameter(disclosure).resource: disclosure is a AuditEvent [structure]'])
  })

  test('a consent that is not stored is not found', () => {
    const { id: _id, ...unnamed } = consent()
    expect(problemOf(recordDisclosure(parameters(given(event())), undefined, partnerId('bayou-bh'), []))).toEqual({
      kind: 'not-found',
      code: 'consent-unknown',
    })
    expect(problemOf(record(given(event()), unnamed))).toEqual({ kind: 'not-found', code: 'consent-unknown' })
  })

  test.each<[string, object, readonly string[], boolean]>([
    ['by reference', { reference: 'Organization/bayou-bh' }, [], true],
    ['by a reference that is known to be his', { reference: 'Organization/1' }, ['Organization/1'], true],
    ['by an identifier of his', { identifier: { system: NPI, value: '1000000004' } }, ['1000000004'], true],
    ['by the name of another', { reference: 'Organization/mission' }, ['1000000004'], false],
    ["by another's identifier", { identifier: { value: '1000000001' } }, ['1000000004'], false],
    ['by nothing', { display: 'Bayou' }, ['1000000004'], false],
  ])('the reporter is an agent %s', (_, who, names, isNamed) => {
    const answer = record(given(event(who)), consent(), 'bayou-bh', names)
    expect(answer.ok).toBe(isNamed)
    if (isNamed) return
    expect(problemOf(answer)).toMatchObject({ kind: 'forbidden', code: 'reporter-not-agent' })
    expect(faults(answer)).toEqual([
      'error Parameters.parameter(disclosure).resource.agent: the reporter is one of the agents [invalid]',
    ])
  })

  test('one agent of several is enough; an agent who is nobody is none', () => {
    const agents = (...agent: readonly object[]) => record(given(event({}, { agent }))).ok
    expect(agents({ requestor: false }, { who: { reference: 'Organization/bayou-bh' } })).toBe(true)
    expect(agents({ requestor: true })).toBe(false)
  })

  test('the consent is added to what the event is about, and is not added twice', () => {
    const other = { what: { reference: 'Consent/c2' } }
    const own = { what: { reference: 'Consent/c1' } }
    const bound = (entity: readonly object[]) => {
      const answer = record(given(event(undefined, { entity })))
      return answer.ok ? [answer.value.consent, answer.value.disclosure.entity] : undefined
    }
    expect(bound([other])).toEqual(['Consent/c1', [other, own]])
    expect(bound([other, {}, own])).toEqual(['Consent/c1', [other, {}, own]])
    const plain = record(given(event()))
    expect(plain).toEqual({ ok: true, value: { consent: 'Consent/c1', disclosure: { ...event(), entity: [own] } } })
  })
})

test('each deficiency is a warning beside what was done', () => {
  expect(outcomeOf([], 'done')).toEqual({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'information', code: 'informational', diagnostics: 'done' }],
  })
  expect(
    outcomeOf([{ rule: 'x', law: '42 CFR 2.31(a)(1)', message: 'the name', affects: 'everything' }], 'done').issue.slice(1),
  ).toEqual([
    {
      severity: 'warning',
      code: 'business-rule',
      diagnostics: 'the consent lacks the name (42 CFR 2.31(a)(1)); it is kept and not relied on',
    },
  ])
})
