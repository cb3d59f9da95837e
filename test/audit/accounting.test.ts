import { describe, expect, test } from '@jest/globals'
import { accountingOf, describe as brief, intermediaryListOf, lookBack } from '../../src/audit/accounting.ts'
import { accountingCsv, accountingText, summarise } from '../../src/audit/accounting-text.ts'
import { canonicalJson } from '../../src/audit/canonical.ts'
import { dueOn, dutiesOf, needsWriting } from '../../src/audit/due.ts'
import { entryOf, refusalOf } from '../../src/audit/entry-of.ts'
import type { Ask, Shown } from '../../src/model/ask.ts'
import type { Basis } from '../../src/model/decision.ts'
import { disclosureId, partnerId, patientId } from '../../src/model/ids.ts'
import type { DisclosureEntry } from '../../src/model/ledger.ts'
import { day, instant } from '../../src/model/time.ts'

const CONSENT: Basis = { kind: 'consent', reference: 'Consent/c', version: '2' }
const PATIENT = patientId('11111111-1111-7111-8111-111111111111')
const OTHER = patientId('22222222-2222-7222-8222-222222222222')
const when = (text: string) => instant(text)

const disclosed = (at: string, more: Partial<DisclosureEntry> = {}): DisclosureEntry => ({
  kind: 'disclosure',
  at: when(at),
  id: disclosureId(`d-${at}`),
  recipient: partnerId('harbor-housing'),
  purposes: ['COC'],
  door: 'fhir',
  interaction: 'search',
  bases: [CONSENT],
  records: [{ record: 'Goal/g', version: 'v', basis: 0, patient: PATIENT }],
  obligations: [],
  content: 'c0ffee',
  bytes: 10,
  ...more,
})
const rowsOf = (...entries: readonly object[]) => entries.map((entry) => ({ body: canonicalJson(entry) }))
const names = new Map([['harbor-housing', '=Harbor "Housing", Inc']])

describe('the accounting', () => {
  const range = { patient: PATIENT, ...lookBack(day('2028-02-29'), 'America/Chicago') }

  test.each([
    ['three years before, at the start of the day', '2025-02-28T06:00:00.000Z', 1],
    ['a moment earlier', '2025-02-28T05:59:59.999Z', 0],
    ['on the day of the request', '2028-03-01T05:59:59.999Z', 1],
    ['a moment later', '2028-03-01T06:00:00.000Z', 0],
  ])('%s', (_, at, count) => {
    expect(accountingOf(rowsOf(disclosed(at)), range)).toHaveLength(count)
  })

  test('tells to whom, when, for what, on which basis, what; in order; of this patient only', () => {
    const mixed = disclosed('2027-05-01T12:00:00Z', {
      bases: [CONSENT, { kind: 'medical-emergency', reference: 'basis/e' }, { kind: 'internal' }],
      records: [
        { record: 'Goal/g', version: 'v', basis: 0, patient: PATIENT },
        { record: 'CarePlan/1', version: 'v', basis: 1, patient: PATIENT },
        { record: 'CarePlan/2', version: 'v', basis: 1, patient: PATIENT },
        { record: 'Condition/of-another', version: 'v', basis: 0, patient: OTHER },
        { record: 'Task/t', version: 'v', basis: 2, patient: PATIENT },
        { record: 'Organization/o', version: 'v', basis: 0 },
      ],
    })
    const rows = accountingOf(rowsOf(mixed, disclosed('2026-05-01T12:00:00Z')), range, names)
    expect(rows).toMatchObject([
      {
        at: '2026-05-01T12:00:00.000Z',
        what: '1 goal',
        recipientName: '=Harbor "Housing", Inc',
        purposes: ['COC'],
        basis: CONSENT,
      },
      { what: '1 goal', records: ['Goal/g'] },
      { what: '2 care plans', basis: { kind: 'medical-emergency' } },
    ])
    expect(rows).toHaveLength(3)
  })

  test.each(['internal', 'patient-access', 'origin'] as const)('%s is not accounted for', (kind) => {
    expect(accountingOf(rowsOf(disclosed('2027-01-01T00:00:00Z', { bases: [{ kind }] })), range)).toEqual([])
  })

  test('two places of one consent are one line', () => {
    const both = disclosed('2027-01-01T00:00:00Z', {
      bases: [CONSENT, { ...CONSENT, path: 'provision.provision[0]' }],
      records: [0, 1].map((basis) => ({ record: `Goal/${basis}`, version: 'v', basis, patient: PATIENT })),
    })
    expect(accountingOf(rowsOf(both), range)).toMatchObject([{ what: '2 goals' }])
  })

  test('refusals, other entries and what cannot be read are passed over', () => {
    const rows = [
      ...rowsOf({ kind: 'write', at: '2027-01-01T00:00:00.000Z', patient: PATIENT }),
      { body: `{"${PATIENT}"` },
      { body: `{"kind":"disclosure","at":"2027-01-01T00:00:00Z","id":"${PATIENT}"}` },
    ]
    expect(accountingOf(rows, range)).toEqual([])
  })

  test('the list of an intermediary holds what went through one', () => {
    const rows = accountingOf(
      rowsOf(
        disclosed('2027-01-01T00:00:00Z', { bases: [{ ...CONSENT, via: partnerId('hie') }] }),
        disclosed('2027-01-02T00:00:00Z'),
      ),
      range,
    )
    expect(intermediaryListOf(rows)).toMatchObject([{ via: 'hie' }])
  })

  const rows = accountingOf(rowsOf(disclosed('2027-07-01T12:00:00Z'), disclosed('2027-08-01T12:00:00Z')), range, names)

  test('as CSV, without a formula in it', () => {
    expect(accountingCsv(rows.slice(0, 1), 'America/Chicago')).toBe(
      'When,To whom,Purpose,Basis,What,Through,Disclosure\r\n' +
        `2027-07-01 07:00,"'=Harbor ""Housing"", Inc",coordination of care,"your consent: Consent/c, 2",1 goal,,d-2027-07-01T12:00:00Z\r\n`,
    )
  })

  test('as text, in English and Spanish', () => {
    expect(accountingText(rows.slice(0, 1), 'America/Chicago')).toBe(
      'Accounting of disclosures (America/Chicago)\n\n2027-07-01 07:00  =Harbor "Housing", Inc\n  Purpose: coordination of care\n' +
        '  Basis: your consent: Consent/c, 2\n  What: 1 goal\n  Disclosure: d-2027-07-01T12:00:00Z\n',
    )
    expect(accountingText([], 'America/Chicago', 'es')).toContain('No se divulgó nada')
    expect(accountingCsv(rows, 'America/Chicago', 'es')).toContain('su consentimiento')
  })

  test('several to one recipient told as one', () => {
    expect(summarise(rows)).toMatchObject([
      { count: 2, first: { at: '2027-07-01T12:00:00.000Z' }, last: { at: '2027-08-01T12:00:00.000Z' } },
    ])
  })

  test('brief descriptions', () => {
    expect(brief(['Goal/1', 'Patient/p', 'Goal/2', 'Basic/x'])).toBe('1 Basic, 2 goals, identity and contact data')
  })
})

describe('terms', () => {
  test.each([
    ['accounting', false, '2026-03-02'],
    ['accounting', true, '2026-04-01'],
    ['intermediary-list', false, '2026-01-31'],
    ['intermediary-list', true, '2026-01-31'],
    ['access', true, '2026-03-02'],
  ] as const)('%s, put off %s', (right, isExtended, due) => {
    expect(dueOn(right, day('2026-01-01'), isExtended)).toBe(due)
  })

  test('a list of an intermediary needs a written request', () => {
    expect([needsWriting('intermediary-list'), needsWriting('access')]).toEqual([true, false])
  })

  const breach = { discoveredOn: day('2026-03-01'), individuals: 499, mostInOneState: 499, isLowProbability: false }
  test.each([
    ['few', breach, { individuals: '2026-04-30', secretary: '2027-03-01' }],
    ['500', { ...breach, individuals: 500, mostInOneState: 500 }, { individuals: '2026-04-30', secretary: '2026-04-30' }],
    [
      'more than 500 of a state',
      { ...breach, individuals: 501, mostInOneState: 501 },
      { individuals: '2026-04-30', secretary: '2026-04-30', media: '2026-04-30' },
    ],
    ['none', { ...breach, individuals: 0 }, {}],
    ['low probability of compromise', { ...breach, isLowProbability: true }, {}],
  ])('a breach of %s', (_, given, expected) => {
    expect(Object.fromEntries(dutiesOf(given).map(({ whom, by }) => [whom, by]))).toEqual(expected)
  })
})

describe('the entry for an answer', () => {
  const ask = (wanted: Ask['wanted'], more: Partial<Ask> = {}): Ask => ({
    recipient: partnerId('h'),
    purposes: ['TREAT'],
    at: when('2026-01-01T00:00:00Z'),
    wanted,
    ...more,
  })
  const row = (id: string, basis: Basis): Shown => ({
    type: 'Goal',
    id,
    patient: PATIENT,
    versionId: `v${id}`,
    updated: when('2026-01-01T00:00:00Z'),
    isDeleted: false,
    body: '{}',
    basis,
    obligations: ['NORDSCLCD'],
    mode: 'match',
  })
  const left = { id: disclosureId('d'), payload: 'abc', notice: { statement: 1, edition: '2024-04-16' } } as const

  test('names each record, version and basis once, the notice, and the hash of what left', () => {
    const search = ask({
      interaction: 'search',
      query: {
        type: 'Goal',
        parameters: [
          ['subject', 'Patient/HTEST'],
          ['_count', '1'],
          ['bad name\n', 'x'],
        ],
      },
    })
    expect(
      entryOf(search, { rows: [row('a', CONSENT), row('b', { ...CONSENT }), row('c', { kind: 'internal' })] }, left, {
        door: 'fhir',
      }),
    ).toEqual({
      kind: 'disclosure',
      at: '2026-01-01T00:00:00.000Z',
      id: 'd',
      recipient: 'h',
      purposes: ['TREAT'],
      door: 'fhir',
      interaction: 'search',
      type: 'Goal',
      parameters: ['_count', 'other', 'subject'],
      bases: [CONSENT, { kind: 'internal' }],
      records: [
        { record: 'Goal/a', version: 'va', basis: 0, patient: PATIENT },
        { record: 'Goal/b', version: 'vb', basis: 0, patient: PATIENT },
        { record: 'Goal/c', version: 'vc', basis: 1, patient: PATIENT },
      ],
      obligations: ['NORDSCLCD'],
      notice: { statement: 1, edition: '2024-04-16', languages: ['en', 'es'] },
      content: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      bytes: 3,
    })
  })

  test.each([
    [
      { interaction: 'read', type: 'Goal', id: PATIENT },
      { type: 'Goal', target: PATIENT },
    ],
    [
      { interaction: 'read', type: 'Patient', id: 'Jordan-Rivera' },
      { type: 'Patient', target: 'sha256:c4fc2706d59056b1' },
    ],
    [
      { interaction: 'everything', patient: PATIENT, parameters: [] },
      { type: 'Patient', target: PATIENT },
    ],
    [
      { interaction: 'history-type', type: 'Goal', parameters: [['_since', 'x']] },
      { type: 'Goal', parameters: ['_since'] },
    ],
    [{ interaction: 'history-system', parameters: [] }, { parameters: [] }],
  ] satisfies [Ask['wanted'], object][])('nothing shown is a refusal that names nobody: %j', (wanted, expected) => {
    const entry = entryOf(ask(wanted), { rows: [] }, left, { door: 'fhir' })
    expect(entry).toMatchObject({ kind: 'refusal', code: 'nothing-to-show', ...expected })
    expect(JSON.stringify(entry)).not.toContain('Jordan')
    expect(() => canonicalJson(entry)).not.toThrow()
  })

  test('the person behind the system is a hash', () => {
    const entry = refusalOf(
      ask({ interaction: 'history-system', parameters: [] }, { subject: { id: 'Dr. Jones', role: 'a role in words' } }),
      disclosureId('d'),
      'fhir',
      'x',
    )
    expect(entry.subject).toEqual({ hash: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown })
  })
})

test('one text for one value', () => {
  expect(canonicalJson({ b: 1, a: ['x', true, { d: undefined, c: 'é"' }] })).toBe('{"a":["x",true,{"c":"é\\""}],"b":1}')
  expect(() => canonicalJson({ a: 1.5 })).toThrow('whole')
  expect(() => canonicalJson({ a: null })).toThrow()
  expect(() => canonicalJson({ a: '\ud800' })).toThrow()
})
