// In: conformance resources as JSON (StructureDefinition, ValueSet, CodeSystem, ConceptMap, or Bundles of them).
// Out: Definitions, which know every type, profile, extension and value set given, compiled when first needed.
// Never: reads a file; who calls it has read them.
import { definitionOf, resourcesIn } from './definition.ts'
import type { DefinitionSource, ElementSource } from './definition.ts'
import { isObject } from './fhirpath-values.ts'
import { overlaysOf } from './overlay.ts'
import type { Overlay, Profile, ProfileOf } from './profile.ts'
import { ruleCompiler, shapesOf } from './shape.ts'
import type { Shape, Unchecked } from './shape.ts'
import { loadTerminology } from './terminology.ts'
import type { Terminology } from './terminology.ts'

/** Everything that a resource is held against. */
export interface Definitions {
  readonly shapeOf: (type: string) => Shape | undefined
  /** The profile or extension of that canonical URL, with or without version. */
  readonly profileOf: ProfileOf
  readonly profiles: readonly string[]
  /** The elements of a base type in their order, the type itself first; none for a type that is not held. */
  readonly elementsOf: (type: string) => readonly ElementSource[]
  readonly terminology: Terminology
  /** Invariants that are not checked because they use what we do not compile. Complete only after `compileAll`. */
  readonly unchecked: readonly Unchecked[]
  /** Compiles everything now; for tests and for a start that wants faults early. */
  readonly compileAll: () => void
  /** Is a value (code, Coding, CodeableConcept, Quantity, uri) in a value set? Undefined when that is not known. */
  readonly isBound: (valueSet: string, value: unknown) => boolean | undefined
}

/** Definitions by the names that others call them by. */
interface Index {
  readonly sources: readonly DefinitionSource[]
  readonly byUrl: ReadonlyMap<string, DefinitionSource>
  /** Base types, by name. */
  readonly types: ReadonlyMap<string, DefinitionSource>
  /** Names of elements with a choice of types. */
  readonly choices: ReadonlySet<string>
}

function indexOf(sources: readonly DefinitionSource[]): Index {
  const namesOfChoices = sources.flatMap((source) =>
    source.elements.flatMap((element) => /\.([A-Za-z]+)\[x\]$/.exec(element.path)?.[1] ?? []),
  )
  return {
    sources,
    byUrl: new Map(sources.flatMap((s) => [[s.url, s] as const, [`${s.url}|${s.version ?? ''}`, s] as const])),
    types: new Map(sources.filter((s) => s.derivation !== 'constraint').map((s) => [s.type, s])),
    choices: new Set(namesOfChoices),
  }
}

/**
 * Reads definitions. Later ones of the same URL replace earlier ones. Takes tens of milliseconds for the base and our profiles.
 * @param json resources or Bundles; whatever is no conformance resource is passed over
 */
export function loadDefinitions(json: readonly unknown[]): Definitions {
  const resources = resourcesIn(json)
  const { sources, byUrl, types, choices } = indexOf(resources.flatMap((resource) => definitionOf(resource) ?? []))
  const terminology = loadTerminology(resources)
  const isBound = boundIn(terminology)
  const rules = ruleCompiler((name) => choices.has(name))
  const shapeOf = shapesOf(types, byUrl, rules.compile)
  const compileOverlay = overlaysOf({ types, byUrl, compileRule: rules.compile, isBound })

  const made = new Map<string, Profile | undefined>()
  const profileOf: ProfileOf = (url) => {
    if (!made.has(url)) {
      const source = byUrl.get(url)
      made.set(url, source?.derivation === 'constraint' ? profile(source, compileOverlay(source)) : undefined)
    }
    return made.get(url)
  }

  return {
    shapeOf,
    profileOf,
    elementsOf: (type) => types.get(type)?.elements ?? [],
    profiles: sources.filter((source) => source.derivation === 'constraint').map((source) => source.url),
    terminology,
    unchecked: rules.unchecked,
    compileAll: () => {
      for (const type of types.keys()) compileShape(shapeOf(type), new Set())
      for (const source of sources) profileOf(source.url)
    },
    isBound,
  }
}

function boundIn(terminology: Terminology): Definitions['isBound'] {
  const isBound: Definitions['isBound'] = (valueSet, value) => {
    if (typeof value === 'string') return terminology.isMember(valueSet, undefined, value)
    if (!isObject(value)) return undefined
    if (Array.isArray(value['coding'])) return anyOf(value['coding'].map((coding: unknown) => isBound(valueSet, coding)))
    if (typeof value['code'] !== 'string') return terminology.expand(valueSet) ? false : undefined
    return terminology.isMember(valueSet, typeof value['system'] === 'string' ? value['system'] : '', value['code'])
  }
  return isBound
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
