import { afterEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { createMllpSender, mayHaveArrived, type MllpSender, type MllpSenderOptions } from '../../src/delivery/mllp-sender.ts'
import { acknowledge } from '../../src/formats/hl7v2/acknowledge.ts'
import { controlIdOf, parse } from '../../src/formats/hl7v2/message.ts'
import { frame } from '../../src/formats/hl7v2/mllp-frame.ts'
import {
  startMllpListener,
  type MllpEvent,
  type MllpListener,
  type MllpListenerOptions,
  type Peer,
} from '../../src/worker/mllp-listener.ts'
import { makeCertificates } from '../support/certificates.ts'

const HOST = '127.0.0.1'
const bytes = (text: string): Uint8Array => Buffer.from(text)
const refI12 = (controlId: string): Uint8Array =>
  bytes(`MSH|^~\\&|MISSION|HTEST|EHR|BAYOU|2026||REF^I12|${controlId}|P|2.5.1\rRF1|P\r`)

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const ack = (payload: Uint8Array): Promise<Uint8Array> => {
  const parsed = parse(payload)
  const by = { controlId: 'G1', time: '2026', application: 'EHR', facility: 'BAYOU' }
  return Promise.resolve(
    bytes(
      parsed.ok
        ? acknowledge(by, 'AA', parsed.value, controlIdOf(parsed.value))
        : acknowledge(by, 'AR', undefined, '', parsed.error),
    ),
  )
}
const listen = async (options: Partial<MllpListenerOptions> = {}): Promise<MllpListener> => {
  const listener = await startMllpListener({ host: HOST, port: 0, handle: ack, ...options })
  closers.push(() => listener.stop(200))
  return listener
}
const sendTo = (port: number, options: Partial<MllpSenderOptions> = {}): MllpSender => {
  const sender = createMllpSender({ host: HOST, port, timeoutMs: 2000, ...options })
  closers.push(() => sender.close())
  return sender
}
/** A peer that does with a connection what the test says. */
const peerThat = async (does: (socket: Socket) => void): Promise<number> => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    does(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
  closers.push(() => {
    sockets.forEach((socket) => socket.destroy())
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

describe('there and back', () => {
  test('each message gets its own answer, in order, over one connection', async () => {
    const events: MllpEvent[] = []
    const listener = await listen({ observe: (event) => events.push(event) })
    const sender = sendTo(listener.port)
    const answers = await Promise.all(['A', 'B', 'C'].map((id) => sender.send(refI12(id))))
    expect(answers.map((one) => one.ok && one.value.code)).toEqual(['AA', 'AA', 'AA'])
    expect(events.filter((event) => event.kind === 'opened')).toHaveLength(1)
    expect(events.filter((event) => event.kind === 'handled')).toHaveLength(3)
  })

  test('one message at a time, however they are pressed together', async () => {
    let under = 0
    let most = 0
    const seen: string[] = []
    const listener = await listen({
      handle: async (payload) => {
        most = Math.max(most, ++under)
        await wait(5)
        under -= 1
        const parsed = parse(payload)
        if (parsed.ok) seen.push(controlIdOf(parsed.value))
        return ack(payload)
      },
    })
    const socket = connect(listener.port, HOST)
    closers.push(() => socket.destroy())
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
    socket.write(Buffer.concat(['1', '2', '3', '4'].map((id) => frame(refI12(id)))))
    while (text.split('MSA|').length < 5) await wait(5)
    expect([most, seen]).toEqual([1, ['1', '2', '3', '4']])
  })

  test('an application answer counts, whatever its type, and one for another message does not', async () => {
    const port = await peerThat((socket) => {
      socket.on('data', () => {
        socket.write(frame(bytes('MSH|^~\\&|A|B|C|D|2026||ACK|9|P|2.5\rMSA|AE|another\r')))
        socket.write(frame(bytes('MSH|^~\\&|A|B|C|D|2026||RRI^I12|9|P|2.5\rMSA|AA|X1\rRF1|A\r')))
      })
    })
    const answer = await sendTo(port).send(refI12('X1'))
    expect(answer).toMatchObject({ ok: true, value: { code: 'AA' } })
    expect(answer.ok && answer.value.message.segments.map((one) => one.id)).toEqual(['MSH', 'MSA', 'RF1'])
  })
})

describe('what goes wrong on the way', () => {
  test.each([
    ['nobody listens', undefined, 'unreachable', false],
    ['silence', () => undefined, 'answer-missing', true],
    ['the connection closes', (socket: Socket) => socket.on('data', () => socket.destroy()), 'connection-lost', true],
    [
      'half an answer',
      (socket: Socket) => socket.on('data', () => socket.end('\u000bMSH|^~\\&|A|B\rMSA|AA|X')),
      'connection-lost',
      true,
    ],
    [
      'an endless answer',
      (socket: Socket) => socket.on('data', () => socket.write(Buffer.concat([Buffer.of(11), Buffer.alloc(5000, 65)]))),
      'connection-lost',
      true,
    ],
  ] as const)('%s', async (_, does, code, arrived) => {
    const port = does === undefined ? 1 : await peerThat(does)
    const answer = await sendTo(port, { timeoutMs: 150, bytesMax: 1000 }).send(refI12('X'))
    expect(answer).toMatchObject({ ok: false, error: { kind: 'unavailable', code } })
    expect(!answer.ok && mayHaveArrived(answer.error)).toBe(arrived)
  })

  test('after a loss the next message opens the connection again', async () => {
    let count = 0
    const port = await peerThat((socket) => {
      socket.on('data', (chunk) => {
        count += 1
        if (count === 1) return socket.destroy()
        const parsed = parse(new Uint8Array(chunk.subarray(1, -2)))
        return socket.write(frame(bytes(`MSH|^~\\&|A\rMSA|AA|${parsed.ok ? controlIdOf(parsed.value) : ''}\r`)))
      })
    })
    const sender = sendTo(port)
    expect((await sender.send(refI12('1'))).ok).toBe(false)
    expect((await sender.send(refI12('2'))).ok).toBe(true)
  })

  test('a late answer to an earlier message is not taken for the next one', async () => {
    const port = await peerThat((socket) => {
      socket.on('data', (chunk) => {
        const parsed = parse(new Uint8Array(chunk.subarray(1, -2)))
        const id = parsed.ok ? controlIdOf(parsed.value) : ''
        setTimeout(() => socket.write(frame(bytes(`MSH|^~\\&|A\rMSA|AA|${id}\r`))), id === 'slow' ? 150 : 0)
      })
    })
    const sender = sendTo(port, { timeoutMs: 60 })
    expect(await sender.send(refI12('slow'))).toMatchObject({ ok: false, error: { code: 'answer-missing' } })
    await wait(60)
    expect(await sender.send(refI12('next'))).toMatchObject({ ok: true, value: { code: 'AA' } })
  })
})

describe('a listener that strangers talk to', () => {
  test('a handler that fails closes the connection and acknowledges nothing', async () => {
    const listener = await listen({ handle: () => Promise.reject(new Error('no')) })
    expect(await sendTo(listener.port).send(refI12('1'))).toMatchObject({ ok: false, error: { code: 'connection-lost' } })
  })
  test('half a frame is not handed over, and the next connection works', async () => {
    const seen: Uint8Array[] = []
    const listener = await listen({ handle: (payload) => (seen.push(payload), ack(payload)) })
    const socket = connect(listener.port, HOST)
    socket.end(frame(refI12('half')).slice(0, -1))
    await new Promise((resolve) => socket.on('close', resolve))
    expect(seen).toHaveLength(0)
    expect((await sendTo(listener.port).send(refI12('whole'))).ok).toBe(true)
  })
  test('a frame that is too large ends its connection only', async () => {
    const listener = await listen({ bytesMax: 1000 })
    const socket = connect(listener.port, HOST)
    socket.on('error', () => undefined)
    socket.write(Buffer.concat([Buffer.of(11), Buffer.alloc(5000, 65)]))
    await new Promise((resolve) => socket.on('close', resolve))
    expect((await sendTo(listener.port).send(refI12('1'))).ok).toBe(true)
  })
  test('an idle connection is closed', async () => {
    const listener = await listen({ idleTimeoutMs: 30 })
    const socket = connect(listener.port, HOST)
    await new Promise((resolve) => socket.on('close', resolve).resume())
    expect(socket.destroyed).toBe(true)
  })
  test('it survives any bytes', async () => {
    const listener = await listen({ bytesMax: 500 })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), fc.boolean(), async (chunks, isFramed) => {
        const socket = connect(listener.port, HOST)
        socket.on('error', () => undefined)
        socket.resume()
        for (const chunk of chunks) socket.write(isFramed ? frame(chunk) : chunk)
        socket.end()
        await new Promise((resolve) => socket.on('close', resolve))
      }),
      { numRuns: 40 },
    )
    expect((await sendTo(listener.port).send(refI12('still here'))).ok).toBe(true)
  })
  test('stopping lets the message under way be answered', async () => {
    const listener = await startMllpListener({ host: HOST, port: 0, handle: async (payload) => (await wait(60), ack(payload)) })
    const answer = sendTo(listener.port).send(refI12('1'))
    await wait(20)
    await listener.stop()
    expect((await answer).ok).toBe(true)
  })
})

const certificates = makeCertificates()
const withTls = certificates === undefined ? test.skip : test
describe('TLS', () => {
  withTls('both sides prove who they are', async () => {
    if (certificates === undefined) return
    const { ca, server, client, stranger } = certificates
    const peers: Peer[] = []
    const listener = await listen({ tls: { ...server, ca }, handle: (payload, peer) => (peers.push(peer), ack(payload)) })
    expect((await sendTo(listener.port, { tls: { ca, ...client } }).send(refI12('1'))).ok).toBe(true)
    expect(peers[0]).toMatchObject({ commonName: 'bayou-bh', fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}/) })
    for (const tls of [{ ca }, { ca, ...stranger }, { ca: stranger.cert, ...client }]) {
      expect(await sendTo(listener.port, { tls, timeoutMs: 500 }).send(refI12('2'))).toMatchObject({
        ok: false,
        error: { kind: 'unavailable' },
      })
    }
    expect((await sendTo(listener.port, { timeoutMs: 300 }).send(refI12('plain'))).ok).toBe(false)
    expect(peers).toHaveLength(1)
  })
})
