// In: a sealed notice of news. Out: what the mail server made of it.
// Never: writes of a person, sends in the clear beyond this machine, or gives a message another name when it is sent again.
import { createTransport, type Transporter } from 'nodemailer'
import type { Clock } from '../platform/clock.ts'
import type { Db } from '../platform/db.ts'
import type { OutboxItem } from './outbox.ts'
import { settleNotification } from './subscription-events.ts'
import type { Carrier, Outcome } from './worker.ts'

/** The mail server that takes our mail. */
export interface MailServer {
  readonly host: string
  readonly port: number
  /** Who the mail comes from. */
  readonly from: string
  readonly login?: { readonly user: string; readonly password: string }
  /** Authorities of the server's certificate, in PEM; those of the system when absent. */
  readonly ca?: string
}

export interface MailOptions {
  readonly db: Db
  readonly clock: Clock
  readonly server: MailServer
  /** To whom; `undefined` when the subscription has ended, or its address is registered no more. */
  readonly addressFor: (item: OutboxItem) => Promise<string | undefined>
  /** Default 20 seconds for each step of the conversation. */
  readonly timeoutMs?: number
}

const LOOPBACK = /^(127\.|localhost$|::1$)/

/** Sends notices by SMTP, with STARTTLS (TLS from the start on port 465), and keeps the state of the subscription with what came of them. */
export const createMail = (options: MailOptions): Carrier => {
  const transport = openTransport(options.server, options.timeoutMs ?? 20_000)
  return {
    send: async (item, disclosure) => {
      const to = await options.addressFor(item)
      if (to === undefined) return { kind: 'refused', cause: 'subscription-ended' }
      const [subject = '', ...lines] = String(disclosure.payload).split('\n')
      const outcome = await post(transport, { from: options.server.from, to, subject, text: lines.join('\n').trimStart() }, item)
      const came = outcome.kind === 'delivered' ? 'delivered' : outcome.kind === 'unknown' ? 'unknown' : 'failed'
      await settleNotification(options.db, item, came, options.clock.now())
      return outcome
    },
  }
}

const openTransport = ({ host, port, login, ca }: MailServer, timeoutMs: number): Transporter =>
  createTransport({
    host,
    port,
    secure: port === 465,
    requireTLS: !LOOPBACK.test(host) || ca !== undefined,
    ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password } }),
    ...(ca === undefined ? {} : { tls: { ca } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })

interface Letter {
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly text: string
}

const post = async (transport: Transporter, letter: Letter, item: OutboxItem): Promise<Outcome> => {
  try {
    await transport.sendMail({
      ...letter,
      // the same for every attempt, so that a mailbox can tell that it has it already
      messageId: `<${item.id}@mission-gateway>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    })
    return { kind: 'delivered' }
  } catch (error) {
    return outcomeOf(error)
  }
}

/** @spec RFC 5321 §4.2.1: 4yz may be tried again, 5yz may not; without an answer to the data it may have been taken */
const outcomeOf = (error: unknown): Outcome => {
  const of = (name: 'responseCode' | 'code' | 'command'): unknown =>
    typeof error === 'object' && error !== null && name in error ? Reflect.get(error, name) : undefined
  const answered = of('responseCode')
  if (typeof answered === 'number' && answered >= 500 && of('code') !== 'EAUTH') return { kind: 'refused', cause: 'smtp-refused' }
  if (typeof answered === 'number' || of('code') === 'EAUTH') return { kind: 'later', cause: 'smtp-later' }
  return of('command') === 'DATA'
    ? { kind: 'unknown', cause: 'smtp-answer-missing' }
    : { kind: 'later', cause: 'smtp-unreachable' }
}
