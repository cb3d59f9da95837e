import type { Probe } from './requests.ts'
import { CANARY } from './story.ts'
import type { Answer } from './worlds.ts'

/**
 * A server with one leak: it answers as ours does, but one thing in the answer comes from the truth.
 * The truth is what the programme itself gets for the same question, in the same world.
 */
export interface Leak {
  readonly channel: string
  readonly applies: (probe: Probe) => boolean
  readonly spoil: (honest: Answer, truth: Answer, visible: ReadonlySet<string>) => Answer
}

interface Bundle {
  readonly total?: number
  readonly link?: readonly { readonly relation: string }[]
  readonly entry?: readonly {
    readonly fullUrl?: string
    readonly search?: { readonly mode: string }
    readonly resource?: { readonly resourceType: string; readonly id: string }
    readonly response?: { readonly status: string }
  }[]
}

const bundleOf = ({ body }: Answer): Bundle => (body.startsWith('{"resourceType":"Bundle"') ? (JSON.parse(body) as Bundle) : {})

const refersTo = (answer: Answer, mode?: string): readonly string[] =>
  (bundleOf(answer).entry ?? [])
    .filter((one) => mode === undefined || one.search?.mode === mode)
    .map(({ resource }) => `${resource?.resourceType ?? ''}/${resource?.id ?? ''}`)

/** Appends something to a body, as if the server had put it there. */
const say = (answer: Answer, what: unknown): Answer => ({ ...answer, body: `${answer.body}${JSON.stringify(what)}` })

const queryOf = ({ request }: Probe): string =>
  request.method === 'POST' ? (request.body ?? '') : (request.path.split('?')[1] ?? '')
const isSearch = ({ kind }: Probe): boolean => kind === 'search'
const searches =
  (pattern: RegExp) =>
  (probe: Probe): boolean =>
    isSearch(probe) && pattern.test(decodeURIComponent(queryOf(probe)))
const isRead = ({ kind, request }: Probe): boolean => kind === 'read' && !request.path.includes('_history')
const matchesShown = (honest: Answer, truth: Answer, visible: ReadonlySet<string>): Answer =>
  say(honest, refersTo(truth, 'match').filter((one) => visible.has(one))) // prettier-ignore
const hasFound = (truth: Answer): boolean => truth.status === 200 && (bundleOf(truth).entry ?? []).length > 0
const writes =
  (method: string, isConditional: boolean) =>
  ({ kind, request, looksAt }: Probe): boolean =>
    kind === 'write' && request.method === method && (looksAt?.includes('?') ?? false) === isConditional

/** One broken server for each channel that requests can reach. */
export const LEAKS: readonly Leak[] = [
  { channel: 'total counts what is withheld', applies: isSearch, spoil: (honest, truth) => say(honest, bundleOf(truth).total) },
  { channel: 'a page is filled before it is filtered', applies: searches(/_count=[12]/), spoil: matchesShown },
  { channel: 'a next link where nothing follows', applies: isSearch, spoil: (honest, truth) => say(honest, bundleOf(truth).link?.some(({ relation }) => relation === 'next')) },
  { channel: '_include brings along what is withheld', applies: searches(/_include/), spoil: (honest, truth) => say(honest, refersTo(truth, 'include')) },
  { channel: '_revinclude brings along what is withheld', applies: searches(/_revinclude/), spoil: (honest, truth) => say(honest, refersTo(truth, 'include')) },
  { channel: 'a chain looks into what is withheld', applies: searches(/(^|&)[a-z]+(:\w+)?\.\w/), spoil: matchesShown },
  { channel: '_has looks into what is withheld', applies: searches(/_has:/), spoil: matchesShown },
  { channel: '_security matches labels of withheld parts', applies: searches(/_security/), spoil: (honest, truth) => say(honest, refersTo(truth).length) },
  { channel: 'a parameter matches a withheld part', applies: searches(/condition[=:]/), spoil: matchesShown },
  { channel: 'POST _search forgets the audience', applies: (probe) => isSearch(probe) && probe.request.method === 'POST', spoil: (honest, truth) => say(honest, refersTo(truth)) },
  { channel: '403 where something is withheld', applies: isRead, spoil: (honest, truth) => (honest.status === 404 && truth.status === 200 ? { ...honest, status: 403 } : honest) },
  { channel: '410 where something withheld was deleted', applies: isRead, spoil: (honest, truth) => (truth.status === 410 ? { ...honest, status: 410 } : honest) },
  { channel: 'vread finds withheld versions', applies: ({ kind, request }) => kind === 'history' && /\w\/\w.*_history/.test(request.path), spoil: (honest, truth) => say(honest, bundleOf(truth).entry?.[0]?.fullUrl) },
  { channel: 'history counts every version', applies: ({ kind }) => kind === 'history', spoil: (honest, truth) => say(honest, bundleOf(truth).entry?.length) },
  { channel: 'system history shows who is there', applies: ({ kind, request }) => kind === 'history' && request.path.startsWith('/_history'), spoil: (honest, truth) => say(honest, refersTo(truth)) },
  { channel: 'ETag is that of the whole record', applies: isRead, spoil: (honest, truth) => ({ ...honest, headers: { ...honest.headers, etag: truth.headers['etag'] ?? '' } }) },
  { channel: 'Last-Modified is that of the whole record', applies: isRead, spoil: (honest, truth) => ({ ...honest, headers: { ...honest.headers, 'last-modified': truth.headers['last-modified'] ?? '' } }) },
  { channel: 'Content-Length is that of the whole record', applies: isRead, spoil: (honest, truth) => ({ ...honest, headers: { ...honest.headers, 'content-length': truth.headers['content-length'] ?? '' } }) },
  { channel: '$everything takes everything', applies: ({ kind }) => kind === 'everything', spoil: (honest, truth) => say(honest, bundleOf(truth).entry?.length) },
  { channel: 'an entry of a batch is asked as the programme', applies: ({ kind }) => kind === 'batch', spoil: (honest, truth) => say(honest, bundleOf(truth).entry?.map(({ response }) => response?.status)) },
  { channel: 'conditional create says that there is one', applies: writes('POST', true), spoil: (honest, truth) => (hasFound(truth) ? { ...honest, status: 200 } : honest) },
  { channel: 'conditional delete says that there is one', applies: writes('DELETE', true), spoil: (honest, truth) => (hasFound(truth) ? { ...honest, status: 412 } : honest) },
  { channel: 'an update says that the id is taken', applies: writes('PUT', false), spoil: (honest, truth) => (truth.status === 200 ? { ...honest, status: 409 } : honest) },
  { channel: 'a patch says that there is something', applies: writes('PATCH', false), spoil: (honest, truth) => (truth.status === 200 ? { ...honest, status: 409 } : honest) },
  { channel: 'a display names what is withheld', applies: isRead, spoil: (honest, truth) => (truth.body.includes(CANARY) ? say(honest, CANARY) : honest) },
] // prettier-ignore

const told = ({ status, headers, body }: Answer): string => JSON.stringify([status, Object.entries(headers).sort(), body])

/** Whether an observer of the wire could tell the one from the other. */
export const differs = (one: Answer, other: Answer): boolean => told(one) !== told(other)
