/** What a progress line is written to. */
export interface Screen {
  readonly isTTY?: boolean
  write: (text: string) => unknown
}

/** Steps between two looks of a line. */
const EVERY = 5

/** One line on a terminal that says how far a command is; on anything else nothing is written. */
export const progressLine = (
  screen: Screen,
  what: string,
): { readonly show: (done: number, all: number) => void; readonly end: () => void } => {
  let isShown = false
  return {
    show: (done, all) => {
      if (screen.isTTY !== true || (done % EVERY !== 0 && done !== all)) return
      isShown = true
      screen.write(`\r${String(done)} of ${String(all)} ${what}`)
    },
    end: () => {
      if (isShown) screen.write('\r\u001b[K')
    },
  }
}
