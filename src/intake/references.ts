// In: a resource of a transaction, and what its entries' `urn:uuid:` addresses became. Out: the resource with references that hold.
// Never: touches anything but references.

/** Replaces each reference to another entry by that entry's own place. @spec FHIR R4 http.html#transaction */
export const referencesRewritten = <R extends object>(resource: R, aliases: ReadonlyMap<string, string>): R =>
  aliases.size === 0 ? resource : (rewritten(resource, aliases) as R)

const rewritten = (value: unknown, aliases: ReadonlyMap<string, string>): unknown => {
  if (Array.isArray(value)) return value.map((item) => rewritten(item, aliases))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === 'reference' && typeof inner === 'string' ? (aliases.get(inner) ?? inner) : rewritten(inner, aliases),
    ]),
  )
}
