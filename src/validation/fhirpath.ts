// In: a FHIRPath expression and, later, JSON values. Out: a function over plain JSON, compiled once.
// Never: reads the clock, resolves a reference outside the resource, or calls a terminology service.
import { fail, ok } from '../platform/result.ts'
import type { Result } from '../platform/result.ts'
import { callOf } from './fhirpath-functions.ts'
import { childOf, compare, isSame, single, truthOf } from './fhirpath-values.ts'
import type { Expression, Surroundings, Values } from './fhirpath-values.ts'
import { parseFhirPath } from './fhirpath-parser.ts'
import type { Node } from './fhirpath-parser.ts'

/** Says whether a name stands for a choice of types (`value` for `value[x]`), which JSON spells with the type behind it. */
export type IsChoice = (name: string) => boolean

const EMPTY: Values = []
const TRUE: Values = [true]
const FALSE: Values = [false]
const CONSTANTS: Readonly<Record<string, string>> = {
  ucum: 'http://unitsofmeasure.org',
  sct: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
}

/** Signals a construct outside the part of FHIRPath that we compile. */
export class Unsupported extends Error {}

const bool = (value: boolean | undefined): Values => (value === undefined ? EMPTY : value ? TRUE : FALSE)

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

/** Is a value of a type, as far as plain JSON can tell. */
export const isOfType = (value: unknown, type: string): boolean => {
  const name = type.replace(/^.*\./, '')
  if (typeof value === 'boolean') return name.toLowerCase() === 'boolean'
  if (typeof value === 'number') return ['decimal', 'integer', 'positiveint', 'unsignedint'].includes(name.toLowerCase())
  if (typeof value === 'string')
    return !['boolean', 'decimal', 'integer'].includes(name.toLowerCase()) && /^[a-z]|^String$|^Date/.test(name)
  if (typeof value !== 'object' || value === null) return false
  if ('resourceType' in value) return value.resourceType === name || name === 'Resource'
  return /^[A-Z]/.test(name)
}

/**
 * Compiles an expression. A failure says which construct is not supported, so that the caller can report a rule as unchecked
 * rather than pass it in silence.
 * @spec FHIRPath N1; the functions that FHIR invariants use, `resolve()` for contained resources only
 */
export function compileFhirPath(text: string, isChoice: IsChoice): Result<Expression, string> {
  const tree = parseFhirPath(text)
  if (!tree.ok) return tree
  try {
    return ok(compile(tree.value, isChoice))
  } catch (error) {
    if (error instanceof Unsupported) return fail(error.message)
    throw error
  }
}

/** Compiles one node; recursion over the tree happens once, at load. */
function compile(node: Node, isChoice: IsChoice): Expression {
  const inner = (part: Node): Expression => compile(part, isChoice)
  switch (node.kind) {
    case 'literal':
      return () => node.values
    case 'this':
      return (focus) => focus
    case 'index-of-item':
      return (_focus, _around, index) => [index]
    case 'variable':
      return variable(node.name)
    case 'member':
      return member(node.of && inner(node.of), node.name, isChoice(node.name))
    case 'item': {
      const [of, index] = [inner(node.of), inner(node.index)]
      return (focus, around, i) => {
        const at = single(index(focus, around, i))
        const value = typeof at === 'number' ? of(focus, around, i)[at] : undefined
        return value === undefined ? EMPTY : [value]
      }
    }
    case 'type':
      return typed(node, isChoice)
    case 'negate': {
      const of = inner(node.of)
      return (focus, around, i) => of(focus, around, i).map((value) => (typeof value === 'number' ? -value : value))
    }
    case 'binary':
      return binary(node.operator, inner(node.left), inner(node.right))
    case 'call':
      return call(node, isChoice)
  }
}

function variable(name: string): Expression {
  const constant = CONSTANTS[name]
  if (constant !== undefined) return () => [constant]
  if (name === 'resource' || name === 'context') return (_focus, around) => [around.resource]
  if (name === 'rootResource') return (_focus, around) => [around.rootResource]
  throw new Unsupported(`%${name}`)
}

function member(of: Expression | undefined, name: string, isChoice: boolean): Expression {
  const child = childOf(name, isChoice)
  if (of) return (focus, around, i) => child(of(focus, around, i))
  // An expression may begin with the type of the resource that it is about.
  if (/^[A-Z]/.test(name)) return (focus) => focus.filter((value) => isOfType(value, name))
  return (focus) => child(focus)
}

/** `value as Quantity`, `value is Quantity`, `value.ofType(Quantity)`: for a choice, JSON's own key tells the type. */
function typed(
  node: { readonly operator: 'is' | 'as'; readonly of: Node; readonly type: string },
  isChoice: IsChoice,
): Expression {
  const { of, type } = node
  const keep = ofType(of, type, isChoice)
  if (node.operator === 'as') return keep
  const all = compile(of, isChoice)
  return (focus, around, i) => (all(focus, around, i).length === 0 ? EMPTY : bool(keep(focus, around, i).length > 0))
}

function ofType(of: Node, type: string, isChoice: IsChoice): Expression {
  if (of.kind === 'member' && isChoice(of.name))
    return member(of.of && compile(of.of, isChoice), of.name + capital(type.replace(/^.*\./, '')), false)
  const all = compile(of, isChoice)
  return (focus, around, i) => all(focus, around, i).filter((value) => isOfType(value, type))
}

function typeArgument(node: Node | undefined): string {
  if (node?.kind === 'member') return node.name
  throw new Unsupported('a type that is not a name')
}

function call(node: Extract<Node, { kind: 'call' }>, isChoice: IsChoice): Expression {
  const of: Node = node.of ?? { kind: 'this' }
  if (node.name === 'ofType' || node.name === 'as') return ofType(of, typeArgument(node.args[0]), isChoice)
  if (node.name === 'is') return typed({ operator: 'is', of, type: typeArgument(node.args[0]) }, isChoice)
  const build = callOf(node.name)
  if (!build) throw new Unsupported(`${node.name}()`)
  const run = build(node.args.map((arg) => compile(arg, isChoice)))
  const before = compile(of, isChoice)
  return (focus, around, i) => run(before(focus, around, i), around, focus, i)
}

type Binary = (left: Values, right: Values) => Values

const numbers = (left: Values, right: Values, work: (a: number, b: number) => number): Values => {
  const [a, b] = [single(left), single(right)]
  return typeof a === 'number' && typeof b === 'number' ? [work(a, b)] : EMPTY
}

const isEqual: Binary = (left, right) => {
  if (left.length === 0 || right.length === 0) return EMPTY
  return bool(left.length === right.length && left.every((value, i) => isSame(value, right[i])))
}

const ordered = (left: Values, right: Values, holds: (order: { low: number; high: number }) => boolean): Values => {
  const order = left.length === 1 && right.length === 1 ? compare(left[0], right[0]) : undefined
  return order ? bool(holds(order)) : EMPTY
}

/** Operators whose both sides are always needed; `and`, `or`, `implies` are below. */
const OPERATORS: Readonly<Record<string, Binary>> = {
  '=': isEqual,
  '!=': (l, r) => isEqual(l, r).map((value) => value !== true),
  '~': (l, r) => bool(l.length === r.length && l.every((value, i) => isSame(value, r[i]))),
  '!~': (l, r) => bool(!(l.length === r.length && l.every((value, i) => isSame(value, r[i])))),
  '<': (l, r) => ordered(l, r, ({ low }) => low < 0),
  '<=': (l, r) => ordered(l, r, ({ low }) => low <= 0),
  '>': (l, r) => ordered(l, r, ({ high }) => high > 0),
  '>=': (l, r) => ordered(l, r, ({ high }) => high >= 0),
  '|': (l, r) => [...l, ...r].filter((value, i, all) => all.findIndex((other) => isSame(other, value)) === i),
  '&': (l, r) => [[...l, ...r].map(String).join('')],
  '+': (l, r) =>
    typeof single(l) === 'string' && typeof single(r) === 'string'
      ? [String(single(l)) + String(single(r))]
      : numbers(l, r, (a, b) => a + b),
  '-': (l, r) => numbers(l, r, (a, b) => a - b),
  '*': (l, r) => numbers(l, r, (a, b) => a * b),
  '/': (l, r) => numbers(l, r, (a, b) => a / b),
  div: (l, r) => numbers(l, r, (a, b) => Math.trunc(a / b)),
  mod: (l, r) => numbers(l, r, (a, b) => a % b),
  in: (l, r) => (l.length === 0 ? EMPTY : bool(r.some((value) => isSame(value, l[0])))),
  contains: (l, r) => (r.length === 0 ? EMPTY : bool(l.some((value) => isSame(value, r[0])))),
  xor: (l, r) => {
    const [a, b] = [truthOf(l), truthOf(r)]
    return a === undefined || b === undefined ? EMPTY : bool(a !== b)
  },
}

function binary(operator: string, left: Expression, right: Expression): Expression {
  const work = OPERATORS[operator]
  if (work) return (focus, around, i) => work(left(focus, around, i), right(focus, around, i))
  if (operator === 'and' || operator === 'or') {
    const decisive = operator === 'or'
    return (focus, around, i) => {
      const a = truthOf(left(focus, around, i))
      if (a === decisive) return bool(decisive)
      const b = truthOf(right(focus, around, i))
      return b === decisive ? bool(decisive) : a === undefined || b === undefined ? EMPTY : bool(!decisive)
    }
  }
  if (operator !== 'implies') throw new Unsupported(operator)
  return (focus, around, i) => {
    const a = truthOf(left(focus, around, i))
    if (a === false) return TRUE
    const b = truthOf(right(focus, around, i))
    return b === true ? TRUE : a === undefined || b === undefined ? EMPTY : FALSE
  }
}

/** Does an invariant hold at an element? An answer that is empty counts as no, as the official validator has it. */
export const holds = (expression: Expression, value: unknown, around: Surroundings): boolean => {
  const answer = expression([value], around, 0)
  return answer.length > 0 && truthOf(answer) === true
}
