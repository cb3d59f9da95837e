/** One SMART v2 system scope: a resource type (or `*`) and letters of `cruds`. @spec SMART App Launch 2.2 scopes */
export interface Scope {
  readonly type: string
  readonly letters: string
}

const SCOPE = /^system\/(\*|[A-Z][A-Za-z]+)\.(c?r?u?d?s?)$/

/** Undefined for anything that is not a v2 system scope; a scope with search parameters is not understood, so not granted. */
export const parseScope = (text: string): Scope | undefined => {
  const found = SCOPE.exec(text)
  const [, type, letters] = found ?? []
  return type === undefined || letters === undefined || letters === '' ? undefined : { type, letters }
}

/** The scopes among these words that are understood. */
export const parseScopes = (texts: readonly string[]): readonly Scope[] =>
  texts.map(parseScope).filter((scope) => scope !== undefined)

/** Is one letter of one type covered? */
export const covers = (scopes: readonly Scope[], type: string, letter: string): boolean =>
  scopes.some((s) => (s.type === '*' || s.type === type) && s.letters.includes(letter))

/** Is everything that a requested scope asks for covered by what is registered? */
export const coversScope = (registered: readonly Scope[], asked: Scope): boolean =>
  [...asked.letters].every((letter) =>
    registered.some((s) => (s.type === '*' || s.type === asked.type) && s.letters.includes(letter)),
  )
