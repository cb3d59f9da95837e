import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { fetchToken } from '../demo/partners/post.ts'
import { openStreet, type Street } from './street.ts'

/** What a token may not search is no condition, and what it may not read is no way: both are as if nothing were there. */
let street: Street
let patient = ''
beforeAll(async () => {
  street = await openStreet()
  for (const [record, name] of [
    ['staff', 'staff-case-manager'],
    ['staff', 'staff-peer-support-specialist'],
    ['client', 'client'],
    ['enrolment', 'enrolment'],
    ['treatment-plan', 'treatment-plan'],
  ] as const) {
    const made = await street.post(record, name)
    patient = made.find((reference) => reference.startsWith('Patient/'))?.slice(8) ?? patient
  }
}, 120_000)
afterAll(() => street.close())

const tokens = new Map<string, Promise<string>>()
const tokenFor = (scope: string): Promise<string> => {
  const known =
    tokens.get(scope) ??
    fetchToken({
      fhirBase: street.gateway.fhirBase,
      clientId: 'mission',
      keys: street.keys,
      alg: 'ES384',
      scope: scope
        .split(' ')
        .map((one) => `system/${one}`)
        .join(' '),
      purpose: 'TREAT',
    })
  tokens.set(scope, known)
  return known
}

interface Page {
  readonly total?: number
  readonly link?: readonly { readonly relation: string; readonly url: string }[]
  readonly entry?: readonly { readonly resource: { readonly resourceType: string; readonly id: string } }[]
}

const fetched = async (scope: string, url: string, init: RequestInit = {}): Promise<{ status: number; text: string }> => {
  const answer = await fetch(url.startsWith('http') ? url : `${street.gateway.fhirBase}${url}`, {
    ...init,
    headers: { authorization: `Bearer ${await tokenFor(scope)}`, ...(init.headers as Record<string, string> | undefined) },
  })
  return { status: answer.status, text: await answer.text() }
}

const found = async (scope: string, path: string): Promise<{ readonly total: number; readonly types: readonly string[] }> => {
  const { status, text } = await fetched(scope, `${path}&_total=accurate`)
  expect(status).toBe(200)
  const { total = 0, entry = [] } = JSON.parse(text) as Page
  return { total, types: [...new Set(entry.map(({ resource }) => resource.resourceType))].sort() }
}

describe('a condition on another type', () => {
  const BY_GENDER = 'subject:Patient.gender=male,female,other,unknown'
  test.each([
    ['a chain', `/CarePlan?${BY_GENDER}`, 'CarePlan.rs', 'Patient.s'],
    ['a chain by the short name', '/CarePlan?patient.family=htest', 'CarePlan.rs', 'Patient.s'],
    ['a chain with a word of its own', `/CarePlan?patient._id={patient}`, 'CarePlan.rs', 'Patient.s'],
    ['a chain that says what is not', '/CarePlan?patient.gender:not=nobody', 'CarePlan.rs', 'Patient.s'],
    ['a chain in a chain', `/Provenance?target:CarePlan.${BY_GENDER}`, 'Provenance.rs CarePlan.rs', 'Patient.s'],
    ['what refers to it', '/Patient?_has:CarePlan:patient:status=active', 'Patient.rs', 'CarePlan.s'],
    [
      'what refers to what refers to it',
      '/Patient?_has:CarePlan:patient:_has:Provenance:target:_id:not=none',
      'Patient.rs CarePlan.rs',
      'Provenance.s',
    ],
    [
      'a chain from what refers to it',
      '/Patient?_has:CarePlan:patient:goal.lifecycle-status=active,proposed,planned,accepted',
      'Patient.rs CarePlan.rs',
      'Goal.s',
    ],
  ])('%s', async (_, template, scope, missing) => {
    const path = template.replace('{patient}', patient)
    const wide = await found('*.rs', path)
    expect(wide.total).toBeGreaterThan(0)
    expect((await found(scope, path)).total).toBe(0)
    // to read by id is not to search
    expect((await found(`${scope} ${missing.replace('.s', '.r')}`, path)).total).toBe(0)
    expect((await found(`${scope} ${missing}`, path)).total).toBe(wide.total)
  })

  test('a chain over several types goes by those that may be searched', async () => {
    const path = '/Provenance?target.status=active'
    const totals = await Promise.all(
      ['Provenance.rs', 'Provenance.rs CarePlan.s', '*.rs'].map(async (scope) => (await found(scope, path)).total),
    )
    expect(totals[0]).toBe(0)
    expect(totals[1]).toBeGreaterThan(0)
    expect(totals[2]).toBeGreaterThan(totals[1] ?? 0)
  })

  test('is held against the grammar all the same', async () => {
    expect((await fetched('CarePlan.rs', '/CarePlan?patient.nonsense=x')).status).toBe(400)
    expect((await fetched('CarePlan.rs', '/CarePlan?_has:Task:nonsense:status=x')).status).toBe(400)
  })

  test('answers byte for byte as when nobody is like that', async () => {
    const withheld = await fetched('CarePlan.rs', '/CarePlan?patient.family=htest-rivera')
    const absent = await fetched('*.rs', '/CarePlan?patient.family=htest-nobody')
    const plain = (text: string): string => text.replace(/htest-\w+|"id":"[0-9a-f-]{36}"|[0-9a-f-]{36}/g, '-')
    expect(plain(withheld.text)).toBe(plain(absent.text))
  })

  test('counts for nothing in the address of a page that was made for another token', async () => {
    const first = JSON.parse((await fetched('*.rs', `/Goal?patient.gender:not=nobody&_count=1`)).text) as Page
    const next = first.link?.find(({ relation }) => relation === 'next')?.url ?? ''
    expect(next).not.toBe('')
    const wide = JSON.parse((await fetched('*.rs', next)).text) as Page
    const narrow = JSON.parse((await fetched('Goal.rs', next)).text) as Page
    expect([wide.entry?.length, narrow.entry?.length ?? 0]).toEqual([1, 0])
  })

  test('makes no conditional create find what the token could not', async () => {
    const { entry = [] } = JSON.parse((await fetched('*.rs', '/Goal?_count=1')).text) as Page
    const [{ resource: goal } = { resource: undefined }] = entry
    const body = JSON.stringify({ ...goal, id: undefined, meta: undefined, identifier: undefined })
    const create = (scope: string): Promise<{ status: number }> =>
      fetched(scope, '/Goal', {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/fhir+json',
          'if-none-exist': `_id=${goal?.id ?? ''}&patient.family=htest`,
        },
      })
    expect((await create('*.cruds')).status).toBe(200)
    expect((await create('Goal.cruds')).status).toBe(201)
  })
})

describe('what comes along', () => {
  test.each([
    [
      'by way of a type',
      '/CarePlan?_include=CarePlan:goal&_include:iterate=Goal:patient',
      'CarePlan.rs Patient.rs',
      ['CarePlan'],
    ],
    ['back and along', '/Patient?_revinclude=CarePlan:patient&_include:iterate=CarePlan:goal', 'Patient.rs Goal.rs', ['Patient']],
    ['along everything', '/CarePlan?_include=*&_include:iterate=*', 'CarePlan.rs Goal.rs', ['CarePlan', 'Goal']],
    ['with a type that is named', '/CarePlan?_include=CarePlan:subject:Patient', 'CarePlan.rs', ['CarePlan']],
  ])('%s', async (_, path, scope, types) => {
    expect((await found('*.rs', path)).types.length).toBeGreaterThan(types.length)
    expect((await found(scope, path)).types).toEqual(types)
  })
})
