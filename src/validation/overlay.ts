// In: the snapshot of a profile or an extension. Out: an overlay, which holds only what the profile adds to its base.
// Never: repeats what the shape of the type has checked, or sees a resource.
import type { DefinitionSource, ElementSource } from './definition.ts'
import { isSame } from './fhirpath-values.ts'
import { nodesOf } from './overlay-tree.ts'
import type { TreeNode } from './overlay-tree.ts'
import type { Member, Overlay } from './profile.ts'
import { baseTypeOf } from './shape.ts'
import type { RuleCompiler } from './shape.ts'
import { matcherOf } from './slice.ts'

/** What compiling an overlay needs to know. */
export interface OverlayNeeds {
  readonly types: ReadonlyMap<string, DefinitionSource>
  readonly byUrl: ReadonlyMap<string, DefinitionSource>
  readonly compileRule: RuleCompiler
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
        isRequired(element) && !base.some((b) => isRequired(b) && urlOf(b) === urlOf(element))
          ? element.binding?.valueSet
          : undefined,
      targets: targetsOf(element, first),
      profiles: profilesOf(element, first),
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
    const each = overlayOf(source, node)
    return {
      name: node.name.replace('[x]', ''),
      keys: new Map([...keys, ...before].map((key) => [key, keys.includes(key)])),
      min: element.min > (first?.min ?? 0) ? element.min : 0,
      max: element.max < (first?.max ?? Infinity) ? element.max : Infinity,
      each: isEmpty(each) ? undefined : each,
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

/**
 * Profiles of the one type of an element, beyond those of the base. An extension is held against its definition wherever it stands,
 * so only one that is pinned to a version is named here.
 */
const profilesOf = (element: ElementSource, base: ElementSource | undefined): readonly string[] => {
  const [type] = element.types.length === 1 ? element.types : []
  const before = base?.types[0]?.profile ?? []
  return (type?.profile ?? []).filter((url) => !before.includes(url) && (type?.code !== 'Extension' || url.includes('|')))
}

const isRequired = (element: ElementSource): boolean => element.binding?.strength === 'required'
const urlOf = (element: ElementSource): string | undefined => element.binding?.valueSet.replace(/\|.*$/, '')

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
  const name = /\/us-core-([a-z]+)(?:-[a-z-]+)?(?:\|.*)?$/.exec(url)?.[1]
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
  [...member.keys.values()].includes(false) ||
  member.slices.length > 0 ||
  member.each !== undefined
