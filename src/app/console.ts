import { readFile } from 'node:fs/promises'
import type { OidcSettings } from '../http/console/oidc.ts'
import type { ConsoleSettings } from '../http/console/settings.ts'
import { originsOf } from '../http/console/site.ts'
import { openConsoleFiles } from '../platform/console-files.ts'
import type { Log } from '../platform/log.ts'
import type { Config } from './config.ts'
import { parseRoles } from './role-map.ts'

const MINUTE_MS = 60_000
const TRIES_PER_MINUTE = 60

/** What the console needs, its pages being built in the background when they are missing or old; undefined when it is off. */
export const openConsole = async (config: Config, log: Log, origin: string): Promise<ConsoleSettings | undefined> => {
  if (config.GATEWAY_CONSOLE === 'off') return undefined
  const oidc = await oidcOf(config)
  return {
    origins: originsOf(origin),
    times: {
      idleMs: config.GATEWAY_CONSOLE_IDLE_MINUTES * MINUTE_MS,
      absoluteMs: config.GATEWAY_CONSOLE_HOURS * 60 * MINUTE_MS,
    },
    triesPerMinute: TRIES_PER_MINUTE,
    files: openConsoleFiles(log).files,
    ...(oidc === undefined ? {} : { oidc }),
  }
}

const oidcOf = async (config: Config): Promise<OidcSettings | undefined> => {
  const { GATEWAY_OIDC_ISSUER: issuer, GATEWAY_OIDC_CLIENT_ID: clientId, GATEWAY_OIDC_CLIENT_SECRET_FILE: file } = config
  if (issuer === undefined || clientId === undefined) return undefined
  return {
    issuer,
    clientId,
    scope: config.GATEWAY_OIDC_SCOPE,
    roleClaim: config.GATEWAY_OIDC_ROLE_CLAIM,
    roles: parseRoles(config.GATEWAY_OIDC_ROLES) ?? new Map(),
    ...(file === undefined ? {} : { clientSecret: (await readFile(file, 'utf8')).trim() }),
  }
}
