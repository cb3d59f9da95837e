// In: a value and the overlay of a profile. Out: issues: what the profile asks and the value does not give.
// Never: checks what the shape of the type has checked.
import { checkRules, deeper, DEPTH_MAX, fault } from './check.ts'
import type { Check } from './check.ts'
import { isObject, isSame } from './fhirpath-values.ts'
import type { Member, Overlay, ProfileOf, Slice } from './profile.ts'
import { referenceFault } from './reference.ts'

type Json = Readonly<Record<string, unknown>>

/** Does a value hold everything that a pattern holds? @spec FHIR R4 ElementDefinition.pattern[x] */
export function fitsPattern(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern))
    return Array.isArray(value) && pattern.every((part) => value.some((item) => fitsPattern(item, part)))
  if (!isObject(pattern)) return value === pattern
  return isObject(value) && Object.keys(pattern).every((key) => fitsPattern(value[key], pattern[key]))
}

/** Lays an overlay over a value and notes what does not fit. */
export function checkOverlay(check: Check, overlay: Overlay, value: unknown, path: string, profileOf: ProfileOf): void {
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

/** An entry of what may be an array. */
const itemOf = (list: unknown, index: number): unknown => (Array.isArray(list) ? list.at(index) : undefined)

function itemsOf(member: Member, parent: Json, path: string): readonly Item[] {
  const at = `${path}.${member.name}`
  return [...member.keys, ...member.refused].flatMap((key): readonly Item[] => {
    const value = parent[key] ?? parent[`_${key}`]
    const beside = parent[`_${key}`]
    if (Array.isArray(value))
      return value.map((item: unknown, i): Item => ({
        value: item ?? itemOf(beside, i),
        key,
        path: `${at}[${String(i)}]`,
      }))
    return value === undefined ? [] : [{ value, key, path: at }]
  })
}

function checkMember(check: Check, member: Member, parent: Json, path: string, profileOf: ProfileOf): void {
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
