import type { Me } from '../model/console.ts'
import { elapsedMs } from './clock.ts'

/** What the gateway said instead of an answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: string
  readonly status: number
  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** Who hears that the session is over. */
type Listener = () => void
let whenSignedOut: Listener = () => undefined
let csrf = ''
let lastAnswerAt = 0

/** When the gateway last answered with a session that counts, in milliseconds since the page was opened. */
export const lastUse = (): number => lastAnswerAt

export const onSignedOut = (listener: Listener): void => {
  whenSignedOut = listener
}

const OFFLINE = 'The gateway does not answer. Nothing was changed; try again.'

const answerOf = async (response: Response): Promise<unknown> => {
  const said: unknown = await response.json().catch(() => undefined)
  if (response.ok) {
    lastAnswerAt = elapsedMs()
    return said
  }
  const { problem, detail } = (typeof said === 'object' && said !== null ? said : {}) as { problem?: string; detail?: string }
  const error = new ApiError(
    response.status,
    problem ?? 'unknown',
    detail ?? `The gateway refused this (${String(response.status)}).`,
  )
  if (error.code === 'not-signed-in') whenSignedOut()
  throw error
}

const send = async (path: string, init: RequestInit): Promise<unknown> => {
  const response = await fetch(`/console/api${path}`, { ...init, credentials: 'same-origin' }).catch(() => {
    throw new ApiError(0, 'offline', OFFLINE)
  })
  return answerOf(response)
}

/** Asks the gateway. The answer's type is the gateway's word: both sides share `model/console`. @throws ApiError */
export const ask = async <T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> =>
  (await send(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-csrf-token': csrf },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  })) as T

/** @throws ApiError */
export const fetchWaysIn = async (): Promise<{ readonly oidc: boolean }> =>
  (await send('/ways-in', {})) as { readonly oidc: boolean }

/** Who is signed in; undefined when nobody is. @throws ApiError */
export const fetchMe = async (): Promise<Me | undefined> => {
  try {
    const me = (await send('/me', {})) as Me
    csrf = me.csrf
    return me
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not-signed-in') return undefined
    throw error
  }
}

/** Has the browser save what the gateway streams: as a form, so that nothing is kept in memory. */
export const download = (path: string, fields: Readonly<Record<string, string>>): void => {
  const form = document.createElement('form')
  form.method = 'post'
  form.action = `/console/api${path}`
  for (const [name, value] of Object.entries({ ...fields, csrf })) {
    const input = document.createElement('input')
    input.type = 'hidden'
    input.name = name
    input.value = value
    form.append(input)
  }
  document.body.append(form)
  form.submit()
  form.remove()
}
