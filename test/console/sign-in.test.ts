import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import type { Browser, Page } from 'playwright-core'
import { roleIn } from '../../src/http/console/oidc.ts'
import { parseRoles } from '../../src/app/role-map.ts'
import { browserPath, openBrowser, tabOf } from './browser.ts'
import { codeOf, openConsoleHouse, PASSWORD, readyConsole, type ConsoleHouse } from './house.ts'

describe('roles from the issuer', () => {
  const roles = parseRoles('compliance-officer=privacy,operator=it ops,auditor=aud=it') ?? new Map<string, never>()
  test.each([
    [{ groups: ['privacy'] }, 'groups', 'compliance-officer'],
    [{ groups: 'it ops' }, 'groups', 'operator'],
    [{ groups: ['aud=it', 'privacy'] }, 'groups', 'compliance-officer'],
    [{ realm_access: { roles: ['aud=it'] } }, 'realm_access.roles', 'auditor'],
    [{ 'https://x.example/roles': ['privacy'] }, 'https://x.example/roles', 'compliance-officer'],
    [{ groups: ['PRIVACY', 7, null] }, 'groups', undefined],
    [{}, 'groups', undefined],
    [{ groups: { privacy: true } }, 'groups', undefined],
  ] as const)('%j by %s is %s', (claims, roleClaim, role) => {
    expect(roleIn(claims, { roleClaim, roles })).toBe(role)
  })
  test.each(['officer=x', 'operator=', '=x', 'operator'])('%s cannot be read', (text) => {
    expect(parseRoles(text)).toBeUndefined()
  })
})

/** The groups of everybody at the issuer; who is not here has none. */
const GROUPS: Readonly<Record<string, readonly string[]>> = { ana: ['privacy'], olu: ['it'] }

/** A real issuer, which lets in whoever says a name. */
const openIssuer = async (): Promise<{ issuer: string; allow: (callback: string) => void; server: Server }> => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://localhost:${String((server.address() as AddressInfo).port)}`
  return {
    issuer,
    server,
    allow: (callback) => {
      const provider = new Provider(issuer, {
        clients: [
          {
            client_id: 'console',
            token_endpoint_auth_method: 'none',
            redirect_uris: [callback],
            grant_types: ['authorization_code'],
            response_types: ['code'],
          },
        ],
        pkce: { required: () => true },
        claims: { openid: ['sub'], profile: ['name', 'groups'] },
        conformIdTokenClaims: false,
        findAccount: (_, id) => ({
          accountId: id,
          claims: () => ({ sub: id, name: `${id} HTEST`, groups: [...(GROUPS[id] ?? [])] }),
        }),
      })
      const answer = provider.callback()
      server.on('request', (request, response) => {
        answer(request, response).catch(() => response.destroy())
      })
    },
  }
}

const inBrowser = browserPath === undefined ? describe.skip : describe

inBrowser('in the browser', () => {
  let house: ConsoleHouse
  let browser: Browser
  let idp: Awaited<ReturnType<typeof openIssuer>>

  beforeAll(async () => {
    await readyConsole()
    idp = await openIssuer()
    house = await openConsoleHouse({
      GATEWAY_OIDC_ISSUER: idp.issuer,
      GATEWAY_OIDC_CLIENT_ID: 'console',
      GATEWAY_OIDC_ROLE_CLAIM: 'groups',
      GATEWAY_OIDC_ROLES: 'compliance-officer=privacy,operator=it',
    })
    idp.allow(`${house.origin}/console/sign-in/oidc/callback`)
    browser = await openBrowser()
  }, 180_000)
  afterAll(async () => {
    await browser.close()
    await house.close()
    idp.server.closeAllConnections()
    idp.server.close()
  })

  const atGate = async (): Promise<{ page: Page; close: () => Promise<void> }> => {
    const { page, context } = await tabOf(browser, { origin: house.origin })
    await page.goto(`${house.origin}/console`)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    return { page, close: () => context.close() }
  }

  /** As the issuer's own development pages ask: a name, any password, and then the consent. */
  const atIssuer = async (page: Page, name: string): Promise<void> => {
    await page.getByRole('link', { name: 'Sign in with your organisation' }).click()
    await page.locator('input[name=login]').fill(name)
    await page.locator('input[name=password]').fill('any')
    await page.locator('button[type=submit]').click()
    await page.waitForURL(/interaction|console/)
    await page.locator('button[type=submit]').click()
  }

  const lastSignIn = async (): Promise<Readonly<Record<string, unknown>>> => {
    const rows = await house.street.db.query<{ body: string }>(
      `select body from ledger where kind = 'staff' order by seq desc limit 20`,
      [],
    )
    return (
      rows
        .map(({ body }) => JSON.parse(body) as Readonly<Record<string, unknown>>)
        .find(({ action }) => String(action).startsWith('sign-in')) ?? {}
    )
  }

  test('with the organisation’s sign-in, and out again', async () => {
    const { page, close } = await atGate()
    await atIssuer(page, 'ana')
    await page.getByRole('heading', { name: 'Today' }).waitFor()
    await page.getByText('ana HTEST', { exact: true }).waitFor()
    await page.getByText('compliance officer').waitFor()
    expect(await lastSignIn()).toMatchObject({ action: 'sign-in', role: 'compliance-officer', place: '/console/sign-in/oidc' })
    expect(new URL(page.url()).search).toBe('')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL((url) => !url.href.startsWith(`${house.origin}/console/s`))
    const me = await page.request.get(`${house.origin}/console/api/me`)
    expect(me.status()).toBe(401)
    await close()
  }, 60_000)

  test('somebody of the organisation without a role stays out, and it is on the ledger', async () => {
    const { page, close } = await atGate()
    await atIssuer(page, 'eve')
    await page.getByText('Your account has no role in this console').waitFor()
    expect(await lastSignIn()).toMatchObject({ action: 'sign-in-refused', staff: 'unknown' })
    await close()
  }, 60_000)

  test('an answer of the issuer to another browser’s question lets nobody in', async () => {
    const { page, close } = await atGate()
    await page.goto(`${house.origin}/console/sign-in/oidc/callback?code=stolen&state=other&iss=${encodeURIComponent(idp.issuer)}`)
    await page.getByText('The sign-in was not completed').waitFor()
    await close()
  }, 30_000)

  test('a local account: enrolled with a password and an authenticator app, and in again', async () => {
    const secret = await house.enrolment('Lea HTEST', 'auditor')
    const { page, context } = await tabOf(browser, { origin: house.origin, width: 360 })
    await page.goto(`${house.origin}/console/enrol#${secret}`)
    await page.getByText('Lea HTEST, auditor').waitFor()
    expect(page.url()).not.toContain(secret)
    const base32 = ((await page.locator('form code').textContent()) ?? '').replaceAll(' ', '')
    await page.getByLabel('Password', { exact: false }).first().fill(PASSWORD)
    await page.getByLabel('Password again').fill(PASSWORD)
    await page.getByLabel('Code').fill(codeOf(base32, -1))
    await page.getByRole('button', { name: 'Set password and sign in' }).click()
    await page.getByRole('heading', { name: 'Today' }).waitFor()
    await context.clearCookies()
    await page.goto(`${house.origin}/console`)
    await page.getByLabel('Name').fill('lea htest')
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
    await page.getByLabel('Code of your authenticator app').fill('000000')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('name, password or code is wrong').waitFor()
    await page.getByLabel('Code of your authenticator app').fill(codeOf(base32))
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('heading', { name: 'Today' }).waitFor()
    await context.close()
  }, 60_000)

  test('a local account: enrolled with a passkey, and in again with it', async () => {
    const secret = await house.enrolment('Pat HTEST', 'case-manager')
    const { page, context } = await tabOf(browser, { origin: house.origin })
    const devtools = await context.newCDPSession(page)
    await devtools.send('WebAuthn.enable')
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    await page.goto(`${house.origin}/console/enrol#${secret}`)
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByRole('heading', { name: 'Today' }).waitFor()
    expect(await page.getByRole('link', { name: 'Disclosures' }).count()).toBe(0)
    await context.clearCookies()
    await page.goto(`${house.origin}/console`)
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByText('case manager').waitFor()
    expect(await lastSignIn()).toMatchObject({ action: 'sign-in', place: '/console/sign-in/passkey' })
    await context.close()
  }, 60_000)
})
