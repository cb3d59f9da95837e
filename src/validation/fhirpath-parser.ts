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

function tokens(text: string): Result<readonly Token[], string> {
  const found: Token[] = []
  let at = 0
  while (text.slice(at).trim() !== '') {
    TOKEN.lastIndex = at
    const groups = TOKEN.exec(text)?.groups
    if (!groups) return fail(`unknown symbol at ${String(at)}`)
    at = TOKEN.lastIndex
    const [key, value] = Object.entries(groups).find(([, v]) => v !== undefined) ?? ['symbol', '']
    if (key === 'quoted') found.push({ kind: 'quoted-name', text: unescape(value) })
    else if (key === 'text') found.push({ kind: 'string', text: unescape(value) })
    else if (key === 'variable') found.push({ kind: 'variable', text: value.replace(/[`']/g, '') })
    else if (key === 'date' || key === 'number' || key === 'name' || key === 'special') found.push({ kind: key, text: value })
    else found.push({ kind: 'symbol', text: value })
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
  const parser = parserOver(list.value)
  try {
    return ok(parser())
  } catch (error) {
    if (error instanceof SyntaxFault) return fail(error.message)
    throw error
  }
}

function parserOver(list: readonly Token[]): () => Node {
  let at = 0
  const peek = (): Token | undefined => list[at]
  const isNext = (text: string): boolean => {
    const next = peek()
    return next !== undefined && next.text === text && (next.kind === 'symbol' || next.kind === 'name')
  }
  const take = (): Token => {
    const next = list[at++]
    if (!next) throw new SyntaxFault('the expression ends too early')
    return next
  }
  const expect = (text: string): void => {
    if (!isNext(text)) throw new SyntaxFault(`"${text}" is missing at token ${String(at)}`)
    at++
  }

  const binary = (level: number): Node => {
    const operators = LEVELS[level]
    if (!operators) return unary()
    let left = binary(level + 1)
    for (let operator = operators.find(isNext); operator !== undefined; operator = operators.find(isNext)) {
      at++
      left =
        operator === 'is' || operator === 'as'
          ? { kind: 'type', operator, of: left, type: typeName() }
          : { kind: 'binary', operator, left, right: binary(level + 1) }
    }
    return left
  }

  const typeName = (): string => {
    let name = take().text
    while (isNext('.')) {
      at++
      name = take().text
    }
    return name
  }

  const unary = (): Node => {
    if (isNext('-')) {
      at++
      return { kind: 'negate', of: unary() }
    }
    if (isNext('+')) at++
    return postfix(primary())
  }

  const postfix = (start: Node): Node => {
    let node = start
    for (;;) {
      if (isNext('.')) {
        at++
        node = invocation(node)
      } else if (isNext('[')) {
        at++
        node = { kind: 'item', of: node, index: binary(0) }
        expect(']')
      } else return node
    }
  }

  const invocation = (of: Node | undefined): Node => {
    const token = take()
    if (token.kind === 'special') return { kind: 'this' }
    if (token.kind !== 'name' && token.kind !== 'quoted-name') throw new SyntaxFault(`a name is missing at token ${String(at)}`)
    if (token.kind === 'quoted-name' || !isNext('(')) return { kind: 'member', of, name: token.text }
    at++
    const args: Node[] = []
    while (!isNext(')')) {
      args.push(binary(0))
      if (isNext(',')) at++
    }
    expect(')')
    return { kind: 'call', of, name: token.text, args }
  }

  const primary = (): Node => {
    const token = peek()
    if (!token) throw new SyntaxFault('the expression ends too early')
    if (token.kind === 'name' && (token.text === 'true' || token.text === 'false')) {
      at++
      return { kind: 'literal', values: [token.text === 'true'] }
    }
    if (token.kind === 'name' || token.kind === 'quoted-name') return invocation(undefined)
    at++
    if (token.kind === 'string') return { kind: 'literal', values: [token.text] }
    if (token.kind === 'date') return { kind: 'literal', values: [token.text.replace(/^@T?/, '')] }
    if (token.kind === 'number') return { kind: 'literal', values: [Number(token.text)] }
    if (token.kind === 'variable') return { kind: 'variable', name: token.text }
    if (token.kind === 'special') return token.text === '$index' ? { kind: 'index-of-item' } : { kind: 'this' }
    if (token.text === '{') {
      expect('}')
      return { kind: 'literal', values: [] }
    }
    if (token.text !== '(') throw new SyntaxFault(`unexpected "${token.text}" at token ${String(at)}`)
    const inner = binary(0)
    expect(')')
    return inner
  }

  return () => {
    const node = binary(0)
    if (peek()) throw new SyntaxFault(`unexpected "${take().text}" at token ${String(at)}`)
    return node
  }
}
