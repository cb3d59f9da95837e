import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** 64 MiB and about a tenth of a second for each guess. @spec OWASP Password Storage Cheat Sheet, scrypt */
const [N, R, P, KEY_BYTES] = [2 ** 16, 8, 1, 32]

const derive = (password: string, salt: Buffer, n: number, r: number, p: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { N: n, r, p, maxmem: 256 * n * r }, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })

/** What is kept of a password: `scrypt$N$r$p$salt$key`. */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(16)
  const key = await derive(password, salt, N, R, P)
  return ['scrypt', N, R, P, salt.toString('base64'), key.toString('base64')].join('$')
}

/** Takes as long for a `kept` that is absent as for a wrong password, so that nobody learns which accounts there are. */
export const isPassword = async (password: string, kept: string | null): Promise<boolean> => {
  const [, n, r, p, salt = '', key = ''] = (kept ?? '').split('$')
  const derived = await derive(password, Buffer.from(salt, 'base64'), Number(n ?? N), Number(r ?? R), Number(p ?? P))
  const expected = Buffer.from(key, 'base64')
  return expected.length === derived.length && timingSafeEqual(expected, derived)
}
