import { generateKeyPair, exportJWK, SignJWT, type CryptoKey, type JWK } from 'jose'
import { randomUUID } from 'node:crypto'

/** What a partner process is told, and answers: one JSON message each way over the channel that `fork` opens. */
export interface Call {
  readonly id: number
  readonly verb: string
  readonly with: Readonly<Record<string, unknown>>
}

/** What a partner process can be told to do. */
export type Verbs = Readonly<Record<string, (args: Readonly<Record<string, unknown>>) => Promise<unknown>>>

/** Serves the verbs of one partner process until its parent leaves. */
export const serve = (verbs: Verbs): void => {
  process.on('message', (call: Call) => {
    const verb = verbs[call.verb]
    const work = verb === undefined ? Promise.reject(new Error(`no verb ${call.verb}`)) : verb(call.with)
    work.then(
      (value) => process.send?.({ id: call.id, value }),
      (error: unknown) => process.send?.({ id: call.id, error: error instanceof Error ? error.message : String(error) }),
    )
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.({ id: 0, value: 'ready' })
}

export interface Keys {
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
}

/** A key pair of the partner's own; the private half never leaves its process. */
export const newKeys = async (alg: 'ES384' | 'RS384'): Promise<Keys> => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const kid = randomUUID()
  return { privateKey, publicJwk: { ...(await exportJWK(publicKey)), alg, kid, use: 'sig' } }
}

/** A SMART Backend Services access token, as a partner gets one: signed assertion in, bearer token out. */
export const fetchToken = async (ask: {
  readonly fhirBase: string
  readonly clientId: string
  readonly keys: Keys
  readonly alg: 'ES384' | 'RS384'
  readonly scope: string
  readonly purpose: string
}): Promise<string> => {
  const found = await fetch(`${ask.fhirBase}/.well-known/smart-configuration`, { signal: AbortSignal.timeout(60_000) })
  const { token_endpoint } = (await found.json()) as { token_endpoint: string }
  const assertion = await new SignJWT({
    extensions: { 'hl7-b2b': { version: '1', organization_id: ask.clientId, purpose_of_use: [ask.purpose] } },
  })
    .setProtectedHeader({ alg: ask.alg, kid: ask.keys.publicJwk.kid ?? '', typ: 'JWT' })
    .setIssuer(ask.clientId)
    .setSubject(ask.clientId)
    .setAudience(token_endpoint)
    .setJti(randomUUID())
    .setExpirationTime('4m')
    .sign(ask.keys.privateKey)
  const answer = await fetch(token_endpoint, {
    method: 'POST',
    signal: AbortSignal.timeout(60_000),
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: ask.scope,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  })
  const body = (await answer.json()) as { access_token?: string; error_description?: string }
  if (body.access_token === undefined) throw new Error(`no token: ${String(answer.status)} ${body.error_description ?? ''}`)
  return body.access_token
}

/** One raw request, with all that an observer of the wire would see of its answer. */
export const rawGet = async (
  url: string,
  token: string,
  init: RequestInit = {},
): Promise<{ status: number; headers: Record<string, string>; body: string }> => {
  const answer = await fetch(url, {
    ...init,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/fhir+json',
      ...(init.headers as Record<string, string> | undefined),
    },
    signal: AbortSignal.timeout(60_000),
  })
  const { date: _date, ...headers } = Object.fromEntries(answer.headers)
  return { status: answer.status, headers, body: await answer.text() }
}
