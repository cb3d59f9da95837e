// In: the text of a FHIRPath expression, as StructureDefinitions carry it. Out: its syntax tree.
// Never: knows FHIR types, data or definitions.
import { fail, ok } from '../platform/result.ts'
import type { Result } from '../platform/result.ts'

/** A FHIRPath expression, taken apart. */
export type Node =
  | { readonly kind: 'literal'; readonly values: readonly (string | number | boolean)[] }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'this' }
  | { readonly kind: 'index-of-item' }
  | { readonly kind: 'member'; readonly of: Node | undefined; readonly name: string }
  | { readonly kind: 'call'; readonly of: Node | undefined; readonly name: string; readonly args: readonly Node[] }
  | { readonly kind: 'item'; readonly of: Node; readonly index: Node }
  | { readonly kind: 'type'; readonly operator: 'is' | 'as'; readonly of: Node; readonly type: string }
  | { readonly kind: 'negate'; readonly of: Node }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Node; readonly right: Node }

type Token = {
  readonly kind: 'name' | 'quoted-name' | 'string' | 'number' | 'date' | 'symbol' | 'variable' | 'special'
  readonly text: string
}

const TOKEN =
  /\s*(?:(?<date>@[0-9T:.+Z-]+)|(?<number>\d+(?:\.\d+)?)|(?<name>[A-Za-z_][A-Za-z0-9_]*)|`(?<quoted>(?:[^`\\]|\\.)*)`|'(?<text>(?:[^'\\]|\\.)*)'|(?<special>\$this|\$index|\$total)|%(?<variable>[A-Za-z_][A-Za-z0-9_-]*|`[^`]*`|'[^']*')|(?<symbol><=|>=|!=|!~|[.,()[\]{}|=~<>+*/&-]))/y

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' }
const unescape = (text: string): string =>
  text.replace(/\\(u[0-9a-fA-F]{4}|.)/g, (_, c: string) =>
    c.length > 1 ? String.fromCharCode(Number.parseInt(c.slice(1), 16)) : (ESCAPES[c] ?? c),
  )

/** Named groups of the pattern, and what each becomes. */
const KINDS = {
  date: 'date',
  number: 'number',
  name: 'name',
  quoted: 'quoted-name',
  text: 'string',
  special: 'special',
  variable: 'variable',
  symbol: 'symbol',
} as const satisfies Record<string, Token['kind']>

function tokens(text: string): Result<readonly Token[], string> {
  const found: Token[] = []
  let at = 0
  while (text.slice(at).trim() !== '') {
    TOKEN.lastIndex = at
    const groups = TOKEN.exec(text)?.groups
    if (!groups) return fail(`unknown symbol at ${String(at)}`)
    at = TOKEN.lastIndex
    for (const [group, kind] of Object.entries(KINDS)) {
      const value = groups[group]
      if (value === undefined) continue
      const isEscaped = kind === 'string' || kind === 'quoted-name'
      found.push({ kind, text: isEscaped ? unescape(value) : kind === 'variable' ? value.replace(/[`']/g, '') : value })
    }
  }
  return ok(found)
}

/** Binary operators from weakest to strongest. @spec FHIRPath N1 "Operator precedence" */
const LEVELS: readonly (readonly string[])[] = [
  ['implies'],
  ['or', 'xor'],
  ['and'],
  ['in', 'contains'],
  ['=', '!=', '~', '!~'],
  ['<', '<=', '>', '>='],
  ['|'],
  ['is', 'as'],
  ['+', '-', '&'],
  ['*', '/', 'div', 'mod'],
]

class SyntaxFault extends Error {}

/** Reads one expression; a fault names the place, never data. */
export function parseFhirPath(text: string): Result<Node, string> {
  const list = tokens(text)
  if (!list.ok) return list
  const cursor: Cursor = { list: list.value, at: 0 }
  try {
    const node = binary(cursor, 0)
    return cursor.at < cursor.list.length ? fail(`unexpected "${take(cursor).text}" at token ${String(cursor.at)}`) : ok(node)
  } catch (error) {
    if (error instanceof SyntaxFault) return fail(error.message)
    throw error
  }
}

/** Where the parser stands. */
interface Cursor {
  readonly list: readonly Token[]
  at: number
}

const isNext = ({ list, at }: Cursor, text: string): boolean => {
  const next = list[at]
  return next?.text === text && (next.kind === 'symbol' || next.kind === 'name')
}

const take = (cursor: Cursor): Token => {
  const next = cursor.list[cursor.at++]
  if (!next) throw new SyntaxFault('the expression ends too early')
  return next
}

/** Steps over a word or symbol when it is next. */
const skip = (cursor: Cursor, text: string): boolean => {
  const isThere = isNext(cursor, text)
  if (isThere) cursor.at++
  return isThere
}

const expect = (cursor: Cursor, text: string): void => {
  if (!skip(cursor, text)) throw new SyntaxFault(`"${text}" is missing at token ${String(cursor.at)}`)
}

function binary(cursor: Cursor, level: number): Node {
  const operators = LEVELS[level]
  if (!operators) return unary(cursor)
  const next = (): string | undefined => operators.find((operator) => skip(cursor, operator))
  let left = binary(cursor, level + 1)
  for (let operator = next(); operator !== undefined; operator = next()) {
    left =
      operator === 'is' || operator === 'as'
        ? { kind: 'type', operator, of: left, type: typeName(cursor) }
        : { kind: 'binary', operator, left, right: binary(cursor, level + 1) }
  }
  return left
}

function typeName(cursor: Cursor): string {
  let name = take(cursor).text
  while (skip(cursor, '.')) name = take(cursor).text
  return name
}

function unary(cursor: Cursor): Node {
  if (skip(cursor, '-')) return { kind: 'negate', of: unary(cursor) }
  skip(cursor, '+')
  let node = primary(cursor)
  for (;;) {
    if (skip(cursor, '.')) node = invocation(cursor, node)
    else if (skip(cursor, '[')) {
      node = { kind: 'item', of: node, index: binary(cursor, 0) }
      expect(cursor, ']')
    } else return node
  }
}

function invocation(cursor: Cursor, of: Node | undefined): Node {
  const token = take(cursor)
  if (token.kind === 'special') return { kind: 'this' }
  if (token.kind !== 'name' && token.kind !== 'quoted-name')
    throw new SyntaxFault(`a name is missing at token ${String(cursor.at)}`)
  if (token.kind === 'quoted-name' || !skip(cursor, '(')) return { kind: 'member', of, name: token.text }
  const args: Node[] = []
  while (!isNext(cursor, ')')) {
    args.push(binary(cursor, 0))
    skip(cursor, ',')
  }
  expect(cursor, ')')
  return { kind: 'call', of, name: token.text, args }
}

function primary(cursor: Cursor): Node {
  const token = take(cursor)
  const { kind, text } = token
  if (kind === 'name' && (text === 'true' || text === 'false')) return { kind: 'literal', values: [text === 'true'] }
  if (kind === 'name' || kind === 'quoted-name') {
    cursor.at--
    return invocation(cursor, undefined)
  }
  if (kind === 'string') return { kind: 'literal', values: [text] }
  if (kind === 'date') return { kind: 'literal', values: [text.replace(/^@T?/, '')] }
  if (kind === 'number') return { kind: 'literal', values: [Number(text)] }
  if (kind === 'variable') return { kind: 'variable', name: text }
  if (kind === 'special') return text === '$index' ? { kind: 'index-of-item' } : { kind: 'this' }
  if (text === '{') {
    expect(cursor, '}')
    return { kind: 'literal', values: [] }
  }
  if (text !== '(') throw new SyntaxFault(`unexpected "${text}" at token ${String(cursor.at)}`)
  const inner = binary(cursor, 0)
  expect(cursor, ')')
  return inner
}
