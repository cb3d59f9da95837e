import { v5, v7 } from 'uuid'

/** Makes a new id; passed in, so that tests can foresee ids. */
export type NewId = () => string

/** The namespace under which the gateway derives its ids; never changes, or every replay would duplicate. */
const NAMESPACE = '7d1c0c36-0f0b-5a3e-9d53-2f8f3a0a6c11'

/** A new UUID version 7: unique, and later ones sort after earlier ones. */
export const newId: NewId = () => v7()

/**
 * The id of something that already has a name elsewhere: the same parts give the same UUID version 5, for ever.
 * @param parts source system, kind and key, in this order; none can run into the next
 */
export const derivedId = (...parts: readonly [string, ...string[]]): string => v5(JSON.stringify(parts), NAMESPACE)
