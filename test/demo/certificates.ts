import 'reflect-metadata'
import { X509Certificate } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(crypto)

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000

const newKeyPair = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
type KeyPair = Awaited<ReturnType<typeof newKeyPair>>

const pem = async (keys: KeyPair): Promise<string> => {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`
}

export interface CertificateFiles {
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
  /** SHA-256, in colon-separated capitals. */
  readonly fingerprint: string
}

/** An authority of the demo's own, and a certificate of it for each name; good for one day on this machine. */
export const makeCertificates = async <N extends string>(
  folder: string,
  names: readonly N[],
): Promise<Record<N, CertificateFiles>> => {
  const now = Date.now()
  const validity = { notBefore: new Date(now - 60_000), notAfter: new Date(now + DAY_MS), signingAlgorithm: ALGORITHM }
  const caKeys = await newKeyPair()
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: '01',
    name: 'CN=demo authority',
    keys: caKeys,
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  })
  const caFile = join(folder, 'ca.pem')
  await writeFile(caFile, ca.toString('pem'))
  const made = await Promise.all(
    names.map(async (name, index): Promise<[N, CertificateFiles]> => {
      const keys = await newKeyPair()
      const cert = await x509.X509CertificateGenerator.create({
        ...validity,
        serialNumber: `0${String(index + 2)}`,
        subject: `CN=${name}`,
        issuer: ca.subject,
        publicKey: keys.publicKey,
        signingKey: caKeys.privateKey,
        extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
      })
      const [certFile, keyFile] = [join(folder, `${name}.crt.pem`), join(folder, `${name}.key.pem`)]
      await writeFile(certFile, cert.toString('pem'))
      await writeFile(keyFile, await pem(keys), { mode: 0o600 })
      return [name, { caFile, certFile, keyFile, fingerprint: new X509Certificate(cert.toString('pem')).fingerprint256 }]
    }),
  )
  return Object.fromEntries(made) as Record<N, CertificateFiles>
}
