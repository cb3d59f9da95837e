import { createHmac, createPublicKey } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createLedger } from '../audit/ledger.ts'
import { openPartnerBook } from '../flow/partners.ts'
import { openScopeBook } from '../flow/scopes.ts'
import type { House } from '../flow/house.ts'
import { fileHeadSink, parseHeads } from '../audit/head.ts'
import { searchValuesOf } from '../formats/fhir/search-values.ts'
import { openPages } from '../flow/pages.ts'
import { createFinder } from '../store/find.ts'
import { codesOf } from '../validation/subsumption.ts'
import { createStreet } from '../http/server.ts'
import { monotonicMs, systemClock, type Clock } from '../platform/clock.ts'
import { openDb } from '../platform/db.ts'
import { newId, type NewId } from '../platform/ids.ts'
import type { Log } from '../platform/log.ts'
import { startEmbedded } from '../platform/postgres.ts'
import { migrate } from '../store/migrate.ts'
import { openReader, type Reader } from '../store/reader.ts'
import { openTexts } from '../store/texts.ts'
import { openDropFolder } from '../worker/drop-folder.ts'
import { startBackDoor, type BackDoorSettings } from '../worker/back-door.ts'
import type { ExchangeKeys } from '../delivery/exchange.ts'
import { RETRY } from '../delivery/retry.ts'
import { loadAssets } from './assets.ts'
import type { Config } from './config.ts'
import { openConsole } from './console.ts'
import { openDeliveries } from './deliveries.ts'
import { mailServerOf } from './mail.ts'
import { openMetering, type Metering } from './metering.ts'
import { readKeys, type Keys } from './keys.ts'
import { pollRound } from './referral-poll.ts'
import { startRounds } from './rounds.ts'

export const VERSION = '0.1.0'

export interface OpenedHouse {
  readonly house: House
  readonly keys: Keys
  readonly databaseUrl: string
  close: () => Promise<void>
}

/** Where time and new ids come from; a test that must foresee them brings its own. */
export interface Seams {
  readonly clock: Clock
  readonly newId: NewId
}

const SEAMS: Seams = { clock: systemClock, newId }

/** The database of the configuration: the operator's server, or one of our own in the data folder. */
const openStore = async (config: Config, log: Log): Promise<{ url: string; stop: () => Promise<void> }> => {
  const given = config.secrets.databaseUrl
  return given === undefined
    ? startEmbedded({ dataDir: join(config.GATEWAY_DATA_DIR, 'postgres'), log })
    : { url: given, stop: () => Promise.resolve() }
}

const finderOf = ({ searches, definitions }: Awaited<ReturnType<typeof loadAssets>>, cursorKey: Uint8Array): House['find'] =>
  createFinder({ definitions: searches, cursorKey, codes: codesOf(definitions.terminology), texts: openTexts() })

const readerOf = (url: string, { secrets: { replicaUrl }, GATEWAY_POOL_SIZE: connectionsMax }: Config, log: Log): Reader =>
  openReader({ url, replicaUrl, connectionsMax, statementTimeoutMs: 10_000, log })

const settingsOf = (config: Config, origin: string): House['settings'] => ({
  version: VERSION,
  zone: config.GATEWAY_ZONE,
  jurisdiction: config.GATEWAY_JURISDICTION,
  fhirBase: `${origin}/fhir`,
  statement: config.GATEWAY_NOTICE === 'statement-1' ? 1 : 2,
})

/**
 * Opens everything that the corridor works with, without a door to the street: for the gateway itself, and for the operator's commands.
 * @param origin scheme, host and port as partners see them
 */
export const openHouse = async (
  config: Config,
  log: Log,
  origin = originOf(config, config.GATEWAY_PORT),
  { clock, newId: makeId }: Seams = SEAMS,
): Promise<OpenedHouse> => {
  // others may pass through, not look: root's PostgreSQL runs as another account, and its folder lies in here
  await mkdir(config.GATEWAY_DATA_DIR, { recursive: true, mode: 0o711 })
  const [keys, assets, store] = await Promise.all([
    readKeys({
      folder: join(config.GATEWAY_DATA_DIR, 'keys'),
      signing: config.GATEWAY_SIGNING_KEY_FILE,
      ledger: config.GATEWAY_LEDGER_KEY_FILE,
      content: config.GATEWAY_CONTENT_KEY_FILE,
    }),
    loadAssets(),
    openStore(config, log),
  ])
  const db = openDb({ url: store.url, connectionsMax: config.GATEWAY_POOL_SIZE, statementTimeoutMs: 30_000, log })
  await migrate(db)
  const reader = readerOf(store.url, config, log)
  // connections of its own: an answer does not wait for writers before its entry is durable
  const ledgerDb = openDb({ url: store.url, connectionsMax: 2, statementTimeoutMs: 30_000, log })
  const ledger = createLedger(ledgerDb, {
    key: keys.ledger,
    clock,
    headSink: fileHeadSink(headsFile(config)),
  })
  const heads = publishedHeads(config, keys)
  const partners = await openPartnerBook(db)
  const cursorKey = createHmac('sha256', keys.content).update('pages').digest()
  const house: House = {
    db,
    reader,
    clock,
    newId: makeId,
    log,
    ledger,
    heads,
    ...assets,
    readSearchValues: searchValuesOf(assets.searches),
    find: finderOf(assets, cursorKey),
    pages: openPages(cursorKey),
    settings: settingsOf(config, origin),
    partners,
    scopes: openScopeBook(db),
    exchangeKeys: exchangeKeysOf(keys),
    startedAt: clock.now(),
  }
  return {
    house,
    keys,
    databaseUrl: store.url,
    close: async () => {
      await ledger.close()
      await ledgerDb.close()
      await partners.close()
      await reader.close()
      await db.close()
      await store.stop()
    },
  }
}

const headsFile = (config: Config): string =>
  config.GATEWAY_LEDGER_HEADS_FILE ?? join(config.GATEWAY_DATA_DIR, 'ledger-heads.jsonl')

/** The heads as they stand in their file now; none before the first is published. */
const publishedHeads = (config: Config, { ledger }: Keys): House['heads'] => ({
  published: async () => parseHeads(await readFile(headsFile(config), 'utf8').catch(() => '')),
  keys: [createPublicKey(ledger)],
})

/** A key of their own, under an id that tells a changed content key from a broken one. */
const exchangeKeysOf = ({ content }: Keys): ExchangeKeys => {
  const key = createHmac('sha256', content).update('exchange').digest()
  const id = createHmac('sha256', key).update('id').digest('hex').slice(0, 16)
  return { current: id, byId: new Map([[id, key]]) }
}

const originOf = (config: Config, port: number): string =>
  config.GATEWAY_BASE_URL ?? `http://${config.GATEWAY_HOST}:${String(port)}`

export interface Gateway {
  readonly fhirBase: string
  /** Where the street door listens; `origin` is how the outside sees it. */
  readonly port: number
  readonly origin: string
  /** `host:port` of the MLLP listener, or `off`. */
  readonly mllpAddress: string
  /** Where `GET /metrics` listens on the loopback, when it does. */
  readonly metricsPort?: number
  close: () => Promise<void>
}

/** Opens the gateway with all its doors; resolves when it is ready for partners. */
export const openGateway = async (config: Config, log: Log, seams: Seams = SEAMS): Promise<Gateway> => {
  const began = monotonicMs()
  log('gateway.starting', { version: VERSION, node: process.version })
  const server = createServer()
  server.listen(config.GATEWAY_PORT, config.GATEWAY_HOST)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const origin = originOf(config, port)
  const opened = await openHouse(config, log, origin, seams)
  const { house, keys } = opened
  const metering = await openMetering(house, config.GATEWAY_METRICS_PORT)
  server.on('request', metering.onRequest)
  server.on(
    'request',
    createStreet(house, {
      origin,
      signingKey: keys.signing,
      tokenSeconds: config.GATEWAY_TOKEN_SECONDS,
      ratePerMinute: config.GATEWAY_RATE_PER_MINUTE,
      bodyBytesMax: config.GATEWAY_BODY_BYTES_MAX,
      console: await openConsole(config, log, origin),
    }),
  )
  const backDoor = await startBackDoor(house, mllpOf(config, metering))
  const dropped = config.GATEWAY_DROP_FOLDER === undefined ? undefined : await openDropFolder(house, config.GATEWAY_DROP_FOLDER)
  const certificate = { certFile: config.GATEWAY_MLLP_TLS_CERT_FILE, keyFile: config.GATEWAY_MLLP_TLS_KEY_FILE }
  const deliveries = openDeliveries(house, {
    databaseUrl: opened.databaseUrl,
    owner: Number.parseInt(newId().slice(-7), 16),
    ...certificate,
    retry: { ...RETRY, firstMs: config.GATEWAY_RETRY_FIRST_MS },
    observe: metering.onDelivery,
    mail: await mailServerOf(config),
  })
  await deliveries.start()
  const rounds = startRounds(house, pollRound(house, certificate))
  log('gateway.ready', { port, tookMs: monotonicMs() - began })
  return {
    fhirBase: house.settings.fhirBase,
    port,
    origin,
    mllpAddress: backDoor.mllpAddress,
    ...(metering.port === undefined ? {} : { metricsPort: metering.port }),
    close: async () => {
      const leaving = monotonicMs()
      await rounds.close()
      await closeServer(server)
      await backDoor.close()
      await dropped?.close()
      await deliveries.stop()
      await metering.close()
      await opened.close()
      log('gateway.stopped', { tookMs: monotonicMs() - leaving })
    },
  }
}

const closeServer = async (server: Server): Promise<void> => {
  server.close()
  server.closeIdleConnections()
  const hard = setTimeout(() => {
    server.closeAllConnections()
  }, 5_000)
  await once(server, 'close')
  clearTimeout(hard)
}

const mllpOf = (config: Config, { onMllp: observe }: Metering): BackDoorSettings | undefined => {
  const { GATEWAY_MLLP_PORT: port, GATEWAY_MLLP_HOST: host, GATEWAY_MLLP_PEER: peer } = config
  if (port === undefined) return undefined
  const { GATEWAY_MLLP_TLS_CERT_FILE: certFile, GATEWAY_MLLP_TLS_KEY_FILE: keyFile, GATEWAY_MLLP_TLS_CA_FILE: caFile } = config
  const tls =
    certFile === undefined || keyFile === undefined || caFile === undefined ? {} : { tls: { certFile, keyFile, caFile } }
  return { host, port, observe, ...tls, ...(peer === undefined ? {} : { peer }) }
}
