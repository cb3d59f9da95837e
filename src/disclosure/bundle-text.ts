import type { Shown } from '../model/ask.ts'
import { invariant } from '../platform/invariant.ts'
import { joined, type Piece } from './pieces.ts'

/** A `Bundle.link`. */
export interface Link {
  readonly relation: string
  readonly url: string
}

interface BundleParts {
  readonly type: 'searchset' | 'history' | 'transaction'
  /** Text of the extensions in `meta`; empty for none. */
  readonly extensions: string
  readonly total?: number
  readonly links: readonly Link[]
  readonly entries: readonly (readonly Piece[])[]
}

/**
 * The text of a Bundle. Without id and timestamp: an empty one is the same for what is withheld and for what never was.
 * @spec FHIR R4 Bundle
 */
export const bundleText = ({ type, extensions, total, links, entries }: BundleParts): Piece => {
  const meta = extensions === '' ? '' : `,"meta":{"extension":[${extensions}]}`
  const count = total === undefined ? '' : `,"total":${total}`
  const link = links.length === 0 ? '' : `,"link":${JSON.stringify(links.map(({ relation, url }) => ({ relation, url })))}`
  const head = `{"resourceType":"Bundle"${meta},"type":"${type}"${count}${link}`
  if (entries.length === 0) return `${head}}`
  const pieces: Piece[] = [head, ',"entry":[']
  for (const [index, entry] of entries.entries()) {
    if (index > 0) pieces.push(',')
    for (const piece of entry) pieces.push(piece)
  }
  pieces.push(']}')
  return joined(pieces)
}

/** One entry of a search. */
export const entryText = (row: Shown, baseUrl: string): readonly Piece[] => {
  invariant(!row.isDeleted, 'a search shows no deletion')
  return [`{"fullUrl":${urlText(row, baseUrl)},"resource":`, row.body, `,"search":{"mode":"${row.mode}"}}`]
}

/** One entry of a history; a deletion has no resource. */
export const historyEntryText = (row: Shown, baseUrl: string): readonly Piece[] => {
  const resource: readonly Piece[] = row.isDeleted ? [] : [',"resource":', row.body]
  const request = `{"method":"${row.isDeleted ? 'DELETE' : 'PUT'}","url":"${row.type}/${row.id}"}`
  const etag = JSON.stringify(`W/"${row.versionId}"`)
  const response = `{"status":"${row.isDeleted ? '204' : '200'}","etag":${etag},"lastModified":"${row.updated}"}`
  return [`{"fullUrl":${urlText(row, baseUrl)}`, ...resource, `,"request":${request},"response":${response}}`]
}

/** One entry of a transaction that puts a resource under the id that it has here. */
export const transactionEntryText = (row: Shown, baseUrl: string): readonly Piece[] => {
  invariant(!row.isDeleted, 'a transaction brings no deletion')
  const request = `,"request":{"method":"PUT","url":"${row.type}/${row.id}"}}`
  return [`{"fullUrl":${urlText(row, baseUrl)},"resource":`, row.body, request]
}

/** What needs no escape in JSON, as every type and id of ours. */
const PLAIN = /^[\w\-.:/]*$/

const urlText = ({ type, id }: Shown, baseUrl: string): string => {
  const url = `${baseUrl}/${type}/${id}`
  return PLAIN.test(url) ? `"${url}"` : JSON.stringify(url)
}

/** Search parameters that say how to answer, or name no person, code or place: only these are repeated in a link. */
const SAFE_PARAMETERS: ReadonlySet<string> = new Set(
  '_count _sort _include _revinclude _include:iterate _revinclude:iterate _total _summary _elements _format _pretty status intent'.split(
    ' ',
  ),
)

/**
 * The `self` link of a search: the parameters that name nobody, in the order given, and nothing of the others.
 * @spec FHIR R4 search, self link
 */
export const selfUrl = (baseUrl: string, type: string, parameters: readonly (readonly [string, string])[]): string => {
  const shown = parameters.filter(([name]) => SAFE_PARAMETERS.has(name))
  const query = shown.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
  return `${baseUrl}/${type}${query === '' ? '' : `?${query}`}`
}
