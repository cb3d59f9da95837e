import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { SignJWT } from 'jose'
import { readConfig } from '../../src/app/config.ts'
import { openGateway } from '../../src/app/gateway.ts'
import { silentLog } from '../../src/platform/log.ts'
import { newKeys, type Keys } from '../demo/partners/post.ts'
import { openStreet, settingsFor, type Street } from './street.ts'

let street: Street
let stranger: Keys
beforeAll(async () => {
  street = await openStreet()
  stranger = await newKeys('ES384')
}, 120_000)
afterAll(() => street.close())

interface Spoil {
  readonly alg?: string
  readonly aud?: string
  readonly iss?: string
  readonly exp?: string
  readonly jti?: string
  readonly key?: () => Keys['privateKey']
  readonly b2b?: object
  readonly scope?: string
  readonly form?: Readonly<Record<string, string>>
}

let serial = 0

const assertion = (spoil: Spoil): Promise<string> =>
  new SignJWT({ extensions: { 'hl7-b2b': spoil.b2b ?? { purpose_of_use: ['urn:oid:2.16.840.1.113883.5.8#TREAT'] } } })
    .setProtectedHeader({ alg: spoil.alg ?? 'ES384', kid: street.keys.publicJwk.kid ?? '' })
    .setIssuer(spoil.iss ?? 'st-mary-hospital')
    .setSubject('st-mary-hospital')
    .setAudience(spoil.aud ?? `${street.gateway.origin}/auth/token`)
    .setJti(spoil.jti ?? `jti-${String((serial += 1))}`)
    .setExpirationTime(spoil.exp ?? '4m')
    .sign(spoil.key?.() ?? street.keys.privateKey)

const ask = async (
  spoil: Spoil,
  origin = street.gateway.origin,
): Promise<{ status: number; error?: string; access_token?: string }> => {
  const answer = await fetch(`${origin}/auth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: spoil.scope ?? 'system/CarePlan.rs',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await assertion(spoil),
      ...spoil.form,
    }),
  })
  return { status: answer.status, ...((await answer.json()) as object) }
}

test('a whole assertion gives a token that lives five minutes', async () => {
  expect(await ask({})).toMatchObject({ status: 200, token_type: 'bearer', expires_in: 300, scope: 'system/CarePlan.rs' })
})

describe('each thing that is wrong with an assertion is enough to refuse it', () => {
  test.each<[string, Spoil, number, string]>([
    ['another audience', { aud: 'https://elsewhere.example/token' }, 401, 'invalid_client'],
    ["somebody else's key", { key: () => stranger.privateKey }, 401, 'invalid_client'],
    ['an unknown client', { iss: 'nobody' }, 401, 'invalid_client'],
    ['an expiry in the past', { exp: '-1m' }, 401, 'invalid_client'],
    ['an expiry too far ahead', { exp: '1h' }, 401, 'invalid_client'],
    ['no purpose, with two registered', { b2b: {} }, 400, 'invalid_request'],
    ['an unknown purpose', { b2b: { purpose_of_use: ['WHATEVER'] } }, 400, 'invalid_request'],
    ['a purpose that is not registered', { b2b: { purpose_of_use: ['TREAT', 'HMARKT'] } }, 400, 'invalid_request'],
    ['a purpose of another code system', { b2b: { purpose_of_use: ['http://x|TREAT'] } }, 400, 'invalid_request'],
    [
      "somebody else's organisation",
      { b2b: { purpose_of_use: ['TREAT'], organization_id: 'harbor-housing' } },
      400,
      'invalid_grant',
    ],
    ['a malformed scope', { scope: 'system/CarePlan.read' }, 400, 'invalid_scope'],
    ['a patient scope', { scope: 'patient/CarePlan.rs' }, 400, 'invalid_scope'],
    ['no scope', { scope: '' }, 400, 'invalid_scope'],
    ['another grant', { form: { grant_type: 'password' } }, 400, 'unsupported_grant_type'],
    ['another kind of assertion', { form: { client_assertion_type: 'x' } }, 400, 'invalid_request'],
  ])('%s', async (_, spoil, status, error) => {
    expect(await ask(spoil)).toMatchObject({ status, error })
  })
})

test('an assertion counts once, also at a gateway that was started later on the same database', async () => {
  const jti = 'used-once'
  expect((await ask({ jti })).status).toBe(200)
  expect(await ask({ jti })).toMatchObject({ status: 401, error: 'invalid_client' })
  const config = readConfig({ ...settingsFor(street.folder), DATABASE_URL: street.url })
  if (!config.ok) throw new Error(config.error.join())
  const second = await openGateway(config.value, silentLog)
  const elsewhere = await ask({ jti, aud: `${second.origin}/auth/token` }, second.origin)
  await second.close()
  expect(elsewhere).toMatchObject({ status: 401, error: 'invalid_client' })
})

describe('access tokens', () => {
  const get = async (token: string): Promise<number> =>
    (await fetch(`${street.gateway.fhirBase}/CarePlan`, { headers: { authorization: `Bearer ${token}` } })).status
  test('a scope is a border: 403 depends on the token alone', async () => {
    const { access_token = '' } = await ask({ scope: 'system/CarePlan.r' })
    expect(await get(access_token)).toBe(403)
  })
  test('nor does anything come along beside a match, or in $everything, that the scope does not cover', async () => {
    const made = [
      ...(await street.post('staff', 'staff-case-manager')),
      ...(await street.post('staff', 'staff-peer-support-specialist')),
      ...(await street.post('client', 'client')),
      ...(await street.post('enrolment', 'enrolment')),
      ...(await street.post('treatment-plan', 'treatment-plan')),
      ...(await street.post('consent', 'consent-hospital')),
    ]
    const patient = made.find((reference) => reference.startsWith('Patient/')) ?? ''
    const typesOf = async (scope: string, path: string): Promise<readonly string[]> => {
      const { access_token = '' } = await ask({ scope })
      const answer = await fetch(`${street.gateway.fhirBase}${path}`, { headers: { authorization: `Bearer ${access_token}` } })
      if (answer.status !== 200) throw new Error(await answer.text())
      const { entry = [] } = (await answer.json()) as { entry?: { resource: { resourceType: string } }[] }
      return [...new Set(entry.map(({ resource }) => resource.resourceType))].sort()
    }
    const along = '/CarePlan?_include=CarePlan:goal&_revinclude=Provenance:target'
    expect(await typesOf('system/CarePlan.rs', along)).toEqual(['CarePlan'])
    expect(await typesOf('system/CarePlan.rs system/Goal.r', along)).toEqual(['CarePlan', 'Goal'])
    expect(await typesOf('system/Patient.r', `/${patient}/$everything`)).toEqual(['Patient'])
    expect(await typesOf('system/Patient.r', `/${patient}/$everything?_type=Goal,CarePlan`)).toEqual(['Patient'])
    expect(await typesOf('system/Patient.r system/Goal.r', `/${patient}/$everything?_type=Goal,CarePlan`)).toEqual(['Goal'])
    expect((await typesOf('system/*.rs', `/${patient}/$everything`)).length).toBeGreaterThan(4)
    // the address of a page is no way past the scope of another token
    const { access_token = '' } = await ask({ scope: 'system/*.rs' })
    const wide = await fetch(`${street.gateway.fhirBase}/${patient}/$everything?_count=1`, {
      headers: { authorization: `Bearer ${access_token}` },
    })
    const { link } = (await wide.json()) as { link: { relation: string; url: string }[] }
    const next = link.find(({ relation }) => relation === 'next')?.url.slice(street.gateway.fhirBase.length) ?? ''
    expect(await typesOf('system/*.rs', next)).toHaveLength(1)
    expect(await typesOf('system/Patient.r', next)).toEqual([])
  })
  test.each(['', 'x', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJtaXNzaW9uIn0.'])('%p is none', async (token) => {
    expect(await get(token)).toBe(401)
  })
  test('one signed by somebody else is none', async () => {
    const forged = await new SignJWT({ scope: 'system/*.cruds', purposes: ['TREAT'] })
      .setProtectedHeader({ alg: 'ES384', typ: 'at+jwt' })
      .setIssuer(street.gateway.fhirBase)
      .setAudience(street.gateway.fhirBase)
      .setSubject('mission')
      .setExpirationTime('5m')
      .sign(stranger.privateKey)
    expect(await get(forged)).toBe(401)
  })
})
