import type { Probe } from './requests.ts'
import type { Request } from './worlds.ts'

/** Whether a sequence of requests, from the beginning of the story's end, shows the difference. */
export type Fails = (sequence: readonly Probe[]) => Promise<boolean>

interface Bundle {
  readonly entry?: readonly unknown[]
}

const without = <T>(list: readonly T[], from: number, count: number): readonly T[] => [
  ...list.slice(0, from),
  ...list.slice(from + count),
]

/** The last request with as few before it as show the failure: ever smaller pieces are left out, as long as it still fails. */
const fewest = async (sequence: readonly Probe[], fails: Fails): Promise<readonly Probe[]> => {
  const last = sequence.slice(-1)
  if (await fails(last)) return last
  const changes = sequence.filter((probe, index) => probe.kind === 'write' || index === sequence.length - 1)
  let kept = changes.length < sequence.length && (await fails(changes)) ? changes : sequence
  for (let size = Math.ceil((kept.length - 1) / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = kept.length - 1 - size; from > -size; from -= size) {
      const smaller = without(kept, Math.max(0, from), from < 0 ? size + from : size)
      if (smaller.length > 0 && (await fails(smaller))) kept = smaller
    }
  }
  return kept
}

const parametersOf = (text: string): readonly (readonly [string, string])[] => [...new URLSearchParams(text)]
const textOf = (pairs: readonly (readonly [string, string])[]): string =>
  new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value])).toString()

const isForm = ({ headers }: Request): boolean => headers?.['content-type'] === 'application/x-www-form-urlencoded'

/** Requests that are a little less: one parameter, one header or one entry of a Bundle is missing. */
export const simpler = (request: Request): readonly Request[] => {
  const [path = '', query] = request.path.split('?')
  const pairs = query === undefined ? [] : parametersOf(query)
  const shorter = pairs.map((_, index) => {
    const rest = textOf(without(pairs, index, 1))
    return { ...request, path: rest === '' ? path : `${path}?${rest}` }
  })
  const barer = Object.keys(request.headers ?? {})
    .filter((name) => name !== 'content-type')
    .map((name) => ({
      ...request,
      headers: Object.fromEntries(Object.entries(request.headers ?? {}).filter(([one]) => one !== name)),
    }))
  return [...shorter, ...barer, ...smallerBodies(request)]
}

const smallerBodies = (request: Request): readonly Request[] => {
  if (request.body === undefined) return []
  if (isForm(request)) {
    const pairs = parametersOf(request.body)
    return pairs.map((_, index) => ({ ...request, body: textOf(without(pairs, index, 1)) }))
  }
  if (!request.body.startsWith('{"resourceType":"Bundle"')) return []
  const bundle = JSON.parse(request.body) as Bundle
  const entries = bundle.entry ?? []
  if (entries.length < 2) return []
  return entries.map((_, index) => ({ ...request, body: JSON.stringify({ ...bundle, entry: without(entries, index, 1) }) }))
}

/** The shortest sequence of the simplest requests that still fails. */
export const shrink = async (sequence: readonly Probe[], fails: Fails): Promise<readonly Probe[]> => {
  let kept = await fewest(sequence, fails)
  for (let index = 0; index < kept.length; index += 1) {
    for (let isSmaller = true; isSmaller;) {
      isSmaller = false
      const probe = kept[index]
      if (probe === undefined) break
      for (const request of simpler(probe.request)) {
        const candidate = kept.map((one, at) => (at === index ? { ...one, request } : one))
        if (!(await fails(candidate))) continue
        kept = candidate
        isSmaller = true
        break
      }
    }
  }
  return kept
}
