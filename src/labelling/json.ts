import type { Resource } from '@medplum/fhirtypes'

/** A JSON object whose members are not known. */
export type Json = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value, when it is a text. */
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** A resource as a plain object, without a copy. */
export const jsonOf = (resource: Resource): Json => {
  const value: unknown = resource
  return isObject(value) ? value : {}
}
