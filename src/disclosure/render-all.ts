import type { Resource } from '@medplum/fhirtypes'
import type { Allowance } from '../model/decision.ts'
import type { House } from './house.ts'
import { render } from './render.ts'
import { keyOf } from './shape.ts'
import type { Shape } from './shape.ts'
import { shapesOf } from './shapes.ts'
import type { ShapeFacts } from './shapes.ts'

/** One text of one record, and everyone who is shown it, when and on which basis. */
export interface Rendered {
  readonly type: string
  readonly id: string
  /** The stored resource itself, the same object, when nothing was taken out. */
  readonly resource: Resource
  readonly allowances: readonly Allowance[]
}

/**
 * Every rendition of a patient's records. A record that cannot be shown to somebody in any form is withheld from them as a
 * whole, and then references to it go as well, so this repeats until nothing more goes.
 * @param resources the stored resources by `Type/id`
 */
export const renderAll = (
  facts: ShapeFacts,
  resources: ReadonlyMap<string, Resource>,
  allowances: readonly Allowance[],
  house: House,
): readonly Rendered[] => {
  const views = new Map<string, Resource | undefined>()
  let remaining = allowances
  for (;;) {
    const shaped = shapesOf(facts, remaining, house).map((one) => ({ ...one, resource: viewOf(resources, views, one) }))
    const shown = shaped.flatMap(({ resource, ...one }) => (resource === undefined ? [] : [{ ...one, resource }]))
    if (shown.length === shaped.length) return merged(shown)
    remaining = shown.flatMap((one) => one.allowances)
  }
}

interface Named {
  readonly type: string
  readonly id: string
  readonly shape: Shape
}

const viewOf = (
  resources: ReadonlyMap<string, Resource>,
  views: Map<string, Resource | undefined>,
  { type, id, shape }: Named,
): Resource | undefined => {
  const resource = resources.get(`${type}/${id}`)
  if (resource === undefined) return undefined
  const key = `${type}/${id}\n${keyOf(shape)}`
  if (!views.has(key)) views.set(key, render(resource, shape))
  return views.get(key)
}

/** Shapes that come to the same object are one rendition. */
const merged = (shown: readonly (Rendered & Named)[]): readonly Rendered[] => {
  const byResource = new Map<Resource, { type: string; id: string; resource: Resource; allowances: Allowance[] }>()
  for (const { type, id, resource, allowances } of shown) {
    const have = byResource.get(resource)
    if (have === undefined) byResource.set(resource, { type, id, resource, allowances: [...allowances] })
    else have.allowances.push(...allowances)
  }
  return [...byResource.values()]
}
