// In: a value and the overlay of a profile. Out: issues: what the profile asks and the value does not give.
// Never: checks what the shape of the type has checked.
import { checkRules, deeper, DEPTH_MAX, fault } from './check.ts'
import type { Check } from './check.ts'
import { isObject, isSame } from './fhirpath-values.ts'
import type { Member, Overlay, ProfileOf } from './profile.ts'
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

/** An entry of what may be an array. */
const entryOf = (list: unknown, index: number): unknown => (Array.isArray(list) ? list.at(index) : undefined)

/** How many values of a member were seen, and how many of each slice. */
interface Tally {
  total: number
  readonly slices: number[]
}

const withoutMark = (key: string): string => (key.startsWith('_') ? key.slice(1) : key)

/** A choice has up to fifty keys, so it is found by what is there; any other element by its name. */
function keysIn(member: Member, parent: Json): Iterable<string> {
  if (member.keys.size === 1) return member.keys.keys()
  return new Set(
    Object.keys(parent)
      .map(withoutMark)
      .filter((key) => member.keys.has(key)),
  )
}

function checkMember(check: Check, member: Member, parent: Json, path: string, profileOf: ProfileOf): void {
  const tally: Tally = { total: 0, slices: member.slices.map(() => 0) }
  for (const key of keysIn(member, parent)) checkKey(check, member, parent, key, path, profileOf, tally)
  const at = `${path}.${member.name}`
  if (tally.total < member.min) fault(check, at, 'required', `the profile asks for at least ${String(member.min)}`)
  if (tally.total > member.max) fault(check, at, 'structure', `the profile allows at most ${String(member.max)}`)
  member.slices.forEach(({ name, min, max }, i) => {
    const found = tally.slices[i] ?? 0
    if (found < min) fault(check, at, 'required', `the profile asks for at least ${String(min)} of slice ${name}`)
    if (found > max) fault(check, at, 'structure', `the profile allows at most ${String(max)} of slice ${name}`)
  })
}

function checkKey(
  check: Check,
  member: Member,
  parent: Json,
  key: string,
  path: string,
  profileOf: ProfileOf,
  tally: Tally,
): void {
  const beside = parent[`_${key}`]
  const value = parent[key] ?? beside
  if (value === undefined) return
  if (!Array.isArray(value)) {
    checkItem(check, member, value, key, `${path}.${member.name}`, profileOf, tally)
    return
  }
  for (let i = 0; i < value.length; i++)
    checkItem(check, member, value[i] ?? entryOf(beside, i), key, `${path}.${member.name}[${String(i)}]`, profileOf, tally)
}

function checkItem(
  check: Check,
  member: Member,
  value: unknown,
  key: string,
  path: string,
  profileOf: ProfileOf,
  tally: Tally,
): void {
  tally.total++
  if (member.keys.get(key) === false) fault(check, path, 'structure', 'is of a type that the profile does not allow')
  if (member.each) checkOverlay(check, member.each, value, path, profileOf)
  if (member.slices.length === 0) return
  const index = member.slices.findIndex((slice) => slice.matches(check, value, key, profileOf))
  const slice = member.slices[index]
  if (slice) {
    tally.slices[index] = (tally.slices[index] ?? 0) + 1
    checkOverlay(check, slice.overlay, value, path, profileOf)
  } else if (member.isClosed) fault(check, path, 'structure', 'is in no slice of the profile, which allows no others')
}
