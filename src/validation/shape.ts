// In: StructureDefinitions of base types. Out: shapes, which say for each JSON key what may stand there; compiled once, used for every resource.
// Never: sees a resource.
import { compileFhirPath } from './fhirpath.ts'
import type { Expression, IsChoice } from './fhirpath.ts'
import { PRIMITIVES } from './primitives.ts'
import type { Primitive } from './primitives.ts'
import type { ConstraintSource, DefinitionSource, ElementSource } from './definition.ts'

/** An invariant, ready to run. */
export interface Rule {
  readonly key: string
  readonly severity: 'error' | 'warning'
  readonly human: string
  readonly expression: Expression
}

/** What may stand under one JSON key. */
export interface Field {
  /** As FHIRPath names it: `value` for the key `valueString`. */
  readonly name: string
  readonly key: string
  readonly type: string
  readonly isArray: boolean
  readonly max: number
  readonly isRequired: boolean
  /** All keys of the choice that this one belongs to. */
  readonly choice: readonly string[] | undefined
  readonly primitive: Primitive | undefined
  /** Undefined for primitives, and for `Resource`, where the resource itself says. */
  readonly shape: (() => Shape | undefined) | undefined
  readonly valueSet: string | undefined
  /** Types that a Reference may lead to; undefined for any. */
  readonly targets: readonly string[] | undefined
  readonly fixed: unknown
  readonly rules: readonly Rule[]
  readonly maxLength: number | undefined
}

/** A type, or a part of one with parts of its own. */
export interface Shape {
  /** `Patient`, `Patient.contact`, `HumanName`. */
  readonly name: string
  readonly isResource: boolean
  readonly fields: ReadonlyMap<string, Field>
  /** Keys of which one must be there, for each required element. */
  readonly required: readonly { readonly name: string; readonly keys: readonly string[] }[]
  readonly rules: readonly Rule[]
}

/** An invariant that could not be compiled, so that it is known to be unchecked. */
export interface Unchecked {
  readonly definition: string
  readonly key: string
  readonly reason: string
}

/** Invariants that `check-structure.ts` holds natively, because every element has them or they are beyond FHIRPath. */
const NATIVE = new Set(['ele-1', 'ext-1', 'dom-2', 'dom-3', 'dom-4', 'dom-5', 'ref-1', 'txt-1', 'txt-2'])
/** Advice on good practice, which is no fault of a resource: a narrative should be there. */
const ADVICE = new Set(['dom-6'])

/** Compiles invariants, keeping an account of those that it cannot. */
export function ruleCompiler(isChoice: IsChoice): {
  readonly compile: (source: ConstraintSource, definition: string) => readonly Rule[]
  readonly unchecked: Unchecked[]
} {
  const known = new Map<string, readonly Rule[]>()
  const unchecked: Unchecked[] = []
  const compile = (source: ConstraintSource, definition: string): readonly Rule[] => {
    if (NATIVE.has(source.key) || ADVICE.has(source.key) || source.expression === undefined) return []
    const id = `${source.key} ${source.severity} ${source.expression}`
    const before = known.get(id)
    if (before) return before
    const compiled = compileFhirPath(source.expression, isChoice)
    if (!compiled.ok) unchecked.push({ definition, key: source.key, reason: compiled.error })
    const rules = compiled.ok
      ? [{ key: source.key, severity: source.severity, human: source.human ?? source.key, expression: compiled.value }]
      : []
    known.set(id, rules)
    return rules
  }
  return { compile, unchecked }
}

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

/** `http://hl7.org/fhir/StructureDefinition/Patient` → `Patient`; undefined when it is not a base type. */
export const baseTypeOf = (canonical: string): string | undefined =>
  /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/([A-Z][A-Za-z]+)$/.exec(canonical)?.[1]

/** The compiled base types; a shape is made when it is first asked for, because few of them are used in one process. */
export function shapesOf(
  sources: ReadonlyMap<string, DefinitionSource>,
  byUrl: ReadonlyMap<string, DefinitionSource>,
  compileRule: (source: ConstraintSource, definition: string) => readonly Rule[],
): (type: string) => Shape | undefined {
  const made = new Map<string, Shape>()

  const shapeOf = (type: string): Shape | undefined => {
    const before = made.get(type)
    if (before) return before
    const source = sources.get(type)
    return source && build(source, source.elements[0]?.path ?? type)
  }

  const build = (source: DefinitionSource, path: string): Shape => {
    const id = path.includes('.') ? path : source.type
    const before = made.get(id)
    if (before) return before
    const depth = path.split('.').length + 1
    const own = source.elements.find((element) => element.path === path)
    const children = source.elements.filter(
      (element) =>
        element.path.startsWith(`${path}.`) && element.path.split('.').length === depth && element.sliceName === undefined,
    )
    const fields = children.flatMap((element) => fieldsOf(source, element))
    const shape: Shape = {
      name: id,
      isResource: source.kind === 'resource' && !path.includes('.'),
      fields: new Map(fields.map((field) => [field.key, field])),
      required: children.filter((element) => element.min > 0).map((element) => requiredOf(element)),
      rules: (own?.constraints ?? []).flatMap((constraint) => compileRule(constraint, source.url)),
    }
    made.set(id, shape)
    return shape
  }

  const requiredOf = (element: ElementSource): { name: string; keys: readonly string[] } => {
    const name = nameOf(element)
    return { name, keys: isChoice(element) ? element.types.map((type) => name + capital(type.code)) : [name] }
  }

  const fieldsOf = (source: DefinitionSource, element: ElementSource): readonly Field[] => {
    const name = nameOf(element)
    const keys = isChoice(element) ? element.types.map((type) => name + capital(type.code)) : undefined
    const types = element.types.length > 0 ? element.types : [{ code: 'BackboneElement' }]
    return types.map((type): Field => {
      const code = source.kind === 'resource' && element.path === `${source.type}.id` ? 'id' : type.code
      const primitive = PRIMITIVES.get(code)
      return {
        name,
        key: keys ? name + capital(type.code) : name,
        type: code,
        isArray: element.baseMax > 1,
        max: element.max,
        isRequired: element.min > 0,
        choice: keys,
        primitive,
        shape: primitive || code === 'xhtml' || code === 'Resource' ? undefined : shapeThunk(source, element, code),
        valueSet: element.binding?.strength === 'required' ? element.binding.valueSet : undefined,
        targets: targetsOf(type.targetProfile),
        fixed: element.fixed,
        rules: [
          ...(isInline(code) ? [] : element.constraints.flatMap((c) => compileRule(c, source.url))),
          ...(type.profile ?? []).flatMap((url) => profileRules(url)),
        ],
        maxLength: element.maxLength,
      }
    })
  }

  const shapeThunk = (source: DefinitionSource, element: ElementSource, code: string): (() => Shape | undefined) => {
    if (element.contentReference !== undefined) {
      const path = element.contentReference.replace(/^.*#/, '')
      return () => build(source, path)
    }
    if (isInline(code)) return () => build(source, element.path)
    return () => shapeOf(code)
  }

  /** Rules of a datatype profile such as SimpleQuantity, beyond those of its type. */
  const profileRules = (url: string): readonly Rule[] => {
    const profile = byUrl.get(url)
    const base = profile && sources.get(profile.type)
    if (profile?.derivation !== 'constraint' || !base) return []
    const inherited = new Set(base.elements[0]?.constraints.map((c) => c.key))
    return (profile.elements[0]?.constraints ?? []).filter((c) => !inherited.has(c.key)).flatMap((c) => compileRule(c, url))
  }

  return shapeOf
}

/** Elements whose parts the definition of their resource lists itself, with their invariants. */
const isInline = (code: string): boolean => code === 'BackboneElement' || code === 'Element'
const isChoice = (element: ElementSource): boolean => element.path.endsWith('[x]')
const nameOf = (element: ElementSource): string => element.path.slice(element.path.lastIndexOf('.') + 1).replace('[x]', '')

function targetsOf(profiles: readonly string[] | undefined): readonly string[] | undefined {
  if (!profiles) return undefined
  const types = profiles.map(baseTypeOf)
  const known = types.filter((type) => type !== undefined)
  return known.length < types.length || known.includes('Resource') ? undefined : known
}
