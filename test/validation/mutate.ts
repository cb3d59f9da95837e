/** Ways to break a resource, each by one rule of the base definitions, found by reading the definitions as they are published. */
import { BASE } from './definitions.ts'

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

interface Element {
  readonly path: string
  readonly min: number
  readonly baseMax: string
  readonly types: readonly string[]
  readonly targets: readonly string[]
  readonly isRequiredBinding: boolean
  readonly reference: string | undefined
}

/** Elements of every base type by path, read from the JSON without the code under test. */
const ELEMENTS: ReadonlyMap<string, Element> = new Map(
  BASE.flatMap((bundle) => (isObject(bundle) ? listOf(bundle['entry']) : []))
    .map((entry) => (isObject(entry) ? entry['resource'] : undefined))
    .filter((r): r is Json => isObject(r) && r['resourceType'] === 'StructureDefinition' && r['derivation'] !== 'constraint')
    .flatMap((definition) => listOf(isObject(definition['snapshot']) ? definition['snapshot']['element'] : undefined))
    .filter(isObject)
    .map((source): readonly [string, Element] => {
      const types = listOf(source['type']).filter(isObject)
      return [
        String(source['path']),
        {
          path: String(source['path']),
          min: Number(source['min']),
          baseMax: isObject(source['base']) ? String(source['base']['max']) : '1',
          types: types.map((type) => String(type['code'])),
          targets: types.flatMap((type) => listOf(type['targetProfile']).map(String)),
          isRequiredBinding: isObject(source['binding']) && source['binding']['strength'] === 'required',
          reference: typeof source['contentReference'] === 'string' ? source['contentReference'].slice(1) : undefined,
        },
      ]
    }),
)

/** One place in a resource with the element that defines it. */
interface Site {
  readonly parent: Json
  readonly key: string
  readonly element: Element
  readonly path: string
}

/** Every place of a resource that the definitions know. */
export function sitesOf(resource: Json): readonly Site[] {
  const found: Site[] = []
  const walk = (value: Json, definition: string, path: string): void => {
    for (const key of Object.keys(value)) {
      const element = ELEMENTS.get(`${definition}.${key}`)
      if (!element) continue
      found.push({ parent: value, key, element, path: `${path}.${key}` })
      const [type = ''] = element.types
      const next = element.reference ?? (type === 'BackboneElement' || type === 'Element' ? element.path : type)
      const children = Array.isArray(value[key]) ? value[key] : [value[key]]
      for (const child of children) if (isObject(child) && ELEMENTS.has(next)) walk(child, next, `${path}.${key}`)
    }
  }
  walk(resource, String(resource['resourceType']), String(resource['resourceType']))
  return found
}

/** Breaks a rule at a place, in place; false when the rule does not apply there. */
export type Mutation = (site: Site) => boolean

const first = (site: Site): unknown =>
  Array.isArray(site.parent[site.key]) ? listOf(site.parent[site.key])[0] : site.parent[site.key]
const put = (site: Site, value: unknown): boolean => {
  site.parent[site.key] = Array.isArray(site.parent[site.key]) ? [value] : value
  return true
}
const only = (site: Site, type: string): boolean => site.element.types.length === 1 && site.element.types[0] === type

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'an unknown property': (site) => {
    site.parent['zzUnknown'] = 'x'
    return true
  },
  'a required element removed': (site) => site.element.min > 0 && Reflect.deleteProperty(site.parent, site.key),
  'a list made single, or single made a list': (site) => {
    const value = site.parent[site.key]
    site.parent[site.key] = Array.isArray(value) ? value[0] : [value]
    return true
  },
  'an empty list': (site) => {
    site.parent[site.key] = []
    return true
  },
  'null in its place': (site) => put(site, null),
  'an empty object': (site) => put(site, {}),
  'a number where there is none': (site) =>
    !['decimal', 'integer', 'positiveInt', 'unsignedInt'].some((type) => only(site, type)) && put(site, 17),
  'a code outside of its list': (site) => site.element.isRequiredBinding && only(site, 'code') && put(site, 'zz-bogus'),
  'a code with a space at its end': (site) => only(site, 'code') && put(site, 'active '),
  'a day that is not in the calendar': (site) => ['date', 'dateTime'].some((type) => only(site, type)) && put(site, '2026-02-30'),
  'a reference to a type not allowed': (site) => {
    if (
      !only(site, 'Reference') ||
      site.element.targets.length === 0 ||
      site.element.targets.some((url) => url.endsWith('/Resource'))
    )
      return false
    const type = ['Binary', 'Slot'].find((name) => !site.element.targets.some((url) => url.endsWith(`/${name}`))) ?? 'Binary'
    return put(site, { reference: `${type}/x` })
  },
  'a reference that is none': (site) =>
    only(site, 'Reference') && site.element.targets.length > 0 && put(site, { reference: 'nothing' }),
  'a period that ends before it starts': (site) => only(site, 'Period') && put(site, { start: '2026-02-01', end: '2026-01-01' }),
  'a script in the narrative': (site) =>
    only(site, 'xhtml') && put(site, '<div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></div>'),
  'a value and extensions in one extension': (site) => {
    if (!only(site, 'Extension')) return false
    const value = first(site)
    if (!isObject(value)) return false
    const isSimple = Object.keys(value).some((key) => key.startsWith('value'))
    return put(site, isSimple ? { ...value, extension: [{ url: 'x', valueCode: 'y' }] } : { ...value, valueCode: 'y' })
  },
}
