import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Patient, Resource } from '@medplum/fhirtypes'
import type { PartnerName } from './partners.ts'
import { openStreet, type Street } from './street.ts'

let street: Street
let person: { system?: string; value?: string } = {}
let patient = ''
let plan = ''

beforeAll(async () => {
  street = await openStreet()
  for (const [record, name] of [
    ['staff', 'staff-case-manager'],
    ['staff', 'staff-peer-support-specialist'],
    ['client', 'client'],
    ['enrolment', 'enrolment'],
    ['treatment-plan', 'treatment-plan'],
    ['consent', 'consent-hospital'],
  ] as const) {
    const made = await street.post(record, name)
    patient = made.find((reference) => reference.startsWith('Patient/'))?.slice(8) ?? patient
    plan = made.find((reference) => reference.startsWith('CarePlan/')) ?? plan
  }
  const own = JSON.parse((await street.ask('mission', `/Patient/${patient}`)).body) as Patient
  person = { system: own.identifier?.[0]?.system ?? '', value: own.identifier?.[0]?.value ?? '' }
}, 120_000)
afterAll(() => street.close())

interface Card {
  readonly summary: string
  readonly detail?: string
  readonly indicator: string
  readonly extension: {
    readonly decision: string
    readonly obligations: readonly { parameters: { codes: readonly { code: string }[] } }[]
    readonly basedOn?: string
    readonly content?: { readonly entry: readonly { readonly resource: Resource }[] }
  }
}

const consult = async (who: PartnerName, context: object): Promise<{ status: number; text: string; card: Card | undefined }> => {
  const answer = await fetch(`${street.gateway.origin}/cds-services/patient-consent-consult`, {
    method: 'POST',
    body: JSON.stringify({ hook: 'patient-consent-consult', hookInstance: 'h-1', context }),
    headers: { authorization: `Bearer ${await street.token(who)}`, 'content-type': 'application/json' },
  })
  const text = await answer.text()
  return { status: answer.status, text, card: (JSON.parse(text) as { cards?: readonly Card[] }).cards?.[0] }
}

const HOSPITAL = [{ value: 'st-mary-hospital' }]
const bundle = (...resources: readonly object[]): object => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: resources.map((resource) => ({ resource })),
})
const lastEntry = async (): Promise<Record<string, unknown>> => {
  const [row] = await street.db.query<{ body: string }>('select body from ledger order by seq desc limit 1', [])
  return JSON.parse(row?.body ?? '{}') as Record<string, unknown>
}

test('the services are listed, for those with a token', async () => {
  expect((await fetch(`${street.gateway.origin}/cds-services`)).status).toBe(401)
  const headers = { authorization: `Bearer ${await street.token('harbor-housing')}` }
  const page = await fetch(`${street.gateway.origin}/cds-services`, { headers })
  expect(await page.json()).toMatchObject({ services: [{ hook: 'patient-consent-consult', id: 'patient-consent-consult' }] })
  expect((await fetch(`${street.gateway.origin}/cds-services/patient-consent-consult`, { method: 'POST' })).status).toBe(401)
})

test('a request that is refused as such is on the ledger', async () => {
  expect((await consult('st-mary-hospital', { patientId: [person], actor: HOSPITAL, purposeOfUse: 'HRESCH' })).status).toBe(403)
  expect(await lastEntry()).toMatchObject({
    kind: 'refusal',
    door: 'cds-hooks',
    recipient: 'st-mary-hospital',
    code: 'purpose-not-asserted',
  })
  expect((await consult('st-mary-hospital', {})).status).toBe(400)
  expect(await lastEntry()).toMatchObject({ kind: 'refusal', door: 'cds-hooks', recipient: 'st-mary-hospital' })
})

describe('on the consents on file', () => {
  test('the partner that the consent names is permitted, on that consent', async () => {
    for (const who of ['mission', 'st-mary-hospital'] as const) {
      const { card } = await consult(who, { patientId: [person], actor: HOSPITAL, purposeOfUse: 'TREAT' })
      expect(card).toMatchObject({ indicator: 'info', extension: { decision: 'CONSENT_PERMIT' } })
      expect(card?.extension.basedOn).toMatch(/^Consent\//)
      expect(card?.extension.content).toBeUndefined()
      expect(await lastEntry()).toMatchObject({
        kind: 'disclosure',
        door: 'cds-hooks',
        recipient: who,
        bases: [{ kind: 'consent', reference: card?.extension.basedOn }],
        records: [],
      })
    }
  })

  test('content that may go comes back with the notice, and is accounted for', async () => {
    const content = bundle(JSON.parse((await street.ask('mission', `/${plan}`)).body) as Resource)
    const { card } = await consult('mission', { patientId: [person], actor: HOSPITAL, purposeOfUse: 'TREAT', content })
    expect(card?.extension.content?.entry.map(({ resource }) => `${resource.resourceType}/${resource.id ?? ''}`)).toEqual([plan])
    const [english, scope, spanish, alcance] = card?.detail?.split('\n\n') ?? []
    expect([english, scope]).toEqual([
      expect.stringContaining('42 CFR part 2'),
      expect.stringContaining('for these purposes only'),
    ])
    expect([spanish, alcance]).toEqual([expect.stringMatching(/[áéíóúñ]/), expect.stringMatching(/[áéíóúñ]/)])
    expect(await lastEntry()).toMatchObject({ notice: { languages: ['en', 'es'] } })
    expect(await lastEntry()).toMatchObject({ records: [{ record: plan, patient, basis: 0 }], bases: [{ kind: 'consent' }] })
  })

  test('content about another patient does not come back on this one’s consent', async () => {
    const other = {
      resourceType: 'Condition',
      id: 'other',
      subject: { reference: 'Patient/another' },
      code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'J10.1' }], text: 'ZZCANARY' },
    }
    const { text } = await consult('mission', {
      patientId: [person],
      actor: HOSPITAL,
      purposeOfUse: 'TREAT',
      content: bundle(other, { ...other, resourceType: 'Observation', status: 'final' }),
    })
    expect(text).not.toContain('ZZCANARY')
  })

  test('content for somebody whom no consent names does not come back', async () => {
    const content = bundle(JSON.parse((await street.ask('mission', `/${plan}`)).body) as Resource)
    const actor = [{ value: 'montrose-hiv' }]
    const { card, text } = await consult('mission', { patientId: [person], actor, purposeOfUse: 'TREAT', content })
    expect(card?.extension.decision).not.toBe('CONSENT_PERMIT')
    expect(card?.extension.content).toBeUndefined()
    expect(text).not.toContain('HTEST')
    expect(await lastEntry()).toMatchObject({ kind: 'refusal', door: 'cds-hooks' })
  })

  test('a consent that a partner filed itself is no answer for it', async () => {
    const granted = JSON.parse((await street.ask('mission', '/Consent?patient=' + patient)).body) as {
      entry: { resource: object }[]
    }
    const text = JSON.stringify(granted.entry[0]?.resource ?? {}).replaceAll('st-mary-hospital', 'montrose-hiv')
    const { id: _id, meta: _meta, ...own } = JSON.parse(text) as Record<string, unknown>
    const filed = await street.ask('montrose-hiv', '/Consent', {
      method: 'POST',
      body: JSON.stringify(own),
      headers: { 'content-type': 'application/fhir+json' },
    })
    expect([200, 201]).toContain(filed.status)
    const montrose = [{ value: 'montrose-hiv' }]
    const { card } = await consult('montrose-hiv', { patientId: [person], actor: montrose, purposeOfUse: 'TREAT' })
    expect(card?.extension.decision).toBe('NO_CONSENT')
    expect((await street.ask('montrose-hiv', `/${plan}`)).status).toBe(404)
  })

  test('a partner cannot tell a refusal from a patient who is not here, nor ask about somebody else', async () => {
    const nobody = [{ system: 'urn:mrn', value: 'nobody' }]
    const montrose = [{ value: 'montrose-hiv' }]
    const texts = [
      await consult('montrose-hiv', { patientId: nobody, actor: montrose, purposeOfUse: 'TREAT' }),
      await consult('montrose-hiv', { patientId: [person], actor: montrose, purposeOfUse: 'TREAT' }),
      await consult('montrose-hiv', { patientId: [person], actor: HOSPITAL, purposeOfUse: 'TREAT' }),
    ]
    for (const { status, text, card } of texts) {
      expect([status, text]).toEqual([200, texts[0]?.text])
      expect(card?.extension.decision).toBe('NO_CONSENT')
    }
  })

  test('a purpose that the token does not assert is refused to a partner; every purpose has to be covered', async () => {
    const asked = { patientId: [person], actor: HOSPITAL }
    expect((await consult('st-mary-hospital', { ...asked, purposeOfUse: ['TREAT', 'HPAYMT'] })).status).toBe(403)
    const both = await consult('mission', { ...asked, purposeOfUse: ['TREAT', 'HRESCH'] })
    expect(both.card?.extension.decision).not.toBe('CONSENT_PERMIT')
    expect(await lastEntry()).toMatchObject({ kind: 'refusal', purposes: ['TREAT', 'HRESCH'] })
  })
})

describe('on consents that the request brings', () => {
  const directive = (provision: object): object => ({
    resourceType: 'Consent',
    id: 'd1',
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: 'Patient/somebody' },
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
    provision,
  })
  const asked = {
    patientId: [{ system: 'urn:mrn', value: 'p-1' }],
    actor: [{ system: 'urn:orgs', value: 'clinic' }],
    purposeOfUse: 'TREAT',
  }
  const noSud = directive({
    type: 'permit',
    provision: [{ type: 'deny', securityLabel: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'SUD' }] }],
  })

  test.each<[string, object, string]>([
    ['an opt-in', { consent: bundle(directive({ type: 'permit' })) }, 'CONSENT_PERMIT'],
    ['an opt-out', { consent: bundle(directive({ type: 'deny' })) }, 'CONSENT_DENY'],
    ['none', { consent: bundle() }, 'NO_CONSENT'],
  ])('%s', async (_, context, decision) => {
    expect((await consult('st-mary-hospital', { ...asked, ...context })).card?.extension.decision).toBe(decision)
  })

  test('what a consent keeps back is said as an obligation, and taken out of the content by its codes', async () => {
    const flu = {
      resourceType: 'Condition',
      id: 'flu',
      subject: { reference: 'Patient/somebody' },
      code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'J10.1', display: 'Influenza' }] },
    }
    const opioids = {
      resourceType: 'Condition',
      id: 'opioids',
      subject: { reference: 'Patient/somebody' },
      code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'F11.20', display: 'Opioid dependence ZZCANARY' }] },
    }
    const { card, text } = await consult('st-mary-hospital', { ...asked, consent: bundle(noSud), content: bundle(flu, opioids) })
    expect(card?.extension.decision).toBe('CONSENT_PERMIT')
    expect(card?.extension.obligations[0]?.parameters.codes.map(({ code }) => code)).toContain('SUD')
    expect(card?.extension.content?.entry.map(({ resource }) => resource.id)).toEqual(['flu'])
    expect(text).not.toContain('ZZCANARY')
    const entry = JSON.stringify(await lastEntry())
    expect(entry).toContain('"cds-hooks"')
    expect(entry).not.toContain('Condition/flu')
  })

  test('content that names a place on file which tells loses the name with what it tells', async () => {
    const put = (id: string, name: string): ReturnType<Street['ask']> =>
      street.ask('mission', `/Organization/${id}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/fhir+json' },
        body: JSON.stringify({ resourceType: 'Organization', id, name }),
      })
    expect((await put('htest-brookside', 'Detoxification unit, Brookside HTEST')).status).toBe(201)
    expect((await put('htest-parkside', 'Parkside HTEST')).status).toBe(201)
    const visit = (id: string, place: string): object => ({
      resourceType: 'Encounter',
      id,
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject: { reference: 'Patient/somebody' },
      serviceProvider: { reference: `Organization/${place}` },
    })
    const content = bundle(visit('e1', 'htest-brookside'), visit('e2', 'htest-parkside'))
    const text = async (consent: object): Promise<string> =>
      (await consult('st-mary-hospital', { ...asked, consent: bundle(consent), content })).text
    expect([await text(noSud)].map((one) => [one.includes('htest-brookside'), one.includes('htest-parkside')])).toEqual([
      [false, true],
    ])
    expect(await text(directive({ type: 'permit' }))).toContain('htest-brookside')
  })

  test.each<[string, object]>([
    ['no purpose', { purposeOfUse: undefined, consent: bundle(noSud) }],
    ['no actor', { actor: [], consent: bundle(noSud) }],
    ['a consent that is no consent by form', { consent: bundle({ ...noSud, provision: 'ZZCANARY' }) }],
    ['content without an id', { consent: bundle(noSud), content: bundle({ resourceType: 'Condition', subject: {} }) }],
  ])('asked wrongly: %s', async (_, context) => {
    const { status, text } = await consult('st-mary-hospital', { ...asked, ...context })
    expect(status).toBe(400)
    expect(text).not.toContain('ZZCANARY')
  })
})
