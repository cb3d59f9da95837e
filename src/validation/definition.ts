// In: conformance resources as JSON. Out: the few fields of them that validation reads, typed.
// Never: fetches what is missing.
import { isObject } from './fhirpath-values.ts'

/** An invariant as a StructureDefinition writes it. */
export interface ConstraintSource {
  readonly key: string
  readonly severity: 'error' | 'warning'
  readonly human?: string
  readonly expression?: string
}

/** A type of an element. */
export interface TypeSource {
  readonly code: string
  readonly profile?: readonly string[]
  readonly targetProfile?: readonly string[]
}

/** How a list is cut into slices. */
export interface SlicingSource {
  readonly discriminator: readonly { readonly type: string; readonly path: string }[]
  readonly rules: string
}

/** What we read of an ElementDefinition. */
export interface ElementSource {
  readonly id: string
  readonly path: string
  readonly sliceName?: string
  readonly slicing?: SlicingSource
  readonly min: number
  /** `Infinity` for `*`. */
  readonly max: number
  /** Of the element where it was first defined: tells whether JSON writes an array. */
  readonly baseMax: number
  readonly types: readonly TypeSource[]
  readonly contentReference?: string
  readonly fixed?: unknown
  readonly pattern?: unknown
  readonly maxLength?: number
  readonly constraints: readonly ConstraintSource[]
  readonly binding?: { readonly strength: string; readonly valueSet: string }
  readonly mustSupport: boolean
  /** Belongs to what `_summary=true` gives. */
  readonly isSummary: boolean
  /** May turn the meaning of the rest round. */
  readonly isModifier: boolean
}

/** What we read of a StructureDefinition. */
export interface DefinitionSource {
  readonly url: string
  readonly version?: string
  readonly name: string
  readonly kind: string
  readonly type: string
  readonly derivation?: string
  readonly elements: readonly ElementSource[]
  /** Profiles that an instance of this one must also conform to. @spec extension structuredefinition-imposeProfile */
  readonly imposes: readonly string[]
  /** For an extension: where it may stand. */
  readonly contexts: readonly string[]
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const texts = (value: unknown): readonly string[] => list(value).filter((item) => typeof item === 'string')
const objects = (value: unknown): readonly Readonly<Record<string, unknown>>[] => list(value).filter(isObject)
const count = (value: unknown, otherwise: number): number =>
  value === '*' ? Infinity : value === undefined ? otherwise : Number(value)

const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type'
const IMPOSE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-imposeProfile'

/** Optional fields are left out rather than undefined. The computed key is why the compiler cannot see the type by itself. */
const given = <K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> =>
  value === undefined ? {} : ({ [key]: value } as Partial<Record<K, V>>)

function typeOf(source: Readonly<Record<string, unknown>>): TypeSource {
  const fhirType = objects(source['extension']).find((e) => e['url'] === FHIR_TYPE)
  const code = text(fhirType?.['valueUrl']) ?? text(fhirType?.['valueUri']) ?? text(source['code']) ?? ''
  return {
    code,
    ...given('profile', source['profile'] === undefined ? undefined : texts(source['profile'])),
    ...given('targetProfile', source['targetProfile'] === undefined ? undefined : texts(source['targetProfile'])),
  }
}

const valueOf = (source: Readonly<Record<string, unknown>>, prefix: 'fixed' | 'pattern'): unknown => {
  const key = Object.keys(source).find((k) => k.startsWith(prefix) && /[A-Z]/.test(k.charAt(prefix.length)))
  return key === undefined ? undefined : source[key]
}

function slicingOf(source: unknown): SlicingSource | undefined {
  if (!isObject(source)) return undefined
  const discriminator = objects(source['discriminator']).map((d) => ({
    type: text(d['type']) ?? '',
    path: text(d['path']) ?? '',
  }))
  return { discriminator, rules: text(source['rules']) ?? 'open' }
}

function bindingOf(source: unknown): { strength: string; valueSet: string } | undefined {
  if (!isObject(source)) return undefined
  const valueSet = text(source['valueSet'])
  return valueSet === undefined ? undefined : { strength: text(source['strength']) ?? 'example', valueSet }
}

const constraintOf = (source: Readonly<Record<string, unknown>>): ConstraintSource => ({
  key: text(source['key']) ?? '',
  severity: source['severity'] === 'warning' ? 'warning' : 'error',
  ...given('human', text(source['human'])),
  ...given('expression', text(source['expression'])),
})

function elementOf(source: Readonly<Record<string, unknown>>): ElementSource {
  const max = count(source['max'], 1)
  return {
    id: text(source['id']) ?? '',
    path: text(source['path']) ?? '',
    min: count(source['min'], 0),
    max,
    baseMax: isObject(source['base']) ? count(source['base']['max'], max) : max,
    types: objects(source['type']).map(typeOf),
    constraints: objects(source['constraint']).map(constraintOf),
    mustSupport: source['mustSupport'] === true,
    isSummary: source['isSummary'] === true,
    isModifier: source['isModifier'] === true,
    ...given('sliceName', text(source['sliceName'])),
    ...given('slicing', slicingOf(source['slicing'])),
    ...given('contentReference', text(source['contentReference'])),
    ...given('fixed', valueOf(source, 'fixed')),
    ...given('pattern', valueOf(source, 'pattern')),
    ...given('maxLength', typeof source['maxLength'] === 'number' ? source['maxLength'] : undefined),
    ...given('binding', bindingOf(source['binding'])),
  }
}

/** Reads a StructureDefinition with a snapshot; undefined for anything else. */
export function definitionOf(resource: unknown): DefinitionSource | undefined {
  if (!isObject(resource) || resource['resourceType'] !== 'StructureDefinition' || !isObject(resource['snapshot']))
    return undefined
  const url = text(resource['url'])
  const type = text(resource['type'])
  if (url === undefined || type === undefined) return undefined
  return {
    url,
    type,
    name: text(resource['name']) ?? type,
    kind: text(resource['kind']) ?? '',
    ...given('version', text(resource['version'])),
    ...given('derivation', text(resource['derivation'])),
    elements: objects(resource['snapshot']['element']).map(elementOf),
    imposes: objects(resource['extension'])
      .filter((e) => e['url'] === IMPOSE)
      .flatMap((e) => text(e['valueCanonical']) ?? []),
    contexts: objects(resource['context'])
      .filter((c) => c['type'] === 'element')
      .flatMap((c) => text(c['expression']) ?? []),
  }
}

/** Conformance resources out of resources and Bundles of them, nested or not. */
export const resourcesIn = (json: readonly unknown[]): readonly Readonly<Record<string, unknown>>[] =>
  json
    .filter(isObject)
    .flatMap((resource) =>
      resource['resourceType'] === 'Bundle'
        ? resourcesIn(objects(resource['entry']).map((entry) => entry['resource']))
        : [resource],
    )
