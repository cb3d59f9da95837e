import { describe, expect, test } from '@jest/globals'
import type { AuditEvent, Parameters, Patient, Resource } from '@medplum/fhirtypes'
import { decide } from '../../src/consent/decide.ts'
import { consentExplain } from '../../src/consent/explain.ts'
import { EXTENSION } from '../../src/consent/extensions.ts'
import { fileConsent, outcomeOf, recordDisclosure, revokeConsent } from '../../src/consent/fast.ts'
import { partnerId } from '../../src/model/ids.ts'
import { instant, plusMs } from '../../src/model/time.ts'
import { consent, facts, ofType, PARTNERS, record, without } from './support/world.ts'

const NOW = instant('2026-06-01T12:00:00Z')
const document: Resource = {
  resourceType: 'DocumentReference',
  status: 'current',
  content: [{ attachment: { contentType: 'application/pdf' } }],
}
const patient: Patient = { resourceType: 'Patient', id: 'jordan' }
const event: AuditEvent = {
  resourceType: 'AuditEvent',
  type: { code: 'rest' },
  recorded: NOW,
  source: { observer: { reference: 'Organization/bayou-bh' } },
  agent: [{ requestor: true, who: { reference: 'Organization/bayou-bh' } }],
}
const parameters = (given: Readonly<Record<string, Resource | undefined>>): Parameters => ({
  resourceType: 'Parameters',
  parameter: Object.entries(given).flatMap(([name, resource]) => (resource === undefined ? [] : [{ name, resource }])),
})
const isJordan = ({ id }: Patient): boolean => id === 'jordan'

describe('$fileConsent', () => {
  test('takes a consent with its document', () => {
    expect(fileConsent(parameters({ consent: consent(), document }), NOW, { partners: PARTNERS })).toMatchObject({
      ok: true,
      value: { deficiencies: [] },
    })
  })
  test('a deficient consent is filed with a warning', () => {
    const filed = fileConsent(parameters({ consent: consent({ extension: without(EXTENSION.description) }), document }), NOW, {
      partners: PARTNERS,
    })
    expect(filed).toMatchObject({ ok: true, value: { deficiencies: [{ rule: 'description-missing' }] } })
    if (filed.ok)
      expect(outcomeOf(filed.value.deficiencies, 'filed').issue).toMatchObject([
        { severity: 'information', diagnostics: 'filed' },
        { severity: 'warning', code: 'business-rule' },
      ])
  })
  test.each<[string, unknown, string]>([
    ['no document', parameters({ consent: consent() }), 'parameters-invalid'],
    ['no consent', parameters({ document }), 'parameters-invalid'],
    ['a document of another type', parameters({ consent: consent(), document: patient }), 'parameters-invalid'],
    ['a parameter that nobody knows', parameters({ consent: consent(), document, more: patient }), 'parameters-invalid'],
    [
      'a consent that is none',
      parameters({ consent: { ...consent(), policyRule: { coding: [] }, policy: [], category: [] }, document }),
      'consent-invalid',
    ],
    ['no Parameters', consent(), 'parameters-expected'],
    ['nothing', null, 'parameters-expected'],
  ])('refuses %s', (_, body, code) => {
    expect(fileConsent(body, NOW, { partners: PARTNERS })).toMatchObject({ ok: false, error: { kind: 'invalid', code } })
  })
})

describe('$revokeConsent', () => {
  const body = parameters({ consent: consent(), patient })
  test('ends the stored consent, and nothing goes on it from that instant', () => {
    const revoked = revokeConsent(body, consent(), isJordan, NOW)
    if (!revoked.ok) throw new Error('revocation refused')
    expect(revoked.value.consent.status).toBe('inactive')
    const after = facts([revoked.value.consent])
    const ask = { recipient: partnerId('montrose-hiv'), purpose: 'TREAT', at: NOW }
    expect(decide(after, record(), ask).effect).toBe('deny')
    expect(decide(facts([consent()]), record(), ask).effect).toBe('permit')
  })
  test('twice is once', () => {
    const once = revokeConsent(body, consent(), isJordan, NOW)
    if (!once.ok) throw new Error('revocation refused')
    expect(revokeConsent(body, once.value.consent, isJordan, plusMs(NOW, 1000))).toEqual(once)
  })
  test('a criminal-justice consent keeps its status until its event', () => {
    expect(revokeConsent(body, consent({ category: ofType('criminal-justice') }), isJordan, NOW)).toMatchObject({
      ok: true,
      value: { consent: { status: 'active' } },
    })
  })
  test("a consent that is not there and another patient's are answered alike", () => {
    const absent = revokeConsent(body, undefined, isJordan, NOW)
    expect(absent).toMatchObject({ ok: false, error: { kind: 'not-found', code: 'consent-unknown' } })
    expect(revokeConsent(body, consent(), () => false, NOW)).toEqual(absent)
  })
  test('what was rejected cannot be revoked', () => {
    expect(revokeConsent(body, consent({ status: 'rejected' }), isJordan, NOW)).toMatchObject({
      ok: false,
      error: { kind: 'conflict' },
    })
    expect(revokeConsent(parameters({ consent: consent() }), consent(), isJordan, NOW)).toMatchObject({
      ok: false,
      error: { kind: 'invalid' },
    })
  })
})

describe('$recordDisclosure', () => {
  const body = parameters({ disclosure: event, consent: consent() })
  test('binds the event to the consent, once', () => {
    const recorded = recordDisclosure(body, consent(), partnerId('bayou-bh'), [])
    expect(recorded).toMatchObject({
      ok: true,
      value: { consent: 'Consent/c1', disclosure: { entity: [{ what: { reference: 'Consent/c1' } }] } },
    })
    if (!recorded.ok) throw new Error('refused')
    expect(
      recordDisclosure(
        parameters({ disclosure: recorded.value.disclosure, consent: consent() }),
        consent(),
        partnerId('bayou-bh'),
        [],
      ),
    ).toEqual(recorded)
  })
  test('nobody reports for another', () => {
    expect(recordDisclosure(body, consent(), partnerId('harbor-housing'), [])).toMatchObject({
      ok: false,
      error: { kind: 'forbidden' },
    })
    expect(recordDisclosure(body, consent(), partnerId('harbor-housing'), ['Organization/bayou-bh'])).toMatchObject({ ok: true })
  })
  test('nor on a consent that is not there', () => {
    expect(recordDisclosure(body, undefined, partnerId('bayou-bh'), [])).toMatchObject({
      ok: false,
      error: { kind: 'not-found' },
    })
  })
})

describe('consentExplain', () => {
  const ask = { recipient: partnerId('montrose-hiv'), purpose: 'TREAT', at: NOW }
  test('shows record, label, consent, provision and section', () => {
    expect(consentExplain(facts([consent()]), ask)).toMatchObject({
      records: [
        {
          record: 'CarePlan/cp',
          policy: ['42CFRPart2'],
          decision: {
            effect: 'permit',
            basis: { reference: 'Consent/c1', path: 'provision' },
            because: [{ law: '42 CFR 2.33(a)(2)' }],
          },
        },
      ],
      consents: [{ consent: 'Consent/c1', deficiencies: [], bars: [] }],
    })
  })
  test('what would be after a revocation, and at a past moment', () => {
    expect(consentExplain(facts([consent()]), { ...ask, afterRevoking: 'c1' })).toMatchObject({
      records: [{ decision: { effect: 'deny', because: [{ rule: 'revoked' }] } }],
      consents: [{ bars: [{ rule: 'revoked' }] }],
    })
    expect(consentExplain(facts([consent()]), { ...ask, at: instant('2026-01-01T00:00:00Z') })).toMatchObject({
      records: [{ decision: { because: [{ rule: 'not-yet-in-force' }] } }],
    })
  })
  test('one record only', () => {
    expect(consentExplain(facts(), { ...ask, record: 'Goal/none' }).records).toEqual([])
  })
})
