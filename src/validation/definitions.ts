// In: conformance resources as JSON (StructureDefinition, ValueSet, CodeSystem, ConceptMap, or Bundles of them).
// Out: Definitions, which know every type, profile, extension and value set given, compiled when first needed.
// Never: reads a file; who calls it has read them.
import type { Check } from './check.ts'
import { fault } from './check.ts'
import { definitionOf, resourcesIn } from './definition.ts'
import type { DefinitionSource } from './definition.ts'
import { isObject } from './fhirpath-values.ts'
import { checkOverlay, overlaysOf } from './overlay.ts'
import type { Overlay } from './overlay.ts'
import { ruleCompiler, shapesOf } from './shape.ts'
import type { Shape, Unchecked } from './shape.ts'
import { loadTerminology } from './terminology.ts'
import type { Terminology } from './terminology.ts'

type Json = Readonly<Record<string, unknown>>

/** Everything that a resource is held against. */
export interface Definitions {
  readonly shapeOf: (type: string) => Shape | undefined
  /** The profile or extension of that canonical URL, with or without version. */
  readonly profileOf: (url: string) => Profile | undefined
  readonly profiles: readonly string[]
  readonly terminology: Terminology
  /** Invariants that are not checked because they use what we do not compile. Complete only after `compileAll`. */
  readonly unchecked: readonly Unchecked[]
  /** Compiles everything now; for tests and for a start that wants faults early. */
  readonly compileAll: () => void
  /** Is a value (code, Coding, CodeableConcept, Quantity, uri) in a value set? Undefined when that is not known. */
  readonly isBound: (valueSet: string, value: unknown) => boolean | undefined
  readonly checkClaims: (check: Check, resource: Json, path: string) => void
  readonly checkExtension: (check: Check, extension: Json, url: string, path: string) => void
}

/** A profile, ready to be laid over a resource of its type. */
export interface Profile {
  readonly url: string
  readonly type: string
  readonly overlay: Overlay
  readonly imposes: readonly string[]
  readonly contexts: readonly string[]
}

/**
 * Reads definitions. Later ones of the same URL replace earlier ones. Takes tens of milliseconds for the base and our profiles.
 * @param json resources or Bundles; whatever is no conformance resource is passed over
 */
export function loadDefinitions(json: readonly unknown[]): Definitions {
  const resources = resourcesIn(json)
  const sources = resources.flatMap((resource) => definitionOf(resource) ?? [])
  const byUrl = new Map(
    sources.flatMap((source) => [[source.url, source] as const, [`${source.url}|${source.version ?? ''}`, source] as const]),
  )
  const types = new Map(sources.filter((source) => source.derivation !== 'constraint').map((source) => [source.type, source]))
  const choices = new Set(
    sources.flatMap((source) => source.elements.flatMap((element) => /\.([A-Za-z]+)\[x\]$/.exec(element.path)?.[1] ?? [])),
  )
  const terminology = loadTerminology(resources)
  const rules = ruleCompiler((name) => choices.has(name))
  const shapeOf = shapesOf(types, byUrl, rules.compile)

  const isBound = (valueSet: string, value: unknown): boolean | undefined => {
    if (typeof value === 'string') return terminology.isMember(valueSet, undefined, value)
    if (!isObject(value)) return undefined
    if (Array.isArray(value['coding'])) return anyOf(value['coding'].map((coding: unknown) => isBound(valueSet, coding)))
    if (typeof value['code'] === 'string')
      return terminology.isMember(valueSet, typeof value['system'] === 'string' ? value['system'] : '', value['code'])
    return terminology.expand(valueSet) ? false : undefined
  }

  const made = new Map<string, Profile | undefined>()
  const compileOverlay = overlaysOf({ types, byUrl, shapeOf, compileRule: rules.compile, isBound })
  const profileOf = (url: string): Profile | undefined => {
    if (!made.has(url)) {
      const source = byUrl.get(url)
      made.set(url, source?.derivation === 'constraint' ? profile(source, compileOverlay(source)) : undefined)
    }
    return made.get(url)
  }

  const apply = (check: Check, value: Json, url: string, path: string, seen: Set<string>): boolean => {
    const found = profileOf(url)
    if (!found || seen.has(found.url)) return found !== undefined
    seen.add(found.url)
    if (value['resourceType'] !== found.type) fault(check, path, 'structure', `is not of the type of profile ${url}`)
    else checkOverlay(check, found.overlay, value, path, profileOf)
    for (const imposed of found.imposes) apply(check, value, imposed, path, seen)
    return true
  }

  return {
    shapeOf,
    profileOf,
    profiles: sources.filter((source) => source.derivation === 'constraint').map((source) => source.url),
    terminology,
    unchecked: rules.unchecked,
    compileAll: () => {
      for (const type of types.keys()) compileShape(shapeOf(type), new Set())
      for (const source of sources) profileOf(source.url)
    },
    isBound,
    checkClaims: (check, resource, path) => {
      const meta = resource['meta']
      if (!isObject(meta) || !Array.isArray(meta['profile'])) return
      const seen = new Set<string>()
      meta['profile'].forEach((url: unknown, i) => {
        if (typeof url === 'string' && !apply(check, resource, url, path, seen) && !types.has(url.replace(/^.*\//, '')))
          fault(
            check,
            `${path}.meta.profile[${String(i)}]`,
            'not-supported',
            'is a profile that is not held here, so it was not checked',
            'information',
          )
      })
    },
    checkExtension: (check, extension, url, path) => {
      const found = url.includes(':') ? profileOf(url) : undefined
      if (found) checkOverlay(check, found.overlay, extension, path, profileOf)
      else if (path.includes('.modifierExtension['))
        fault(check, path, 'extension', 'is a modifier extension that is not known here')
    },
  }
}

const profile = (source: DefinitionSource, overlay: Overlay): Profile => ({
  url: source.url,
  type: source.type,
  overlay,
  imposes: source.imposes,
  contexts: source.contexts,
})

const anyOf = (answers: readonly (boolean | undefined)[]): boolean | undefined =>
  answers.includes(true) ? true : answers.includes(undefined) ? undefined : false

function compileShape(shape: Shape | undefined, seen: Set<string>): void {
  if (!shape || seen.has(shape.name)) return
  seen.add(shape.name)
  for (const field of shape.fields.values()) compileShape(field.shape?.(), seen)
}
