import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { Agent } from 'undici'
import { createMail } from '../../src/delivery/mail.ts'
import type { OutboxItem } from '../../src/delivery/outbox.ts'
import { createRestHook } from '../../src/delivery/rest-hook.ts'
import { partnerId } from '../../src/model/ids.ts'
import { newId } from '../../src/platform/ids.ts'
import { makeCertificates } from '../support/certificates.ts'
import { settableClock } from '../support/clock.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { sealed } from './support.ts'

const clock = settableClock()
const certificates = makeCertificates()
let database: TestDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

/** An item of a subscription that is gone: what comes of it is settled on no row. */
const item = (channel: 'subscription' | 'email'): OutboxItem => ({
  seq: 1,
  id: newId(),
  partner: partnerId('bayou-bh'),
  orderKey: 'S-1',
  channel,
  what: { subscription: newId() },
  idempotencyKey: 'S-1',
  trace: 'T',
  patient: null,
  referral: null,
  controlId: null,
  enqueuedAt: clock.now(),
  state: 'sending',
  attempts: 1,
  nextAt: clock.now(),
  cause: null,
  endedAt: null,
})

const withTls = certificates === undefined ? describe.skip : describe
withTls('a subscriber whose endpoint asks for a certificate', () => {
  const heard: string[] = []
  const server = createServer(
    { ...certificates?.server, ca: certificates?.ca, requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        heard.push(body)
        response.writeHead(200).end()
      })
    },
  )
  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  const { ca = '', client, stranger } = certificates ?? {}

  test.each([
    ['ours', { ca, ...client }, 'delivered'],
    ['none', { ca }, 'unknown'],
    ['one that its authority did not sign', { ca, ...stranger }, 'unknown'],
    ['ours, but its own is of no authority that we know', { ca: stranger?.cert ?? '', ...client }, 'unknown'],
  ])('is shown %s', async (_, connect, kind) => {
    const before = heard.length
    const dispatcher = new Agent({ connect })
    const url = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook`
    const hook = createRestHook({
      db: database.db,
      clock,
      endpointFor: () => Promise.resolve({ url, requestOptions: { dispatcher } }),
    })
    expect((await hook.send(item('subscription'), sealed('{"resourceType":"Bundle"}'))).kind).toBe(kind)
    expect(heard.slice(before)).toEqual(kind === 'delivered' ? ['{"resourceType":"Bundle"}'] : [])
    await dispatcher.close()
  })
})

withTls('mail', () => {
  const letters: { readonly isSecure: boolean; readonly text: string }[] = []
  const smtp = (options: ConstructorParameters<typeof SMTPServer>[0] = {}): SMTPServer =>
    new SMTPServer({
      ...options,
      authOptional: true,
      onData: (stream, session, done) => {
        let text = ''
        stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
        stream.on('end', () => {
          letters.push({ isSecure: session.secure, text })
          done()
        })
      },
    })
  const [good, plain] = [smtp({ ...certificates?.server }), smtp({ disabledCommands: ['STARTTLS'] })]
  for (const one of [good, plain]) one.on('error', () => undefined)
  const portOf = (one: SMTPServer): number => (one.server.address() as AddressInfo).port
  beforeAll(async () => {
    for (const one of [good, plain]) await once(one.listen(0, '127.0.0.1'), 'listening')
  })
  afterAll(() => {
    for (const one of [good, plain]) one.close()
  })
  const send = async (to: SMTPServer, ca: string): Promise<string> => {
    const server = { host: '127.0.0.1', port: portOf(to), from: 'gateway@mission.example', ca }
    const mail = createMail({
      db: database.db,
      clock,
      server,
      addressFor: () => Promise.resolve('a@example.org'),
      timeoutMs: 3_000,
    })
    return (await mail.send(item('email'), sealed('There is news for you\n\nLook at your subscription.'))).kind
  }

  test('leaves after STARTTLS, by a server that its authority vouches for', async () => {
    expect(await send(good, certificates?.ca ?? '')).toBe('delivered')
    expect(letters.map(({ isSecure }) => isSecure)).toEqual([true])
    expect(letters[0]?.text).toContain('Subject: There is news for you')
  })
  test('does not leave when the server is of no authority that we know', async () => {
    expect(await send(good, certificates?.stranger.cert ?? '')).toBe('later')
    expect(letters).toHaveLength(1)
  })
  test('does not leave in the clear when the server takes the offer of TLS away', async () => {
    expect(await send(plain, certificates?.ca ?? '')).toBe('refused')
    expect(letters).toHaveLength(1)
  })
})
