import { describe, expect, test } from '@jest/globals'
import type { Consent, ConsentProvision, Resource } from '@medplum/fhirtypes'
import { consult } from '../../src/consent/consult.ts'
import type { ConsultHouse } from '../../src/consent/consult.ts'
import { factsOf } from '../../src/labelling/facts.ts'
import { instant } from '../../src/model/time.ts'
import { actor, classes, consent, facts, labelled, labels, medical, NPI, PARTNERS, purposes, record } from './support/world.ts'

const NOW = instant('2026-06-01T12:00:00Z')
const PERSON = { system: 'urn:mrn', value: 'p-1' }
const ASKER = { system: 'urn:orgs', value: 'clinic' }

const describeAll: ConsultHouse['describe'] = (resources) =>
  resources.map((resource) => {
    const codes = (resource.meta?.security ?? []).map(({ code }) => code ?? '')
    const sensitivity = codes.filter((code) => !['N', 'R', 'V', '42CFRPart2'].includes(code))
    const own = codes.includes('42CFRPart2')
      ? labels({ sensitivity })
      : medical({ sensitivity, confidentiality: codes.includes('R') ? 'R' : codes.includes('V') ? 'V' : 'N' })
    return factsOf(resource, own)
  })
const house: ConsultHouse = { at: NOW, zone: 'America/Chicago', partners: PARTNERS, describe: describeAll }
const bundle = (...resources: readonly Resource[]) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: resources.map((resource) => ({ resource })),
})
const ask = (context: object) => ({
  hook: 'patient-consent-consult',
  hookInstance: 'h-1',
  context: { patientId: [PERSON], actor: [ASKER], purposeOfUse: 'TREAT', ...context },
})
/** A directive as other systems write them: no § 2.31 element in it. */
const directive = (provision: ConsentProvision, over: Partial<Consent> = {}): Consent => ({
  resourceType: 'Consent',
  id: 'd1',
  status: 'active',
  scope: { coding: [{ code: 'patient-privacy' }] },
  category: [{ coding: [{ code: '59284-0' }] }],
  patient: { reference: 'Patient/anyone' },
  policyRule: { coding: [{ code: 'OPTIN' }] },
  provision,
  ...over,
})
const observation = (id: string, ...codes: readonly string[]): Resource => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: id },
  meta: { security: labelled(...codes) },
})

describe('a stand-alone decision service', () => {
  test.each<[string, object, object]>([
    ['no consents at all', { consent: bundle() }, { decision: 'NO_CONSENT' }],
    [
      'an opt-in permits',
      { consent: bundle(directive({ type: 'permit' })) },
      { decision: 'CONSENT_PERMIT', basedOn: 'Consent/d1' },
    ],
    ['an opt-out denies', { consent: bundle(directive({ type: 'deny' })) }, { decision: 'CONSENT_DENY' }],
    [
      'the root type may come from the policy rule',
      { consent: bundle(directive({}, { policyRule: { coding: [{ code: 'OPTOUT' }] } })) },
      { decision: 'CONSENT_DENY' },
    ],
    ['a draft says nothing', { consent: bundle(directive({ type: 'permit' }, { status: 'draft' })) }, { decision: 'NO_CONSENT' }],
    [
      'for another purpose it says nothing',
      { consent: bundle(directive({ type: 'permit', purpose: purposes('HRESCH') })) },
      { decision: 'NO_CONSENT' },
    ],
    [
      'every purpose has to be covered',
      { purposeOfUse: ['TREAT', 'HMARKT'], consent: bundle(directive({ type: 'permit', purpose: purposes('TREAT') })) },
      { decision: 'NO_CONSENT' },
    ],
    [
      'for another actor it says nothing',
      { consent: bundle(directive({ type: 'permit', actor: [actor('Organization/x')] })) },
      { decision: 'NO_CONSENT' },
    ],
    [
      'an actor is known by the identifier of its resource',
      {
        consent: bundle(directive({ type: 'permit', actor: [actor('Organization/x', 'PRCP')] }), {
          resourceType: 'Organization',
          id: 'x',
          identifier: [ASKER],
        }),
      },
      { decision: 'CONSENT_PERMIT' },
    ],
    [
      'or by an identifier in the reference',
      {
        consent: bundle(
          directive({ type: 'permit', actor: [{ role: { coding: [{ code: 'IRCP' }] }, reference: { identifier: ASKER } }] }),
        ),
      },
      { decision: 'CONSENT_PERMIT' },
    ],
    [
      'all but one label',
      { consent: bundle(directive({ type: 'permit', provision: [{ type: 'deny', securityLabel: labelled('SUD') }] })) },
      {
        decision: 'CONSENT_PERMIT',
        obligations: [
          { id: { code: 'REDACT' }, parameters: { codes: [{ code: 'SUD' }, { code: '42CFRPart2' }], exceptAnyOfCodes: [] } },
        ],
      },
    ],
    [
      'nothing but one label',
      { consent: bundle(directive({ type: 'deny', provision: [{ type: 'permit', securityLabel: labelled('MH') }] })) },
      { decision: 'CONSENT_PERMIT', obligations: [{ parameters: { exceptAnyOfCodes: [{ code: 'MH' }] } }] },
    ],
    [
      'a class that is not permitted',
      {
        class: classes('Goal'),
        consent: bundle(directive({ type: 'deny', provision: [{ type: 'permit', class: classes('CarePlan') }] })),
      },
      { decision: 'CONSENT_DENY' },
    ],
    [
      'a class that is',
      {
        class: classes('CarePlan'),
        consent: bundle(directive({ type: 'deny', provision: [{ type: 'permit', class: classes('CarePlan') }] })),
      },
      { decision: 'CONSENT_PERMIT', obligations: [{ parameters: { codes: [{ code: '42CFRPart2' }] } }] },
    ],
    [
      'a refusal overrides a newer permit',
      { consent: bundle(directive({ type: 'deny' }), directive({ type: 'permit' }, { id: 'd2', dateTime: '2026-05-31' })) },
      { decision: 'CONSENT_DENY' },
    ],
    [
      'only consents of the category asked for',
      { category: [{ code: 'other' }], consent: bundle(directive({ type: 'permit' })) },
      { decision: 'NO_CONSENT' },
    ],
    [
      "another patient's consent",
      {
        consent: bundle(directive({ type: 'permit' }), {
          resourceType: 'Patient',
          id: 'anyone',
          identifier: [{ system: 'urn:mrn', value: 'p-2' }],
        }),
      },
      { decision: 'NO_CONSENT' },
    ],
    [
      'this patient by the resource beside it',
      { consent: bundle(directive({ type: 'permit' }), { resourceType: 'Patient', id: 'anyone', identifier: [PERSON] }) },
      { decision: 'CONSENT_PERMIT' },
    ],
    [
      'content: what may go and nothing else',
      {
        consent: bundle(directive({ type: 'permit', provision: [{ type: 'deny', securityLabel: labelled('SUD') }] })),
        content: bundle(observation('a', 'N'), observation('b', 'N', 'ETHUD'), observation('c', '42CFRPart2')),
      },
      { decision: 'CONSENT_PERMIT', content: [{ key: 'Observation/a', withheldParts: [] }] },
    ],
    [
      'content of which nothing may go',
      { consent: bundle(directive({ type: 'deny' })), content: bundle(observation('a', 'N')) },
      { decision: 'CONSENT_DENY' },
    ],
    [
      'Part 2 content goes on a Part 2 consent',
      {
        actor: [{ system: NPI, value: '1000000003' }],
        consent: bundle(consent()),
        content: bundle(observation('a', '42CFRPart2', 'SUD')),
      },
      { decision: 'CONSENT_PERMIT', basedOn: 'Consent/c1', content: [{ key: 'Observation/a' }] },
    ],
    [
      'but not on a deficient one',
      {
        actor: [{ system: NPI, value: '1000000003' }],
        consent: bundle(consent({ extension: [] })),
        content: bundle(observation('a', '42CFRPart2', 'SUD')),
      },
      { decision: 'CONSENT_DENY' },
    ],
  ])('%s', (_, context, expected) => {
    const answer = consult(ask(context), house)
    expect(answer).toMatchObject({ ok: true, value: expected })
    if (answer.ok && answer.value.decision !== 'CONSENT_PERMIT') expect(answer.value.content).toBeUndefined()
  })
  test.each([
    ['no purpose', ask({ purposeOfUse: undefined })],
    ['an empty list of purposes', ask({ purposeOfUse: [] })],
    ['a purpose that nobody defined', ask({ purposeOfUse: 'CURIOSITY' })],
    ['no patient', ask({ patientId: [] })],
    ['no actor', ask({ actor: [] })],
    ['another hook', { ...ask({}), hook: 'order-sign' }],
    ['no object', 7],
  ])('is asked wrongly: %s', (_, body) => {
    expect(consult(body, house)).toMatchObject({ ok: false, error: { kind: 'invalid' } })
  })
})

describe('on the consents that are stored', () => {
  const stored = facts([consent()], { records: [record()] })
  const clinic = [{ system: NPI, value: '1000000003' }]
  test('a patient whom nobody knows has no consent', () => {
    expect(consult(ask({ actor: clinic }), house)).toEqual({ ok: true, value: { decision: 'NO_CONSENT', obligations: [] } })
  })
  test('the partner named is permitted, another has no consent', () => {
    expect(consult(ask({ actor: clinic }), { ...house, stored })).toMatchObject({
      ok: true,
      value: { decision: 'CONSENT_PERMIT', basedOn: 'Consent/c1' },
    })
    expect(consult(ask({ actor: [{ system: NPI, value: '1000000002' }] }), { ...house, stored })).toMatchObject({
      ok: true,
      value: { decision: 'NO_CONSENT' },
    })
  })
  test('medical content goes for treatment without one', () => {
    expect(
      consult(ask({ actor: clinic, content: bundle(observation('a', 'N')) }), { ...house, stored: facts([]) }),
    ).toMatchObject({ ok: true, value: { decision: 'CONSENT_PERMIT', content: [{ key: 'Observation/a' }] } })
  })
})
