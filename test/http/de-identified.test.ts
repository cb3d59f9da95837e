import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openCaseGateway, type Answer, type CaseGateway } from './cases/gateway.ts'

const START = '2026-03-02T06:00:00.000Z'
const SNOMED = 'http://snomed.info/sct'
const NAMES = ['HTEST-Rivera', 'HTEST-Okafor', 'HTEST-Nguyen'] as const

let gateway: CaseGateway

const ask = async (
  who: string,
  path: string,
  {
    purpose = 'PUBHLTH',
    subject,
    method = 'GET',
    body,
  }: { purpose?: string; subject?: string; method?: string; body?: unknown } = {},
): Promise<Answer> => {
  const answer = await gateway.ask(
    { who, purposes: [purpose], ...(subject === undefined ? {} : { subject }) },
    method,
    path,
    body,
  )
  if (answer === undefined) throw new Error('no token')
  return answer
}
const mission = (method: string, path: string, body?: unknown): Promise<Answer> =>
  ask('mission', path, { purpose: 'TREAT', method, body })

const personOf = (nth: number, name: string): readonly { readonly resourceType: string; readonly id: string }[] => {
  const id = `ph-${String(nth)}`
  const subject = { reference: `Patient/${id}`, display: `Jordan ${name}` }
  return [
    {
      resourceType: 'Patient',
      id,
      identifier: [{ system: 'urn:htest:mrn', value: `MRN-${name}` }],
      name: [{ family: name, given: ['Jordan'] }],
      telecom: [{ system: 'phone', value: '(713) 555-0142' }],
      gender: 'female',
      birthDate: nth === 2 ? '1930-05-06' : `198${String(nth)}-07-12`,
      address: [{ line: [`${name} St`], city: 'Houston', state: 'TX', postalCode: '77002' }],
    },
    {
      resourceType: 'Condition',
      id: `${id}-c`,
      clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
      code: {
        coding: [{ system: SNOMED, code: '75544000', display: `opioid dependence of ${name}` }],
        text: `what ${name} said`,
      },
      subject,
      onsetDateTime: '2024-11-05',
      recordedDate: '2026-02-03',
      note: [{ text: `called ${name} at (713) 555-0142` }],
    },
    {
      resourceType: 'Encounter',
      id: `${id}-e`,
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject,
      period: { start: '2025-03-04T10:00:00-06:00', end: '2025-03-04T11:00:00-06:00' },
      location: [{ location: { display: `${name} St, Houston` } }],
    },
  ] as never
}

const put = async (resources: readonly { readonly resourceType: string; readonly id: string }[]): Promise<void> => {
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }))
  const filed = await mission('POST', '/fhir', { resourceType: 'Bundle', type: 'transaction', entry })
  expect([filed.status, filed.text.slice(0, 300)]).toEqual([200, expect.stringContaining('transaction-response')])
}

interface Told {
  readonly resourceType: string
  readonly entry?: readonly { readonly resource: Readonly<Record<string, unknown>> & { readonly resourceType: string } }[]
}
const told = ({ text }: Answer): readonly string[] =>
  ((JSON.parse(text) as Told).entry ?? []).map(({ resource }) => resource.resourceType)
const countOf = async (path = '/fhir/$de-identified', who = 'county-health'): Promise<number> => told(await ask(who, path)).length
const entriesAbout = async (): Promise<readonly Record<string, unknown>[]> => {
  const { text } = await mission('GET', '/audit/fhir/AuditEvent?subtype=disclosure,refusal&agent=county-health&_count=1')
  return (JSON.parse(text) as { entry: { resource: Record<string, unknown> }[] }).entry.map(({ resource }) => resource)
}

const BASIS = { id: 'ph', kind: 'public-health', recipient: 'county-health', stateLaw: 'Tex. Health & Safety Code 81.041' }

beforeAll(async () => {
  gateway = await openCaseGateway(START)
  for (const [nth, name] of NAMES.entries()) await put(personOf(nth, name))
  await put([
    { resourceType: 'Practitioner', id: 'epi', name: [{ family: 'HTEST-Epi' }] },
    { resourceType: 'PractitionerRole', id: 'epi-r', practitioner: { reference: 'Practitioner/epi' }, organization: { reference: 'Organization/county-health' } },
  ] as never) // prettier-ignore
  gateway.setClock('2026-03-03T06:00:00.000Z')
}, 120_000)
afterAll(() => gateway.close())

const EMPTY = '/fhir/$de-identified'
let empty = ''

describe('public health gets de-identified records and nothing else (42 CFR 2.54)', () => {
  test('without a basis there is nothing, in the same bytes for everybody', async () => {
    const answers = await Promise.all(['county-health', 'st-mary-hospital', 'mission'].map((who) => ask(who, EMPTY)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    const [first, ...more] = answers.map(({ text }) => text)
    empty = first ?? ''
    expect(more).toEqual([empty, empty])
    expect(JSON.parse(empty)).toMatchObject({ resourceType: 'Bundle', type: 'collection' })
    expect((await entriesAbout())[0]).toMatchObject({ outcome: '4' })
  })

  test('with one, every record without a sign of whose it is', async () => {
    expect((await mission('POST', '/mission/v1/legal-basis', BASIS)).status).toBe(201)
    const answer = await ask('county-health', EMPTY)
    expect(told(answer).toSorted()).toEqual(['Condition', 'Encounter', 'Patient'].flatMap((type) => NAMES.map(() => type)))
    expect(answer.text).not.toMatch(/HTEST|Jordan|Houston|77002|555|MRN|ph-\d|1930|\d{4}-\d\d|"id"|"reference"|"display"|"text"/)
    expect(answer.text).toContain('"birthDate":"1981"')
    const { entry = [] } = JSON.parse(answer.text) as Told
    expect(entry.find(({ resource }) => resource.resourceType === 'Condition')?.resource).toEqual({
      resourceType: 'Condition',
      meta: { security: expect.arrayContaining([expect.objectContaining({ code: 'ANONYED' })]) },
      clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
      code: { coding: [{ system: SNOMED, code: '75544000' }] },
      onsetDateTime: '2024',
      recordedDate: '2026',
      subject: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] },
    })
  })

  test('the ledger holds the basis and how many, and names no patient and no record', async () => {
    const [event] = await entriesAbout()
    expect(event).toMatchObject({ outcome: '0', purposeOfEvent: [{ coding: [{ code: 'PUBHLTH' }] }] })
    expect(JSON.stringify(event)).not.toMatch(/ph-\d|HTEST/)
    expect(JSON.stringify(event)).toContain('"name":"de-identified"')
    expect(JSON.stringify(event)).toMatch(/Condition.{1,40}"3"/)
    const { text } = await mission('GET', '/mission/v1/patients/ph-0/accounting')
    expect(JSON.parse(text)).toMatchObject({ disclosures: [] })
  })

  test.each([
    ['Patient/ph-0', 404],
    ['Condition/ph-0-c', 404],
    ['Condition', 200],
    ['Patient?name=HTEST-Rivera', 200],
    ['Patient/ph-0/$everything', 200],
  ])('by every other way in there is nothing: %s', async (path, status) => {
    const answer = await ask('county-health', `/fhir/${path}`)
    expect([answer.status, answer.text.includes('ph-0-c') || answer.text.includes('HTEST')]).toEqual([status, false])
  })

  test.each([
    ['another purpose', 'county-health', { purpose: 'TREAT' }],
    ['a partner that is no public health authority', 'st-mary-hospital', {}],
    ['a person without a role at the authority', 'county-health', { subject: 'Practitioner/unheard-of' }],
    ['the programme itself', 'mission', {}],
  ])('%s: nothing', async (_, who, asking) => {
    expect((await ask(who, EMPTY, asking)).text).toBe(empty)
  })
  test('a person with a role there: as the authority itself', async () => {
    expect(told(await ask('county-health', EMPTY, { subject: 'Practitioner/epi' }))).toHaveLength(9)
  })

  test.each([
    ['?_type=Condition', 3],
    ['?_type=Condition,Patient', 6],
    ['?since=2026', 3],
    ['?since=2025&_type=Encounter', 3],
    ['?since=2027', 0],
  ])('narrowed by %s: %i', async (query, count) => {
    expect(await countOf(`${EMPTY}${query}`)).toBe(count)
  })
  test.each([
    '?_type=DocumentReference',
    '?since=2025-03',
    '?_type=Patient&_type=Condition',
    '?patient=ph-0',
    '?_id=ph-0',
    '?_elements=id',
  ])('%s is refused', async (query) => {
    expect((await ask('county-health', `${EMPTY}${query}`)).status).toBe(400)
  })
})

describe('two answers do not date what came between them (45 CFR 164.514(b)(2)(i)(C))', () => {
  test('what is filed later is not told before a year is over, and what is taken away is gone at once', async () => {
    gateway.setClock('2026-05-03T06:00:00.000Z')
    await put(personOf(4, 'HTEST-Later'))
    const renewed = personOf(0, 'HTEST-Rivera').map((one) =>
      one.resourceType === 'Condition' ? { ...one, onsetDateTime: '2021-01-01' } : one,
    )
    await put(renewed)
    expect(await countOf()).toBe(9)
    expect((await ask('county-health', EMPTY)).text).not.toContain('"2021"')
    expect((await mission('DELETE', '/fhir/Encounter/ph-1-e')).status).toBeLessThan(300)
    expect(await countOf()).toBe(8)
    gateway.setClock('2027-03-03T06:00:00.000Z')
    expect(await countOf()).toBe(8)
    gateway.setClock('2027-03-05T06:00:00.000Z')
    const later = await ask('county-health', EMPTY)
    expect([told(later).length, later.text.includes('"2021"')]).toEqual([11, true])
  })
  test('a basis for labels or types gives those only, and one that ended gives nothing', async () => {
    const narrowed = await mission('POST', '/mission/v1/legal-basis', { ...BASIS, scope: { types: ['Condition'] } })
    expect(narrowed.status).toBe(200)
    expect(new Set(told(await ask('county-health', EMPTY)))).toEqual(new Set(['Condition']))
    expect((await mission('POST', '/mission/v1/legal-basis/ph/end', {})).status).toBe(200)
    expect((await ask('county-health', EMPTY)).text).toBe(empty)
  })
})
