import { Secret, TOTP } from 'otpauth'
import { readConfig } from '../../src/app/config.ts'
import { openHouse, type OpenedHouse } from '../../src/app/gateway.ts'
import { addLocalStaff } from '../../src/flow/console/accounts.ts'
import type { Role } from '../../src/model/staff.ts'
import { consoleFolder, openConsoleFiles } from '../../src/platform/console-files.ts'
import { silentLog } from '../../src/platform/log.ts'
import { openStreet, settingsFor, type Street } from '../http/street.ts'

/** A gateway with its console, and the operator beside it. */
export interface ConsoleHouse {
  readonly street: Street
  readonly operator: OpenedHouse
  /** `http://localhost:port`: a name, for passkeys. */
  readonly origin: string
  /** Adds somebody, and gives the secret of their enrolment link. */
  readonly enrolment: (name: string, role: Role) => Promise<string>
  /** Adds somebody who has signed in, and gives their cookie and CSRF token. */
  readonly staff: (name: string, role: Role) => Promise<Staff>
  readonly call: (staff: Staff | undefined, path: string, body: unknown, headers?: Record<string, string>) => Promise<Said>
  close: () => Promise<void>
}

export interface Staff {
  readonly id: string
  readonly cookie: string
  readonly csrf: string
  readonly totpSecret: string
}

export interface Said {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly cookies: readonly string[]
}

export const PASSWORD = 'correct horse battery HTEST'

/** The code that an authenticator app shows. @param stepsAhead of 30 seconds each */
export const codeOf = (base32: string, stepsAhead = 0): string =>
  new TOTP({ secret: Secret.fromBase32(base32) }).generate({ timestamp: Date.now() + stepsAhead * 30_000 })

export const openConsoleHouse = async (more: Readonly<Record<string, string>> = {}): Promise<ConsoleHouse> => {
  const street = await openStreet({ GATEWAY_CONSOLE: 'on', ...more })
  const config = readConfig({ ...settingsFor(street.folder), DATABASE_URL: street.url })
  if (!config.ok) throw new Error(config.error.join('; '))
  const operator = await openHouse(config.value, silentLog)
  const origin = `http://localhost:${String(street.gateway.port)}`
  const call: ConsoleHouse['call'] = async (staff, path, body, headers = {}) => {
    const response = await fetch(`${street.gateway.origin}/console/api${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: street.gateway.origin,
        ...(staff === undefined ? {} : { cookie: staff.cookie, 'x-csrf-token': staff.csrf }),
        ...headers,
      },
      body: JSON.stringify(body),
    })
    const text = await response.text()
    const said: unknown = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : { text }
    return { status: response.status, body: said as Said['body'], cookies: response.headers.getSetCookie() }
  }
  const enrolment = async (name: string, role: Role): Promise<string> => {
    const added = await addLocalStaff(operator.house, name, role)
    if (!added.ok) throw new Error(added.error.code)
    return added.value
  }
  return {
    street,
    operator,
    origin,
    call,
    enrolment,
    staff: async (name, role) => {
      const secret = await enrolment(name, role)
      const { body } = await call(undefined, '/enrolment', { secret })
      const totpSecret = String(body['totpSecret'])
      const chosen = { secret, totpSecret, password: PASSWORD, code: codeOf(totpSecret, -1) }
      const { cookies, body: said } = await call(undefined, '/enrolment/password', chosen)
      const cookie = cookies[0]?.split(';')[0]
      if (cookie === undefined) throw new Error(JSON.stringify(said))
      const me = await fetch(`${street.gateway.origin}/console/api/me`, { headers: { cookie } })
      const { csrf, staff } = (await me.json()) as { csrf: string; staff: { id: string } }
      return { id: staff.id, cookie, csrf, totpSecret }
    },
    close: async () => {
      await operator.close()
      await street.close()
    },
  }
}

/** Has the pages built before the first test, as the gateway has it done: in a process of their own. Gives their folder. */
export const readyConsole = async (): Promise<string> => {
  await openConsoleFiles(silentLog).ready
  return consoleFolder()
}
