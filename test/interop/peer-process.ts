import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PEERS } from './fetch-peers.mjs'

/** Whether a peer's tests run, and the words for the report in either case. */
export const peerOrWhyNot = (name: string, file: string, command: string): { readonly isHere: boolean; readonly why: string } => {
  if (process.env['TEST_INTEROP'] !== '1') return { isHere: false, why: 'skipped unless TEST_INTEROP=1' }
  const path = join(PEERS, file)
  const isHere = existsSync(path) && spawnSync(command, ['--version']).status === 0
  if (isHere) return { isHere, why: path }
  const why = `skipped without ${command} and ${name}: node test/interop/fetch-peers.mjs`
  process.emitWarning(`${name}: ${why}`)
  return { isHere, why }
}

/** A foreign program that takes one command a line and answers one line, words by tab. */
export interface PeerProcess {
  /** Fails when the peer does, with its own words, or ends. */
  readonly ask: (...words: readonly string[]) => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

export const startPeer = (command: string, args: readonly string[]): PeerProcess => {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const waiting: { resolve: (words: readonly string[]) => void; reject: (error: Error) => void }[] = []
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)))
  createInterface({ input: child.stdout }).on('line', (line) => {
    const words = line.split('\t')
    const asker = waiting.shift()
    if (words[0] === 'FAILED') asker?.reject(new Error(words[1]))
    else asker?.resolve(words.slice(1))
  })
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => {
      waiting.splice(0).forEach(({ reject }) => reject(new Error(`the peer ended: ${said}`)))
      resolve()
    })
  })
  return {
    ask: (...words) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        child.stdin.write(`${words.join('\t')}\n`)
      }),
    close: async () => {
      child.stdin.end()
      await ended
    },
  }
}

/** A peer written as one Java file beside this one, run by the Java launcher against the jars that were fetched. */
export const startJavaPeer = (jars: string, source: string, ...args: readonly string[]): PeerProcess =>
  startPeer('java', ['-Xmx700m', '-cp', join(PEERS, jars, 'lib/*'), join(import.meta.dirname, source), ...args])

export const base64 = (text: string): string => Buffer.from(text).toString('base64')

export const plainText = (encoded = ''): string => Buffer.from(encoded, 'base64').toString('utf8')
