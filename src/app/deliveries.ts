import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Agent } from 'undici'
import { createTokenSource } from '../delivery/access-token.ts'
import { createFhirClient, type FhirClient } from '../delivery/fhir-client.ts'
import { createFhirPush } from '../delivery/fhir-push.ts'
import { createMail, type MailServer } from '../delivery/mail.ts'
import { createRestHook } from '../delivery/rest-hook.ts'
import { createHmisDrop } from '../delivery/hmis-drop.ts'
import { createMllpSender, type MllpSender } from '../delivery/mllp-sender.ts'
import type { OutboxItem } from '../delivery/outbox.ts'
import type { RetryPolicy } from '../delivery/retry.ts'
import { createV2Send } from '../delivery/v2-send.ts'
import { createDeliveryWorker, type Carrier, type DeliveryEvent, type DeliveryWorker } from '../delivery/worker.ts'
import type { Disclosure } from '../disclosure/seal.ts'
import { discloseItem } from '../flow/deliveries.ts'
import { keepReply, keepSent } from '../flow/exchanges.ts'
import type { House } from '../flow/house.ts'
import { receiveReply } from '../flow/messages.ts'
import { noteRefusedPush } from '../flow/push-conflicts.ts'
import { registeredEndpoint } from '../flow/subscriptions.ts'
import type { Channel } from '../model/partner.ts'

type Of<K extends Channel['kind']> = Extract<Channel, { kind: K }>

export interface DeliverySettings {
  /** For the connection that proves that this worker is alive. */
  readonly databaseUrl: string
  /** A number of 31 bits that no other gateway has. */
  readonly owner: number
  /** Our own certificate, for partners that ask for one. */
  readonly certFile: string | undefined
  readonly keyFile: string | undefined
  readonly retry: RetryPolicy
  /** Who takes our mail; without it, notices by e-mail wait. */
  readonly mail: MailServer | undefined
  /** Hears what came of each delivery, for the log and the metrics. */
  readonly observe: (event: DeliveryEvent) => void
}

/** The way of one kind to a partner, as the register has it now. */
const channelOf = async <K extends Channel['kind']>(house: House, item: OutboxItem, kind: K): Promise<Of<K> | undefined> =>
  (await house.partners.byId(item.partner))?.channels.find((channel): channel is Of<K> => channel.kind === kind)

const fileOf = (file: string | undefined): Promise<string | undefined> =>
  file === undefined ? Promise.resolve(undefined) : readFile(file, 'utf8')

/** Options of `fetch` under which a partner's server is known by its authorities, and we by our certificate. */
const mutualTls = async (
  settings: Pick<DeliverySettings, 'certFile' | 'keyFile'>,
  caFile: string | undefined,
): Promise<{ readonly requestOptions?: { readonly dispatcher: Agent } }> => {
  if (caFile === undefined) return {}
  const [ca, cert, key] = await Promise.all([fileOf(caFile), fileOf(settings.certFile), fileOf(settings.keyFile)])
  const own = cert === undefined || key === undefined ? {} : { cert, key }
  return { requestOptions: { dispatcher: new Agent({ connect: { ...(ca === undefined ? {} : { ca }), ...own } }) } }
}

/** A client of a partner's server, as the register has it, with no more of a scope than it is opened for. */
export const fhirClientOf = async (
  house: House,
  settings: Pick<DeliverySettings, 'certFile' | 'keyFile'>,
  channel: Of<'fhir-push'>,
  scope = 'system/*.cu',
): Promise<FhirClient> => {
  const { baseUrl, tokenUrl, clientId, keyFile } = channel
  const tls = await mutualTls(settings, channel.caFile)
  if (tokenUrl === undefined || clientId === undefined || keyFile === undefined) return createFhirClient({ baseUrl, ...tls })
  const key = createPrivateKey(await readFile(keyFile, 'utf8'))
  const algorithm = key.asymmetricKeyType === 'rsa' ? 'RS384' : 'ES384'
  const { clock, newId } = house
  const who = { tokenUrl, clientId, key, keyId: clientId, algorithm, scope } as const
  return createFhirClient({ baseUrl, tokens: createTokenSource({ ...who, clock, newId, ...tls }), ...tls })
}

const senderOf = async (settings: DeliverySettings, { host, port, caFile }: Of<'hl7v2'>): Promise<MllpSender> => {
  if (caFile === undefined) return createMllpSender({ host, port })
  const [ca, cert, key] = await Promise.all([fileOf(caFile), fileOf(settings.certFile), fileOf(settings.keyFile)])
  const own = cert === undefined || key === undefined ? {} : { cert, key }
  return createMllpSender({ host, port, tls: { ...(ca === undefined ? {} : { ca }), ...own } })
}

/** One connection for each way, kept while the way stays as it is. */
export const remembered = <C extends Channel, T>(
  open: (channel: C) => Promise<T>,
): ((channel: C | undefined) => Promise<T | undefined>) => {
  const known = new Map<string, Promise<T>>()
  return (channel) => {
    if (channel === undefined) return Promise.resolve(undefined)
    const key = JSON.stringify(channel)
    const opened = known.get(key) ?? open(channel)
    known.set(key, opened)
    return opened
  }
}

/** What leaves is kept, encrypted, before it leaves; so an operator can see what a partner was really sent. */
const discloseAndKeep = async (
  house: House,
  { observe }: DeliverySettings,
  item: OutboxItem,
): Promise<Disclosure | 'withheld'> => {
  const sent = await discloseItem(house, item)
  if (sent === 'withheld') return sent
  await keepSent(house, item, sent)
  const elements = sent.losses.reduce((sum, { count }) => sum + count, 0)
  if (elements > 0) observe({ kind: 'losses', message: kindOf(item), elements })
  return sent.disclosure
}

/** `SIU`, `ADT`, `ORU`; whatever tells of a referral is `referral`. */
const kindOf = ({ what }: OutboxItem): string =>
  typeof what['message'] === 'string' ? (what['message'].split('^')[0] ?? '') : 'referral'

/** An HL7 v2 answer may move the referral at once; whatever else a partner answers says no more than that it has the item. */
const takeReply = async (house: House, item: OutboxItem, reply: Uint8Array): Promise<void> => {
  await keepReply(house, item, reply)
  if (item.channel !== 'hl7v2') return
  const peer = await house.partners.byId(item.partner)
  if (peer !== undefined) await receiveReply(house, peer, reply)
}

/** Where a notification may go now: the subscription's endpoint, while the register has it. */
const hookOf = (house: House, settings: DeliverySettings) => {
  const options = remembered((way: Of<'rest-hook'>) => mutualTls(settings, way.caFile))
  return async (item: OutboxItem) => {
    const found = await registeredEndpoint(house, item)
    return found?.way.kind === 'rest-hook' ? { url: found.endpoint, ...(await options(found.way)) } : undefined
  }
}

const mailOf = (house: House, { mail }: DeliverySettings): { readonly email?: Carrier } => {
  if (mail === undefined) return {}
  const addressFor = async (item: OutboxItem): Promise<string | undefined> =>
    (await registeredEndpoint(house, item))?.endpoint.slice('mailto:'.length)
  return { email: createMail({ db: house.db, clock: house.clock, server: mail, addressFor }) }
}

/** The worker that empties the outbox, with every way to a partner that there is. */
export const openDeliveries = (house: House, settings: DeliverySettings): DeliveryWorker => {
  const clients = remembered((channel: Of<'fhir-push'>) => fhirClientOf(house, settings, channel))
  const senders = remembered((channel: Of<'hl7v2'>) => senderOf(settings, channel))
  return createDeliveryWorker({
    db: house.db,
    url: settings.databaseUrl,
    owner: settings.owner,
    clock: house.clock,
    retry: settings.retry,
    observe: settings.observe,
    disclose: (item) => discloseAndKeep(house, settings, item),
    answered: (item, reply) => takeReply(house, item, reply),
    carriers: {
      'fhir-push': createFhirPush({
        clientFor: async (item) => clients(await channelOf(house, item, 'fhir-push')),
        conflicted: (item, disclosure) => noteRefusedPush(house, item, disclosure),
      }),
      hl7v2: createV2Send({ senderFor: async (item) => senders(await channelOf(house, item, 'hl7v2')) }),
      subscription: createRestHook({ db: house.db, clock: house.clock, endpointFor: hookOf(house, settings) }),
      ...mailOf(house, settings),
      'hmis-csv': createHmisDrop({ folderFor: async (item) => (await channelOf(house, item, 'hmis-csv'))?.folder }),
    },
  })
}
