import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
import { readConfig } from '../../src/app/config.ts'
import { openHouse } from '../../src/app/gateway.ts'
import { disablePartner, enablePartner, registerPartner } from '../../src/flow/partners.ts'
import { silentLog } from '../../src/platform/log.ts'
import { openStreet, settingsFor, type Street } from './street.ts'

let street: Street
let patient = ''
let plan = ''
let consent = ''
let beforeConsent = ''

beforeAll(async () => {
  street = await openStreet()
  for (const [record, name] of [
    ['staff', 'staff-case-manager'],
    ['staff', 'staff-peer-support-specialist'],
    ['client', 'client'],
    ['enrolment', 'enrolment'],
    ['treatment-plan', 'treatment-plan'],
    ['progress-note', 'progress-note'],
    ['housing-interview', 'housing-interview'],
    ['consent', 'consent-housing'],
  ] as const) {
    const made = await street.post(record, name)
    patient = made.find((reference) => reference.startsWith('Patient/'))?.slice(8) ?? patient
    plan = made.find((reference) => reference.startsWith('CarePlan/')) ?? plan
  }
  beforeConsent = new Date().toISOString()
  await new Promise((resolve) => setTimeout(resolve, 20))
  const made = await street.post('consent', 'consent-hospital')
  consent = made.find((reference) => reference.startsWith('Consent/')) ?? ''
}, 120_000)
afterAll(() => street.close())

const explain = async (query: Readonly<Record<string, string>>): Promise<readonly ParametersParameter[]> => {
  const answer = await street.ask('mission', `/Patient/${patient}/$consent-explain?${new URLSearchParams(query).toString()}`)
  expect([answer.status, answer.body.slice(0, 500)]).toEqual([200, expect.stringContaining('"Parameters"')])
  return (JSON.parse(answer.body) as Parameters).parameter ?? []
}

const part = (of: ParametersParameter | undefined, name: string): ParametersParameter | undefined =>
  of?.part?.find((one) => one.name === name)

const planFor = async (query: Readonly<Record<string, string>>): Promise<ParametersParameter | undefined> =>
  (await explain({ record: plan, ...query })).find(({ name }) => name === 'record')

const HOSPITAL = { partner: 'st-mary-hospital', purpose: 'TREAT' }

test('a permitted record names its label, consent, version, provision and section', async () => {
  const record = await planFor(HOSPITAL)
  expect(part(record, 'effect')?.valueCode).toBe('permit')
  expect(part(record, 'shown')?.valueBoolean).toBe(true)
  expect(part(record, 'policy')?.valueCode).toBe('42CFRPart2')
  const basis = part(record, 'basis')
  expect(part(basis, 'kind')?.valueCode).toBe('consent')
  expect(part(basis, 'reference')?.valueString).toBe(consent)
  expect(part(basis, 'version')?.valueString).toBe('1')
  expect(part(basis, 'provision')?.valueString).toMatch(/^provision/)
  expect(part(part(record, 'reason'), 'section')?.valueString).toMatch(/42 CFR 2\.3/)
})

test('a refused record says the nearest reason and its section', async () => {
  const record = await planFor({ partner: 'montrose-hiv', purpose: 'TREAT' })
  expect([part(record, 'effect')?.valueCode, part(record, 'shown')?.valueBoolean]).toEqual(['deny', false])
  expect(part(record, 'basis')).toBeUndefined()
  expect(part(part(record, 'reason'), 'rule')?.valueCode).toBeDefined()
  expect(part(part(record, 'reason'), 'section')?.valueString).toMatch(/CFR/)
})

test('what it would be after a revocation, while nothing is revoked', async () => {
  expect(part(await planFor({ ...HOSPITAL, 'after-revoking': consent }), 'effect')?.valueCode).toBe('deny')
  expect(part(await planFor(HOSPITAL), 'effect')?.valueCode).toBe('permit')
  expect((await street.ask('st-mary-hospital', `/${plan}`)).status).toBe(200)
})

test('what it was at a past moment: before the consent came, refused; before the record came, not there', async () => {
  expect(part(await planFor({ ...HOSPITAL, at: beforeConsent }), 'effect')?.valueCode).toBe('deny')
  const consents = (await explain({ ...HOSPITAL, at: beforeConsent })).filter(({ name }) => name === 'consent')
  expect(consents.map((one) => part(one, 'reference')?.valueReference?.reference)).not.toContain(consent)
  expect(await planFor({ ...HOSPITAL, at: '2020-01-01T00:00:00Z' })).toBeUndefined()
})

test('of a past moment the partner register of then counts: a partner disabled since, one that was not registered yet', async () => {
  const enabled = new Date().toISOString()
  const config = readConfig({ ...settingsFor(street.folder), DATABASE_URL: street.url })
  if (!config.ok) throw new Error(config.error.join('; '))
  const operator = await openHouse(config.value, silentLog)
  await disablePartner(operator.house, 'st-mary-hospital', 'operator')
  expect((await street.ask('st-mary-hospital', `/${plan}`)).status).toBe(401)
  expect(part(await planFor(HOSPITAL), 'shown')?.valueBoolean).toBe(false)
  expect(part(await planFor({ ...HOSPITAL, at: enabled }), 'shown')?.valueBoolean).toBe(true)
  await enablePartner(operator.house, 'st-mary-hospital', 'operator')
  expect((await street.ask('st-mary-hospital', `/${plan}`)).status).toBe(200)
  const qso = { id: 'late-billing', name: 'Late Billing', kind: 'qso', purposes: ['HPAYMT'], scopes: ['system/*.rs'] }
  await registerPartner(operator.house, { ...qso, jwks: { keys: [street.keys.publicJwk] } }, 'operator')
  await operator.close()
  const before = await planFor({ partner: 'late-billing', purpose: 'HPAYMT', at: enabled })
  expect([part(before, 'effect')?.valueCode, part(part(before, 'reason'), 'rule')?.valueCode]).toEqual([
    'deny',
    'recipient-unknown',
  ])
  expect(part(part(await planFor({ partner: 'late-billing', purpose: 'HPAYMT' }), 'reason'), 'rule')?.valueCode).not.toBe(
    'recipient-unknown',
  )
}, 60_000)

test.each(['st-mary-hospital', 'harbor-housing', 'bayou-bh', 'montrose-hiv'] as const)(
  '%s is shown exactly the records of which the page says so',
  async (partner) => {
    const purpose = partner === 'harbor-housing' ? 'COC' : 'TREAT'
    const records = (await explain({ partner, purpose })).filter(({ name }) => name === 'record')
    expect(records.length).toBeGreaterThan(8)
    const said = new Map(
      records.map((one) => [part(one, 'reference')?.valueReference?.reference ?? '', part(one, 'shown')?.valueBoolean]),
    )
    const served = new Map<string, boolean>()
    for (const reference of said.keys()) served.set(reference, (await street.ask(partner, `/${reference}`)).status === 200)
    expect(served).toEqual(said)
  },
  60_000,
)

test('the look is on the ledger, with whose page it was', async () => {
  await explain(HOSPITAL)
  const [row] = await street.db.query<{ body: string }>('select body from ledger order by seq desc limit 1', [])
  expect(JSON.parse(row?.body ?? '')).toMatchObject({ kind: 'staff', staff: 'mission', action: 'look', patient })
})

describe('who may not, and what is asked wrongly', () => {
  const absent = '00000000-0000-4000-8000-000000000000'
  test('a partner gets byte for byte what it gets for a patient who is not there, whatever it asks', async () => {
    const answers = await Promise.all(
      [
        `/Patient/${patient}/$consent-explain?partner=st-mary-hospital`,
        `/Patient/${patient}/$consent-explain`,
        `/Patient/${absent}/$consent-explain?partner=st-mary-hospital`,
        `/Patient/${absent}`,
      ].map((path) => street.ask('st-mary-hospital', path)),
    )
    for (const { status, body } of answers) expect([status, body]).toEqual([404, answers[3]?.body])
  })
  test.each(['', '?partner=nobody', '?partner=mission&at=yesterday', '?partner=mission&wish=1', '?partner=mission&partner=x'])(
    'the programme is told: %s',
    async (query) => {
      expect((await street.ask('mission', `/Patient/${patient}/$consent-explain${query}`)).status).toBe(400)
    },
  )
  test('a patient who is not there', async () => {
    expect((await street.ask('mission', `/Patient/${absent}/$consent-explain?partner=mission`)).status).toBe(404)
  })
})
