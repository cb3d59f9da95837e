// In: the snapshot of a profile or an extension. Out: an overlay, which holds only what the profile adds to its base, and the check of it.
// Never: repeats what the shape of the type has checked.
import { checkRules, deeper, DEPTH_MAX, fault } from './check.ts'
import type { Check } from './check.ts'
import type { ElementSource, DefinitionSource, ConstraintSource } from './definition.ts'
import type { Profile } from './definitions.ts'
import { isObject, isSame } from './fhirpath-values.ts'
import { nodesOf } from './overlay-tree.ts'
import type { TreeNode } from './overlay-tree.ts'
import { referenceFault } from './reference.ts'
import { baseTypeOf } from './shape.ts'
import type { Rule, Shape } from './shape.ts'
import { matcherOf } from './slice.ts'

type Json = Readonly<Record<string, unknown>>

/** What a profile asks of one element beyond its type. */
export interface Overlay {
  readonly fixed: unknown
  readonly pattern: unknown
  readonly valueSet: string | undefined
  readonly targets: readonly string[] | undefined
  /** Profiles of datatype or extension that the value must conform to. */
  readonly profiles: readonly string[]
  readonly rules: readonly Rule[]
  readonly maxLength: number | undefined
  readonly members: readonly Member[]
  readonly isBound: (valueSet: string, value: unknown) => boolean | undefined
}

/** What a profile asks of the elements of one name. */
export interface Member {
  readonly name: string
  /** JSON keys under which the element may stand, and those under which the base has it but the profile has not. */
  readonly keys: readonly string[]
  readonly refused: readonly string[]
  readonly min: number
  readonly max: number
  readonly each: Overlay
  readonly isClosed: boolean
  readonly slices: readonly Slice[]
}

/** A part of a list (or a type of a choice) with rules of its own. */
export interface Slice {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly matches: (check: Check, value: unknown, key: string, profileOf: (url: string) => Profile | undefined) => boolean
  readonly overlay: Overlay
}

/** What compiling an overlay needs to know. */
export interface OverlayNeeds {
  readonly types: ReadonlyMap<string, DefinitionSource>
  readonly byUrl: ReadonlyMap<string, DefinitionSource>
  readonly shapeOf: (type: string) => Shape | undefined
  readonly compileRule: (source: ConstraintSource, definition: string) => readonly Rule[]
  readonly isBound: (valueSet: string, value: unknown) => boolean | undefined
}

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

/** A compiler of profiles into overlays. */
export function overlaysOf(needs: OverlayNeeds): (source: DefinitionSource) => Overlay {
  const overlayOf = (source: DefinitionSource, node: TreeNode): Overlay => {
    const { element, base } = node
    const inherited = new Set(base.flatMap((b) => b.constraints.map((c) => c.key)))
    const [first] = base
    return {
      fixed: element.fixed !== undefined && !isSame(element.fixed, first?.fixed) ? element.fixed : undefined,
      pattern: element.pattern,
      valueSet:
        element.binding?.strength === 'required' &&
        !base.some((b) => b.binding?.strength === 'required' && b.binding.valueSet === element.binding?.valueSet)
          ? element.binding.valueSet
          : undefined,
      targets: targetsOf(element, first),
      profiles:
        element.types.length === 1
          ? (element.types[0]?.profile ?? []).filter((url) => first?.types[0]?.profile?.includes(url) !== true)
          : [],
      rules: element.constraints.filter((c) => !inherited.has(c.key)).flatMap((c) => needs.compileRule(c, source.url)),
      maxLength: element.maxLength !== first?.maxLength ? element.maxLength : undefined,
      members: [...node.children.values()].map((child) => memberOf(source, child)).filter(isNeeded),
      isBound: needs.isBound,
    }
  }

  /** Types named by the canonicals of a profile's references; undefined when nothing is narrowed or a target is not known here. */
  const targetsOf = (element: ElementSource, base: ElementSource | undefined): readonly string[] | undefined => {
    const targets = element.types.find((type) => type.code === 'Reference')?.targetProfile
    if (!targets) return undefined
    const before = base?.types.find((type) => type.code === 'Reference')?.targetProfile
    if (before && isSame(before, targets)) return undefined
    const types = targets.map((url) => baseTypeOf(url) ?? needs.byUrl.get(url)?.type ?? typeOfUsCore(url))
    return types.includes('Resource') || types.includes(undefined)
      ? undefined
      : [...new Set(types.filter((type) => type !== undefined))]
  }

  const memberOf = (source: DefinitionSource, node: TreeNode): Member => {
    const { element, base } = node
    const [first] = base
    const keys = keysOf(node.name, element)
    const before = first ? keysOf(node.name, first) : keys
    return {
      name: node.name.replace('[x]', ''),
      keys,
      refused: before.filter((key) => !keys.includes(key)),
      min: element.min > (first?.min ?? 0) ? element.min : 0,
      max: element.max < (first?.max ?? Infinity) ? element.max : Infinity,
      each: overlayOf(source, node),
      isClosed: element.slicing?.rules === 'closed',
      slices: node.slices.map((slice) => ({
        name: slice.element.sliceName ?? '',
        min: slice.element.min,
        max: slice.element.max,
        matches: matcherOf(node, slice, (part) => overlayOf(source, part)),
        overlay: overlayOf(source, slice),
      })),
    }
  }

  return (source) => {
    const root = nodesOf(source, needs.types)
    return root ? overlayOf(source, root) : EMPTY_OVERLAY
  }
}

const EMPTY_OVERLAY: Overlay = {
  fixed: undefined,
  pattern: undefined,
  valueSet: undefined,
  targets: undefined,
  profiles: [],
  rules: [],
  maxLength: undefined,
  members: [],
  isBound: () => undefined,
}

const typeOfUsCore = (url: string): string | undefined => {
  const name = /\/us-core-([a-z]+)(?:-[a-z-]+)?$/.exec(url)?.[1]
  const types: Readonly<Record<string, string>> = {
    patient: 'Patient',
    practitioner: 'Practitioner',
    practitionerrole: 'PractitionerRole',
    organization: 'Organization',
    condition: 'Condition',
    encounter: 'Encounter',
    careplan: 'CarePlan',
    careteam: 'CareTeam',
    goal: 'Goal',
    location: 'Location',
    procedure: 'Procedure',
    relatedperson: 'RelatedPerson',
    servicerequest: 'ServiceRequest',
    documentreference: 'DocumentReference',
    questionnaireresponse: 'QuestionnaireResponse',
  }
  return name === undefined ? undefined : types[name]
}

const keysOf = (name: string, element: ElementSource): readonly string[] => {
  if (!name.endsWith('[x]')) return [name]
  const stem = name.replace('[x]', '')
  return element.types.map((type) => stem + capital(type.code))
}

const isEmpty = (overlay: Overlay): boolean =>
  overlay.fixed === undefined &&
  overlay.pattern === undefined &&
  overlay.valueSet === undefined &&
  overlay.targets === undefined &&
  overlay.maxLength === undefined &&
  overlay.profiles.length === 0 &&
  overlay.rules.length === 0 &&
  overlay.members.length === 0

const isNeeded = (member: Member): boolean =>
  member.min > 0 ||
  member.max < Infinity ||
  member.isClosed ||
  member.refused.length > 0 ||
  member.slices.length > 0 ||
  !isEmpty(member.each)

/** Does a value hold everything that a pattern holds? @spec FHIR R4 ElementDefinition.pattern[x] */
export function fitsPattern(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern))
    return Array.isArray(value) && pattern.every((part) => value.some((item) => fitsPattern(item, part)))
  if (!isObject(pattern)) return value === pattern
  return isObject(value) && Object.keys(pattern).every((key) => fitsPattern(value[key], pattern[key]))
}

/** Lays an overlay over a value and notes what does not fit. */
export function checkOverlay(
  check: Check,
  overlay: Overlay,
  value: unknown,
  path: string,
  profileOf: (url: string) => Profile | undefined,
): void {
  if (check.depth > DEPTH_MAX) return
  const inside = deeper(check)
  if (overlay.fixed !== undefined && !isSame(overlay.fixed, value))
    fault(check, path, 'value', 'must have the fixed value of the profile')
  if (overlay.pattern !== undefined && !fitsPattern(value, overlay.pattern))
    fault(check, path, 'value', 'must fit the pattern of the profile')
  if (overlay.valueSet !== undefined && overlay.isBound(overlay.valueSet, value) === false)
    fault(check, path, 'code-invalid', `must be a code of ${overlay.valueSet}`)
  if (overlay.maxLength !== undefined && typeof value === 'string' && value.length > overlay.maxLength)
    fault(check, path, 'too-long', 'is too long')
  if (overlay.targets && isObject(value)) {
    const why = referenceFault(value, overlay.targets, check.around)
    if (why !== undefined) fault(check, path, 'structure', why)
  }
  for (const url of overlay.profiles) {
    const profile = profileOf(url)
    if (profile) checkOverlay(inside, profile.overlay, value, path, profileOf)
  }
  checkRules(check, overlay.rules, value, path)
  if (overlay.members.length > 0 && isObject(value))
    for (const member of overlay.members) checkMember(inside, member, value, path, profileOf)
}

/** An element as the profile sees it: its value, the key it stands under and its place. */
interface Item {
  readonly value: unknown
  readonly key: string
  readonly path: string
}

function itemsOf(member: Member, parent: Json, path: string): readonly Item[] {
  const at = `${path}.${member.name}`
  return [...member.keys, ...member.refused].flatMap((key): readonly Item[] => {
    const value = parent[key] ?? parent[`_${key}`]
    const beside = parent[`_${key}`]
    if (Array.isArray(value))
      return value.map((item: unknown, i) => ({
        value: item ?? (Array.isArray(beside) ? beside[i] : undefined),
        key,
        path: `${at}[${String(i)}]`,
      }))
    return value === undefined ? [] : [{ value, key, path: at }]
  })
}

function checkMember(
  check: Check,
  member: Member,
  parent: Json,
  path: string,
  profileOf: (url: string) => Profile | undefined,
): void {
  const items = itemsOf(member, parent, path)
  const at = `${path}.${member.name}`
  if (items.length < member.min) fault(check, at, 'required', `the profile asks for at least ${String(member.min)}`)
  if (items.length > member.max) fault(check, at, 'structure', `the profile allows at most ${String(member.max)}`)
  const counts = new Map<Slice, number>()
  for (const item of items) {
    if (member.refused.includes(item.key)) fault(check, item.path, 'structure', 'is of a type that the profile does not allow')
    checkOverlay(check, member.each, item.value, item.path, profileOf)
    const slice = member.slices.find((candidate) => candidate.matches(check, item.value, item.key, profileOf))
    if (slice) {
      counts.set(slice, (counts.get(slice) ?? 0) + 1)
      checkOverlay(check, slice.overlay, item.value, item.path, profileOf)
    } else if (member.isClosed) fault(check, item.path, 'structure', 'is in no slice of the profile, which allows no others')
  }
  for (const slice of member.slices) {
    const found = counts.get(slice) ?? 0
    if (found < slice.min)
      fault(check, at, 'required', `the profile asks for at least ${String(slice.min)} of slice ${slice.name}`)
    if (found > slice.max) fault(check, at, 'structure', `the profile allows at most ${String(slice.max)} of slice ${slice.name}`)
  }
}
