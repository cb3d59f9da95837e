// In: the bytes of one HL7 v2 message after another, for one partner.
// Out: the answer whose MSA-2 is the message's control id, an ACK or an application answer such as RRI.
// Never: sends a second message before the first is answered, or takes an answer for another message.
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { answerOf } from '../formats/hl7v2/acknowledge.ts'
import { controlIdOf, parse, type Message } from '../formats/hl7v2/message.ts'
import { createFrameDecoder, frame } from '../formats/hl7v2/mllp-frame.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { problem, type Problem } from '../platform/problem.ts'

export interface MllpSenderOptions {
  readonly host: string
  readonly port: number
  /** TLS, and with `key` and `cert` mutual TLS. */
  readonly tls?: { readonly ca?: string; readonly key?: string; readonly cert?: string; readonly servername?: string }
  /** Milliseconds to wait for the answer; default 30,000. */
  readonly timeoutMs?: number
  /** Milliseconds to wait for the connection; default 10,000. */
  readonly connectTimeoutMs?: number
  /** Largest answer in bytes; default 1 MiB. */
  readonly bytesMax?: number
}

/** What a partner answered, with the bytes as they came. */
export interface MllpAnswer {
  /** Table 0008, as the partner wrote it. */
  readonly code: string
  readonly text?: string
  readonly message: Message
  readonly bytes: Uint8Array
}

export interface MllpSender {
  /**
   * Sends one message and waits for its answer; messages wait for each other.
   * Fails with `unreachable` when nothing was sent, and with `answer-missing` (timeout) or `connection-lost` when it may have arrived.
   */
  readonly send: (bytes: Uint8Array) => Promise<Result<MllpAnswer>>
  readonly close: () => void
}

/** True when a failed send may have reached the partner, so that "not delivered" cannot be said. */
export const mayHaveArrived = (because: Problem): boolean =>
  because.code === 'answer-missing' || because.code === 'connection-lost'

/** A sender that keeps one connection open and opens it again when it was lost. */
export const createMllpSender = (options: MllpSenderOptions): MllpSender => {
  let socket: Socket | undefined
  let work: Promise<unknown> = Promise.resolve()

  const connected = async (): Promise<Result<Socket>> => {
    if (socket !== undefined && !socket.destroyed && socket.writable) return ok(socket)
    const opened = await open(options)
    if (opened.ok) socket = opened.value
    return opened
  }
  const exchange = async (bytes: Uint8Array): Promise<Result<MllpAnswer>> => {
    const parsed = parse(bytes)
    if (!parsed.ok) return parsed
    const on = await connected()
    if (!on.ok) return on
    const answer = await sendAndWait(on.value, bytes, controlIdOf(parsed.value), options)
    if (!answer.ok) on.value.destroy()
    return answer
  }
  return {
    send: (bytes) => {
      const turn = work.then(() => exchange(bytes))
      work = turn.catch(() => undefined)
      return turn
    },
    close: () => socket?.destroy(),
  }
}

const open = ({ host, port, tls, connectTimeoutMs = 10_000 }: MllpSenderOptions): Promise<Result<Socket>> =>
  new Promise((resolve) => {
    const socket = tls === undefined ? connectTcp({ host, port }) : connectTls({ host, port, minVersion: 'TLSv1.2', ...tls })
    const timer = setTimeout(() => end('connecting took too long'), connectTimeoutMs)
    const end = (detail?: string): void => {
      clearTimeout(timer)
      socket.removeAllListeners()
      socket.on('error', () => socket.destroy())
      if (detail === undefined) {
        resolve(ok(socket))
        return
      }
      socket.destroy()
      resolve(fail(problem('unavailable', 'unreachable', { detail })))
    }
    socket.setNoDelay(true)
    socket.setKeepAlive(true)
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => end())
    socket.once('error', () => end('the connection was refused'))
    socket.once('close', () => end('the connection was closed'))
  })

const sendAndWait = (
  socket: Socket,
  bytes: Uint8Array,
  controlId: string,
  options: MllpSenderOptions,
): Promise<Result<MllpAnswer>> =>
  new Promise((resolve) => {
    const decoder = createFrameDecoder(options.bytesMax ?? 1024 * 1024)
    const lost = (code: string, detail: string): void => settle(fail(problem('unavailable', code, { detail })))
    const onClose = (): void => lost('connection-lost', 'the connection closed before the answer')
    const onData = (chunk: Uint8Array): void => {
      const framed = decoder.push(chunk)
      for (const payload of framed.frames) {
        const answer = answerFor(payload, controlId)
        if (answer !== undefined) {
          settle(ok(answer))
          return
        }
      }
      if (framed.isOverflow) lost('connection-lost', 'the answer is larger than allowed')
    }
    const timer = setTimeout(() => lost('answer-missing', 'no answer in time'), options.timeoutMs ?? 30_000)
    const settle = (result: Result<MllpAnswer>): void => {
      clearTimeout(timer)
      socket.off('data', onData)
      socket.off('close', onClose)
      resolve(result)
    }
    socket.on('data', onData)
    socket.on('close', onClose)
    socket.write(frame(bytes))
  })

/** The answer in a frame, when it is the one to this control id; anything else is left unanswered, and the wait goes on. */
const answerFor = (payload: Uint8Array, controlId: string): MllpAnswer | undefined => {
  const parsed = parse(payload)
  const answer = parsed.ok ? answerOf(parsed.value) : undefined
  if (!parsed.ok || answer === undefined || answer.controlId !== controlId) return undefined
  return { code: answer.code, ...(answer.text === undefined ? {} : { text: answer.text }), message: parsed.value, bytes: payload }
}
