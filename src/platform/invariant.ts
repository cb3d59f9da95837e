/** Something that cannot be so is so: a defect of ours, never of what was sent. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** @throws InvariantError when the sentence does not hold */
export function invariant(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new InvariantError(sentence)
}

/** Marks the branch that a closed union leaves over, so that a new member breaks the build. */
export const unreachable = (value: never): never => {
  throw new InvariantError(`unreachable: ${typeof value}`)
}
