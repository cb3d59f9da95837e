/** How often a category was given rightly, wrongly, and not at all. */
export interface Score {
  readonly category: string
  readonly right: number
  readonly wrong: number
  readonly missed: number
  readonly recall: number
  readonly precision: number
}

/** Recall and precision per category over pairs of what was expected and what was found. */
export const scoresOf = (
  pairs: readonly { readonly expected: readonly string[]; readonly found: readonly string[] }[],
): readonly Score[] => {
  const categories = [...new Set(pairs.flatMap((pair) => [...pair.expected, ...pair.found]))].sort()
  return categories.map((category) => {
    const count = (isExpected: boolean, isFound: boolean): number =>
      pairs.filter((pair) => pair.expected.includes(category) === isExpected && pair.found.includes(category) === isFound).length
    const [right, wrong, missed] = [count(true, true), count(false, true), count(true, false)]
    return { category, right, wrong, missed, recall: share(right, right + missed), precision: share(right, right + wrong) }
  })
}

const share = (part: number, of: number): number => (of === 0 ? 1 : part / of)
