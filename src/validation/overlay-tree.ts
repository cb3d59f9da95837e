// In: the flat list of elements of a snapshot. Out: the same as a tree, each element beside the base element that it constrains.
// Never: sees a resource.
import type { DefinitionSource, ElementSource } from './definition.ts'

/** An element of a profile with its children, its slices and what its base says of the same place. */
export interface TreeNode {
  /** Last part of the path, `value[x]` for a choice. */
  readonly name: string
  readonly element: ElementSource
  /** The base element, and for a datatype its root element; empty for what only the profile knows. */
  readonly base: readonly ElementSource[]
  readonly children: Map<string, TreeNode>
  readonly slices: TreeNode[]
}

type Types = ReadonlyMap<string, DefinitionSource>

const elementAt = (types: Types, type: string, path: string): ElementSource | undefined =>
  types.get(type)?.elements.find((element) => element.path === path)

const INLINE = new Set(['BackboneElement', 'Element'])

/** The element of the base types that a place in a resource leads to, by way of its datatypes. */
function baseOf(
  types: Types,
  parent: readonly ElementSource[],
  name: string,
  owner: string,
): { element: ElementSource; owner: string } | undefined {
  for (const candidate of parent) {
    const typeName = candidate.path.split('.')[0] ?? owner
    const reference = candidate.contentReference?.replace(/^.*#/, '')
    const places: readonly (readonly [string, string])[] = [
      [typeName, `${reference ?? candidate.path}.${name}`],
      ...candidate.types.map((type) => [type.code, `${type.code}.${name}`] as const),
    ]
    for (const [type, path] of places) {
      const element = elementAt(types, type, path)
      if (element) return { element, owner: type }
    }
  }
  return undefined
}

/** A base element together with the root of its datatype, whose invariants the shape of that type already holds. */
function withRoot(types: Types, element: ElementSource): readonly ElementSource[] {
  return [
    element,
    ...element.types.filter((type) => !INLINE.has(type.code)).flatMap((type) => types.get(type.code)?.elements[0] ?? []),
  ]
}

/** The snapshot as a tree; undefined when it has no elements. */
export function nodesOf(source: DefinitionSource, types: Types): TreeNode | undefined {
  const [first, ...rest] = source.elements
  if (!first) return undefined
  const rootBase = elementAt(types, source.type, source.type)
  const root: TreeNode = { name: source.type, element: first, base: rootBase ? [rootBase] : [], children: new Map(), slices: [] }
  const byId = new Map<string, TreeNode>([[first.id, root]])
  for (const element of rest) {
    const cut = element.id.lastIndexOf('.')
    const parent = byId.get(element.id.slice(0, cut))
    const last = element.id.slice(cut + 1)
    const [name = last, sliceName] = last.split(':')
    if (!parent) continue
    const node = nodeOf(types, parent, name, element, source.type)
    byId.set(element.id, node)
    if (sliceName === undefined) parent.children.set(name, node)
    else addSlice(parent, name, node)
  }
  return root
}

function nodeOf(types: Types, parent: TreeNode, name: string, element: ElementSource, owner: string): TreeNode {
  const found = baseOf(types, parent.base, name, owner)
  return { name, element, base: found ? withRoot(types, found.element) : [], children: new Map(), slices: [] }
}

/** A choice may be narrowed by a slice without its own element before it; then the slice brings the element along. */
function addSlice(parent: TreeNode, name: string, slice: TreeNode): void {
  const existing = parent.children.get(name)
  const [base] = slice.base
  if (existing) existing.slices.push(slice)
  else if (base) parent.children.set(name, { name, element: base, base: slice.base, children: new Map(), slices: [slice] })
}
