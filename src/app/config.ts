import { z } from 'zod'
import { ROLES } from '../model/staff.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { parseRoles } from './role-map.ts'

/** Every variable that the gateway reads, and no other; the README's table is checked against it. */
const port = z.coerce.number().int().min(0).max(65_535)
const folder = z.string().min(1)
const zone = z
  .string()
  .refine((name) => Intl.supportedValuesOf('timeZone').includes(name) || name === 'UTC', 'is not an IANA time zone')
const url = z.url({ protocol: /^https?$/ })
const roleMap = z
  .string()
  .refine(
    (text) => parseRoles(text) !== undefined,
    `must be ROLE=GROUP pairs with commas between them, each role one of ${ROLES.join(', ')}`,
  )

const VARIABLES = {
  GATEWAY_DATA_DIR: folder.default('data'),
  GATEWAY_HOST: z.string().default('127.0.0.1'),
  GATEWAY_PORT: port.default(8080),
  GATEWAY_BASE_URL: url.optional(),
  GATEWAY_MLLP_HOST: z.string().default('127.0.0.1'),
  GATEWAY_MLLP_PORT: port.optional(),
  GATEWAY_MLLP_PEER: z.string().min(1).optional(),
  GATEWAY_MLLP_TLS_CERT_FILE: folder.optional(),
  GATEWAY_MLLP_TLS_KEY_FILE: folder.optional(),
  GATEWAY_MLLP_TLS_CA_FILE: folder.optional(),
  GATEWAY_DROP_FOLDER: folder.optional(),
  GATEWAY_METRICS_PORT: port.optional(),
  GATEWAY_ZONE: zone.default('America/Chicago'),
  GATEWAY_JURISDICTION: z
    .string()
    .regex(/^US-[A-Z]{2}$/, 'must be a state, as in US-TX')
    .default('US-TX'),
  GATEWAY_NOTICE: z.enum(['statement-1', 'statement-2']).default('statement-1'),
  GATEWAY_SIGNING_KEY_FILE: folder.optional(),
  GATEWAY_LEDGER_KEY_FILE: folder.optional(),
  GATEWAY_LEDGER_HEADS_FILE: folder.optional(),
  GATEWAY_CONTENT_KEY_FILE: folder.optional(),
  GATEWAY_TOKEN_SECONDS: z.coerce.number().int().min(30).max(3600).default(300),
  GATEWAY_RATE_PER_MINUTE: z.coerce.number().int().min(1).default(6000),
  GATEWAY_BODY_BYTES_MAX: z.coerce
    .number()
    .int()
    .min(1024)
    .default(10 * 1024 * 1024),
  GATEWAY_SMTP_HOST: z.string().min(1).optional(),
  GATEWAY_SMTP_PORT: port.default(587),
  GATEWAY_SMTP_USER: z.string().min(1).optional(),
  GATEWAY_SMTP_PASSWORD_FILE: folder.optional(),
  GATEWAY_SMTP_CA_FILE: folder.optional(),
  GATEWAY_MAIL_FROM: z.email().optional(),
  GATEWAY_CONSOLE: z.enum(['on', 'off']).default('on'),
  GATEWAY_CONSOLE_IDLE_MINUTES: z.coerce.number().int().min(1).max(240).default(15),
  GATEWAY_CONSOLE_HOURS: z.coerce.number().int().min(1).max(24).default(10),
  GATEWAY_OIDC_ISSUER: url.optional(),
  GATEWAY_OIDC_CLIENT_ID: z.string().min(1).optional(),
  GATEWAY_OIDC_CLIENT_SECRET_FILE: folder.optional(),
  GATEWAY_OIDC_SCOPE: z.string().min(1).default('openid profile'),
  GATEWAY_OIDC_ROLE_CLAIM: z.string().min(1).default('roles'),
  GATEWAY_OIDC_ROLES: roleMap.default(''),
  GATEWAY_RETRY_FIRST_MS: z.coerce.number().int().min(100).max(60_000).default(2_000),
  GATEWAY_POOL_SIZE: z.coerce.number().int().min(2).max(200).default(16),
  GATEWAY_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
} as const

const schema = z.object(VARIABLES)

/** Addresses of databases, which hold passwords; by the names that hosting environments give them. */
interface Databases {
  readonly url: string | undefined
  readonly replicaUrl: string | undefined
}

const databasesOf = (env: Readonly<Record<string, string | undefined>>): Databases => ({
  url: env['DATABASE_URL'],
  replicaUrl: env['DATABASE_REPLICA_URL'] === '' ? undefined : env['DATABASE_REPLICA_URL'],
})

export interface Config extends z.infer<typeof schema> {
  readonly secrets: Secrets
}

/** What must never be printed; says so when somebody tries. */
export class Secrets {
  readonly #databases: Databases
  constructor(databases: Databases) {
    this.#databases = databases
  }
  /** Connection string of a PostgreSQL server; the embedded one runs when it is absent. */
  get databaseUrl(): string | undefined {
    return this.#databases.url
  }
  /** Connection string of a standby of that server, which may answer what partners read. */
  get replicaUrl(): string | undefined {
    return this.#databases.replicaUrl
  }
  toJSON(): string {
    return '[secret]'
  }
}

export const variableNames: readonly string[] = Object.keys(VARIABLES)

/**
 * Reads the configuration from the environment.
 * Every fault is reported at once, each as one line that names the variable and never its value.
 */
export const readConfig = (env: Readonly<Record<string, string | undefined>>): Result<Config, readonly string[]> => {
  const unknown = Object.keys(env)
    .filter((name) => name.startsWith('GATEWAY_') && !variableNames.includes(name))
    .map((name) => `${name} is not a variable of the gateway`)
  const given = Object.fromEntries(variableNames.map((name) => [name, env[name] === '' ? undefined : env[name]]))
  const parsed = schema.safeParse(given)
  const databases = databasesOf(env)
  if (parsed.success) {
    const faults = [...unknown, ...dangers(parsed.data, databases)]
    return faults.length > 0 ? fail(faults) : ok({ ...parsed.data, secrets: new Secrets(databases) })
  }
  const faulty = parsed.error.issues.map((issue) => String(issue.path[0]))
  const rest = schema.parse(Object.fromEntries(Object.entries(given).filter(([name]) => !faulty.includes(name))))
  const malformed = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`)
  return fail([...unknown, ...malformed, ...dangers(rest, databases)])
}

type Values = z.infer<typeof schema>

/** Combinations that would harm somebody: a rule has a name in words and one line. */
const DANGERS: readonly { readonly says: string; readonly holds: (v: Values, databases: Databases) => boolean }[] = [
  {
    says: 'GATEWAY_BASE_URL must be https when GATEWAY_HOST is not this machine alone: tokens and records would travel in the clear',
    holds: (v) => !isLoopback(v.GATEWAY_HOST) && !(v.GATEWAY_BASE_URL?.startsWith('https://') ?? false),
  },
  {
    says: 'GATEWAY_MLLP_TLS_CERT_FILE, _KEY_FILE and _CA_FILE are needed when GATEWAY_MLLP_HOST is not this machine alone: MLLP has no other lock',
    holds: (v) => v.GATEWAY_MLLP_PORT !== undefined && !isLoopback(v.GATEWAY_MLLP_HOST) && mllpTls(v).includes(undefined),
  },
  {
    says: 'GATEWAY_MLLP_TLS_CERT_FILE, _KEY_FILE and _CA_FILE go together',
    holds: (v) => new Set(mllpTls(v).map((file) => file === undefined)).size > 1,
  },
  {
    says: 'GATEWAY_MLLP_PORT needs GATEWAY_MLLP_TLS_CERT_FILE, _KEY_FILE and _CA_FILE, or GATEWAY_MLLP_PEER: a peer must be known by more than its word',
    holds: (v) => v.GATEWAY_MLLP_PORT !== undefined && mllpTls(v).includes(undefined) && v.GATEWAY_MLLP_PEER === undefined,
  },
  {
    says: 'GATEWAY_SMTP_HOST and GATEWAY_MAIL_FROM go together',
    holds: (v) => (v.GATEWAY_SMTP_HOST === undefined) !== (v.GATEWAY_MAIL_FROM === undefined),
  },
  {
    says: 'GATEWAY_SMTP_USER and GATEWAY_SMTP_PASSWORD_FILE go together',
    holds: (v) => (v.GATEWAY_SMTP_USER === undefined) !== (v.GATEWAY_SMTP_PASSWORD_FILE === undefined),
  },
  {
    says: 'GATEWAY_OIDC_ISSUER, GATEWAY_OIDC_CLIENT_ID and GATEWAY_OIDC_ROLES go together',
    holds: (v) =>
      new Set([v.GATEWAY_OIDC_ISSUER === undefined, v.GATEWAY_OIDC_CLIENT_ID === undefined, v.GATEWAY_OIDC_ROLES === '']).size >
      1,
  },
  {
    says: 'GATEWAY_OIDC_ISSUER must be https when it is not this machine: whoever answers for it says who staff are',
    holds: (v) => v.GATEWAY_OIDC_ISSUER?.startsWith('http:') === true && !isLoopback(new URL(v.GATEWAY_OIDC_ISSUER).hostname),
  },
  {
    says: 'DATABASE_URL must be a postgres:// address',
    holds: (_, { url: one }) => one !== undefined && !POSTGRES.test(one),
  },
  {
    says: 'DATABASE_REPLICA_URL must be a postgres:// address, and go with DATABASE_URL',
    holds: (_, { url: one, replicaUrl }) => replicaUrl !== undefined && (one === undefined || !POSTGRES.test(replicaUrl)),
  },
]

const POSTGRES = /^postgres(ql)?:\/\//

const dangers = (v: Values, databases: Databases): readonly string[] =>
  DANGERS.filter((d) => d.holds(v, databases)).map((d) => d.says)

const isLoopback = (host: string): boolean => /^(127\.|localhost$|::1$)/.test(host)

const mllpTls = (v: Values): readonly (string | undefined)[] => [
  v.GATEWAY_MLLP_TLS_CERT_FILE,
  v.GATEWAY_MLLP_TLS_KEY_FILE,
  v.GATEWAY_MLLP_TLS_CA_FILE,
]
