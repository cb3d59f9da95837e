/**
 * What a field of a log line may hold: ids and codes of ours, numbers and flags. There is no kind for text, on purpose.
 * `code` is a stable word, a path template or a SQLSTATE; `frames` are places in our code; `durationMs` are milliseconds.
 */
export type FieldKind = 'id' | 'code' | 'codes' | 'count' | 'durationMs' | 'flag' | 'frames'

interface ValueOf {
  id: string
  code: string
  codes: readonly string[]
  count: number
  durationMs: number
  flag: boolean
  frames: readonly string[]
}

/**
 * Every event that the gateway can log: a row per event, in the order of the house. To log something new, add a row.
 * Levels: `error` pages somebody, `warn` waits for a person, `info` is the story, `debug` is for us.
 */
export const EVENTS = {
  'gateway.starting': { level: 'info', fields: { version: 'code', node: 'code' } },
  'gateway.ready': { level: 'info', fields: { port: 'count', tookMs: 'durationMs' } },
  'gateway.stopping': { level: 'info', fields: { signal: 'code' } },
  'gateway.stopped': { level: 'info', fields: { tookMs: 'durationMs' } },
  'gateway.refused-to-start': { level: 'error', fields: { problems: 'codes' } },
  'gateway.fault': { level: 'error', fields: { where: 'code', error: 'code', code: 'code', frames: 'frames' } },

  'database.started': { level: 'info', fields: { port: 'count', tookMs: 'durationMs', isNew: 'flag' } },
  'database.joined': { level: 'info', fields: { port: 'count' } },
  'database.lost': { level: 'error', fields: {} },
  'database.restored': { level: 'warn', fields: { tookMs: 'durationMs' } },
  'database.restart-failed': { level: 'error', fields: { code: 'code' } },
  'database.left-running': { level: 'info', fields: {} },
  'database.stopped': { level: 'info', fields: { tookMs: 'durationMs' } },
  'database.connection-lost': { level: 'warn', fields: { sqlstate: 'code' } },
  'database.migrated': { level: 'info', fields: { from: 'count', to: 'count', tookMs: 'durationMs' } },

  'console.ready': { level: 'info', fields: { isBuilt: 'flag', tookMs: 'durationMs' } },
  'console.build-failed': { level: 'error', fields: {} },

  'delivery.settled': {
    level: 'info',
    fields: { item: 'id', partner: 'id', channel: 'code', state: 'code', cause: 'code?', attempts: 'count' },
  },
  'delivery.held': {
    level: 'warn',
    fields: { item: 'id', partner: 'id', channel: 'code', state: 'code', cause: 'code?', attempts: 'count' },
  },
  'delivery.taken-over': { level: 'warn', fields: { partner: 'id' } },
  'delivery.lock-lost': { level: 'warn', fields: {} },
  'delivery.fault': { level: 'error', fields: {} },
  'drop.taken': { level: 'info', fields: { records: 'count', changed: 'count' } },
  'drop.refused': { level: 'warn', fields: { faults: 'count' } },
  'drop.fault': { level: 'error', fields: { code: 'code' } },
  'mllp.message-failed': { level: 'warn', fields: {} },

  'http.answered': {
    level: 'info',
    fields: { method: 'code', route: 'code', status: 'count', partner: 'id?', disclosure: 'id?', durationMs: 'durationMs' },
  },
} as const satisfies Record<
  string,
  { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly fields: Readonly<Record<string, FieldKind | `${FieldKind}?`>> }
>

type Catalogue = typeof EVENTS
/** Name of an event in the catalogue. */
export type EventName = keyof Catalogue

/** The fields of one event: those whose kind ends in `?` may be left out. */
export type Fields<E extends EventName> = Required<E> & Optional<E>

type KindsOf<E extends EventName> = Catalogue[E]['fields']
type ValueFor<K> = K extends FieldKind ? ValueOf[K] : K extends `${infer Kind extends FieldKind}?` ? ValueOf[Kind] : never
type Required<E extends EventName> = {
  readonly [F in keyof KindsOf<E> as KindsOf<E>[F] extends FieldKind ? F : never]: ValueFor<KindsOf<E>[F]>
}
type Optional<E extends EventName> = {
  readonly [F in keyof KindsOf<E> as KindsOf<E>[F] extends FieldKind ? never : F]?: ValueFor<KindsOf<E>[F]>
}
