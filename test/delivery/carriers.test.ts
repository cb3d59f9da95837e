import { afterEach, describe, expect, test } from '@jest/globals'
import { generateKeyPair, jwtVerify } from 'jose'
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent } from 'undici'
import { createTokenSource } from '../../src/delivery/access-token.ts'
import { createFhirClient, type FhirClientOptions } from '../../src/delivery/fhir-client.ts'
import { createFhirPush } from '../../src/delivery/fhir-push.ts'
import { createHmisDrop } from '../../src/delivery/hmis-drop.ts'
import { createMllpSender } from '../../src/delivery/mllp-sender.ts'
import type { OutboxItem } from '../../src/delivery/outbox.ts'
import { createV2Send } from '../../src/delivery/v2-send.ts'
import { partnerId } from '../../src/model/ids.ts'
import { newId } from '../../src/platform/ids.ts'
import { startMllpListener } from '../../src/worker/mllp-listener.ts'
import { makeCertificates } from '../support/certificates.ts'
import { settableClock } from '../support/clock.ts'
import { sealed } from './support.ts'

const clock = settableClock()
const item = (what: OutboxItem['what'] = {}): OutboxItem => ({
  seq: 1,
  id: newId(),
  partner: partnerId('montrose-hiv'),
  orderKey: 'R-1',
  channel: 'fhir-push',
  what,
  idempotencyKey: 'Task/1 requested',
  trace: 'T',
  patient: null,
  referral: null,
  controlId: 'G-1',
  enqueuedAt: clock.now(),
  state: 'sending',
  attempts: 1,
  nextAt: clock.now(),
  cause: null,
  endedAt: null,
})

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

interface Heard {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
/** A server that answers as told, and what it heard. */
const serverThat = async (
  answer: (heard: Heard, response: ServerResponse) => void,
  tls?: { key: string; cert: string; ca: string },
): Promise<{ base: string; heard: Heard[] }> => {
  const heard: Heard[] = []
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body }
      heard.push(one)
      answer(one, response)
    })
  }
  const server =
    tls === undefined
      ? createServer(listener)
      : createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: true }, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { base: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${String(port)}/fhir`, heard }
}
const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/fhir+json', ...headers })
  response.end(JSON.stringify(body))
}
const push = (options: FhirClientOptions) => createFhirPush({ clientFor: () => Promise.resolve(createFhirClient(options)) })

describe('push to a FHIR server', () => {
  test.each([
    ['a transaction', '{"resourceType":"Bundle","type":"transaction","entry":[]}', {}, 'POST', '/fhir', undefined],
    ['a resource', '{"resourceType":"Task","id":"t1"}', {}, 'PUT', '/fhir/Task/t1', undefined],
    [
      'a conditional create',
      '{"resourceType":"Task","id":"t1"}',
      { ifNoneExist: 'identifier=x|1' },
      'POST',
      '/fhir/Task',
      'identifier=x|1',
    ],
  ])('%s goes as it was sealed', async (_, payload, what, method, url, ifNoneExist) => {
    const { base, heard } = await serverThat((__, response) => json(response, 200, { resourceType: 'OperationOutcome' }))
    expect((await push({ baseUrl: base }).send(item(what), sealed(payload))).kind).toBe('delivered')
    expect(heard).toMatchObject([{ method, body: payload, headers: { 'idempotency-key': 'Task/1 requested' } }])
    expect(heard[0]?.url.replace(/\/$/, '')).toBe(url)
    expect(heard[0]?.headers['if-none-exist']).toBe(ifNoneExist)
  })

  test('a large one, too', async () => {
    const { base, heard } = await serverThat((_, response) => json(response, 200, {}))
    const payload = JSON.stringify({ resourceType: 'Task', id: 't', description: 'x'.repeat(300_000) })
    expect((await push({ baseUrl: base }).send(item(), sealed(payload))).kind).toBe('delivered')
    expect(heard[0]?.body).toBe(payload)
  })

  test.each([
    [400, 'refused', 'http-400'],
    [403, 'refused', 'http-403'],
    [404, 'refused', 'http-404'],
    [422, 'refused', 'http-422'],
    [401, 'later', 'http-401'],
    [409, 'later', 'http-409'],
    [412, 'later', 'http-412'],
    [429, 'later', 'http-429'],
    [500, 'later', 'http-500'],
    [503, 'later', 'http-503'],
    [502, 'unknown', 'http-502'],
    [302, 'unknown', 'answer-missing'],
  ])('HTTP %d is %s', async (status, kind, cause) => {
    const { base } = await serverThat((_, response) =>
      json(response, status, { resourceType: 'OperationOutcome' }, status === 302 ? { location: 'http://127.0.0.1:1/' } : {}),
    )
    expect(await push({ baseUrl: base }).send(item(), sealed('{"resourceType":"Task","id":"t"}'))).toMatchObject({ kind, cause })
  })
  test('Retry-After is heard', async () => {
    const { base } = await serverThat((_, response) => json(response, 503, {}, { 'retry-after': '7' }))
    expect(await push({ baseUrl: base }).send(item(), sealed('{"resourceType":"Task","id":"t"}'))).toEqual({
      kind: 'later',
      cause: 'http-503',
      retryAfterMs: 7000,
    })
  })
  test.each([
    ['nobody listens', 'later', 'unreachable'],
    ['silence', 'unknown', 'answer-missing'],
    ['a connection that breaks', 'unknown', 'answer-missing'],
  ])('%s is %s', async (how, kind, cause) => {
    const { base } = await serverThat((_, response) => {
      if (how !== 'silence') response.destroy()
    })
    const baseUrl = how === 'nobody listens' ? 'http://127.0.0.1:39/fhir' : base
    expect(await push({ baseUrl, timeoutMs: 100 }).send(item(), sealed('{"resourceType":"Task","id":"t"}'))).toEqual({
      kind,
      cause,
    })
  })
  test('a failure names no person and no address', async () => {
    const { base } = await serverThat((_, response) => json(response, 422, { issue: [{ diagnostics: 'ZZCANARY' }] }))
    const answer = await createFhirClient({ baseUrl: base }).request({ method: 'GET', path: 'Patient?name=ZZCANARY' })
    expect(JSON.stringify(answer)).not.toMatch(/ZZCANARY|127\.0\.0\.1/)
  })
})

describe('pages', () => {
  const page = (url: string): unknown => ({ resourceType: 'Bundle', link: [{ relation: 'next', url }] })
  test('the next one is asked for with the token, on the same host', async () => {
    const { base, heard } = await serverThat((_, response) => json(response, 200, { resourceType: 'Bundle' }))
    const tokens = { token: () => Promise.resolve({ ok: true as const, value: 'secret' }), forget: () => undefined }
    const client = createFhirClient({ baseUrl: base, tokens })
    expect((await client.nextPage(page(`${base}?page=2`)))?.ok).toBe(true)
    expect(heard[0]?.headers.authorization).toBe('Bearer secret')
    expect(client.nextPage({ resourceType: 'Bundle' })).toBe(undefined)
  })
  test('never on another one', async () => {
    const other = await serverThat((_, response) => json(response, 200, {}))
    const { base } = await serverThat((_, response) => json(response, 200, {}))
    const client = createFhirClient({
      baseUrl: base,
      tokens: { token: () => Promise.resolve({ ok: true, value: 'secret' }), forget: () => undefined },
    })
    expect(await client.nextPage(page(`${other.base}?page=2`))).toMatchObject({ ok: false, error: { code: 'next-link-foreign' } })
    expect(other.heard).toEqual([])
  })
})

describe('SMART Backend Services at a partner', () => {
  const setUp = async (expiresIn: number) => {
    const { privateKey, publicKey } = await generateKeyPair('ES384')
    let issued = 0
    const server = await serverThat((heard, response) => {
      if (heard.url === '/fhir/token') {
        json(response, 200, { access_token: `token-${String(++issued)}`, expires_in: expiresIn })
        return
      }
      json(response, heard.headers.authorization === 'Bearer token-1' && heard.url.includes('stale') ? 401 : 200, {})
    })
    const options = {
      tokenUrl: `${server.base}/token`,
      clientId: 'mission',
      scope: 'system/Task.u',
      key: privateKey,
      keyId: 'k1',
      algorithm: 'ES384' as const,
      clock,
      newId,
    }
    return { server, options, publicKey, issued: () => issued }
  }
  test('the assertion proves the client, and the token is used until it is about to end', async () => {
    const { server, options, publicKey, issued } = await setUp(300)
    const client = createFhirClient({ baseUrl: server.base, tokens: createTokenSource(options) })
    await Promise.all([1, 2, 3].map(() => client.request({ method: 'GET', path: 'Task' })))
    expect(issued()).toBe(1)
    const form = new URLSearchParams(server.heard[0]?.body)
    const { payload, protectedHeader } = await jwtVerify(form.get('client_assertion') ?? '', publicKey, {
      audience: options.tokenUrl,
      issuer: 'mission',
      currentDate: new Date(clock.now()),
    })
    expect([payload.sub, protectedHeader.kid, protectedHeader.alg, form.get('scope')]).toEqual([
      'mission',
      'k1',
      'ES384',
      'system/Task.u',
    ])
    clock.advance(271_000)
    await client.request({ method: 'GET', path: 'Task' })
    expect(issued()).toBe(2)
  })
  test('a token that is refused is asked for again, once', async () => {
    const { server, options, issued } = await setUp(300)
    const client = createFhirClient({ baseUrl: server.base, tokens: createTokenSource(options) })
    expect((await client.request({ method: 'GET', path: 'stale' })).ok).toBe(true)
    expect(issued()).toBe(2)
  })
  test.each([
    [400, 'token-refused'],
    [503, 'token-unreachable'],
  ])('HTTP %d from the authorization server is %s, and nothing was sent', async (status, code) => {
    const server = await serverThat((_, response) => json(response, status, {}))
    const { options } = await setUp(1)
    const client = createFhirClient({
      baseUrl: server.base,
      tokens: createTokenSource({ ...options, tokenUrl: `${server.base}/token` }),
    })
    expect(await client.request({ method: 'PUT', path: 'Task/1', body: '{}' })).toMatchObject({
      ok: false,
      error: { code, mayHaveArrived: false },
    })
    expect(server.heard.map((one) => one.url)).toEqual(['/fhir/token'])
  })
})

const certificates = makeCertificates()
const withTls = certificates === undefined ? test.skip : test
withTls('mutual TLS: with our certificate it arrives, without it nothing does', async () => {
  if (certificates === undefined) return
  const { ca, server, client } = certificates
  const { base, heard } = await serverThat((_, response) => json(response, 200, {}), { ...server, ca })
  const known = new Agent({ connect: { ca, ...client } })
  const unknown = new Agent({ connect: { ca } })
  closers.push(() => Promise.all([known.close(), unknown.close()]))
  const payload = sealed('{"resourceType":"Task","id":"t"}')
  expect((await push({ baseUrl: base, requestOptions: { dispatcher: known } }).send(item(), payload)).kind).toBe('delivered')
  expect((await push({ baseUrl: base, requestOptions: { dispatcher: unknown } }).send(item(), payload)).kind).not.toBe(
    'delivered',
  )
  expect((await push({ baseUrl: base }).send(item(), payload)).kind).toBe('later')
  expect(heard).toHaveLength(1)
})

describe('HL7 v2', () => {
  const message = 'MSH|^~\\&|MISSION|HTEST|EHR|BAYOU|2026||REF^I12^REF_I12|G-1|P|2.5.1\rRF1|P|||||R-1\r'
  test.each([
    ['AA', 'delivered', undefined],
    ['CA', 'delivered', undefined],
    ['AE', 'later', 'ack-ae'],
    ['CE', 'later', 'ack-ce'],
    ['AR', 'refused', 'ack-ar'],
    ['CR', 'refused', 'ack-cr'],
    ['??', 'refused', 'ack-unknown'],
  ])('MSA-1 %s is %s', async (code, kind, cause) => {
    const seen: string[] = []
    const listener = await startMllpListener({
      host: '127.0.0.1',
      port: 0,
      handle: (bytes) => {
        seen.push(Buffer.from(bytes).toString())
        return Promise.resolve(Buffer.from(`MSH|^~\\&|EHR|BAYOU|MISSION|HTEST|2026||RRI^I12|9|P|2.5.1\rMSA|${code}|G-1\r`))
      },
    })
    const sender = createMllpSender({ host: '127.0.0.1', port: listener.port, timeoutMs: 1000 })
    closers.push(
      () => listener.stop(50),
      () => sender.close(),
    )
    const outcome = await createV2Send({ senderFor: () => Promise.resolve(sender) }).send(item(), sealed(message))
    expect(outcome).toMatchObject({ kind, ...(cause === undefined ? {} : { cause }) })
    expect(outcome.kind !== 'delivered' || outcome.reply !== undefined).toBe(true)
    expect(seen).toEqual([message])
  })
  test('what is no message is not sent', async () => {
    const outcome = await createV2Send({
      senderFor: () => Promise.resolve(createMllpSender({ host: '127.0.0.1', port: 1 })),
    }).send(item(), sealed('hello'))
    expect(outcome).toEqual({ kind: 'refused', cause: 'not-hl7v2' })
  })
})

describe('HMIS export', () => {
  const folder = (): string => mkdtempSync(join(tmpdir(), 'gateway-hmis-'))
  test('lies in the folder, whole, and nothing beside it; and is not written twice', async () => {
    const target = join(folder(), 'new')
    const drop = createHmisDrop({ folderFor: () => Promise.resolve(target) })
    const one = item()
    expect(await drop.ask?.(one)).toBe('not-arrived')
    expect(await drop.send(one, sealed('PK…'))).toEqual({ kind: 'delivered' })
    expect(readdirSync(target)).toEqual([`${one.id}.zip`])
    expect(readFileSync(join(target, `${one.id}.zip`), 'utf8')).toBe('PK…')
    expect(await drop.ask?.(one)).toBe('arrived')
  })
  test('a folder that cannot be written is tried later, and leaves nothing', async () => {
    const file = join(folder(), 'file')
    writeFileSync(file, '')
    const outcome = await createHmisDrop({ folderFor: () => Promise.resolve(file) }).send(item(), sealed('x'))
    expect(outcome.kind).toBe('later')
    expect(existsSync(`${file}/x`)).toBe(false)
  })
})
