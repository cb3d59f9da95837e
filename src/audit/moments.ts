// In: a moment, as a value of a statement. Out: SQL for the number of the ledger's entry at which those of that moment begin or end.
// Never: leaves an entry out: clocks differ, so what is found lies between the numbers, and the moment itself is to be compared too.

/** Entries of which `ledger_time` says together between which moments they lie, as a power of two. */
const TIME_BITS = 10

/** No entry before this number is of that moment or later. @param from a `$n` */
export const fromNumber = (from: string): string =>
  `coalesce((select t.block << ${String(TIME_BITS)} from ledger_time t where t.high >= ${from}::timestamptz order by t.block limit 1), ${String(Number.MAX_SAFE_INTEGER)})`

/** No entry after this number is before that moment. @param until a `$n` */
export const untilNumber = (until: string): string =>
  `coalesce((select ((t.block + 1) << ${String(TIME_BITS)}) - 1 from ledger_time t where t.low < ${until}::timestamptz order by t.block desc limit 1), 0)`
