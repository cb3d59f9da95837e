import { X509Certificate } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { readConfig } from '../../src/app/config.ts'
import { openHouse } from '../../src/app/gateway.ts'
import type { House } from '../../src/flow/house.ts'
import { registerPartner } from '../../src/flow/partners.ts'
import { V2_MESSAGES } from '../../src/model/v2-messages.ts'
import { silentLog } from '../../src/platform/log.ts'
import { enrol } from '../flow/clinic.ts'
import { openStreet, settingsFor, type Street } from '../http/street.ts'
import type { Certificates } from '../support/certificates.ts'

/** A gateway whose behavioural-health partner is a foreign program, with mutual TLS both ways. */
export interface ForeignClinic {
  readonly street: Street
  /** A second gateway's house on the same database, as the operator's commands open it. */
  readonly house: House
  readonly host: string
  /** Where the gateway listens. */
  readonly port: number
  /** Where the gateway expects the partner. */
  readonly partnerPort: number
  /** Holds ca.pem, own.pem and own.key of the partner. */
  readonly credentials: string
  close: () => Promise<void>
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

/** The gateway's settings for mutual TLS, and the files of both sides. */
const writeFiles = (folder: string, { ca, server, client }: Certificates): Readonly<Record<string, string>> => {
  mkdirSync(folder, { recursive: true })
  const files = {
    'ca.pem': ca,
    'gateway.pem': server.cert,
    'gateway.key': server.key,
    'own.pem': client.cert,
    'own.key': client.key,
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return {
    GATEWAY_MLLP_TLS_CERT_FILE: join(folder, 'gateway.pem'),
    GATEWAY_MLLP_TLS_KEY_FILE: join(folder, 'gateway.key'),
    GATEWAY_MLLP_TLS_CA_FILE: join(folder, 'ca.pem'),
  }
}

export const openForeignClinic = async (
  folder: string,
  certificates: Certificates,
  version = '2.5.1',
): Promise<ForeignClinic> => {
  const tls = writeFiles(folder, certificates)
  const street = await openStreet({ GATEWAY_MLLP_PORT: '0', GATEWAY_RETRY_FIRST_MS: '100', ...tls })
  const partnerPort = await freePort()
  const config = readConfig({ ...settingsFor(street.folder), DATABASE_URL: street.url })
  if (!config.ok) throw new Error(config.error.join('; '))
  const opened = await openHouse(config.value, silentLog)
  const added = await registerPartner(
    opened.house,
    {
      id: 'bayou-bh',
      name: 'Bayou Behavioral Health',
      kind: ['part2-program', 'covered-entity'],
      sector: 'behavioural-health',
      purposes: ['TREAT'],
      scopes: ['system/*.cruds'],
      jwks: { keys: [street.keys.publicJwk] },
      channels: [
        {
          kind: 'hl7v2',
          host: '127.0.0.1',
          port: partnerPort,
          version,
          application: 'BAYOU',
          facility: 'BAYOU BH',
          zone: 'America/Chicago',
          certificate: new X509Certificate(certificates.client.cert).fingerprint256,
          caFile: join(folder, 'ca.pem'),
          messages: V2_MESSAGES,
        },
      ],
    },
    'operator',
  )
  if (!added.ok) throw new Error(JSON.stringify(added.error))
  await enrol(street)
  const [host = '', port = ''] = street.gateway.mllpAddress.split(':')
  return {
    street,
    house: opened.house,
    host,
    port: Number(port),
    partnerPort,
    credentials: folder,
    close: async () => {
      await opened.close()
      await street.close()
    },
  }
}
