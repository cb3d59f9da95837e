import type { Portion } from '../disclosure/subset.ts'
import type { Ask, SearchQuery } from '../model/ask.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'

type Parameters = SearchQuery['parameters']

/** Names that `_elements` may hold at most; a resource has fewer. */
const NAMES_MAX = 200

const bad = (detail: string): Result<never> => fail(problem('invalid', 'search-parameter-invalid', { detail }))

/**
 * How much of each resource is wanted; undefined for all of it.
 * @param parameters of the question, or of the address of a read
 * @spec FHIR R4 search, _summary and _elements
 */
export const portionIn = (parameters: Parameters, isSingle: boolean): Result<Portion | undefined> => {
  const summary = parameters.findLast(([name, value]) => name === '_summary' && value !== '')?.[1] ?? 'false'
  const names = parameters.filter(([name]) => name === '_elements').flatMap(([, value]) => value.split(',').filter(Boolean))
  if (names.length > NAMES_MAX) return bad('parameter _elements: there are too many values')
  switch (summary) {
    case 'true':
      return ok({ kind: 'summary' })
    case 'data':
      return ok({ kind: 'data' })
    case 'text':
      return parameters.some(([name]) => /^_(rev)?include/.test(name))
        ? bad('parameter _summary: text does not go with includes')
        : ok({ kind: 'text' })
    case 'false':
      return ok(names.length === 0 ? undefined : { kind: 'elements', names: names.map((name) => name.trim()) })
    case 'count':
      return isSingle ? bad('parameter _summary: there is nothing to count') : ok(undefined)
    default:
      return bad('parameter _summary: true, text, data, count or false is expected')
  }
}

/** The parameters of a question that has some. */
export const parametersIn = (wanted: Ask['wanted']): Parameters => {
  if (wanted.interaction === 'search') return wanted.query.parameters
  return 'parameters' in wanted ? wanted.parameters : []
}
