import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Bundle, Observation, OperationOutcome, Patient } from '@medplum/fhirtypes'
import { openStreet, type Street } from './street.ts'

/** The REST API of R4 as the programme meets it, over real HTTP; one gateway, one client, some records. */
let street: Street
let patient = ''
const base = (): string => street.gateway.fhirBase

const JSON_BODY = { 'content-type': 'application/fhir+json' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
type Headers = Record<string, string>
const get = (path: string, headers: Headers = {}): ReturnType<Street['ask']> => street.ask('mission', path, { headers })
const send = (method: string, path: string, body: unknown, headers: Headers = {}): ReturnType<Street['ask']> =>
  street.ask('mission', path, { method, body: JSON.stringify(body), headers: { ...JSON_BODY, ...headers } })
const found = async (path: string): Promise<readonly string[]> => {
  const answer = await get(path)
  if (answer.status !== 200) throw new Error(`${path}: ${String(answer.status)} ${answer.body}`)
  return ((JSON.parse(answer.body) as Bundle).entry ?? []).map(({ resource }) => String(resource?.id))
}
const code = (system: string, value: string): object => ({ coding: [{ system, code: value }] })
const CLINICAL = 'http://terminology.hl7.org/CodeSystem/condition-clinical'
const OBSERVATION_CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category'

const RECORDS = [
  { resourceType: 'Condition', id: 'c1', clinicalStatus: code(CLINICAL, 'active'), code: { ...code('urn:codes', 'one'), text: 'Tooth ache' }, onsetDateTime: '2026-01-05' },
  { resourceType: 'Condition', id: 'c2', clinicalStatus: code(CLINICAL, 'relapse'), code: code('urn:codes', 'two'), onsetDateTime: '2026-02-05' },
  { resourceType: 'Condition', id: 'c3', clinicalStatus: code(CLINICAL, 'resolved'), code: code('urn:codes', 'three') },
  { resourceType: 'Observation', id: 'o1', status: 'final', category: [code(OBSERVATION_CATEGORY, 'vital-signs')], code: code('urn:codes', 'weight'), effectiveDateTime: '2026-01-05T10:00:00Z', valueQuantity: { value: 81.5, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' } },
  { resourceType: 'Observation', id: 'o2', status: 'preliminary', code: code('urn:codes', 'mood'), valueString: 'well', component: [{ code: code('urn:codes', 'sleep'), valueQuantity: { value: 7, unit: 'h' } }] },
] // prettier-ignore

beforeAll(async () => {
  street = await openStreet()
  patient = (await street.post('client', 'client')).find((reference) => reference.startsWith('Patient/')) ?? ''
  const entry = RECORDS.map((resource) => ({
    resource: { ...resource, subject: { reference: patient } },
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }))
  const stored = await send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })
  if (stored.status !== 200) throw new Error(stored.body)
}, 120_000)
afterAll(() => street.close())

describe('what is asked for of a record', () => {
  const shown = async (path: string): Promise<Record<string, unknown>> =>
    JSON.parse((await get(path)).body) as Record<string, unknown>
  const TAG = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }

  test.each<[string, readonly string[], readonly string[]]>([
    ['_elements=component', ['component', 'status', 'code'], ['valueString', 'subject']],
    ['_elements=value', ['valueString', 'status', 'code'], ['component', 'subject']],
    ['_elements=Observation.subject,Patient.name', ['subject', 'status', 'code'], ['component', 'valueString']],
    ['_summary=true', ['status', 'code', 'subject', 'valueString', 'component'], ['text']],
    ['_summary=text', ['status', 'code'], ['valueString', 'component', 'subject']],
    ['_summary=data', ['status', 'code', 'subject', 'valueString', 'component'], ['text']],
  ])('%s, read and searched alike', async (query, present, absent) => {
    const read = await shown(`/Observation/o2?${query}`)
    const page = (await shown(`/Observation?_id=o2&${query}`)) as unknown as Bundle
    for (const one of [read, page.entry?.[0]?.resource as unknown as Record<string, unknown>]) {
      expect(Object.keys(one)).toEqual(expect.arrayContaining(['resourceType', 'id', 'meta', ...present]))
      for (const name of absent) expect(one).not.toHaveProperty(name)
      expect(one).toMatchObject({ meta: { tag: expect.arrayContaining([TAG]), versionId: expect.any(String) } })
    }
  })
  test('_summary=false and no word about it give the whole record, untagged', async () => {
    const [whole, said] = [await get('/Observation/o2'), await get('/Observation/o2?_summary=false')]
    const withoutId = (body: string): string => body.replace(/disclosure-id","valueString":"[^"]*"/, '')
    expect(withoutId(said.body)).toBe(withoutId(whole.body))
    expect(whole.body).not.toContain('SUBSETTED')
  })
  test('_summary=count and _count=0 give the number alone', async () => {
    for (const query of ['_summary=count', '_count=0']) {
      expect(await shown(`/Condition?patient=${patient}&${query}`)).not.toHaveProperty('entry')
      expect(await shown(`/Condition?patient=${patient}&${query}`)).toMatchObject({ total: 3 })
    }
  })
  test.each([
    '/Observation?_summary=some',
    '/Observation/o1?_summary=count',
    '/Observation?_summary=text&_include=Observation:patient',
  ])('%s is refused', async (path) => {
    expect((await get(path)).status).toBe(400)
  })
  test('pages of a shaped search stay shaped', async () => {
    const first = (await shown(`/Condition?patient=${patient}&_count=2&_elements=code&_total=accurate`)) as unknown as Bundle
    expect(first.total).toBe(3)
    const next = first.link?.find(({ relation }) => relation === 'next')?.url ?? ''
    const second = (await shown(next.slice(base().length))) as unknown as Bundle
    expect(second.entry).toHaveLength(1)
    expect(second.entry?.[0]?.resource).not.toHaveProperty('onsetDateTime')
  })
})

describe('a reader that has the version already', () => {
  test.each<[string, (etag: string, date: string) => Headers, number]>([
    ['the tag', (etag) => ({ 'if-none-match': etag }), 304],
    ['the tag in a list', (etag) => ({ 'if-none-match': `W/"x", ${etag}` }), 304],
    ['the strong form', (etag) => ({ 'if-none-match': etag.slice(2) }), 304],
    ['any tag', () => ({ 'if-none-match': '*' }), 304],
    ['another tag', () => ({ 'if-none-match': 'W/"x"' }), 200],
    ['the time', (_, date) => ({ 'if-modified-since': date }), 304],
    ['an earlier time', () => ({ 'if-modified-since': 'Thu, 01 Jan 2015 00:00:00 GMT' }), 200],
    ['no time', () => ({ 'if-modified-since': 'yesterday' }), 200],
    ['another tag and the time: the tag counts', (_, date) => ({ 'if-none-match': 'W/"x"', 'if-modified-since': date }), 200],
  ])('%s', async (_, headersOf, status) => {
    const { headers } = await get('/Condition/c1')
    const answer = await get('/Condition/c1', headersOf(headers['etag'] ?? '', headers['last-modified'] ?? ''))
    expect(answer.status).toBe(status)
    expect(answer.body === '').toBe(status === 304)
    const none = await get('/Condition/nobody', headersOf(headers['etag'] ?? '', headers['last-modified'] ?? ''))
    expect(none.status).toBe(404)
  })
  test('HEAD says what GET says, without the body', async () => {
    for (const path of ['/Condition/c1', '/Condition?_id=c1', '/Condition/nobody', '/Condition/c1/_history']) {
      const [whole, head] = [await get(path), await street.ask('mission', path, { method: 'HEAD' })]
      expect(head.status).toBe(whole.status)
      expect(head.body).toBe('')
      expect(head.headers['content-length']).toBe(whole.headers['content-length'])
      expect(head.headers['etag']).toBe(whole.headers['etag'])
    }
  })
})

describe('where a search may be asked', () => {
  const ids = (body: string): readonly string[] =>
    ((JSON.parse(body) as Bundle).entry ?? []).map((one) => String(one.resource?.id))
  test('over all types, by GET and POST', async () => {
    expect(await found(`/?_type=Condition,Observation&_id=c1,o1`)).toEqual(['c1', 'o1'])
    const posted = await street.ask('mission', '/_search', { method: 'POST', body: '_id=c1,o1', headers: FORM })
    expect(ids(posted.body)).toEqual(['c1', 'o1'])
    expect((await get('/?_type=Nonsense')).status).toBe(400)
  })
  test('within a patient, by GET and POST, and paged', async () => {
    expect(await found(`/${patient}/Condition`)).toEqual(['c1', 'c2', 'c3'])
    expect(await found(`/${patient}/Condition?clinical-status=resolved`)).toEqual(['c3'])
    expect(await found('/Patient/nobody/Condition')).toEqual([])
    const posted = await street.ask('mission', `/${patient}/Observation/_search`, {
      method: 'POST',
      body: 'status=preliminary',
      headers: FORM,
    })
    expect(ids(posted.body)).toEqual(['o2'])
    const first = JSON.parse((await get(`/${patient}/Condition?_count=2`)).body) as Bundle
    const next = first.link?.find(({ relation }) => relation === 'next')?.url ?? ''
    expect(await found(next.slice(base().length))).toEqual(['c3'])
    for (const path of [`/${patient}/Nonsense`, '/Condition/c1/Observation', `/${patient}/Questionnaire/x`])
      expect((await get(path)).status).toBe(404)
  })
})

describe('modifiers of tokens', () => {
  const ANY = 'http://hl7.org/fhir/ValueSet/condition-clinical'
  test.each<[string, readonly string[]]>([
    [`clinical-status:in=${ANY}`, ['c1', 'c2', 'c3']],
    [`clinical-status:not-in=${ANY}`, []],
    [`clinical-status:below=${CLINICAL}|active`, ['c1', 'c2']],
    [`clinical-status:above=${CLINICAL}|relapse`, ['c1', 'c2']],
    [`clinical-status:below=${CLINICAL}|inactive`, ['c3']],
    ['clinical-status:not=active', ['c2', 'c3']],
    ['code:text=tooth', ['c1']],
    ['onset-date:missing=true', ['c3']],
    ['_id:not=c1,c2', ['c3']],
  ])('Condition?%s', async (query, expected) => {
    expect(await found(`/Condition?patient=${patient}&${query}`)).toEqual(expected)
  })
  test.each([
    'clinical-status:in=http://nobody/ValueSet/x',
    `clinical-status:below=active`,
    'code:below=urn:codes|one',
    'clinical-status:nonsense=x',
  ])('%s is refused, not guessed', async (query) => {
    const answer = await get(`/Condition?${query}`)
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.body)).toMatchObject({ resourceType: 'OperationOutcome' })
  })
  test('a plain code is a member by its code', async () => {
    expect(await found('/Observation?status:in=http://hl7.org/fhir/ValueSet/observation-status&_id=o1,o2')).toEqual(['o1', 'o2'])
  })
})

describe('what comes back of a change', () => {
  const one = (text: string): object => ({
    resourceType: 'Observation',
    status: 'final',
    code: { text },
    subject: { reference: patient },
  })
  test.each<[string, (body: string) => unknown]>([
    ['minimal', (body) => body],
    ['OperationOutcome', (body) => (JSON.parse(body) as OperationOutcome).resourceType],
    ['representation', (body) => (JSON.parse(body) as Observation).resourceType],
  ])('Prefer: return=%s', async (wish, look) => {
    const created = await send('POST', '/Observation', one(wish), { prefer: `return=${wish}` })
    expect(created.status).toBe(201)
    expect(look(created.body)).toBe({ minimal: '', OperationOutcome: 'OperationOutcome', representation: 'Observation' }[wish])
    const version = /^W\/"(.+)"$/.exec(created.headers['etag'] ?? '')?.[1] ?? 'none'
    expect(created.headers['location']).toMatch(new RegExp(`^${base()}/Observation/[^/]+/_history/${version}$`))
    const place = created.headers['location']?.slice(base().length) ?? ''
    expect((await get(place)).status).toBe(200)
  })
  test('a tag that is none of ours matches nothing', async () => {
    for (const tag of ['x', '"x"', 'W/x', '*x'])
      expect(
        (await send('PUT', '/Condition/c1', { ...RECORDS[0], subject: { reference: patient } }, { 'if-match': tag })).status,
      ).toBe(412)
  })
  test('a conditional update obeys If-Match too', async () => {
    const body = { ...RECORDS[2], subject: { reference: patient }, note: [{ text: 'seen' }] }
    const { headers } = await get('/Condition/c3')
    expect((await send('PUT', '/Condition?_id=c3', body, { 'if-match': 'W/"x"' })).status).toBe(412)
    expect((await send('PUT', '/Condition?_id=c3', body, { 'if-match': headers['etag'] ?? '' })).status).toBe(200)
  })
})

describe('bundles', () => {
  const uuid = (nth: number): string => `urn:uuid:0b5c3a2e-0000-4000-8000-${String(nth).padStart(12, '0')}`
  const bundle = (type: string, entry: readonly object[]): object => ({ resourceType: 'Bundle', type, entry })
  const observed = (more: object): object => ({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    subject: { reference: patient },
    ...more,
  })

  test('the answers of a transaction stand where their entries stood, reads among them', async () => {
    const answer = await send('POST', '', bundle('transaction', [
      { request: { method: 'GET', url: `Observation?identifier=urn:t|new` } },
      { resource: observed({ identifier: [{ system: 'urn:t', value: 'new' }] }), request: { method: 'POST', url: 'Observation', ifNoneExist: 'identifier=urn:t|new' } },
      { resource: { ...RECORDS[0], subject: { reference: patient } }, request: { method: 'PUT', url: 'Condition/c1' } },
      { resource: observed({ identifier: [{ system: 'urn:t', value: 'new' }] }), request: { method: 'POST', url: 'Observation', ifNoneExist: 'identifier=urn:t|new' } },
      { request: { method: 'GET', url: 'Condition/nobody' } },
    ])) // prettier-ignore
    expect(answer.status).toBe(200)
    const entry = (JSON.parse(answer.body) as Bundle).entry ?? []
    expect(entry.map(({ response }) => response?.status)).toEqual(['200', '201', '200', '200', '404'])
    expect((entry[0]?.resource as Bundle).entry).toHaveLength(1)
    expect(entry[1]?.response?.location).toBe(entry[3]?.response?.location)
    expect(entry[1]?.response?.etag).toMatch(/^W\/"[0-9a-f]+"$/)
    expect(entry[2]?.response?.location).toMatch(/\/Condition\/c1\/_history\//)
  })
  test('references by search and by former address lead to the one record, or the transaction fails whole', async () => {
    const client = JSON.parse((await get(`/${patient}`)).body) as Patient
    const [identifier] = client.identifier ?? []
    const by = `Patient?identifier=${identifier?.system ?? ''}|${identifier?.value ?? ''}`
    const entry = [
      { fullUrl: 'http://elsewhere/fhir/Encounter/e9', resource: { resourceType: 'Encounter', id: 'e9', status: 'finished', class: { code: 'AMB' }, subject: { reference: by } }, request: { method: 'POST', url: 'Encounter' } },
      { resource: observed({ subject: { reference: by }, encounter: { reference: 'Encounter/e9' }, identifier: [{ system: 'urn:t', value: 'by-search' }] }), request: { method: 'POST', url: 'Observation' } },
    ] // prettier-ignore
    const answer = await send('POST', '', bundle('transaction', entry))
    expect([answer.status, answer.body.slice(0, 300)]).toEqual([200, expect.any(String)])
    const [encounter] = (JSON.parse(answer.body) as Bundle).entry ?? []
    const place = encounter?.response?.location?.slice(base().length + 1).replace(/\/_history.*/, '')
    const stored = JSON.parse((await get('/Observation?identifier=urn:t|by-search')).body) as Bundle<Observation>
    expect(stored.entry?.[0]?.resource).toMatchObject({ subject: { reference: patient }, encounter: { reference: place } })
    const failed = await send('POST', '', bundle('transaction', [
      { resource: observed({ identifier: [{ system: 'urn:t', value: 'never' }] }), request: { method: 'POST', url: 'Observation' } },
      { resource: observed({ subject: { reference: 'Patient?identifier=urn:nobody|1' } }), request: { method: 'POST', url: 'Observation' } },
    ])) // prettier-ignore
    expect(failed.status).toBe(412)
    expect(await found('/Observation?identifier=urn:t|never')).toEqual([])
  })
  test('two entries that change one record are refused', async () => {
    const put = { resource: { ...RECORDS[1], subject: { reference: patient } }, request: { method: 'PUT', url: 'Condition/c2' } }
    const answer = await send('POST', '', bundle('transaction', [put, { request: { method: 'DELETE', url: 'Condition/c2' } }]))
    expect(answer.status).toBe(400)
  })
  test('1,000 entries that refer to each other', async () => {
    const entry = Array.from({ length: 1000 }, (_, nth) => ({
      fullUrl: uuid(nth),
      resource: observed({
        code: { text: `nth ${String(nth)}` },
        ...(nth === 0 ? {} : { hasMember: [{ reference: uuid(nth - 1) }] }),
      }),
      request: { method: 'POST', url: 'Observation' },
    }))
    const answer = await send('POST', '', bundle('transaction', entry))
    expect([answer.status, answer.body.slice(0, 200)]).toEqual([200, expect.any(String)])
    const places = ((JSON.parse(answer.body) as Bundle).entry ?? []).map(
      ({ response }) => response?.location?.slice(base().length + 1) ?? '',
    )
    expect(new Set(places).size).toBe(1000)
    const last = JSON.parse((await get(`/${places[999] ?? ''}`)).body) as Observation
    expect(last.hasMember?.[0]?.reference).toBe(places[998]?.replace(/\/_history.*/, ''))
    expect((await send('POST', '', bundle('transaction', [...entry, entry[0] ?? {}]))).status).toBe(400)
    // more than a page may bring along
    const costly = await get(`/Patient?_id=${patient.slice(8)}&_revinclude=Observation:subject`)
    expect(costly.status).toBe(422)
    expect(JSON.parse(costly.body)).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'too-costly' }] })
  }, 120_000)
  test('a batch asks in every way, and each entry answers for itself', async () => {
    const urls = ['Condition/c1', 'Condition?_id=c1', '?_type=Condition&_id=c1', `${patient}/Condition?_id=c1`, `${patient}/$everything?_count=1`, 'Condition/c1/_history', 'Condition/_history?_count=1', '_history?_count=1', 'Condition/c1?_elements=code', 'Condition?nonsense=1', 'Condition/nobody'] // prettier-ignore
    const answer = await send('POST', '', bundle('batch', urls.map((url) => ({ request: { method: 'GET', url } })))) // prettier-ignore
    const statuses = ((JSON.parse(answer.body) as Bundle).entry ?? []).map(({ response }) => response?.status)
    expect(statuses).toEqual([...urls.slice(0, 9).map(() => '200'), '400', '404'])
  })
})

describe('two at the same time', () => {
  const weight = (value: number): object => ({ ...RECORDS[3], valueQuantity: { value }, subject: { reference: patient } })

  test('of whom both say If-Match with the same version: one wins, the other is told', async () => {
    for (let round = 0; round < 5; round += 1) {
      const etag = (await get('/Observation/o1')).headers['etag'] ?? ''
      const answers = await Promise.all(
        [1, 2, 3].map((n) => send('PUT', '/Observation/o1', weight(round * 10 + n), { 'if-match': etag })),
      )
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412])
    }
  })
  test('create on the same condition: there is one record', async () => {
    const record = {
      ...RECORDS[4],
      id: undefined,
      identifier: [{ system: 'urn:twice', value: '1' }],
      subject: { reference: patient },
    }
    const answers = await Promise.all(
      [1, 2, 3].map(() => send('POST', '/Observation', record, { 'if-none-exist': 'identifier=urn:twice|1' })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201])
    expect(await found('/Observation?identifier=urn:twice|1')).toHaveLength(1)
  })
})
