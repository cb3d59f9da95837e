/** Anything that keeps a value for a key. */
interface Memory<K, V> {
  get: (key: K) => V | undefined
  set: (key: K, value: V) => unknown
}

/** What is kept for a key; made, and kept from then on, when nothing is. */
export const recall = <K, V>(memory: Memory<K, V>, key: K, make: () => V): V => {
  const known = memory.get(key)
  if (known !== undefined) return known
  const made = make()
  memory.set(key, made)
  return made
}
