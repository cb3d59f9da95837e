import type { z } from 'zod'
import type { House } from '../../flow/house.ts'
import type { Signed } from '../../flow/console/sessions.ts'
import { problem } from '../../platform/problem.ts'
import { fail, type Result } from '../../platform/result.ts'
import type { ConsoleSettings } from './settings.ts'

/** What the answers are made with. */
export interface Asking {
  readonly house: House
  readonly settings: ConsoleSettings
  readonly signed: Signed
}

/** One thing that a page can ask for, or do. */
export interface Question {
  readonly path: string
  readonly answer: (asking: Asking, body: unknown) => Promise<Result<unknown>>
}

/** A question whose body has this shape; any other body is refused before anything is read. */
export const question = <S extends z.ZodType>(
  path: string,
  shape: S,
  answer: (asking: Asking, input: z.output<S>) => Promise<Result<unknown>>,
): Question => ({
  path,
  answer: async (asking, body) => {
    const parsed = shape.safeParse(body)
    return parsed.success ? answer(asking, parsed.data) : fail(problem('invalid', 'body-malformed'))
  },
})
