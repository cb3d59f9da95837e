import { readFile } from 'node:fs/promises'
import type { House } from '../flow/house.ts'
import type { Operator } from '../flow/looks.ts'
import type { Problem } from '../platform/problem.ts'

/** Who the ledger names for what is done on the command line. */
export const OPERATOR: Operator = { staff: 'operator', role: 'operator' }

/** Where a command's lines go. */
export type Say = (line: string) => void

interface CommandBase {
  /** The words that name it: `['partner', 'add']`. */
  readonly words: readonly string[]
  readonly takes: string
  readonly does: string
}

/** A command; one that works `alone` needs no store, so that an auditor can run it on a copy. */
export type Command =
  | (CommandBase & { readonly kind: 'house'; readonly run: (house: House, args: readonly string[], say: Say) => Promise<number> })
  | (CommandBase & { readonly kind: 'alone'; readonly run: (args: readonly string[], say: Say) => Promise<number> })

/** Something the operator has to put right; its message is for the operator. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** @throws CommandError when the argument is missing */
export const needed = (args: readonly string[], index: number, what: string): string => {
  const value = args[index]
  if (value === undefined || value === '') throw new CommandError(`${what} is needed`)
  return value
}

/** @throws CommandError when the file cannot be read or is not JSON */
export const jsonFile = async (path: string): Promise<unknown> => {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new CommandError(`${path} cannot be read`)
  })
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new CommandError(`${path} is not JSON`)
  }
}

/** @throws CommandError with every issue of the problem on a line of its own */
export const refuse = (problem: Problem): never => {
  const lines = problem.issues?.map((issue) => `  ${issue.path === '' ? '(file)' : issue.path}: ${issue.message}`) ?? []
  throw new CommandError([`refused: ${problem.detail ?? problem.code}`, ...lines].join('\n'))
}
