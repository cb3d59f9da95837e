import { readConfig } from '../../src/app/config.ts'
import { openHouse } from '../../src/app/gateway.ts'
import { createMllpSender } from '../../src/delivery/mllp-sender.ts'
import { acknowledge } from '../../src/formats/hl7v2/acknowledge.ts'
import { controlIdOf, parse, segmentNamed, textAt } from '../../src/formats/hl7v2/message.ts'
import type { House } from '../../src/flow/house.ts'
import { registerPartner } from '../../src/flow/partners.ts'
import { silentLog } from '../../src/platform/log.ts'
import { startMllpListener, type MllpTls } from '../../src/worker/mllp-listener.ts'
import { openStreet, settingsFor, type Street } from '../http/street.ts'

/** A gateway with its MLLP door open to one partner, Bayou Behavioral Health, which listens on a socket of its own. */
export interface Clinic {
  readonly street: Street
  /** A second gateway's house on the same database, as the operator's commands open it. */
  readonly house: House
  /** What the clinic was sent, oldest first. */
  readonly received: readonly string[]
  /** How the clinic answers a message; an ACK with AA when it gives nothing. */
  answerWith: (answer: ((message: string) => string | undefined) | undefined) => void
  /** Agrees on another way in, from now on. */
  agree: (agreed: Agreed) => Promise<void>
  /** Sends a message and gives the acknowledgement. */
  send: (message: string) => Promise<string>
  close: () => Promise<void>
}

/** What the agreement says of the clinic's way in. */
export interface Agreed {
  readonly version?: string
  readonly messages?: readonly string[]
  readonly answers?: 'with-msa' | 'without-msa'
}

/** What a clinic that wants mutual TLS listens with, and where the gateway finds its authority. */
export interface Tls {
  readonly listening: MllpTls
  readonly caFile: string
}

export const field = (message: string, segment: string, number: number, component = 1): string | undefined => {
  const parsed = parse(message)
  return parsed.ok ? textAt(parsed.value, segmentNamed(parsed.value, segment), { field: number, component }) : undefined
}

const acknowledged = (message: string): string => {
  const parsed = parse(message)
  if (!parsed.ok) throw new Error('the clinic was sent no message')
  const by = { controlId: 'C1', time: '20260202120000', application: 'BAYOU', facility: 'BAYOU BH' }
  return acknowledge(by, 'AA', parsed.value, controlIdOf(parsed.value))
}

const BAYOU = {
  id: 'bayou-bh',
  name: 'Bayou Behavioral Health',
  kind: ['part2-program', 'covered-entity'],
  sector: 'behavioural-health',
  purposes: ['TREAT'],
  scopes: ['system/*.cruds'],
}
const V2 = { kind: 'hl7v2', version: '2.5.1', application: 'BAYOU', facility: 'BAYOU BH', zone: 'America/Chicago' }

/**
 * @param more variables of the gateway beside those of every clinic
 * @param way what the agreement says of the clinic's way in, beside where it is; with certificates it listens with mutual TLS
 */
export const openClinic = async (
  more: Readonly<Record<string, string>> = {},
  { tls, ...way }: Agreed & { readonly tls?: Tls } = {},
): Promise<Clinic> => {
  const ways = { GATEWAY_MLLP_PORT: '0', GATEWAY_MLLP_PEER: 'bayou-bh', GATEWAY_RETRY_FIRST_MS: '100' }
  const street = await openStreet({ ...ways, ...more })
  const received: string[] = []
  let answering: ((message: string) => string | undefined) | undefined
  const listener = await startMllpListener({
    host: '127.0.0.1',
    port: 0,
    ...(tls === undefined ? {} : { tls: tls.listening }),
    handle: (bytes) => {
      const message = Buffer.from(bytes).toString('utf8')
      received.push(message)
      return Promise.resolve(Buffer.from(answering?.(message) ?? acknowledged(message)))
    },
  })
  const config = readConfig({ ...settingsFor(street.folder), DATABASE_URL: street.url })
  if (!config.ok) throw new Error(config.error.join('; '))
  const opened = await openHouse(config.value, silentLog)
  const agree = async (agreed: Agreed): Promise<void> => {
    const at = { host: '127.0.0.1', port: listener.port, ...(tls === undefined ? {} : { caFile: tls.caFile }) }
    const added = await registerPartner(
      opened.house,
      { ...BAYOU, jwks: { keys: [street.keys.publicJwk] }, channels: [{ ...V2, ...at, ...agreed }] },
      'operator',
    )
    if (!added.ok) throw new Error(JSON.stringify(added.error))
  }
  await agree(way)
  const [host = '', port = ''] = street.gateway.mllpAddress.split(':')
  const sender = createMllpSender({ host, port: Number(port) })
  return {
    street,
    house: opened.house,
    received,
    agree,
    answerWith: (answer) => {
      answering = answer
    },
    send: async (message) => {
      const answer = await sender.send(Buffer.from(message))
      if (!answer.ok) throw new Error(answer.error.code)
      return Buffer.from(answer.value.bytes).toString('utf8')
    },
    close: async () => {
      sender.close()
      await opened.close()
      await street.close()
      await listener.stop(100)
    },
  }
}

/** The records without which nothing about the client may reach the clinic. */
export const enrol = async (street: Street): Promise<void> => {
  for (const [record, name] of [
    ['staff', 'staff-case-manager'],
    ['staff', 'staff-peer-support-specialist'],
    ['client', 'client'],
    ['enrolment', 'enrolment'],
    ['consent', 'consent-clinic'],
  ] as const)
    await street.post(record, name)
}

/** Asks again until it holds; what was last seen comes back in any case. */
export const eventually = async <T>(ask: () => T | Promise<T>, holds: (seen: T) => boolean, withinMs = 8_000): Promise<T> => {
  const until = performance.now() + withinMs
  for (;;) {
    const seen = await ask()
    if (holds(seen) || performance.now() > until) return seen
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}
