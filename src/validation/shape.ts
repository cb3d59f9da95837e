// In: StructureDefinitions of base types. Out: shapes, which say for each JSON key what may stand there; compiled once, used for every resource.
// Never: sees a resource.
import { compileFhirPath } from './fhirpath.ts'
import type { IsChoice } from './fhirpath.ts'
import type { Expression } from './fhirpath-values.ts'
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
  /** All keys of the choice that this one belongs to. */
  readonly choice: readonly string[] | undefined
  readonly primitive: Primitive | undefined
  /** Undefined for primitives, and for `Resource`, where the resource itself says. */
  readonly shape: (() => Shape | undefined) | undefined
  readonly valueSet: string | undefined
  /** Types that a Reference may lead to; undefined for any. */
  readonly targets: readonly string[] | undefined
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

/** Compiles one invariant of a definition; none when it is native, advice or cannot be compiled. */
export type RuleCompiler = (source: ConstraintSource, definition: string) => readonly Rule[]

/** Compiles invariants, keeping an account of those that it cannot. */
export function ruleCompiler(isChoice: IsChoice): {
  readonly compile: RuleCompiler
  readonly unchecked: Unchecked[]
} {
  const known = new Map<string, readonly Rule[]>()
  const unchecked: Unchecked[] = []
  const compile: RuleCompiler = (source, definition) => {
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

/** What making shapes needs, and the shapes made so far. */
interface ShapeMaker {
  readonly sources: ReadonlyMap<string, DefinitionSource>
  readonly byUrl: ReadonlyMap<string, DefinitionSource>
  readonly compileRule: RuleCompiler
  readonly made: Map<string, Shape>
}

/** The compiled base types; a shape is made when it is first asked for, because few of them are used in one process. */
export function shapesOf(
  sources: ReadonlyMap<string, DefinitionSource>,
  byUrl: ReadonlyMap<string, DefinitionSource>,
  compileRule: RuleCompiler,
): (type: string) => Shape | undefined {
  const maker: ShapeMaker = { sources, byUrl, compileRule, made: new Map() }
  return (type) => shapeOf(maker, type)
}

function shapeOf(maker: ShapeMaker, type: string): Shape | undefined {
  const before = maker.made.get(type)
  if (before) return before
  const source = maker.sources.get(type)
  return source && build(maker, source, source.elements[0]?.path ?? type)
}

function build(maker: ShapeMaker, source: DefinitionSource, path: string): Shape {
  const id = path.includes('.') ? path : source.type
  const before = maker.made.get(id)
  if (before) return before
  const depth = path.split('.').length + 1
  const own = source.elements.find((element) => element.path === path)
  const children = source.elements.filter(
    (element) =>
      element.path.startsWith(`${path}.`) && element.path.split('.').length === depth && element.sliceName === undefined,
  )
  const fields = children.flatMap((element) => fieldsOf(maker, source, element))
  const shape: Shape = {
    name: id,
    isResource: source.kind === 'resource' && !path.includes('.'),
    fields: new Map(fields.map((field) => [field.key, field])),
    required: children
      .filter((element) => element.min > 0)
      .map((element) => ({ name: nameOf(element), keys: choiceOf(element) ?? [nameOf(element)] })),
    rules: (own?.constraints ?? []).flatMap((constraint) => maker.compileRule(constraint, source.url)),
  }
  maker.made.set(id, shape)
  return shape
}

function fieldsOf(maker: ShapeMaker, source: DefinitionSource, element: ElementSource): readonly Field[] {
  const name = nameOf(element)
  const choice = choiceOf(element)
  const types = element.types.length > 0 ? element.types : [{ code: 'BackboneElement' }]
  return types.map((type): Field => {
    const code = source.kind === 'resource' && element.path === `${source.type}.id` ? 'id' : type.code
    const primitive = PRIMITIVES.get(code)
    const own = isInline(code) ? [] : element.constraints.flatMap((c) => maker.compileRule(c, source.url))
    return {
      name,
      key: choice ? name + capital(type.code) : name,
      type: code,
      isArray: element.baseMax > 1,
      max: element.max,
      choice,
      primitive,
      shape: primitive || code === 'xhtml' || code === 'Resource' ? undefined : shapeThunk(maker, source, element, code),
      valueSet: element.binding?.strength === 'required' ? element.binding.valueSet : undefined,
      targets: targetsOf(type.targetProfile),
      rules: [...own, ...(type.profile ?? []).flatMap((url) => profileRules(maker, url))],
      maxLength: element.maxLength,
    }
  })
}

function shapeThunk(maker: ShapeMaker, source: DefinitionSource, element: ElementSource, code: string): () => Shape | undefined {
  if (element.contentReference !== undefined) {
    const path = element.contentReference.replace(/^.*#/, '')
    return () => build(maker, source, path)
  }
  if (isInline(code)) return () => build(maker, source, element.path)
  return () => shapeOf(maker, code)
}

/** Rules of a datatype profile such as SimpleQuantity, beyond those of its type. */
function profileRules(maker: ShapeMaker, url: string): readonly Rule[] {
  const profile = maker.byUrl.get(url)
  const base = profile && maker.sources.get(profile.type)
  if (profile?.derivation !== 'constraint' || !base) return []
  const inherited = new Set(base.elements[0]?.constraints.map((c) => c.key))
  return (profile.elements[0]?.constraints ?? []).filter((c) => !inherited.has(c.key)).flatMap((c) => maker.compileRule(c, url))
}

/** JSON keys of a choice of types; undefined for any other element. */
const choiceOf = (element: ElementSource): readonly string[] | undefined =>
  element.path.endsWith('[x]') ? element.types.map((type) => nameOf(element) + capital(type.code)) : undefined

/** Elements whose parts the definition of their resource lists itself, with their invariants. */
const isInline = (code: string): boolean => code === 'BackboneElement' || code === 'Element'
const nameOf = (element: ElementSource): string => element.path.slice(element.path.lastIndexOf('.') + 1).replace('[x]', '')

function targetsOf(profiles: readonly string[] | undefined): readonly string[] | undefined {
  if (!profiles) return undefined
  const types = profiles.map(baseTypeOf)
  const known = types.filter((type) => type !== undefined)
  return known.length < types.length || known.includes('Resource') ? undefined : known
}
