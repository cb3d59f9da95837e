// In: what was asked, and what the store found that may be shown. Out: a Disclosure, the only thing that leaves the house.
// Never: decides, parses a stored text, or lets something made with consent leave without notice and scope.
import type { Ask, Found, Shown } from '../model/ask.ts'
import type { DisclosureId } from '../model/ids.ts'
import { invariant } from '../platform/invariant.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok } from '../platform/result.ts'
import type { Result } from '../platform/result.ts'
import { bundleText, entryText, historyEntryText, transactionEntryText } from './bundle-text.ts'
import type { Link } from './bundle-text.ts'
import { DEIDENTIFIED_SECURITY, type DeIdentified } from './de-identify.ts'
import { extensionText } from './notice-extension.ts'
import { noticeFor, noticeText } from './notice.ts'
import type { Notice, NoticeChannel, ScopeWords } from './notice.ts'
import type { Piece } from './pieces.ts'
import { spliceMetaExtension, spliceMetaExtensionBytes } from './splice.ts'

interface Sealed {
  readonly id: DisclosureId
  readonly contentType: string
  readonly payload: string | Uint8Array
  /** The notice that went along, when consent was a basis. */
  readonly notice: Notice | undefined
  readonly rows: readonly Shown[]
}

const utf8 = new TextDecoder()

let make: (sealed: Sealed) => Disclosure

/**
 * What may leave. Made only in this file; an object of the same shape is not one.
 * @law 42 CFR 2.13(a), 2.32
 */
export class Disclosure {
  readonly #sealed: Sealed
  #bytes: Uint8Array | undefined

  private constructor(sealed: Sealed) {
    this.#sealed = sealed
  }

  static {
    make = (sealed) => new Disclosure(sealed)
  }

  /** The ledger entry that this belongs to. */
  get id(): DisclosureId {
    return this.#sealed.id
  }
  get contentType(): string {
    return this.#sealed.contentType
  }
  get payload(): string | Uint8Array {
    return this.#sealed.payload
  }
  /** The payload as it goes over the wire, made once. */
  get bytes(): Uint8Array {
    const { payload } = this.#sealed
    this.#bytes ??= typeof payload === 'string' ? Buffer.from(payload) : payload
    return this.#bytes
  }
  /** The payload as text, for an answer that holds it among others. */
  get text(): string {
    const { payload } = this.#sealed
    return typeof payload === 'string' ? payload : utf8.decode(payload)
  }
  get notice(): Notice | undefined {
    return this.#sealed.notice
  }
  /** What it shows, for the ledger. */
  get rows(): readonly Shown[] {
    return this.#sealed.rows
  }
}

/** What a seal needs beside ask and found. */
export interface SealOptions {
  readonly id: DisclosureId
  /** Base of the FHIR API without a slash at its end, for `fullUrl`. */
  readonly baseUrl: string
  /** Ready-made `self`, `next` …; see `selfUrl` for one that names nobody. */
  readonly links?: readonly Link[]
  /** Scopes by `Consent/id` and version, see `scopeKey`. */
  readonly scopes: ReadonlyMap<string, ScopeWords>
  readonly notice?: Notice
}

/** Under which key the scope of a consent is looked up. */
export const scopeKey = (consent: string, version: string | undefined): string => `${consent}|${version ?? ''}`

const FHIR_JSON = 'application/fhir+json; charset=utf-8'

/**
 * Seals the answer to an ask: the resource for a read, a Bundle for everything else.
 * @returns `scope-missing` when a consent was the basis and nobody can say what it covers: then nothing may leave
 * @throws InvariantError when a read found anything but one living resource
 * @law 42 CFR 2.32(a), (b)
 */
export const seal = (ask: Ask, found: Found, options: SealOptions): Result<Disclosure> => {
  const along = accompany(found.rows, options)
  if (!along.ok) return along
  const { extensions, notice } = along.value
  const payload = isSingle(ask) ? singleText(found, extensions) : searchText(ask, found, extensions, options)
  return ok(make({ id: options.id, contentType: FHIR_JSON, payload, notice, rows: found.rows }))
}

/** Seals one resource, or a transaction of several, for sending to a partner's FHIR server. */
export const sealPush = (
  rows: readonly Shown[],
  options: SealOptions & { readonly as: 'resource' | 'transaction' },
): Result<Disclosure> => {
  const along = accompany(rows, options)
  if (!along.ok) return along
  const { extensions, notice } = along.value
  const payload =
    options.as === 'resource'
      ? singleText({ rows }, extensions)
      : bundleText({
          type: 'transaction',
          extensions,
          links: [],
          entries: rows.map((row) => transactionEntryText(row, options.baseUrl)),
        })
  return ok(make({ id: options.id, contentType: FHIR_JSON, payload, notice, rows }))
}

/** What a message or file is made from; `build` puts the words where the format has room for them. */
export interface SealTextOptions extends Omit<SealOptions, 'baseUrl' | 'links'> {
  readonly channel: NoticeChannel
  readonly contentType: string
}

/** What a writer gets to put into its message or file; empty words when no consent was the basis. */
export interface Along {
  readonly notice: Notice | undefined
  readonly scopes: readonly ScopeWords[]
  /** Notice and scopes in all languages, as plain text. */
  readonly words: string
  readonly id: DisclosureId
}

/**
 * Seals a message or file of another format.
 * @param build writes the payload with the words that must go along
 * @param reads the payload as text, as its reader would see it, so that the words can be looked for in it
 * @returns `notice-missing` when the words are not in what was built
 */
export const sealText = <P extends string | Uint8Array>(
  rows: readonly Shown[],
  options: SealTextOptions,
  build: (along: Along) => P,
  reads: (payload: P) => string,
): Result<Disclosure> => {
  const given = accompany(rows, { ...options, notice: options.notice ?? noticeFor(options.channel) })
  if (!given.ok) return given
  const { notice, scopes } = given.value
  const words = notice === undefined ? '' : noticeText(notice, scopes)
  const payload = build({ notice, scopes, words, id: options.id })
  const read = squeeze(reads(payload))
  const mustHave = notice === undefined ? [] : [notice.text.en, ...scopes.map((scope) => scope.text.en)]
  if (!mustHave.every((text) => read.includes(squeeze(text)))) return fail(problem('fault', 'notice-missing'))
  return ok(make({ id: options.id, contentType: options.contentType, payload, notice, rows }))
}

/**
 * Seals records that nobody can be found by. Their order is that of their own text, so that it tells nothing of how they are kept; no
 * consent is the basis, so no notice goes along.
 * @law 42 CFR 2.54
 */
export const sealDeIdentified = (records: readonly DeIdentified[], id: DisclosureId): Disclosure => {
  const entry = records
    .map(({ text }) => text)
    .sort()
    .map((text) => `{"resource":${text}}`)
  const payload =
    `{"resourceType":"Bundle","meta":{"security":${JSON.stringify(DEIDENTIFIED_SECURITY)}},"type":"collection"` +
    (entry.length === 0 ? '}' : `,"entry":[${entry.join(',')}]}`)
  return make({ id, contentType: FHIR_JSON, payload, notice: undefined, rows: [] })
}

/** The same disclosure written in another form, for example FHIR XML. */
export const recast = (
  disclosure: Disclosure,
  contentType: string,
  rewrite: (payload: string | Uint8Array) => string | Uint8Array,
): Disclosure =>
  make({ id: disclosure.id, contentType, payload: rewrite(disclosure.payload), notice: disclosure.notice, rows: disclosure.rows })

interface Accompanied {
  readonly notice: Notice | undefined
  readonly scopes: readonly ScopeWords[]
  /** Text of the extensions that carry them, and the id; empty when nothing is shown. */
  readonly extensions: string
}

const accompany = (rows: readonly Shown[], options: Omit<SealOptions, 'baseUrl'>): Result<Accompanied> => {
  if (rows.length === 0) return ok({ notice: undefined, scopes: [], extensions: '' })
  const keys = new Set<string>()
  // rows that were shown for the same reason mostly share the object
  for (const basis of new Set(rows.map((row) => row.basis)))
    if (basis.kind === 'consent') keys.add(scopeKey(basis.reference ?? '', basis.version))
  const scopes: ScopeWords[] = []
  for (const key of [...keys].sort()) {
    const scope = options.scopes.get(key)
    if (scope === undefined || scope.text.en.trim() === '') return fail(problem('fault', 'scope-missing'))
    scopes.push(scope)
  }
  const notice = keys.size === 0 ? undefined : (options.notice ?? noticeFor('fhir'))
  return ok({ notice, scopes, extensions: extensionText(options.id, notice, scopes) })
}

const isSingle = (ask: Ask): boolean => ask.wanted.interaction === 'read' || ask.wanted.interaction === 'vread'

const singleText = (found: Found, extensions: string): Piece => {
  const row = found.rows[0]
  invariant(row !== undefined && found.rows.length === 1 && !row.isDeleted, 'a read shows one living resource')
  const { body } = row
  return typeof body === 'string' ? spliceMetaExtension(body, extensions) : spliceMetaExtensionBytes(body, extensions)
}

const searchText = (ask: Ask, found: Found, extensions: string, options: SealOptions): Piece => {
  const isHistory = ask.wanted.interaction.startsWith('history')
  return bundleText({
    type: isHistory ? 'history' : 'searchset',
    extensions,
    links: options.links ?? [],
    ...(found.total !== undefined && { total: found.total }),
    entries: found.rows.map((row) => (isHistory ? historyEntryText(row, options.baseUrl) : entryText(row, options.baseUrl))),
  })
}

const squeeze = (text: string): string => text.replace(/\s+/g, ' ')
