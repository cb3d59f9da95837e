import { conditionalReferences } from '../intake/references.ts'
import type { Asker } from '../model/ask.ts'
import type { Tx } from '../platform/db.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import type { House } from './house.ts'
import { isServed } from './served-types.ts'
import { visibleMatches } from './visible.ts'

/**
 * What each `Type?search` in a reference leads to, in the sender's own world: exactly one record, or the whole change is refused.
 * @spec FHIR R4 http.html#trules, conditional references
 */
export const resolvedReferences = async (
  house: House,
  tx: Tx,
  sender: Asker,
  resources: readonly object[],
): Promise<Result<ReadonlyMap<string, string>>> => {
  const found = new Map<string, string>()
  for (const reference of new Set(resources.flatMap((resource) => conditionalReferences(resource)))) {
    const [type = '', criteria = ''] = reference.split('?')
    if (!isServed(type))
      return fail(problem('invalid', 'reference-unresolved', { detail: 'a conditional reference names no type' }))
    const matches = await visibleMatches(house, tx, sender, type, criteria)
    if (!matches.ok) return matches
    const [only] = matches.value
    if (only === undefined || matches.value.length > 1)
      return fail(
        problem('conflict', 'reference-unresolved', { detail: 'a conditional reference does not lead to exactly one record' }),
      )
    found.set(reference, `${type}/${only}`)
  }
  return ok(found)
}
