/** What became of a statement: it lost against another, the database was out of reach, or the statement is wrong. */
export type DbErrorKind = 'conflict' | 'unavailable' | 'fault'

/** A failure of the database, with nothing of the driver's text: PostgreSQL puts values into its messages. */
export class DbError extends Error {
  override readonly name = 'DbError'
  readonly kind: DbErrorKind
  /** Five characters, or absent when no server answered. */
  readonly sqlstate: string | undefined
  readonly constraint: string | undefined

  constructor(kind: DbErrorKind, sqlstate?: string, constraint?: string) {
    super(['database', kind, sqlstate, constraint].filter((word) => word !== undefined).join(' '))
    this.kind = kind
    this.sqlstate = sqlstate
    this.constraint = constraint
  }

  /** Whether the same transaction may succeed when it is tried again: serialization failure or deadlock. */
  get isRetryable(): boolean {
    return this.sqlstate === '40001' || this.sqlstate === '40P01'
  }

  /** Whether a row with the same key is already there. */
  get isDuplicate(): boolean {
    return this.sqlstate === '23505'
  }
}

/** SQLSTATE prefixes and what they mean to us; the longest that fits speaks, and what fits none is a fault. */
const KIND_BY_SQLSTATE: Readonly<Record<string, DbErrorKind>> = {
  '08': 'unavailable',
  '23': 'conflict',
  '40': 'conflict',
  '53': 'unavailable',
  '55P03': 'conflict',
  '57': 'unavailable',
  '58': 'unavailable',
}

/** A connection that never was, or ended under us, has an operating-system code or one of the driver's fixed sentences. */
const LOST =
  /^(E[A-Z]+|Connection terminated|timeout exceeded|timeout expired|Client has encountered|Client was closed|Cannot use a pool|Query read timeout)/

const textField = (error: object, name: string): string | undefined => {
  const value: unknown = Reflect.get(error, name)
  return typeof value === 'string' ? value : undefined
}

/** Turns whatever the driver threw into an error that is safe to log. */
export const dbErrorOf = (error: unknown): DbError => {
  if (error instanceof DbError) return error
  if (typeof error !== 'object' || error === null) return new DbError('fault')
  const code = textField(error, 'code')
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code)) {
    return new DbError(
      KIND_BY_SQLSTATE[code] ?? KIND_BY_SQLSTATE[code.slice(0, 2)] ?? 'fault',
      code,
      textField(error, 'constraint'),
    )
  }
  return new DbError(LOST.test(code ?? textField(error, 'message') ?? '') ? 'unavailable' : 'fault')
}
