import type { Patient } from '@medplum/fhirtypes'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { consentRecordType } from '../../mappings/consent/record-type.ts'
import { consentSchema } from '../../mappings/consent/schema.ts'
import type { ConsentRecord } from '../../mappings/consent/schema.ts'
import { toFhir } from '../../mappings/consent/to-fhir.ts'
import { deficiencies } from '../../src/consent/deficiencies.ts'
import { EXTENSION } from '../../src/consent/extensions.ts'
import { readConsent } from '../../src/consent/read-consent.ts'
import { EXT } from '../../mappings/consent/urls.ts'
import { idOf, identifierSystem } from '../../src/mapping/context.ts'
import { instant } from '../../src/model/time.ts'
import { PARTNERS } from './support/world.ts'

const CONTEXT = {
  sourceSystem: 'mission',
  programme: 'mission',
  zone: 'America/Chicago',
  derivedId: (source: string, type: string, key: string) =>
    `${source}-${type}-${key}`.replace(/[^A-Za-z0-9.-]/g, '-').slice(0, 64),
}
const CLIENT: Patient = {
  resourceType: 'Patient',
  id: idOf(CONTEXT, 'Patient', 'client', 'c-1'),
  identifier: [{ system: identifierSystem('client'), value: 'c-1' }],
}

const FULL: ConsentRecord = {
  recordId: 'consent-1',
  clientId: 'c-1',
  isTest: true,
  status: 'active',
  patientName: 'Jordan HTEST-Rivera',
  disclosers: [{ partner: 'mission' }],
  description: 'Care plan, referrals and HIV test results',
  recipients: [{ partner: 'montrose-hiv' }],
  purposes: ['TREAT', 'HPAYMT', 'HOPERAT'],
  statements: ['right-to-revoke', 'how-to-revoke', 'hipaa-redisclosure', 'redisclosure-potential', 'consequences-of-refusal'],
  namesExplicitly: ['HIV'],
  except: [{ labels: ['SDV'] }],
  validFrom: '2026-03-01',
  validUntil: '2027-12-31',
  signatures: [{ capacity: 'patient', method: 'wet', signedOn: '2026-03-01' }],
  signedOn: '2026-03-01',
}

describe('the native consent record', () => {
  test('fills every blank of § 2.31(a)', () => {
    const consent = readConsent(toFhir(FULL, CONTEXT))
    expect(consent.faults).toEqual([])
    expect(deficiencies(consent, instant('2026-06-01T00:00:00Z'), { partners: PARTNERS })).toEqual([])
  })
  test.each([
    ['patientName', 'patient-name-missing'],
    ['disclosers', 'discloser-missing'],
    ['description', 'description-missing'],
    ['recipients', 'recipient-missing'],
    ['purposes', 'purpose-missing'],
    ['validUntil', 'expiration-missing'],
    ['signatures', 'signature-missing'],
  ] as const)('an empty blank %s is the deficiency %s', (blank, rule) => {
    const { [blank]: _, ...rest } = FULL
    const found = deficiencies(readConsent(toFhir(rest, CONTEXT)), instant('2026-06-01T00:00:00Z'), {
      partners: PARTNERS,
    })
    expect(found.map((one) => one.rule)).toEqual([rule])
  })
  test('mapping and consent room speak of the same extensions', () => {
    expect(Object.values(EXT).sort()).toEqual(Object.values(EXTENSION).sort())
  })
  test('goes to FHIR and back without loss', () => {
    fc.assert(
      fc.property(records, (record) => {
        const parsed = consentSchema.parse(record)
        expect(consentRecordType.fromFhir([CLIENT, toFhir(parsed, CONTEXT)])).toEqual({ ok: true, value: parsed })
      }),
      { numRuns: 300 },
    )
  })
  test('what the form has no blank for is refused, with its place', () => {
    const deep = toFhir(FULL, CONTEXT)
    const bent = {
      ...deep,
      provision: { ...deep.provision, data: [{ meaning: 'instance' as const, reference: { reference: 'CarePlan/1' } }] },
    }
    expect(consentRecordType.fromFhir([CLIENT, bent])).toMatchObject({
      ok: false,
      error: { code: 'consent-beyond-form', issues: [{ path: 'Consent.provision.data' }] },
    })
  })
})

const opt = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const some = <T>(arbitrary: fc.Arbitrary<T>) => opt(fc.uniqueArray(arbitrary, { minLength: 1, maxLength: 3 }))
const day = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
const word = fc.constantFrom('Jordan HTEST', 'ñandú', 'a b', 'x')
const clean = (tree: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(tree).filter(([, value]) => value !== undefined))
const limits = {
  types: some(fc.constantFrom('CarePlan', 'Goal')),
  labels: some(fc.constantFrom('HIV', 'SUD', 'R', 'JUSTICE')),
  codes: some(fc.constantFrom({ system: 'http://loinc.org', code: '1-1' }, { code: 'x' })),
  from: opt(day),
  until: opt(day),
}
const recipient = fc.oneof(
  fc
    .record({
      partner: fc.constantFrom('harbor-housing', 'bayou-bh'),
      includesProgrammes: opt(fc.constant(true as const)),
      members: opt(fc.oneof(fc.constant('treating-providers'), fc.constant(['bayou-bh']))),
    })
    .map(clean),
  fc.constantFrom({ npi: '1000000003' }, { class: 'treating-providers' }),
)
const purposeList = some(fc.constantFrom('TREAT', 'COC', 'FUNDRAISING'))
const records = fc
  .record({
    recordId: fc.constant('r-1'),
    clientId: fc.constant('c-1'),
    status: fc.constantFrom('draft', 'active', 'inactive'),
    isTest: opt(fc.constant(true as const)),
    kinds: some(fc.constantFrom('general', 'research', 'proceedings')),
    form: opt(fc.constant('https://mission-gateway.example/forms/2024')),
    patientName: opt(word),
    disclosers: some(fc.constantFrom({ partner: 'mission' }, { class: 'any programme treating me' })),
    description: opt(word),
    recipients: some(recipient),
    purposes: purposeList,
    purposeText: opt(word),
    isPatientInitiated: opt(fc.constant(true as const)),
    statements: some(fc.constantFrom('right-to-revoke', 'how-to-revoke')),
    covers: opt(
      fc
        .record(limits)
        .map(clean)
        .filter((tree) => Object.keys(tree).length > 0),
    ),
    namesExplicitly: some(fc.constantFrom('HIV', 'SDV')),
    except: opt(
      fc.array(fc.record({ ...limits, recipients: some(recipient), purposes: purposeList }).map(clean), {
        minLength: 1,
        maxLength: 2,
      }),
    ),
    validFrom: opt(day),
    validUntil: opt(day),
    signedOn: opt(day),
    revokedAt: opt(fc.constant('2026-05-01T10:00:00-05:00')),
    replaces: opt(fc.constant('r-0')),
    expirationEvent: opt(fc.constantFrom({ event: 'none' }, { event: 'other', text: 'housed', occurredAt: '2026-05-01' })),
    signatures: opt(fc.constant([{ capacity: 'guardian', method: 'electronic', signedOn: '2026-01-01', evidence: 'order 12' }])),
    irrevocable: opt(fc.constant({ event: 'final disposition', until: '2026-12-01' })),
    monitoringDuty: opt(word),
    isKnownFalse: opt(fc.constant(true as const)),
    isConditionOfService: opt(fc.constant(true as const)),
  })
  .map(clean)
