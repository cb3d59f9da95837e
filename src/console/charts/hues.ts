/** Colours of the charts, for both grounds in theme.css: told apart by people who see few colours, and 3 to 1 or more against the ground. */
export const HUES = [1, 2, 3, 4, 5, 6, 7].map((nth) => `var(--hue-${String(nth)})`)

/** The colour of the nth series. */
export const hueOf = (nth: number): string => HUES[nth % HUES.length] ?? 'currentColor'
