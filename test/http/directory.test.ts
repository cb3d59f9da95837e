import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readConfig } from '../../src/app/config.ts'
import { openHouse, type OpenedHouse } from '../../src/app/gateway.ts'
import { decideForEverybody, decisionsWaiting } from '../../src/flow/decisions-due.ts'
import { disablePartner, enablePartner, registerPartner } from '../../src/flow/partners.ts'
import { silentLog } from '../../src/platform/log.ts'
import { fetchToken, rawGet } from '../demo/partners/post.ts'
import { eventually } from '../flow/clinic.ts'
import { openStreet, settingsFor, type Street } from './street.ts'

/** A partner that comes when the organisations, places, staff and forms are there already. */
const LATE = 'late-hospital'
const JSON_BODY = { 'content-type': 'application/fhir+json' }
let street: Street
let operator: OpenedHouse
let role = ''
let practitioner = ''

const register = async (more: object = {}): Promise<void> => {
  const late = {
    id: LATE,
    name: 'Late Hospital',
    kind: 'covered-entity',
    sector: 'hospital',
    purposes: ['TREAT'],
    scopes: ['system/*.cruds'],
    jwks: { keys: [street.keys.publicJwk] },
    ...more,
  }
  const kept = await registerPartner(operator.house, late, 'operator')
  if (!kept.ok) throw new Error(JSON.stringify(kept.error))
}
const tokenFor = (purpose = 'TREAT'): Promise<string> =>
  fetchToken({
    fhirBase: street.gateway.fhirBase,
    clientId: LATE,
    keys: street.keys,
    alg: 'ES384',
    scope: 'system/*.cruds',
    purpose,
  })
const asLate = async (path: string, token?: string): ReturnType<typeof rawGet> =>
  rawGet(`${street.gateway.fhirBase}${path}`, token ?? (await tokenFor()))
/** What is said, apart from the name of this one disclosure. */
const textOf = ({ body }: { readonly body: string }): string => body.replace(/"valueString":"[0-9a-f-]{36}"/, '')
const put = async (resource: { readonly resourceType: string; readonly id: string; readonly name?: string }): Promise<number> =>
  (
    await street.ask('mission', `/${resource.resourceType}/${resource.id}`, {
      method: 'PUT',
      headers: JSON_BODY,
      body: JSON.stringify(resource),
    })
  ).status
const totalOf = ({ body }: { readonly body: string }): number | undefined => (JSON.parse(body) as { total?: number }).total
/** Who is shown what of nobody's, in which text; not since when, and without the partner's own organisation, which changes with it. */
const shown = (): Promise<readonly object[]> =>
  street.db.query(
    `select recipient, type, id, rid::text as rid, purposes from showing
     where patient = '' and since < until and until > now() and id <> '${LATE}' order by 1, 2, 3, 4`,
    [],
  )
/** What is shown now is what deciding about everything at once shows. */
const isAsDecidedAnew = async (): Promise<void> => {
  expect(await decisionsWaiting(operator.house)).toBe(0)
  const some = await shown()
  await decideForEverybody(operator.house)
  expect(await shown()).toEqual(some)
}

const LOCATION = {
  resourceType: 'Location',
  id: 'htest-ward',
  name: 'Ward HTEST',
  description: 'On the second floor',
  status: 'active',
}
const FORM = { resourceType: 'Questionnaire', id: 'htest-form', status: 'active', title: 'HTEST form' }

beforeAll(async () => {
  street = await openStreet()
  const config = readConfig({ ...settingsFor(street.folder), DATABASE_URL: street.url })
  if (!config.ok) throw new Error(config.error.join('; '))
  operator = await openHouse(config.value, silentLog)
  const made = await street.post('staff', 'staff-case-manager')
  role = made.find((reference) => reference.startsWith('PractitionerRole/')) ?? ''
  practitioner = made.find((reference) => reference.startsWith('Practitioner/')) ?? ''
  expect(await put(LOCATION)).toBe(201)
  expect(await put(FORM)).toBe(201)
}, 120_000)
afterAll(async () => {
  await operator.close()
  await street.close()
})

test('a partner that comes later reads what was there before it, like one that was there', async () => {
  await register()
  for (const path of [
    `/${practitioner}`,
    `/${role}`,
    '/Location/htest-ward',
    '/Questionnaire/htest-form',
    '/Organization/harbor-housing',
  ]) {
    const one = await asLate(path)
    const other = await street.ask('montrose-hiv', path)
    expect([path, one.status, textOf(one)]).toEqual([path, 200, textOf(other)])
  }
  expect(totalOf(await asLate('/Location?_id=htest-ward&_total=accurate'))).toBe(1)
  await isAsDecidedAnew()
}, 60_000)

test('a disabled one gets in no more and is shown nothing; enabled, it is as before', async () => {
  const before = await shown()
  const token = await tokenFor()
  await disablePartner(operator.house, LATE, 'operator')
  expect((await asLate('/Location/htest-ward', token)).status).not.toBe(200)
  expect(
    (
      await eventually(
        () => asLate('/Location/htest-ward', token),
        ({ status }) => status === 401,
      )
    ).status,
  ).toBe(401)
  const left = (await shown()) as readonly { readonly recipient: string }[]
  expect(left.filter(({ recipient }) => recipient === LATE)).toEqual([])
  await isAsDecidedAnew()
  await enablePartner(operator.house, LATE, 'operator')
  expect(await shown()).toEqual(before)
  expect(
    (
      await eventually(
        () => asLate('/Location/htest-ward', token),
        ({ status }) => status === 200,
      )
    ).status,
  ).toBe(200)
}, 60_000)

test('one of another sector gets what that sector needs, and the whole again when it comes back', async () => {
  const whole = await asLate('/Location/htest-ward')
  expect(whole.body).toContain('second floor')
  await register({ kind: 'lawful-holder', sector: 'housing', purposes: ['COC'] })
  const token = await eventually(() => tokenFor('COC').catch(() => ''), Boolean)
  const reduced = await asLate('/Location/htest-ward', token)
  expect(reduced.status).toBe(200)
  expect(reduced.body).toContain('Ward HTEST')
  expect(reduced.body).not.toContain('second floor')
  expect((await asLate('/Questionnaire/htest-form', token)).status).toBe(404)
  await isAsDecidedAnew()
  await register()
  const again = await asLate('/Location/htest-ward')
  expect([again.status, textOf(again)]).toEqual([200, textOf(whole)])
  await isAsDecidedAnew()
}, 60_000)

test('what refers to a record that is withheld loses the reference, whichever of them came first', async () => {
  const managed = (id: string) => ({
    resourceType: 'Location',
    id,
    name: `Place ${id}`,
    status: 'active',
    partOf: { reference: 'Location/htest-wing' },
  })
  const wing = { resourceType: 'Location', id: 'htest-wing', name: 'Wing HTEST', status: 'active' }
  expect(await put(managed('htest-before'))).toBe(201)
  expect(await put(wing)).toBe(201)
  expect((await asLate('/Location/htest-before')).body).toContain('htest-wing')
  expect(await put({ ...wing, name: 'HIV clinic, Wing HTEST' })).toBe(200)
  expect((await asLate('/Location/htest-wing')).status).toBe(404)
  expect(await put(managed('htest-after'))).toBe(201)
  for (const id of ['htest-before', 'htest-after']) {
    const { status, body } = await asLate(`/Location/${id}`)
    expect([id, status, body.includes('htest-wing')]).toEqual([id, 200, false])
  }
  await isAsDecidedAnew()
}, 60_000)
