import type { Resource } from '@medplum/fhirtypes'
import { labelAll, type Unlabelled } from '../../src/labelling/label.ts'
import type { World } from '../../src/labelling/world.ts'
import type { Labels, Origin } from '../../src/model/label.ts'
import { CODES, fewRules } from './sightings.ts'
import { EHR } from './support.ts'

export const from = (origin: Origin, ...resources: readonly object[]): readonly Unlabelled[] =>
  resources.map((resource) => ({ resource: { id: 'x', ...resource } as Resource, origin }))
export const labelsIn = (records: readonly Unlabelled[], world: World = {}): ReadonlyMap<string, Labels> =>
  labelAll(records, fewRules(), world)
export const only = (all: ReadonlyMap<string, Labels>): Labels => {
  const [labels, more] = all.values()
  if (labels === undefined || more !== undefined) throw new Error('one record is asked about')
  return labels
}
export const labelsOf = (resource: object, origin: Origin = EHR, world: World = {}): Labels =>
  only(labelsIn(from(origin, resource), world))
export const plan = (elements: object): object => ({ resourceType: 'CarePlan', ...elements })
export const condition = (elements: object): object => ({ resourceType: 'Condition', ...elements })
export const DRUG = { coding: [{ system: CODES, code: 'D1' }] }
