import { entryOf, refusalOf } from '../audit/entry-of.ts'
import { selfUrl } from '../disclosure/bundle-text.ts'
import { noticeOf } from '../disclosure/notice.ts'
import { recast, seal, type Disclosure } from '../disclosure/seal.ts'
import { portionOf } from '../disclosure/subset.ts'
import type { Ask, Found, SearchQuery } from '../model/ask.ts'
import { disclosureId } from '../model/ids.ts'
import { covers, type Scope } from '../model/scopes.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import type { House } from './house.ts'
import { findFor } from './person-behind.ts'
import { parametersIn, portionIn } from './portion.ts'

export type { Disclosure } from '../disclosure/seal.ts'

/** What the edge knows of the request beside the ask itself. */
export interface Edge {
  readonly handling: 'strict' | 'lenient'
  /**
   * What the token may be used for: the conditions of a search, what comes along beside the matches, and all of an `$everything`, are
   * held against it, also where the address of a page was made for another token. Without it nothing comes along.
   */
  readonly scopes?: readonly Scope[]
  /** What the address of a read says about how much of the record is wanted. */
  readonly shaping?: SearchQuery['parameters']
  /** Makes another answer of the one record, for an operation that is about it. */
  readonly recast?: (payload: string) => string
}

/**
 * The one way out. What the audience does not hold, the query does not find; what is found is sealed; and the entry is on the
 * ledger, durably, before a byte leaves. A refusal is an entry too, and looks like absence.
 * @law 42 CFR 2.13(a), (c)(2); 2.32
 */
export const disclose = async (house: House, asked: Omit<Ask, 'at'>, edge: Edge): Promise<Result<Disclosure>> => {
  const ask: Ask = { ...asked, wanted: opened(house, asked.wanted), at: house.clock.now() }
  const portion = portionIn(edge.shaping ?? parametersIn(ask.wanted), isSingle(ask))
  if (!portion.ok) return portion
  const id = disclosureId(house.newId())
  const all = await findFor(house, ask, { ...edge, baseUrl: house.settings.fhirBase })
  if (!all.ok) return all
  const isAskedFor = ask.wanted.interaction !== 'everything'
  const tokenScopes = edge.scopes ?? []
  const found = ok({
    ...all.value,
    rows: all.value.rows.filter(({ mode, type }) => (isAskedFor && mode === 'match') || covers(tokenScopes, type, 'r')),
  })
  if (isSingle(ask) && found.value.rows.some((row) => row.isDeleted)) {
    await house.ledger.append(refusalOf(ask, id, 'fhir', 'gone'))
    return fail(problem('not-found', 'gone'))
  }
  if (found.value.rows.length === 0 && isSingle(ask)) {
    await house.ledger.append(refusalOf(ask, id, 'fhir', 'nothing-to-show'))
    return fail(problem('withheld', 'nothing-to-show'))
  }
  const scopes = await house.scopes.wordsFor(ask.recipient, found.value.rows)
  const part = portion.value === undefined ? found.value : portionOf(found.value, portion.value, house.definitions.elementsOf)
  const sealed = seal(ask, part, {
    id,
    baseUrl: house.settings.fhirBase,
    scopes,
    notice: noticeOf(house.settings.statement),
    links: linksOf(house, ask, found.value),
  })
  if (!sealed.ok) return sealed
  const { recast: rewrite } = edge
  const left =
    rewrite === undefined ? sealed.value : recast(sealed.value, sealed.value.contentType, () => rewrite(sealed.value.text))
  await house.ledger.append(entryOf(ask, found.value, left, { door: 'fhir' }))
  return ok(left)
}

/** The address of a next page stands for the search that it continues. */
const opened = (house: House, wanted: Ask['wanted']): Ask['wanted'] => {
  if (wanted.interaction === 'search')
    return { ...wanted, query: { ...wanted.query, parameters: house.pages.open(wanted.query.parameters) } }
  return 'parameters' in wanted ? { ...wanted, parameters: house.pages.open(wanted.parameters) } : wanted
}

const isSingle = (ask: Ask): boolean => ask.wanted.interaction === 'read' || ask.wanted.interaction === 'vread'

/** Where each kind of answer that is a Bundle lives below the base. */
const placeOf = (ask: Ask): { readonly path: string; readonly parameters: SearchQuery['parameters'] } => {
  const { wanted } = ask
  switch (wanted.interaction) {
    case 'read':
    case 'vread':
      return { path: `${wanted.type}/${wanted.id}`, parameters: [] }
    case 'search':
      return { path: searchPlace(wanted.query), parameters: wanted.query.parameters }
    case 'history-instance':
      return { path: `${wanted.type}/${wanted.id}/_history`, parameters: wanted.parameters }
    case 'history-type':
      return { path: `${wanted.type}/_history`, parameters: wanted.parameters }
    case 'history-system':
      return { path: '_history', parameters: wanted.parameters }
    case 'everything':
      return { path: `Patient/${wanted.patient}/$everything`, parameters: wanted.parameters }
  }
}

const searchPlace = ({ type, compartment }: SearchQuery): string =>
  compartment === undefined ? type : `${compartment.type}/${compartment.id}/${type}`

const linksOf = (house: House, ask: Ask, found: Found): { relation: string; url: string }[] => {
  if (isSingle(ask)) return []
  const { path, parameters } = placeOf(ask)
  const self = { relation: 'self', url: selfUrl(house.settings.fhirBase, path, parameters) }
  if (found.next === undefined) return [self]
  const next = new URLSearchParams(
    house.pages.parametersOf(parameters, found.next).map(([name, value]): [string, string] => [name, value]),
  )
  const url = `${house.settings.fhirBase}/${path}?${next.toString()}`
  return [self, { relation: 'next', url }]
}
