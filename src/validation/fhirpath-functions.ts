// In: the name of a FHIRPath function and its compiled arguments. Out: the function over plain JSON.
// Never: anything that needs more than its arguments; such a function is not in the table, and its rule is reported as unchecked.
import { childOf, childrenOf, isObject, isSame, single, truthOf } from './fhirpath-values.ts'
import type { Expression, Surroundings, Values } from './fhirpath-values.ts'

type Run = (input: Values, around: Surroundings, focus: Values, index: number) => Values
type Build = (args: readonly Expression[]) => Run

const EMPTY: Values = []
const yes = (value: boolean): Values => [value]

const keep = (input: Values, test: Expression | undefined, around: Surroundings): Values =>
  test ? input.filter((value, i) => truthOf(test([value], around, i)) === true) : input

const isPlain = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number'

/** Plain values by a set: a questionnaire may have thousands of links to compare. */
const distinct = (input: Values): Values =>
  input.every(isPlain) ? [...new Set(input)] : input.filter((value, i) => input.findIndex((other) => isSame(other, value)) === i)

const hasValue = (value: unknown): boolean => value !== undefined && value !== null && typeof value !== 'object'

function descendants(input: Values): Values {
  const found: unknown[] = []
  let level = input
  while (level.length > 0) {
    level = level.flatMap(childrenOf)
    found.push(...level)
  }
  return found
}

/** A function of one text and text or number arguments. */
const ofText =
  (work: (text: string, args: readonly unknown[]) => unknown): Build =>
  (args) =>
  (input, around, focus, i) => {
    const text = single(input)
    if (typeof text !== 'string') return EMPTY
    const given = args.map((arg) => single(arg(focus, around, i)))
    if (given.includes(undefined)) return EMPTY
    const answer = work(text, given)
    return answer === undefined ? EMPTY : [answer]
  }

const patterns = new Map<string, RegExp | undefined>()
/** A pattern that JavaScript cannot read matches everything: it is a fault of the definition, not of the data. */
const patternOf = (source: string): RegExp | undefined => {
  if (!patterns.has(source)) {
    try {
      patterns.set(source, new RegExp(source, 's'))
    } catch {
      patterns.set(source, undefined)
    }
  }
  return patterns.get(source)
}

const contained = (around: Surroundings, id: string): Values => {
  const inside = childOf('contained', false)([around.rootResource])
  return id === '' ? [around.rootResource] : inside.filter((resource) => isObject(resource) && resource['id'] === id)
}

const resolve = (input: Values, around: Surroundings): Values =>
  input.flatMap((value) => {
    const reference = isObject(value) ? value['reference'] : value
    return typeof reference === 'string' && reference.startsWith('#') ? contained(around, reference.slice(1)) : EMPTY
  })

const pure =
  (work: (input: Values) => Values): Build =>
  () =>
  (input) =>
    work(input)

const withOther =
  (work: (input: Values, other: Values) => Values): Build =>
  ([arg]) =>
  (input, around, focus, i) =>
    work(input, arg?.(focus, around, i) ?? EMPTY)

const FUNCTIONS: Readonly<Record<string, Build>> = {
  exists:
    ([test]) =>
    (input, around) =>
      yes(keep(input, test, around).length > 0),
  empty: pure((input) => yes(input.length === 0)),
  not: pure((input) => (input.length === 0 ? EMPTY : yes(truthOf(input) !== true))),
  count: pure((input) => [input.length]),
  hasValue: pure((input) => yes(input.length === 1 && hasValue(input[0]))),
  where:
    ([test]) =>
    (input, around) =>
      keep(input, test, around),
  select:
    ([to]) =>
    (input, around) =>
      to ? input.flatMap((value, i) => to([value], around, i)) : input,
  repeat:
    ([to]) =>
    (input, around) => {
      const found: unknown[] = []
      let level = input
      while (to && level.length > 0) {
        level = level.flatMap((value, i) => to([value], around, i))
        found.push(...level)
      }
      return found
    },
  all:
    ([test]) =>
    (input, around) =>
      yes(keep(input, test, around).length === input.length),
  allTrue: pure((input) => yes(input.every((value) => value === true))),
  allFalse: pure((input) => yes(input.every((value) => value === false))),
  anyTrue: pure((input) => yes(input.includes(true))),
  isDistinct: pure((input) => yes(distinct(input).length === input.length)),
  distinct: pure(distinct),
  first: pure((input) => input.slice(0, 1)),
  last: pure((input) => input.slice(-1)),
  tail: pure((input) => input.slice(1)),
  skip: withOther((input, n) => input.slice(Number(single(n)))),
  take: withOther((input, n) => input.slice(0, Number(single(n)))),
  combine: withOther((input, other) => [...input, ...other]),
  union: withOther((input, other) => distinct([...input, ...other])),
  intersect: withOther((input, other) => distinct(input.filter((value) => other.some((o) => isSame(o, value))))),
  exclude: withOther((input, other) => input.filter((value) => !other.some((o) => isSame(o, value)))),
  subsetOf: withOther((input, other) => yes(input.every((value) => other.some((o) => isSame(o, value))))),
  children: pure((input) => input.flatMap(childrenOf)),
  descendants: pure(descendants),
  trace: pure((input) => input),
  resolve: () => resolve,
  htmlChecks: pure(() => yes(true)),
  extension: withOther((input, url) => childOf('extension', false)(input).filter((e) => isObject(e) && e['url'] === single(url))),
  iif:
    ([test, then, otherwise]) =>
    (input, around, _focus, i) => {
      const branch = test && truthOf(test(input, around, i)) === true ? then : otherwise
      return branch ? branch(input, around, i) : EMPTY
    },
  toString: pure((input) => (input.length === 1 && hasValue(input[0]) ? [String(input[0])] : EMPTY)),
  toInteger: pure((input) => (/^[+-]?\d+$/.test(String(input[0])) ? [Number(input[0])] : EMPTY)),
  toDecimal: pure((input) => (/^[+-]?\d+(\.\d+)?$/.test(String(input[0])) ? [Number(input[0])] : EMPTY)),
  length: ofText((text) => text.length),
  upper: ofText((text) => text.toUpperCase()),
  lower: ofText((text) => text.toLowerCase()),
  trim: ofText((text) => text.trim()),
  startsWith: ofText((text, [part]) => text.startsWith(String(part))),
  endsWith: ofText((text, [part]) => text.endsWith(String(part))),
  contains: ofText((text, [part]) => text.includes(String(part))),
  indexOf: ofText((text, [part]) => text.indexOf(String(part))),
  matches: ofText((text, [source]) => patternOf(String(source))?.test(text) ?? true),
  replaceMatches: ofText((text, [source, by]) => {
    const pattern = patternOf(String(source))
    return pattern ? text.replaceAll(new RegExp(pattern.source, 'gs'), String(by)) : text
  }),
  replace: ofText((text, [part, by]) => text.replaceAll(String(part), String(by))),
  substring: ofText((text, [from, length]) =>
    Number(from) >= text.length
      ? undefined
      : text.slice(Number(from), length === undefined ? undefined : Number(from) + Number(length)),
  ),
}

/** The maker of a function of that name, or undefined when we do not compile it. */
export const callOf = (name: string): Build | undefined => (Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined)
