import { createHash, randomBytes } from 'node:crypto'

/** A secret that is shown once, 256 bits, safe in a header and an address. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** What is kept of such a secret: enough to know it again, of no use to whoever reads the table. */
export const hashOfSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest()
