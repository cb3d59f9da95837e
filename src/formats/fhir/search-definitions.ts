// In: the table of search parameters in profiles/. Out: what a type can be searched by, looked up by name.
// Never: reads a file; the caller hands the JSON in.
import { z } from 'zod'

const KINDS = ['token', 'string', 'date', 'reference', 'uri', 'number', 'quantity', 'composite'] as const

/** How a search parameter compares. @spec FHIR R4 Search */
export type SearchKind = (typeof KINDS)[number]

/** One search parameter of one resource type, with short paths instead of FHIRPath. */
export interface SearchDefinition {
  readonly type: string
  readonly code: string
  readonly kind: SearchKind
  /** `subject[Patient]`, `telecom[system=phone]`, `component.valueQuantity`; `x?` says only whether there is an x. */
  readonly paths: readonly string[]
  /** Types that a reference may point to; `*` for any. */
  readonly targets: readonly string[]
  /** Where the pairs of a composite stand: the resource itself (empty), or elements of it. */
  readonly roots: readonly string[]
  /** Parameters of the same type that this one stands for together: it is met when one of them is. */
  readonly of: readonly string[]
  readonly components: readonly (readonly [path: string, kind: SearchKind])[]
}

/** All search parameters of all types that we hold. */
export interface SearchDefinitions {
  readonly types: ReadonlySet<string>
  readonly find: (type: string, code: string) => SearchDefinition | undefined
  readonly ofType: (type: string) => readonly SearchDefinition[]
}

const ROW = z.object({
  type: z.string(),
  code: z.string(),
  kind: z.enum(KINDS),
  paths: z.array(z.string()).default([]),
  targets: z.array(z.string()).default([]),
  roots: z.array(z.string()).default([]),
  of: z.array(z.string()).default([]),
  components: z.array(z.tuple([z.string(), z.enum(KINDS)])).default([]),
})
const TABLE = z.object({ types: z.array(z.string()), parameters: z.array(ROW) })

/** Parameters that every type has. */
const COMMON: readonly Pick<SearchDefinition, 'code' | 'kind' | 'paths'>[] = [
  { code: '_security', kind: 'token', paths: ['meta.security'] },
  { code: '_tag', kind: 'token', paths: ['meta.tag'] },
  { code: '_profile', kind: 'uri', paths: ['meta.profile'] },
  { code: '_source', kind: 'uri', paths: ['meta.source'] },
]

/**
 * Reads `profiles/base/search-parameters.json`.
 * @throws ZodError when the table is not what it should be
 */
export const searchDefinitions = (json: unknown): SearchDefinitions => {
  const table = TABLE.parse(json)
  const byType = new Map<string, Map<string, SearchDefinition>>()
  for (const type of table.types) {
    const common = COMMON.map((row) => [row.code, { ...row, type, targets: [], roots: [], of: [], components: [] }] as const)
    byType.set(type, new Map(common))
  }
  for (const row of table.parameters) byType.get(row.type)?.set(row.code, row)
  return {
    types: new Set(table.types),
    find: (type, code) => byType.get(type)?.get(code),
    ofType: (type) => [...(byType.get(type)?.values() ?? [])],
  }
}
