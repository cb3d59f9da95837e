import type { Cut } from './cut.ts'
import type { House } from './house.ts'
import { withTrueInlineMark } from './inline.ts'
import { isArray, isObject, resourceOf } from './json.ts'
import type { JsonObject } from './json.ts'
import type { Profile } from './profiles.ts'
import { prune } from './prune.ts'
import { reduceSecurity } from './security.ts'
import type { Shape } from './shape.ts'

/**
 * `meta` of what is left: labels the recipient may see, no tag, source or profile that tells, no claim that no longer holds.
 * @param before the resource as it is stored
 * @param left what is left of it
 * @param pointer where it stands: `''`, or `/contained/0`
 */
export const reduceMeta = (
  before: JsonObject,
  left: JsonObject,
  profile: Profile,
  shape: Shape,
  cut: Cut,
  pointer: string,
): JsonObject => {
  const meta = left.meta
  if (!isObject(meta)) return left
  const pruned =
    prune(meta, { ...cut, keeps: (path) => path !== 'source' || !profile.isProgrammeHidden }, `${pointer}/meta`) ?? {}
  const claimed = before === left ? pruned : withTrueClaims(pruned, left, shape.house)
  const reduced = reduceSecurity(withTrueInlineMark(claimed, left), profile, shape)
  if (reduced === meta) return left
  if (Object.keys(reduced).length > 0) return { ...left, meta: reduced }
  const { meta: _, ...rest } = left
  return rest
}

/** A claim stays when its profile is known and what is left is what it asks for. */
const withTrueClaims = (meta: JsonObject, left: JsonObject, house: House): JsonObject => {
  if (!isArray(meta.profile)) return meta
  const { profile, ...rest } = meta
  const unclaimed = resourceOf({ ...left, meta: rest })
  const kept = profile.filter((claim) => typeof claim === 'string' && house.conforms(unclaimed, claim))
  if (kept.length === profile.length) return meta
  return kept.length === 0 ? rest : { ...rest, profile: kept }
}
