import { describe, expect, test } from '@jest/globals'
import type { Patient } from '@medplum/fhirtypes'
import { readBasis } from '../../src/consent/bases.ts'
import { consentExplain, revoking } from '../../src/consent/explain.ts'
import { EXTENSION } from '../../src/consent/extensions.ts'
import { isAtPartner, needsToKnow } from '../../src/consent/person.ts'
import { permittedReport } from '../../src/consent/report.ts'
import { calendarOf } from '../../src/consent/windows.ts'
import { partnerId } from '../../src/model/ids.ts'
import { instant } from '../../src/model/time.ts'
import { consent, facts, labels, PARTNERS, PATIENT_RESOURCE, record, without } from './support/world.ts'

const AT = instant('2026-06-01T15:00:00Z')
const ask = { recipient: partnerId('montrose-hiv'), purpose: 'TREAT', at: AT }

describe("the officer's page", () => {
  const goal = record({ type: 'Goal', id: 'g', labels: labels({ sensitivity: ['HIV'], confidentiality: 'V' }) })
  const known = () => facts([consent()], { records: [record(), goal] })

  test('each record has its labels beside the answer', () => {
    expect(
      consentExplain(known(), ask).records.map(({ decision, ...shown }) => [shown, decision.effect, decision.because[0]?.rule]),
    ).toEqual([
      [{ record: 'CarePlan/cp', policy: ['42CFRPart2'], sensitivity: [], confidentiality: 'R' }, 'permit', 'consent-in-force'],
      [{ record: 'Goal/g', policy: ['42CFRPart2'], sensitivity: ['HIV'], confidentiality: 'V' }, 'deny', 'sensitivity-not-named'],
    ])
  })

  test('of one record only, when one is asked for', () => {
    expect(consentExplain(known(), { ...ask, record: 'Goal/g' }).records.map(({ record: shown }) => shown)).toEqual(['Goal/g'])
    expect(consentExplain(known(), { ...ask, record: 'Goal/cp' }).records).toEqual([])
  })

  test('each consent has its version, its status, what it lacks and what bars it', () => {
    const lacking = consent({ status: 'draft', extension: without(EXTENSION.description) })
    expect(consentExplain(facts([lacking]), ask).consents).toEqual([
      {
        consent: 'Consent/c1',
        version: '1',
        status: 'draft',
        deficiencies: [
          {
            rule: 'description-missing',
            law: '42 CFR 2.31(a)(3)',
            message: 'a specific and meaningful description of the information',
            affects: 'everything',
          },
        ],
        bars: [
          { rule: 'not-active', law: '42 CFR 2.31(c)(3)' },
          { rule: 'deficient', law: '42 CFR 2.31(c)(2)' },
        ],
      },
    ])
  })

  test('a directive that does not claim Part 2 lacks nothing of it', () => {
    const directive = consent({ policyRule: { coding: [{ code: 'OPTIN' }] }, extension: [] })
    expect(consentExplain(facts([directive]), ask).consents.map(({ deficiencies }) => deficiencies)).toEqual([[]])
  })

  test('at a moment before it was signed the date of signing has not come', () => {
    const early = consentExplain(facts([consent()]), { ...ask, at: instant('2026-02-01T00:00:00Z') })
    expect(early.consents[0]?.deficiencies.map(({ rule }) => rule)).toEqual(['signed-date-in-future'])
  })
})

describe('what would be had the patient taken a consent back', () => {
  const marked = (resource: object | undefined) => (resource as { extension?: readonly object[] } | undefined)?.extension
  const taken = { url: EXTENSION.revokedAt, valueDateTime: AT }

  test('that consent, and nothing else, is taken back at that moment', () => {
    const other = consent({ id: 'c2' })
    const before = facts([consent(), other, { ...PATIENT_RESOURCE, id: 'c1' }])
    const after = revoking(before, 'c1', AT)
    expect(marked(after.evidence[0])).toEqual([...without(''), taken])
    expect([after.evidence[1], after.evidence[2]]).toEqual([other, before.evidence[2]])
    expect({ ...after, evidence: [] }).toEqual({ ...before, evidence: [] })
  })

  test('an earlier word on it is replaced, and a consent without extensions gets one', () => {
    const earlier = { url: EXTENSION.revokedAt, valueDateTime: '2026-05-01T00:00:00Z' }
    const { extension: _none, ...plain } = consent({ id: 'c3' })
    expect(marked(revoking(facts([consent({ extension: [earlier] })]), 'c1', AT).evidence[0])).toEqual([taken])
    expect(marked(revoking(facts([plain]), 'c3', AT).evidence[0])).toEqual([taken])
  })
})

describe('the person behind a system', () => {
  const worker = 'Practitioner/nurse'
  const role = (organization: string, active: boolean) => ({
    resourceType: 'PractitionerRole' as const,
    id: 'r',
    active,
    practitioner: { reference: worker },
    organization: { reference: `Organization/${organization}` },
  })
  const clinic = PARTNERS.find(({ id }) => id === 'montrose-hiv')
  if (clinic === undefined) throw new Error('no such partner')

  test.each<[string, ReturnType<typeof role>, string, boolean]>([
    ['holds a role at the partner', role('montrose-hiv', true), worker, true],
    ['held one', role('montrose-hiv', false), worker, false],
    ['holds one elsewhere', role('bayou-bh', true), worker, false],
    ['is another', role('montrose-hiv', true), 'Practitioner/other', false],
  ])('%s', (_, evidence, person, isThere) => {
    expect(isAtPartner(facts([evidence]), clinic, person, AT)).toBe(isThere)
  })

  test('needs to know of a patient with whom he works, or whose case is his by a recorded need', () => {
    const team = {
      resourceType: 'CareTeam' as const,
      id: 't',
      status: 'active' as const,
      subject: { reference: 'Patient/jordan' },
      participant: [{ member: { reference: worker } }],
    }
    const need = { id: 'n', version: 1, kind: 'internal-need' as const, fields: { person: worker, need: 'review' } }
    expect([needsToKnow(facts([team]), worker, AT), needsToKnow(facts([], { bases: [need] }), worker, AT)]).toEqual([true, true])
    expect([needsToKnow(facts([]), worker, AT), needsToKnow(facts([team]), 'Practitioner/other', AT)]).toEqual([false, false])
  })
})

describe('what a report of a crime or of child abuse may say (2.12(c)(5), (6))', () => {
  const report = (fields: Readonly<Record<string, unknown>>, patient: Partial<Patient>) =>
    permittedReport(readBasis({ id: 'b', version: 1, kind: 'crime-report', fields }, calendarOf('America/Chicago')), {
      resourceType: 'Patient',
      ...patient,
    })
  const STATUS = 'patient of the programme'

  test('the circumstances, that he is a patient, name, address, last known whereabouts; and nothing else of him', () => {
    expect(
      report(
        { recipient: 'hpd-police', incident: 'assault of a nurse', against: 'personnel', lastKnownWhereabouts: 'bus station' },
        {
          birthDate: '1988-05-05',
          telecom: [{ value: '555-0100' }],
          name: [{ given: ['Jordan', 'A.'], family: 'HTEST-Rivera' }],
          address: [{ line: ['1 HTEST Street', 'Apt 2'], city: 'Houston', state: 'TX', postalCode: '77002' }],
        },
      ),
    ).toEqual({
      circumstances: 'assault of a nurse',
      patientStatus: STATUS,
      name: 'Jordan A. HTEST-Rivera',
      address: '1 HTEST Street Apt 2 Houston TX 77002',
      lastKnownWhereabouts: 'bus station',
    })
  })

  test.each<[string, Partial<Patient>, object]>([
    ['nobody knows', {}, {}],
    ['nothing is written', { name: [{ given: [''] }], address: [{ line: [] }] }, {}],
    ['only as text', { name: [{ text: 'J. HTEST' }], address: [{ text: 'Houston' }] }, { name: 'J. HTEST', address: 'Houston' }],
    ['in part', { name: [{ family: 'HTEST' }], address: [{ city: '', state: 'TX' }] }, { name: 'HTEST', address: 'TX' }],
    [
      'in parts before the text',
      { name: [{ given: ['J'], text: 'x' }], address: [{ city: 'H', text: 'x' }] },
      { name: 'J', address: 'H' },
    ],
    [
      'in the second place',
      { name: [{}, { family: 'HTEST' }], address: [{}, { city: 'Houston' }] },
      { name: 'HTEST', address: 'Houston' },
    ],
  ])('what is absent is left out: %s', (_, patient, more) => {
    expect(report({}, patient)).toStrictEqual({ circumstances: '', patientStatus: STATUS, ...more })
  })
})
