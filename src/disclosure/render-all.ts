// In: the decisions about one patient's records, and a way to view one record in one shape. Out: every rendition, and for whom.
// Never: leaves a reference to a record that cannot be shown.
import type { Resource } from '@medplum/fhirtypes'
import type { Allowance } from '../model/decision.ts'
import type { House } from './house.ts'
import { keyOf } from './shape.ts'
import { shapesOf } from './shapes.ts'
import type { Shaped, ShapeFacts } from './shapes.ts'

/** One text of one record, and everyone who is shown it, when and on which basis. */
export interface Rendered {
  readonly type: string
  readonly id: string
  /** The object that the view gave; the stored one itself when nothing was taken out of it. */
  readonly resource: Resource
  readonly allowances: readonly Allowance[]
}

/** One record in one shape; `render` of the stored resource, as a rule. `undefined` withholds it whole. */
export type View = (one: Pick<Shaped, 'type' | 'id' | 'shape'>) => Resource | undefined

/**
 * Every rendition of a patient's records. A record that cannot be shown to somebody in any form is withheld from them as a
 * whole, and then references to it go as well, so this repeats until nothing more goes; each view is made once.
 */
export const renderAll = (facts: ShapeFacts, allowances: readonly Allowance[], house: House, view: View): readonly Rendered[] => {
  const views = new Map<string, Resource | undefined>()
  const viewOf: View = (one) => {
    const key = `${one.type}/${one.id}\n${keyOf(one.shape)}`
    if (!views.has(key)) views.set(key, view(one))
    return views.get(key)
  }
  let remaining = allowances
  for (;;) {
    const shaped = shapesOf(facts, remaining, house)
    const shown = shaped.flatMap((one): readonly Rendered[] => {
      const resource = viewOf(one)
      return resource === undefined ? [] : [{ type: one.type, id: one.id, resource, allowances: one.allowances }]
    })
    if (shown.length === shaped.length) return merged(shown)
    remaining = shown.flatMap((one) => one.allowances)
  }
}

/** Shapes that come to the same object are one rendition. */
const merged = (shown: readonly Rendered[]): readonly Rendered[] => {
  const byResource = new Map<Resource, Rendered>()
  for (const one of shown) {
    const have = byResource.get(one.resource)
    byResource.set(one.resource, have === undefined ? one : { ...have, allowances: [...have.allowances, ...one.allowances] })
  }
  return [...byResource.values()]
}
