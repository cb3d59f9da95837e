// In: HL7 v2 messages of partners over MLLP. Out: their acknowledgements, once what they say is durable.
// Never: takes a peer's word for who it is: its certificate says it, or the operator, who gave a listener to one partner alone.
import { readFile } from 'node:fs/promises'
import type { House } from '../flow/house.ts'
import { receiveMessage } from '../flow/messages.ts'
import type { Partner } from '../model/partner.ts'
import { startMllpListener, type MllpEvent, type MllpTls, type Peer } from './mllp-listener.ts'

export interface BackDoorSettings {
  readonly host: string
  readonly port: number
  readonly tls?: { readonly certFile: string; readonly keyFile: string; readonly caFile: string }
  /** Without TLS: the one partner that reaches this listener. */
  readonly peer?: string
  /** Hears what happens on the listener, for the log and the metrics. */
  readonly observe?: (event: MllpEvent) => void
}

export interface BackDoor {
  /** `host:port`, or `off`. */
  readonly mllpAddress: string
  close: () => Promise<void>
}

/** The partner at the other end, by its certificate, or by the operator's word for a listener without TLS. */
const partnerOf = async (house: House, settings: BackDoorSettings, peer: Peer): Promise<Partner | undefined> => {
  if (settings.tls === undefined) return settings.peer === undefined ? undefined : house.partners.byId(settings.peer)
  const known = (await house.partners.all()).find(
    (partner) =>
      partner.isActive &&
      partner.channels.some((channel) => channel.kind === 'hl7v2' && channel.certificate === peer.fingerprint),
  )
  return peer.fingerprint === undefined ? undefined : known
}

const filesOf = async (tls: NonNullable<BackDoorSettings['tls']>): Promise<MllpTls> => {
  const [cert, key, ca] = await Promise.all([tls.certFile, tls.keyFile, tls.caFile].map((file) => readFile(file, 'utf8')))
  return { cert: cert ?? '', key: key ?? '', ca: ca ?? '' }
}

/** Opens the MLLP listener, when there is to be one. */
export const startBackDoor = async (house: House, settings: BackDoorSettings | undefined): Promise<BackDoor> => {
  if (settings === undefined) return { mllpAddress: 'off', close: () => Promise.resolve() }
  const listener = await startMllpListener({
    host: settings.host,
    port: settings.port,
    ...(settings.tls === undefined ? {} : { tls: await filesOf(settings.tls) }),
    ...(settings.observe === undefined ? {} : { observe: settings.observe }),
    handle: async (bytes, peer) => {
      const partner = await partnerOf(house, settings, peer)
      if (partner === undefined) throw new Error('the peer is not a partner')
      return receiveMessage(house, partner, bytes)
    },
  })
  return { mllpAddress: `${listener.host}:${String(listener.port)}`, close: () => listener.stop() }
}
