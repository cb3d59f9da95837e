import { addLocalStaff } from '../../src/flow/console/accounts.ts'
import type { House } from '../../src/flow/house.ts'
import type { Role } from '../../src/model/staff.ts'
import { codeOf, PASSWORD } from '../console/house.ts'

/** Somebody of the programme's staff, signed in at the console. */
export interface Session {
  /** Status line, headers and body, as they come over the wire. */
  ask: (path: string, body: unknown) => Promise<string>
}

/**
 * Adds somebody with a role and signs them in, over HTTP.
 * @param house the operator's
 * @param origin of the gateway
 */
export const signIn = async (house: House, origin: string, role: Role): Promise<Session> => {
  const added = await addLocalStaff(house, `${role} HTEST`, role)
  if (!added.ok) throw new Error(added.error.code)
  const secret = added.value
  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${origin}/console/api${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin, ...headers },
      body: JSON.stringify(body),
    })
  const { totpSecret } = (await (await post('/enrolment', { secret })).json()) as { totpSecret: string }
  const chosen = { secret, totpSecret, password: PASSWORD, code: codeOf(totpSecret, -1) }
  const cookie = (await post('/enrolment/password', chosen)).headers.getSetCookie()[0]?.split(';')[0]
  if (cookie === undefined) throw new Error(`${role} is not signed in`)
  const me = await fetch(`${origin}/console/api/me`, { headers: { cookie } })
  const { csrf } = (await me.json()) as { csrf: string }
  return {
    ask: async (path, body) => {
      const answer = await post(path, body, { cookie, 'x-csrf-token': csrf })
      return [answer.status, JSON.stringify([...answer.headers]), await answer.text()].join('\n')
    },
  }
}
