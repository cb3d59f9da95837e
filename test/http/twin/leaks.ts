import type { Probe } from './requests.ts'
import { CANARY, CANARY_BYTES } from './story.ts'
import type { Answer } from './worlds.ts'

/**
 * A server with one leak: it answers as ours does, but one thing in the answer comes from the truth.
 * The truth is what the programme itself gets for the same question, in the same world.
 */
export interface Leak {
  /** Number of the channel in `docs/threats.md`. */
  readonly number: number
  readonly channel: string
  readonly applies: (probe: Probe, before: readonly Probe[]) => boolean
  readonly spoil: (honest: Answer, truth: Answer, around: Around) => Answer
}

/** What a careless server has at hand beside the answer. */
export interface Around {
  /** `Type/id` of what the asker may have. */
  readonly visible: ReadonlySet<string>
  /** Everything that the world holds, as the programme sees it. */
  readonly census: Answer
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
const matchesShown = (honest: Answer, truth: Answer, { visible }: Around): Answer =>
  say(honest, refersTo(truth, 'match').filter((one) => visible.has(one))) // prettier-ignore
const hasFound = (truth: Answer): boolean => truth.status === 200 && (bundleOf(truth).entry ?? []).length > 0
const writes =
  (method: string, isConditional: boolean) =>
  ({ kind, request, looksAt }: Probe): boolean =>
    kind === 'write' && request.method === method && (looksAt?.includes('?') ?? false) === isConditional

/** References in a resource, to others than its patient. */
const referencesIn = ({ body }: Answer): readonly string[] =>
  [...body.matchAll(/"reference":"([^"]+)"/g)].map(([, reference = '']) => reference)
const securityIn = ({ body }: Answer): string => /"security":\[[^\]]*\]/.exec(body)?.[0] ?? ''
const at =
  (pattern: RegExp) =>
  ({ request }: Probe): boolean =>
    pattern.test(request.path)

/** One broken server, or more, for each channel that requests can reach. */
export const LEAKS: readonly Leak[] = [
  { number: 1, channel: 'total counts what is withheld', applies: isSearch, spoil: (honest, truth) => say(honest, bundleOf(truth).total) },
  { number: 2, channel: 'a page is filled before it is filtered', applies: searches(/_count=[12]/), spoil: matchesShown },
  { number: 2, channel: 'a next link where nothing follows', applies: isSearch, spoil: (honest, truth) => say(honest, bundleOf(truth).link?.some(({ relation }) => relation === 'next')) },
  { number: 3, channel: '_include brings along what is withheld', applies: searches(/_include/), spoil: (honest, truth) => say(honest, refersTo(truth, 'include')) },
  { number: 3, channel: '_revinclude brings along what is withheld', applies: searches(/_revinclude/), spoil: (honest, truth) => say(honest, refersTo(truth, 'include')) },
  { number: 4, channel: 'a chain looks into what is withheld', applies: searches(/(^|&)[a-z]+(:\w+)?\.\w/), spoil: matchesShown },
  { number: 4, channel: '_has looks into what is withheld', applies: searches(/_has:/), spoil: matchesShown },
  { number: 5, channel: '_security matches labels of withheld parts', applies: searches(/_security/), spoil: (honest, truth) => say(honest, refersTo(truth).length) },
  { number: 4, channel: 'a parameter matches a withheld part', applies: searches(/condition[=:]/), spoil: matchesShown },
  { number: 14, channel: 'POST _search forgets the audience', applies: (probe) => isSearch(probe) && probe.request.method === 'POST', spoil: (honest, truth) => say(honest, refersTo(truth)) },
  { number: 7, channel: '403 where something is withheld', applies: isRead, spoil: (honest, truth) => (honest.status === 404 && truth.status === 200 ? { ...honest, status: 403 } : honest) },
  { number: 7, channel: '410 where something withheld was deleted', applies: isRead, spoil: (honest, truth) => (truth.status === 410 ? { ...honest, status: 410 } : honest) },
  { number: 8, channel: 'vread finds withheld versions', applies: ({ kind, request }) => kind === 'history' && /\w\/\w.*_history/.test(request.path), spoil: (honest, truth) => say(honest, bundleOf(truth).entry?.[0]?.fullUrl) },
  { number: 8, channel: 'history counts every version', applies: ({ kind }) => kind === 'history', spoil: (honest, truth) => say(honest, bundleOf(truth).entry?.length) },
  { number: 8, channel: 'system history shows who is there', applies: ({ kind, request }) => kind === 'history' && request.path.startsWith('/_history'), spoil: (honest, truth) => say(honest, refersTo(truth)) },
  { number: 22, channel: 'ETag is that of the whole record', applies: isRead, spoil: (honest, truth) => ({ ...honest, headers: { ...honest.headers, etag: truth.headers['etag'] ?? '' } }) },
  { number: 22, channel: 'Last-Modified is that of the whole record', applies: isRead, spoil: (honest, truth) => ({ ...honest, headers: { ...honest.headers, 'last-modified': truth.headers['last-modified'] ?? '' } }) },
  { number: 22, channel: 'Content-Length is that of the whole record', applies: isRead, spoil: (honest, truth) => ({ ...honest, headers: { ...honest.headers, 'content-length': truth.headers['content-length'] ?? '' } }) },
  { number: 6, channel: '$everything takes everything', applies: ({ kind }) => kind === 'everything', spoil: (honest, truth) => say(honest, bundleOf(truth).entry?.length) },
  { number: 14, channel: 'an entry of a batch is asked as the programme', applies: ({ kind }) => kind === 'batch', spoil: (honest, truth) => say(honest, bundleOf(truth).entry?.map(({ response }) => response?.status)) },
  { number: 15, channel: 'conditional create says that there is one', applies: writes('POST', true), spoil: (honest, truth) => (hasFound(truth) ? { ...honest, status: 200 } : honest) },
  { number: 15, channel: 'conditional delete says that there is one', applies: writes('DELETE', true), spoil: (honest, truth) => (hasFound(truth) ? { ...honest, status: 412 } : honest) },
  { number: 15, channel: 'an update says that the id is taken', applies: writes('PUT', false), spoil: (honest, truth) => (truth.status === 200 ? { ...honest, status: 409 } : honest) },
  { number: 15, channel: 'a patch says that there is something', applies: writes('PATCH', false), spoil: (honest, truth) => (truth.status === 200 ? { ...honest, status: 409 } : honest) },
  { number: 18, channel: 'a display names what is withheld', applies: isRead, spoil: (honest, truth) => (truth.body.includes(CANARY) ? say(honest, CANARY) : honest) },
  { number: 6, channel: 'a read by id forgets the audience that a search keeps', applies: isRead, spoil: (honest, truth) => say(honest, truth.status === 200 ? referencesIn(truth).length : 0) },
  { number: 9, channel: 'an export says how much there is', applies: at(/\$export/), spoil: (honest, _, { census }) => say(honest, refersTo(census).length) },
  { number: 10, channel: 'a copy of what is referred to is contained', applies: isRead, spoil: (honest, truth) => (honest.status === 200 ? say(honest, referencesIn(truth)) : honest) },
  { number: 11, channel: 'GraphQL looks past the audience', applies: at(/\$graphql/), spoil: (honest, _, { census }) => say(honest, refersTo(census)) },
  { number: 13, channel: 'a missing scope or token permits', applies: ({ request }) => request.token !== undefined, spoil: (honest, truth) => (honest.status >= 400 ? truth : honest) },
  { number: 16, channel: 'the time taken is told by what is withheld', applies: ({ kind }) => kind === 'everything', spoil: (honest, truth) => ({ ...honest, headers: { ...honest.headers, 'server-timing': `db;dur=${String(refersTo(truth).length)}` } }) },
  { number: 17, channel: 'an id that can be computed is answered as one that exists', applies: (probe) => isRead(probe) && /[0-9a-f]{8}-[0-9a-f]{4}-5/.test(probe.request.path), spoil: (honest, truth) => (truth.status === 200 ? { ...honest, status: honest.status === 404 ? 403 : honest.status } : honest) },
  { number: 19, channel: 'an outcome names what was not found', applies: isRead, spoil: (honest, truth) => (honest.status === 404 && truth.status === 200 ? say(honest, truth.body) : honest) },
  { number: 19, channel: 'audit events tell of others', applies: (probe) => isSearch(probe) && probe.request.path.startsWith('/AuditEvent'), spoil: (honest, _, { census }) => say(honest, refersTo(census).length) },
  { number: 20, channel: 'bytes are served beside the record', applies: (probe) => isRead(probe) && probe.request.path.startsWith('/DocumentReference'), spoil: (honest, truth) => say(honest, truth.body.includes(CANARY_BYTES) ? CANARY_BYTES : '') },
  { number: 22, channel: 'the place in the order counts what is withheld', applies: searches(/_sort/), spoil: (honest, truth, { visible }) => say(honest, refersTo(truth, 'match').flatMap((one, rank) => (visible.has(one) ? [rank] : []))) },
  { number: 23, channel: 'a consent that the asker filed itself opens the record', applies: ({ kind }, before) => kind !== 'write' && before.some(({ request }) => request.method === 'POST' && request.path === '/Consent'), spoil: (honest, truth) => say(honest, refersTo(truth)) },
  { number: 25, channel: 'labels of the whole record are shown', applies: isRead, spoil: (honest, truth) => (honest.status === 200 ? say(honest, securityIn(truth)) : honest) },
  { number: 26, channel: 'a header chooses who asks', applies: ({ request }) => Object.keys(request.headers ?? {}).some((name) => /^(x-|cookie|forwarded)/.test(name)), spoil: (_, truth) => truth },
] // prettier-ignore

const told = ({ status, headers, body }: Answer): string => JSON.stringify([status, Object.entries(headers).sort(), body])

/** Whether an observer of the wire could tell the one from the other. */
export const differs = (one: Answer, other: Answer): boolean => told(one) !== told(other)
