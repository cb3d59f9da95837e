import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { SMTPServer } from 'smtp-server'
import { acknowledge } from '../../src/formats/hl7v2/acknowledge.ts'
import { controlIdOf, parse } from '../../src/formats/hl7v2/message.ts'
import { startMllpListener } from '../../src/worker/mllp-listener.ts'

/** Where partners hear: an HTTP server, a mailbox, an MLLP listener and a folder; each keeps the bytes that came. */
export interface Receivers {
  readonly pushed: readonly string[]
  readonly notified: readonly string[]
  readonly letters: readonly string[]
  readonly messages: readonly string[]
  /** The files in the archives that were dropped, with their names. */
  files: () => Promise<readonly string[]>
  readonly origin: string
  readonly mailPort: number
  readonly mllpPort: number
  readonly folder: string
  close: () => Promise<void>
}

const portOf = ({ port }: AddressInfo): number => port

const acknowledged = (message: string): string => {
  const parsed = parse(message)
  if (!parsed.ok) throw new Error('what came is no message')
  const by = { controlId: 'C1', time: '20260202120000', application: 'PEER', facility: 'PEER' }
  return acknowledge(by, 'AA', parsed.value, controlIdOf(parsed.value))
}

const openMailbox = async (letters: string[]): Promise<{ port: number; close: () => Promise<void> }> => {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => {
      let letter = ''
      stream.on('data', (chunk: Buffer) => (letter += chunk.toString('latin1')))
      stream.on('end', () => {
        letters.push(letter)
        done()
      })
    },
  })
  const smtp = server.listen(0, '127.0.0.1')
  await once(smtp, 'listening')
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        resolve()
      })
    })
  return { port: portOf(smtp.address() as AddressInfo), close }
}

/** @param folder where the HMIS archives are dropped */
export const openReceivers = async (folder: string): Promise<Receivers> => {
  const [pushed, notified, letters, messages]: [string[], string[], string[], string[]] = [[], [], [], []]
  const http = createServer((request, response) => {
    let body = `${request.url ?? ''}\n${JSON.stringify(request.headers)}\n`
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      ;(request.url?.startsWith('/fhir') === true ? pushed : notified).push(body)
      response.writeHead(200, { 'content-type': 'application/fhir+json' })
      response.end('{"resourceType":"Bundle","type":"transaction-response"}')
    })
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const mailbox = await openMailbox(letters)
  const mllp = await startMllpListener({
    host: '127.0.0.1',
    port: 0,
    handle: (bytes) => {
      const message = Buffer.from(bytes).toString('utf8')
      messages.push(message)
      return Promise.resolve(Buffer.from(acknowledged(message)))
    },
  })
  return {
    pushed,
    notified,
    letters,
    messages,
    files: async () => {
      const names = await readdir(folder)
      const archives = await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const))
      return archives.flatMap(([name, bytes]) => [
        name,
        ...(name.endsWith('.zip')
          ? Object.entries(unzipSync(bytes)).map(([file, content]) => `${file}\n${Buffer.from(content).toString('utf8')}`)
          : []),
      ])
    },
    origin: `http://127.0.0.1:${String(portOf(http.address() as AddressInfo))}`,
    mailPort: mailbox.port,
    mllpPort: mllp.port,
    folder,
    close: async () => {
      http.closeAllConnections()
      http.close()
      await mailbox.close()
      await mllp.stop(100)
    },
  }
}
