import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import helmet from 'helmet'

const ours = { 'Cache-Control': 'no-store', Vary: 'Authorization, Accept' } as const

/** What `helmet` says does not depend on the request, so it is asked once and not for every answer. */
const fromHelmet = (): readonly (readonly [string, string])[] => {
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  helmet()(response.req, response, () => undefined)
  return response.getHeaderNames().map((name) => [name, String(response.getHeader(name))] as const)
}

/** Headers that stand on every answer, in their order. */
export const FIXED_HEADERS: readonly (readonly [name: string, value: string])[] = [...fromHelmet(), ...Object.entries(ours)]

/** Puts them on an answer whose head has not left. */
export const setFixedHeaders = (response: ServerResponse): void => {
  for (const [name, value] of FIXED_HEADERS) response.setHeader(name, value)
}
