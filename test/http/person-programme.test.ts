import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DOORS } from '../../src/http/openapi-doors.ts'
import { openCaseGateway, type CaseGateway } from './cases/gateway.ts'
import { FILED } from './cases/person-world.ts'

const START = '2026-03-02T06:00:00.000Z'
let gateway: CaseGateway

const ask = async (subject: string | undefined, method: string, path: string, body?: unknown) => {
  const named = subject === undefined ? {} : { subject: `Practitioner/${subject}` }
  const answer = await gateway.ask({ who: 'mission', purposes: ['TREAT'], ...named }, method, path, body)
  if (answer === undefined) throw new Error('no token')
  return answer
}

beforeAll(async () => {
  gateway = await openCaseGateway(START)
  const officer = [
    { resourceType: 'Practitioner', id: 'officer', name: [{ family: 'HTEST-Officer' }] },
    {
      resourceType: 'PractitionerRole',
      id: 'r5',
      practitioner: { reference: 'Practitioner/officer' },
      organization: { reference: 'Organization/mission' },
    },
  ]
  const entry = [...FILED, ...officer].map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType ?? ''}/${resource.id ?? ''}` },
  }))
  expect((await ask(undefined, 'POST', '/fhir', { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(200)
  const need = { id: 'need', kind: 'internal-need', person: 'Practitioner/officer', need: 'compliance' }
  expect((await ask(undefined, 'POST', '/mission/v1/legal-basis', need)).status).toBe(201)
  const crime = { kind: 'crime-report', recipient: 'st-mary-hospital', incident: 'broke a window', against: 'premises' }
  const reported = { ...crime, id: 'crime', patient: 'Patient/pt', lastKnownWhereabouts: 'bus station' }
  expect((await ask(undefined, 'POST', '/mission/v1/legal-basis', reported)).status).toBe(201)
  gateway.setClock('2026-04-01T15:00:00.000Z')
}, 120_000)
afterAll(() => gateway.close())

/** What is about nobody: the wordings of the notice to patients. */
const ABOUT_NOBODY = new Set(['/notices'])
const READS = DOORS.filter(({ method, path }) => method === 'get' && !ABOUT_NOBODY.has(path))
const OF_ONE = READS.filter(({ path, query = [] }) => path.startsWith('/patients/') || query.includes('patient')).map(
  ({ path }) => `/mission/v1${path.startsWith('/patients/') ? path.replace('{id}', 'pt') : `${path}?patient=Patient/pt`}`,
)
const OF_ALL = READS.filter(({ path }) => !path.startsWith('/patients/')).map(({ path }) => `/mission/v1${path.replace('{id}', '018f0000-0000-7000-8000-000000000001')}`) // prettier-ignore
const ABOUT_ONE = [...OF_ONE, '/audit/fhir/AuditEvent?patient=Patient/pt']
const ABOUT_ALL = [...OF_ALL, '/audit/fhir/AuditEvent', '/audit/fhir/AuditEvent/ledger-1']

const statuses = async (subject: string | undefined, paths: readonly string[]): Promise<Record<string, number>> => {
  const found: Record<string, number> = {}
  for (const path of paths) found[path] = (await ask(subject, 'GET', path)).status
  return found
}
const all = (paths: readonly string[], status: number): Record<string, number> =>
  Object.fromEntries(paths.map((path) => [path, status]))
/** Nobody has such a proof or correction. */
const whole = (paths: readonly string[]): Record<string, number> =>
  Object.fromEntries(paths.map((path) => [path, /proof$|corrections/.test(path) ? 404 : 200]))

describe("a person who is named narrows the programme's own doors (42 CFR 2.12(c)(3))", () => {
  test.each([
    ['the system by itself', undefined, whole(ABOUT_ONE), whole(ABOUT_ALL)],
    ['who has a recorded need that covers everybody', 'officer', whole(ABOUT_ONE), whole(ABOUT_ALL)],
    ['who works with the patient', 'worker', whole(ABOUT_ONE), all(ABOUT_ALL, 404)],
    ['who does not', 'colleague', all(ABOUT_ONE, 404), all(ABOUT_ALL, 404)],
    ['a person of somebody else', 'dr-b', 'turned away', 'turned away'],
    ['a person nobody knows', 'unheard-of', 'turned away', 'turned away'],
  ])('%s', async (_, subject, ofOne, ofAll) => {
    const turnedAway = (paths: readonly string[]): Record<string, number> =>
      Object.fromEntries(paths.map((path) => [path, /^\/audit|corrections/.test(path) ? 404 : 403]))
    expect(await statuses(subject, ABOUT_ONE)).toEqual(ofOne === 'turned away' ? turnedAway(ABOUT_ONE) : ofOne)
    expect(await statuses(subject, ABOUT_ALL)).toEqual(ofAll === 'turned away' ? turnedAway(ABOUT_ALL) : ofAll)
  })

  test('a patient who is not here and one who is not theirs look the same', async () => {
    const [hidden, absent] = await Promise.all(
      ['pt', 'nobody'].map((id) => ask('colleague', 'GET', `/mission/v1/patients/${id}/accounting`)),
    )
    expect([hidden?.status, hidden?.text]).toEqual([absent?.status, absent?.text])
  })

  test('reports, plans and records: nothing is made for who has no need or no role', async () => {
    const report = (subject: string): Promise<number> =>
      ask(subject, 'POST', '/mission/v1/legal-basis/crime/report', {}).then(({ status }) => status)
    expect([await report('colleague'), await report('worker'), await report('officer')]).toEqual([404, 404, 200])
    const body = {
      resourceType: 'Parameters',
      parameter: [
        { name: 'subject', valueReference: { reference: 'Patient/pt' } },
        { name: 'start', valueDate: '2026-04-01' },
      ],
    }
    expect((await ask('colleague', 'POST', '/fhir/PlanDefinition/mission-6-month/$apply', body)).status).toBe(404)
    expect((await ask('unheard-of', 'POST', '/mission/v1/client', {})).status).toBe(403)
    expect((await ask('worker', 'POST', '/mission/v1/client', {})).status).toBe(422)
  })

  test('the ledger names the person by a hash, also where the look was refused', async () => {
    const { text } = await ask(undefined, 'GET', '/audit/fhir/AuditEvent?subtype=staff&_count=200')
    expect(text).not.toMatch(/colleague|worker/)
    const events = (
      JSON.parse(text) as { entry: readonly { resource: { subtype: readonly { code: string }[]; agent: readonly object[] } }[] }
    ).entry
    const refused = events.filter(({ resource }) => resource.subtype.some(({ code }) => code === 'staff.refused'))
    expect(refused.length).toBeGreaterThanOrEqual(ABOUT_ALL.length + ABOUT_ONE.length)
    for (const { resource } of refused) expect(JSON.stringify(resource.agent)).toMatch(/"[0-9a-f]{64}"/)
  })
})

describe('what would this person see?', () => {
  const seen = async (
    partner: string,
    person?: string,
  ): Promise<{ readonly shown: number; readonly reasons: readonly string[] }> => {
    const asked = person === undefined ? '' : `&person=Practitioner/${person}`
    const { status, text } = await ask(
      undefined,
      'GET',
      `/fhir/Patient/pt/$consent-explain?partner=${partner}&purpose=TREAT${asked}`,
    )
    expect(status).toBe(200)
    return {
      shown: text.split('"name":"shown","valueBoolean":true').length - 1,
      reasons: [...new Set(text.match(/subject-not-at-recipient|no-need-to-know/g) ?? [])],
    }
  }
  test.each([
    ['bayou-bh', 'dr-b', true, []],
    ['bayou-bh', 'dr-gone', false, ['subject-not-at-recipient']],
    ['bayou-bh', 'worker', false, ['subject-not-at-recipient']],
    ['bayou-bh', 'unheard-of', false, ['subject-not-at-recipient']],
    ['mission', 'worker', true, []],
    ['mission', 'officer', true, []],
    ['mission', 'colleague', false, ['no-need-to-know']],
  ])('%s as %s: %s', async (partner, person, sees, reasons) => {
    const system = await seen(partner)
    expect(system.shown).toBeGreaterThan(0)
    expect(await seen(partner, person)).toEqual({ shown: sees ? system.shown : 0, reasons })
  })
  test('a person is a reference to a Practitioner', async () => {
    const path = '/fhir/Patient/pt/$consent-explain?partner=bayou-bh&person=Dr%20B'
    expect((await ask(undefined, 'GET', path)).status).toBe(400)
  })
})
