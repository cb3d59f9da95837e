import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { calculateJwkThumbprint, exportJWK, importPKCS8, importSPKI } from 'jose'
import type { SigningKey } from '../http/auth/access-token.ts'

export interface Keys {
  /** Signs access tokens (ES256). */
  readonly signing: SigningKey
  /** Signs the heads of the ledger (Ed25519). */
  readonly ledger: KeyObject
  /** Encrypts message bytes at rest (AES-256). */
  readonly content: Buffer
}

export interface KeyFiles {
  readonly folder: string
  readonly signing?: string | undefined
  readonly ledger?: string | undefined
  readonly content?: string | undefined
}

/** A file that the operator named must be there; one of our own is made when it is missing, readable by its owner only. */
const secretFile = async (named: string | undefined, own: string, make: () => string): Promise<string> => {
  if (named !== undefined) return readFile(named, 'utf8')
  if (!existsSync(own)) {
    await mkdir(dirname(own), { recursive: true, mode: 0o700 })
    await writeFile(own, make(), { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
      if (!existsSync(own)) throw error
    })
  }
  return readFile(own, 'utf8')
}

const pkcs8 = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()

/**
 * The gateway's keys, from the files that the operator named, or from its own folder.
 * @throws when a named file is missing or is not a key of its kind
 */
export const readKeys = async (files: KeyFiles): Promise<Keys> => {
  const signingPem = await secretFile(files.signing, join(files.folder, 'signing.pem'), () =>
    pkcs8(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
  )
  const ledgerPem = await secretFile(files.ledger, join(files.folder, 'ledger.pem'), () =>
    pkcs8(generateKeyPairSync('ed25519').privateKey),
  )
  const publicPem = createPublicKey(ledgerPem).export({ type: 'spki', format: 'pem' }).toString()
  // for auditors, who must not need the private one
  await mkdir(files.folder, { recursive: true, mode: 0o700 })
  await writeFile(join(files.folder, 'ledger.pub.pem'), publicPem, { mode: 0o644 })
  const contentText = await secretFile(
    files.content,
    join(files.folder, 'content.key'),
    () => `${randomBytes(32).toString('base64')}\n`,
  )
  return { signing: await signingKey(signingPem), ledger: createPrivateKey(ledgerPem), content: contentKey(contentText) }
}

const signingKey = async (pem: string): Promise<SigningKey> => {
  const publicPem = createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString()
  const publicKey = await importSPKI(publicPem, 'ES256', { extractable: true })
  const jwk = await exportJWK(publicKey)
  return {
    privateKey: await importPKCS8(pem, 'ES256'),
    publicKey,
    publicJwk: { ...jwk, alg: 'ES256', use: 'sig', kid: await calculateJwkThumbprint(jwk) },
  }
}

const contentKey = (text: string): Buffer => {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== 32) throw new Error('the content key must be 32 bytes in base64')
  return key
}
