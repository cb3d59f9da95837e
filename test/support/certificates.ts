import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Certificates for one test, made by the machine's openssl; `undefined` where there is none. */
export interface Certificates {
  readonly ca: string
  readonly server: { readonly key: string; readonly cert: string }
  readonly client: { readonly key: string; readonly cert: string }
  /** Signed by nobody we trust. */
  readonly stranger: { readonly key: string; readonly cert: string }
}

export const makeCertificates = (): Certificates | undefined => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-tls-'))
  const run = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const selfSigned = (name: string): void =>
    run('req', '-x509', ...key, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '2', '-subj', `/CN=${name}`)
  const signed = (name: string): void => {
    run('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
    run(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-out',
      `${name}.pem`,
      '-extfile',
      'san.cnf',
    )
  }
  try {
    writeFileSync(join(folder, 'san.cnf'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
    selfSigned('ca')
    selfSigned('stranger')
    signed('server')
    signed('bayou-bh')
    const pair = (name: string): { key: string; cert: string } => ({ key: read(`${name}.key`), cert: read(`${name}.pem`) })
    return { ca: read('ca.pem'), server: pair('server'), client: pair('bayou-bh'), stranger: pair('stranger') }
  } catch {
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
