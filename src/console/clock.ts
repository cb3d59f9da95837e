/** The browser's wall clock in milliseconds: only to say how long ago something was. */
export const wallMs = (): number => Date.now()

/** Milliseconds since the page was opened, never running backwards. */
export const elapsedMs = (): number => performance.now()
