// In: a resource of a transaction, and what its entries' addresses became. Out: the resource with references that hold.
// Never: touches anything but references and addresses.

/** Elements of the types Reference, uri, url, canonical, oid and uuid that may point to another entry. */
const ADDRESSES: ReadonlySet<string> = new Set(['reference', 'url', 'uri', 'valueUri', 'valueUrl', 'valueUuid', 'valueOid'])

/** Replaces each reference to another entry by that entry's own place. @spec FHIR R4 http.html#transaction */
export const referencesRewritten = <R extends object>(resource: R, aliases: ReadonlyMap<string, string>): R =>
  aliases.size === 0 ? resource : (rewritten(resource, aliases) as R)

const rewritten = (value: unknown, aliases: ReadonlyMap<string, string>): unknown => {
  if (Array.isArray(value)) return value.map((item) => rewritten(item, aliases))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, renamed(name, inner, aliases)]))
}

const renamed = (name: string, inner: unknown, aliases: ReadonlyMap<string, string>): unknown => {
  if (typeof inner !== 'string') return rewritten(inner, aliases)
  if (ADDRESSES.has(name)) return aliases.get(inner) ?? inner
  if (name !== 'div') return inner
  return inner.replace(/((?:href|src)\s*=\s*)(["'])([^"']*)\2/g, (whole, before: string, quote: string, address: string) => {
    const place = aliases.get(address)
    return place === undefined ? whole : `${before}${quote}${place}${quote}`
  })
}

/** References that name their target by a search: `Practitioner?identifier=x|y`. @spec FHIR R4 http.html#trules */
export const conditionalReferences = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(conditionalReferences)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]): readonly string[] =>
    name === 'reference' && typeof inner === 'string' && /^[A-Z][A-Za-z]+\?./.test(inner)
      ? [inner]
      : conditionalReferences(inner),
  )
}

/**
 * The names by which other entries may refer to the entry with this `fullUrl`.
 * @param isNew whether the gateway gives it an id of its own, so that the relative address of its former home stands for it too
 * @spec FHIR R4 bundle.html#references
 */
export const aliasesOf = (fullUrl: string, isNew: boolean): readonly string[] => {
  const relative = /^https?:\/\/.+\/([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})$/.exec(fullUrl)?.[1]
  return relative !== undefined && isNew ? [fullUrl, relative] : [fullUrl]
}
