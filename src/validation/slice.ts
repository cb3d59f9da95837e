// In: a sliced element and one of its slices. Out: a test that tells whether a value belongs to the slice.
// Never: notes an issue: a value that belongs to no slice may be right.
import type { Check } from './check.ts'
import { checkOverlay } from './check-overlay.ts'
import { childOf, isObject } from './fhirpath-values.ts'
import { isOfType } from './fhirpath.ts'
import type { TreeNode } from './overlay-tree.ts'
import type { Overlay, ProfileOf } from './profile.ts'
import { typeReferredTo } from './reference.ts'

type Test = (check: Check, value: unknown, key: string, profileOf: ProfileOf) => boolean

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

const withoutVersion = (url: string): string => url.replace(/\|.*$/, '')

/** Does a value pass an overlay, without a word about it? */
const passes = (check: Check, overlay: Overlay, value: unknown, profileOf: ProfileOf): boolean => {
  const silent: Check = { issues: [], around: check.around, depth: check.depth + 1 }
  checkOverlay(silent, overlay, value, '', profileOf)
  return silent.issues.every((issue) => issue.severity !== 'error')
}

/** One step of a discriminator's path: a name, `extension('url')`, `resolve()` or `ofType(T)`. */
const STEPS = /extension\('([^']+)'\)|resolve\(\)|ofType\(([A-Za-z]+)\)|([A-Za-z]+)/g

interface Place {
  readonly values: (value: unknown) => readonly unknown[]
  readonly node: TreeNode | undefined
  readonly isResolved: boolean
}

function placeOf(path: string, slice: TreeNode): Place {
  let node: TreeNode | undefined = slice
  let values: Place['values'] = (value) => [value]
  let isResolved = false
  if (path === '$this') return { values, node, isResolved }
  for (const [step, url, type, name] of path.matchAll(STEPS)) {
    const before = values
    if (url !== undefined) {
      values = (value) => childOf('extension', false)(before(value)).filter((e) => isObject(e) && e['url'] === url)
      node = node?.children
        .get('extension')
        ?.slices.find((s) => s.element.types[0]?.profile?.map(withoutVersion).includes(url) === true)
    } else if (type !== undefined) values = (value) => before(value).filter((item) => isOfType(item, type))
    else if (name !== undefined) {
      values = (value) => childOf(name, true)(before(value))
      node = node?.children.get(name) ?? node?.children.get(`${name}[x]`)
    } else isResolved = step === 'resolve()'
  }
  return { values, node, isResolved }
}

function discriminatorTest(kind: string, path: string, slice: TreeNode, overlayOf: (node: TreeNode) => Overlay): Test {
  const place = placeOf(path, slice)
  const { node, values } = place
  if (path === 'url') {
    const urls = slice.element.types.flatMap((type) => type.profile ?? []).map(withoutVersion)
    const fixed = node?.element.fixed
    return (_check, value) => isObject(value) && (value['url'] === fixed || urls.includes(String(value['url'])))
  }
  if (kind === 'exists') {
    const isThere = (node?.element.min ?? 0) > 0
    return (_check, value) => values(value).length > 0 === isThere
  }
  if (kind === 'type') return typeTest(place, slice)
  if (!node) return () => false
  const overlay = overlayOf(node)
  return (check, value, _key, profileOf) => values(value).some((item) => passes(check, overlay, item, profileOf))
}

function typeTest(place: Place, slice: TreeNode): Test {
  const types = (place.node ?? slice).element.types
  const codes = types.map((type) => type.code)
  if (!place.isResolved) return (_check, value) => place.values(value).some((item) => codes.some((code) => isOfType(item, code)))
  const targets = types.flatMap((type) => type.targetProfile ?? []).map((url) => withoutVersion(url).replace(/^.*\//, ''))
  return (check, value) =>
    place.values(value).some((item) => {
      const type = isObject(item) ? typeReferredTo(item, check.around) : undefined
      return (
        typeof type === 'string' &&
        targets.some((target) => target === type || target.toLowerCase() === `us-core-${type.toLowerCase()}`)
      )
    })
}

/**
 * Compiles the membership test of a slice. All discriminators must agree. A slice of a choice is told by the JSON key.
 * @spec FHIR R4 profiling "Discriminator"
 */
export function matcherOf(sliced: TreeNode, slice: TreeNode, overlayOf: (node: TreeNode) => Overlay): Test {
  if (sliced.name.endsWith('[x]')) {
    const stem = sliced.name.replace('[x]', '')
    const keys = slice.element.types.map((type) => stem + capital(type.code))
    return (_check, _value, key) => keys.includes(key)
  }
  const discriminators =
    sliced.element.slicing?.discriminator ?? (sliced.name.endsWith('xtension') ? [{ type: 'value', path: 'url' }] : [])
  const tests = discriminators.map(({ type, path }) => discriminatorTest(type, path, slice, overlayOf))
  return (check, value, key, profileOf) => tests.length > 0 && tests.every((test) => test(check, value, key, profileOf))
}
