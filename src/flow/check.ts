import type { Issue } from '../platform/problem.ts'
import { validate } from '../validation/validate.ts'
import type { House } from './house.ts'

/** Everything that is wrong with a resource, each with its FHIRPath. @param profiles to hold it against beside those it claims */
export const faultsAgainst = (house: House, resource: unknown, profiles: readonly string[]): readonly Issue[] =>
  validate(resource, house.definitions, profiles)
