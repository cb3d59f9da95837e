// In: a short path of a search parameter. Out: a function that collects the values at that path from a resource.
// Never: guesses; a path that it cannot read is a defect of the table and throws when the table is loaded.
import { invariant } from '../../platform/invariant.ts'

/** A JSON object whose members are not known. */
export type Json = Readonly<Record<string, unknown>>

/** @returns whether a value is a JSON object, not an array */
export const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

type Step = (values: readonly unknown[]) => readonly unknown[]

const STEP = /^(\w+)(\?)?(?:\[(.+)\])?$/

/**
 * Compiles a short path: `participant.actor[Patient]`, `telecom[system=phone]`, `deceasedDateTime?`.
 * @throws InvariantError when the path cannot be read
 */
export const compilePath = (path: string): ((root: unknown) => readonly unknown[]) => {
  const steps = splitPath(path).flatMap(stepsOf)
  return (root) => steps.reduce<readonly unknown[]>((values, step) => (values.length === 0 ? values : step(values)), [root])
}

/** Cuts at the dots outside of brackets. */
const splitPath = (path: string): readonly string[] => path.match(/(?:[^.[\]]|\[[^\]]*\])+/g) ?? []

const stepsOf = (text: string): readonly Step[] => {
  const match = STEP.exec(text)
  invariant(match !== null, 'a search path is names, dots and conditions in brackets')
  const [, name = '', asks, condition] = match
  const member = memberOf(name)
  if (asks !== undefined) return [(values) => [member(values).length > 0]]
  return condition === undefined ? [member] : [member, conditionOf(condition)]
}

const memberOf =
  (name: string): Step =>
  (values) =>
    values.flatMap((value) => {
      const found = isJson(value) ? value[name] : undefined
      return found === undefined || found === null ? [] : found
    })

/** `system=phone` keeps what has that member; `Patient` keeps references to that type. */
const conditionOf = (condition: string): Step => {
  const [name, expected] = splitOnce(condition, '=')
  if (expected !== undefined) return (values) => values.filter((value) => isJson(value) && value[name] === expected)
  return (values) => values.filter((value) => isJson(value) && targetTypeOf(value) === condition)
}

const splitOnce = (text: string, at: string): readonly [string, string?] => {
  const index = text.indexOf(at)
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)]
}

/** The type that a Reference says it points to. */
const targetTypeOf = (reference: Json): string | undefined => {
  const text = reference['reference']
  const typed = typeof text === 'string' ? /([A-Z]\w+)\/[^/]+(?:\/_history\/[^/]+)?$/.exec(text)?.[1] : undefined
  const said = reference['type']
  return typed ?? (typeof said === 'string' ? said : undefined)
}
