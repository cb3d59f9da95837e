// In: CodeSystems, ValueSets and ConceptMaps as JSON. Out: look-up, membership, expansion and translation over what we hold.
// Never: guesses: what cannot be answered from the resources given is `undefined`, not "no".
import { resourcesIn } from './definition.ts'
import { isObject } from './fhirpath-values.ts'

type Json = Readonly<Record<string, unknown>>

/** One concept with the system it belongs to. */
export interface Concept {
  readonly system: string
  readonly code: string
  readonly display?: string
}

/** A code that a ConceptMap leads to. */
export interface Translation extends Concept {
  /** ConceptMapEquivalence: `equivalent`, `wider`, `narrower`, `inexact`, `relatedto` … */
  readonly equivalence: string
  readonly map: string
}

/** What the resources given can answer. */
export interface Terminology {
  /** The concept with its designations and properties, as its CodeSystem writes it. */
  readonly lookup: (system: string, code: string) => Json | undefined
  /** Is the code in the value set? Undefined when the value set is not held or has no end. An omitted system asks for any. */
  readonly isMember: (valueSet: string, system: string | undefined, code: string) => boolean | undefined
  /** Every concept of a value set in its own order; undefined when it is not held or has no end. */
  readonly expand: (valueSet: string) => readonly Concept[] | undefined
  /** All translations of a code, by one map or by all that are held. */
  readonly translate: (
    concept: { readonly system: string; readonly code: string },
    options?: TranslateOptions,
  ) => readonly Translation[]
  readonly codeSystem: (url: string) => Json | undefined
  readonly valueSet: (url: string) => Json | undefined
  readonly urls: {
    readonly codeSystems: readonly string[]
    readonly valueSets: readonly string[]
    readonly conceptMaps: readonly string[]
  }
}

/** Which maps to use, and in which direction. */
export interface TranslateOptions {
  readonly map?: string
  readonly targetSystem?: string
  readonly isReverse?: boolean
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const objects = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : [])
const withoutVersion = (url: string): string => url.replace(/\|.*$/, '')

/** Resources of one type by canonical URL, alone and with version. */
const byCanonical = (resources: readonly Json[], type: string): ReadonlyMap<string, Json> => {
  const own = resources.filter((r) => r['resourceType'] === type && typeof r['url'] === 'string')
  return new Map(
    own.flatMap((r) => [[String(r['url']), r] as const, [`${String(r['url'])}|${String(r['version'])}`, r] as const]),
  )
}

/** The one of that version, or else the one that is held. */
const held = (resources: ReadonlyMap<string, Json>, canonical: string): Json | undefined =>
  resources.get(canonical) ?? resources.get(withoutVersion(canonical))
const keyOf = (system: string, code: string): string => `${system}|${code}`

const concept = (system: string, source: Json): readonly Concept[] => {
  const code = text(source['code'])
  const display = text(source['display'])
  return code === undefined ? [] : [{ system, code, ...(display === undefined ? {} : { display }) }]
}

/** Concepts of a CodeSystem, each before what is below it, with the code above. */
function flatten(
  concepts: unknown,
  above: string | undefined,
): readonly { readonly source: Json; readonly above: string | undefined }[] {
  return objects(concepts).flatMap((source) => {
    const parents = objects(source['property']).find((p) => p['code'] === 'subsumedBy' || p['code'] === 'parent')
    return [{ source, above: above ?? text(parents?.['valueCode']) }, ...flatten(source['concept'], text(source['code']))]
  })
}

/** Value sets without an end, which a pattern describes. */
const PATTERNS: ReadonlyMap<string, RegExp> = new Map([
  [
    'http://hl7.org/fhir/ValueSet/mimetypes',
    /^[A-Za-z0-9!#$&^_.+-]{1,127}\/[A-Za-z0-9!#$&^_.+-]{1,127}(\s*;\s*[^\s;=]+=(?:[^\s;"]+|"[^"]*"))*$/,
  ],
  ['http://hl7.org/fhir/ValueSet/currencies', /^[A-Z]{3}$/],
  ['http://hl7.org/fhir/ValueSet/all-languages', /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/],
  ['http://hl7.org/fhir/ValueSet/ucum-units', /^\S+$/],
])

interface Held {
  readonly systems: ReadonlyMap<string, Json>
  readonly sets: ReadonlyMap<string, Json>
  readonly maps: readonly Json[]
}

/** Answers that are kept; there are fewer lists than that. */
const KEPT_MAX = 5_000

/** A function that keeps its answers. Pure as long as what it answers from does not change. */
function kept<T>(answer: (key: string) => T): (key: string) => T {
  const known = new Map<string, { readonly value: T }>()
  return (key) => {
    const found = known.get(key) ?? { value: answer(key) }
    // who asks for names that nobody holds must not fill the memory
    if (known.size >= KEPT_MAX) known.clear()
    known.set(key, found)
    return found.value
  }
}

/** Reads terminology resources, alone or in Bundles; later ones of the same URL and version replace earlier ones. */
export function loadTerminology(json: readonly unknown[]): Terminology {
  const all = resourcesIn(json)
  const own: Held = {
    systems: byCanonical(all, 'CodeSystem'),
    sets: byCanonical(all, 'ValueSet'),
    maps: [...new Map(all.filter((r) => r['resourceType'] === 'ConceptMap').map((r) => [String(r['url']), r])).values()],
  }
  const expand = kept((url) => expansionOf(own, url, []))
  const membersOf = kept((url) => {
    const concepts = expand(url)
    return concepts && new Set(concepts.flatMap((c) => [keyOf(c.system, c.code), c.code]))
  })
  const conceptsOf = kept((url) => {
    const concepts = flatten(held(own.systems, url)?.['concept'], undefined)
    return new Map(concepts.map(({ source }) => [String(source['code']), source]))
  })
  return {
    lookup: (system, code) => conceptsOf(system).get(code),
    isMember: (valueSet, system, code) => {
      const pattern = PATTERNS.get(withoutVersion(valueSet))
      return pattern ? pattern.test(code) : membersOf(valueSet)?.has(system === undefined ? code : keyOf(system, code))
    },
    expand,
    translate: (from, options) => translate(own.maps, from, options ?? {}),
    codeSystem: (url) => held(own.systems, url),
    valueSet: (url) => held(own.sets, url),
    urls: {
      codeSystems: urlsOf(own.systems),
      valueSets: urlsOf(own.sets),
      conceptMaps: own.maps.map((map) => String(map['url'])),
    },
  }
}

const urlsOf = (resources: ReadonlyMap<string, Json>): readonly string[] =>
  [...resources.keys()].filter((key) => !key.includes('|'))

/** `above` breaks value sets that include each other. */
function expansionOf(own: Held, url: string, above: readonly string[]): readonly Concept[] | undefined {
  const valueSet = held(own.sets, url)
  if (!valueSet || above.includes(url)) return undefined
  if (isObject(valueSet['expansion'])) return expanded(valueSet['expansion']['contains'])
  if (!isObject(valueSet['compose'])) return undefined
  const parts = objects(valueSet['compose']['include']).map((include) => included(own, include, [...above, url]))
  const excluded = objects(valueSet['compose']['exclude']).map((exclude) => included(own, exclude, [...above, url]))
  if (parts.includes(undefined) || excluded.includes(undefined)) return undefined
  const out = new Set(excluded.flatMap((part) => part ?? []).map((c) => keyOf(c.system, c.code)))
  const unique = new Map(parts.flatMap((part) => part ?? []).map((c) => [keyOf(c.system, c.code), c]))
  return [...unique.entries()].filter(([key]) => !out.has(key)).map(([, c]) => c)
}

const expanded = (contains: unknown): readonly Concept[] =>
  objects(contains).flatMap((entry) => [
    ...(entry['abstract'] === true ? [] : concept(text(entry['system']) ?? '', entry)),
    ...expanded(entry['contains']),
  ])

function included(own: Held, include: Json, above: readonly string[]): readonly Concept[] | undefined {
  const nested = (Array.isArray(include['valueSet']) ? include['valueSet'] : []).map((url) =>
    expansionOf(own, String(url), above),
  )
  if (nested.includes(undefined)) return undefined
  const system = text(include['system'])
  const direct = system === undefined ? undefined : conceptsOf(own, system, include)
  if (system === undefined) return nested.flatMap((part) => part ?? [])
  // A system and value sets together mean what is in all of them.
  return nested.reduce<readonly Concept[] | undefined>(
    (kept, part) => kept?.filter((c) => part?.some((other) => other.code === c.code && other.system === c.system) === true),
    direct,
  )
}

function conceptsOf(own: Held, system: string, include: Json): readonly Concept[] | undefined {
  if (Array.isArray(include['concept'])) return objects(include['concept']).flatMap((c) => concept(system, c))
  const codeSystem = held(own.systems, system)
  if (codeSystem?.['content'] !== 'complete') return undefined
  const all = flatten(codeSystem['concept'], undefined)
  const filters = objects(include['filter'])
  if (filters.some((f) => f['op'] !== 'is-a' && f['op'] !== 'descendent-of' && f['op'] !== '=')) return undefined
  const isKept = (source: Json, above: string | undefined): boolean =>
    filters.every((filter) => {
      if (filter['op'] === '=')
        return objects(source['property']).some(
          (p) => p['code'] === filter['property'] && Object.values(p).includes(filter['value']),
        )
      if (filter['op'] === 'is-a' && source['code'] === filter['value']) return true
      for (let at = above; at !== undefined; at = all.find(({ source: s }) => s['code'] === at)?.above)
        if (at === filter['value']) return true
      return false
    })
  return all.filter(({ source, above }) => isKept(source, above)).flatMap(({ source }) => concept(system, source))
}

function translate(
  maps: readonly Json[],
  from: { readonly system: string; readonly code: string },
  options: TranslateOptions,
): readonly Translation[] {
  return maps
    .filter((map) => options.map === undefined || map['url'] === options.map)
    .flatMap((map) =>
      objects(map['group']).flatMap((group) => {
        const [source, target] = [text(group['source']) ?? '', text(group['target']) ?? '']
        const found = objects(group['element']).flatMap((element) =>
          objects(element['target']).flatMap((to): readonly Translation[] => {
            const isReverse = options.isReverse === true
            const [given, wanted] = isReverse ? [to, element] : [element, to]
            const [givenSystem, wantedSystem] = isReverse ? [target, source] : [source, target]
            if (givenSystem !== from.system || given['code'] !== from.code) return []
            const equivalence = text(to['equivalence']) ?? 'relatedto'
            const turned: Readonly<Record<string, string>> = {
              wider: 'narrower',
              narrower: 'wider',
              subsumes: 'specializes',
              specializes: 'subsumes',
            }
            return concept(wantedSystem, wanted).map((c) => ({
              ...c,
              equivalence: isReverse ? (turned[equivalence] ?? equivalence) : equivalence,
              map: String(map['url']),
            }))
          }),
        )
        return found.filter((t) => options.targetSystem === undefined || t.system === options.targetSystem)
      }),
    )
}
