// In: JSON values. Out: how FHIRPath sees them: children, equality, order, truth.
// Never: knows definitions.

/** A FHIRPath collection over plain JSON. */
export type Values = readonly unknown[]

/** The resources around the element that is looked at. */
export interface Surroundings {
  /** The innermost resource, `%resource`. */
  readonly resource: unknown
  /** The outermost one but for Bundle and Parameters, `%rootResource`. */
  readonly rootResource: unknown
}

/** A compiled expression; `index` is `$index`. */
export type Expression = (focus: Values, around: Surroundings, index: number) => Values

const EMPTY: Values = []

/** Is it a JSON object, and not an array? */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The only value of a collection, or undefined when there is none or more than one. */
export const single = (values: Values): unknown => (values.length === 1 ? values[0] : undefined)

/**
 * A collection as a truth: a value that is not a boolean counts as true. So do several values: guides write `telecom or endpoint`
 * where they mean `exists()`.
 * @spec FHIRPath N1 "Singleton evaluation"
 */
export const truthOf = (values: Values): boolean | undefined => {
  if (values.length === 0) return undefined
  const value = single(values)
  return typeof value === 'boolean' ? value : true
}

/** Structural equality; object keys in any order. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((value, i) => isSame(value, b[i]))
  if (!isObject(a) || !isObject(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => isSame(a[key], b[key]))
}

function push(found: unknown[], value: unknown, beside: unknown): void {
  if (!Array.isArray(value)) {
    if (value !== undefined && value !== null) found.push(value)
    else if (beside !== undefined && beside !== null && !Array.isArray(beside)) found.push(beside)
    if (value === undefined && Array.isArray(beside)) for (const item of beside) push(found, item, undefined)
    return
  }
  value.forEach((item, i) => {
    push(found, item, item === null && Array.isArray(beside) ? beside[i] : undefined)
  })
}

/** A function that collects the children of one name; a primitive with only extensions gives those, as an element without value. */
export function childOf(name: string, isChoice: boolean): (focus: Values) => Values {
  const beside = `_${name}`
  return (focus) => {
    if (focus.length === 0) return EMPTY
    const found: unknown[] = []
    for (const parent of focus) {
      if (!isObject(parent)) continue
      if (name in parent || !isChoice) push(found, parent[name], parent[beside])
      else
        for (const key of Object.keys(parent))
          if (key.length > name.length && key.startsWith(name) && /[A-Z]/.test(key.charAt(name.length)))
            push(found, parent[key], undefined)
    }
    return found
  }
}

/** Every child of an element, in no promised order. */
export function childrenOf(value: unknown): Values {
  if (!isObject(value)) return EMPTY
  const found: unknown[] = []
  for (const [key, child] of Object.entries(value)) if (key !== 'resourceType') push(found, child, undefined)
  return found
}

const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/

/** First and last millisecond that a partial date can mean; without a zone, in any zone on earth. */
function bounds(text: string): { low: number; high: number } | undefined {
  const parts = DATE.exec(text)
  if (!parts) return undefined
  const [, year, month, day, hour, minute, second, , zone] = parts
  if (hour !== undefined && zone !== undefined && second !== undefined) {
    const at = Date.parse(text)
    return { low: at, high: at }
  }
  const of = (value: string | undefined, fallback: number): number => (value === undefined ? fallback : Number(value))
  const low = Date.UTC(Number(year), of(month, 1) - 1, of(day, 1), of(hour, 0), of(minute, 0), of(second, 0))
  const high =
    month === undefined
      ? Date.UTC(Number(year) + 1, 0, 1)
      : day === undefined
        ? Date.UTC(Number(year), Number(month), 1)
        : low + (hour === undefined ? 86_400_000 : second === undefined ? 60_000 : 1000)
  if (zone === undefined) return { low: low - 14 * 3_600_000, high: high - 1 + 12 * 3_600_000 }
  const shift =
    zone === 'Z' ? 0 : (zone.startsWith('-') ? 1 : -1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4))) * 60_000
  return { low: low + shift, high: high - 1 + shift }
}

/**
 * Order of two values: the least and the greatest that it can be, negative when the first comes first. Two dates without a zone
 * and of the same precision are compared as text; others by what they can mean, so that an invariant fails only when it must.
 */
export function compare(a: unknown, b: unknown): { low: number; high: number } | undefined {
  if (typeof a === 'number' && typeof b === 'number') return { low: a - b, high: a - b }
  if (typeof a === 'string' && typeof b === 'string') {
    const isPlain = a.length === b.length && !/[T]/.test(a) && !/[T]/.test(b)
    const [x, y] = isPlain ? [undefined, undefined] : [bounds(a), bounds(b)]
    if (x && y) return { low: x.low - y.high, high: x.high - y.low }
    const order = a < b ? -1 : a > b ? 1 : 0
    return { low: order, high: order }
  }
  if (isObject(a) && isObject(b) && typeof a['value'] === 'number' && typeof b['value'] === 'number') {
    const isAlike = a['system'] === b['system'] && a['code'] === b['code'] && a['unit'] === b['unit']
    return isAlike ? compare(a['value'], b['value']) : { low: -1, high: 1 }
  }
  return undefined
}
