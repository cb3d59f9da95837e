/** A JSON object on its way into, or out of, a resource. */
export type Tree = Record<string, unknown>

export const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value as a list, or an empty one when it is not a list. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** A copy that shares nothing with its source. */
export const copyOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(copyOf)
  if (!isTree(value)) return value
  const copy: Tree = {}
  for (const name of Object.keys(value)) copy[name] = copyOf(value[name])
  return copy
}

/** One place in a tree, ready to be written and read. */
export interface Place {
  readonly text: string
  /** First name of the path, before any index or discriminator. */
  readonly head: string
  put: (tree: Tree, value: unknown) => void
  get: (tree: Tree) => unknown
}

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly name: string; readonly index: number }
  | {
      readonly kind: 'slice'
      readonly name: string
      readonly isIt: (entry: Tree) => boolean
      readonly make: () => Tree
      readonly many: boolean
    }

/**
 * Reads a path such as `period.start`, `name[0].family`, `identifier(http://…).value`, `extension(http://…).valueCode`,
 * `component(http://…|code).valueInteger` or `item(linkId|text).answer[0].valueString`. A part in brackets picks the entry of a
 * list by what makes it that entry, and makes it where it is missing; with a star at the end of the path, all of them;
 * `identifier(!http://…)*` are all whose mark begins otherwise.
 * @throws Error when the path cannot be read, which is a defect of a row and shows when the module loads
 */
export const place = (text: string): Place => {
  const steps = text.match(/[^.([]+(\[\d+\]|\([^)]*\)\*?)?/g)?.map(stepOf)
  const last = steps?.at(-1)
  const first = steps?.[0]
  if (steps === undefined || last === undefined || first === undefined) throw new Error(`cannot read the path ${text}`)
  const way = steps.slice(0, -1)
  if (way.length === 0 && last.kind === 'field') {
    const name = last.name
    return { text, head: name, put: (tree, value) => void (tree[name] = value), get: (tree) => tree[name] }
  }
  const put = (tree: Tree, value: unknown): void => {
    let node = tree
    for (const step of way) node = enter(node, step)
    if (last.kind === 'field') node[last.name] = value
    else if (last.kind === 'index') entries(node, last.name)[last.index] = value
    else if (last.many)
      entries(node, last.name).push(...listOf(value).map((entry) => ({ ...last.make(), ...(isTree(entry) ? entry : {}) })))
    else Object.assign(enter(node, last), value)
  }
  const get = (tree: Tree): unknown => {
    let node: unknown = tree
    for (const step of steps) {
      if (!isTree(node)) return undefined
      node = look(node, step)
    }
    return node
  }
  return { text, head: first.name, put, get }
}

/** Names of the discriminating child by list; what is not here is told apart by its first coding. */
const DISCRIMINATOR: Readonly<Record<string, string>> = {
  extension: 'url',
  identifier: 'system',
  coding: 'system',
  telecom: 'system',
  item: 'linkId',
}

const stepOf = (text: string): Step => {
  const indexed = /^(.+)\[(\d+)\]$/.exec(text)
  if (indexed?.[1] !== undefined) return { kind: 'index', name: indexed[1], index: Number(indexed[2]) }
  const sliced = /^([^(]+)\((.*)\)(\*?)$/.exec(text)
  if (sliced?.[1] !== undefined && sliced[2] !== undefined) return sliceOf(sliced[1], sliced[2], sliced[3] === '*')
  return { kind: 'field', name: text }
}

const sliceOf = (name: string, mark: string, many: boolean): Step => {
  if (mark.startsWith('!')) {
    const isOther = (entry: Tree): boolean => {
      const told = entry[DISCRIMINATOR[name] ?? '']
      return typeof told !== 'string' || !told.startsWith(mark.slice(1))
    }
    return { kind: 'slice', name, many, isIt: isOther, make: () => ({}) }
  }
  const [value = '', more] = mark.split('|')
  const child = DISCRIMINATOR[name]
  if (child !== undefined) {
    const isIt = (entry: Tree): boolean => entry[child] === value
    return {
      kind: 'slice',
      name,
      many,
      isIt,
      make: () => (more === undefined ? { [child]: value } : { [child]: value, text: more }),
    }
  }
  const isIt = (entry: Tree): boolean => {
    const coding = isTree(entry['code']) ? listOf(entry['code']['coding'])[0] : undefined
    return isTree(coding) && coding['system'] === value && coding['code'] === more
  }
  return { kind: 'slice', name, many, isIt, make: () => ({ code: { coding: [{ system: value, code: more }] } }) }
}

const entries = (node: Tree, name: string): unknown[] => {
  const found = node[name]
  if (Array.isArray(found)) return found
  const made: unknown[] = []
  node[name] = made
  return made
}

const enter = (node: Tree, step: Step): Tree => {
  if (step.kind === 'field') {
    const found = node[step.name]
    return isTree(found) ? found : (node[step.name] = {} satisfies Tree)
  }
  const list = entries(node, step.name)
  const found = step.kind === 'index' ? list[step.index] : list.find((entry) => isTree(entry) && step.isIt(entry))
  if (isTree(found)) return found
  const made = step.kind === 'index' ? {} : step.make()
  if (step.kind === 'index') list[step.index] = made
  else list.push(made)
  return made
}

const look = (node: Tree, step: Step): unknown => {
  if (step.kind === 'field') return node[step.name]
  const list = listOf(node[step.name])
  if (step.kind === 'index') return list[step.index]
  if (!step.many) return list.find((entry) => isTree(entry) && step.isIt(entry))
  const all = list.filter((entry) => isTree(entry) && step.isIt(entry))
  return all.length === 0 ? undefined : all
}
