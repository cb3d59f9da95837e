// In: what was asked, what was found, what left. Out: the ledger entry for it.
// Never: takes over a value that somebody outside chose, unless it has the form of an id of ours.
import { hash } from 'node:crypto'
import type { Ask, Found, Shown } from '../model/ask.ts'
import type { Basis } from '../model/decision.ts'
import type { DisclosureId } from '../model/ids.ts'
import type { DisclosureEntry, Door, NoticeGiven, RefusalEntry, ShownRecord } from '../model/ledger.ts'

/** What the entry takes from the sealed disclosure; `disclosure/seal`'s class is one. */
export interface Left {
  readonly id: DisclosureId
  readonly payload: string | Uint8Array
  /** The payload as bytes, where it is at hand. */
  readonly bytes?: Uint8Array
  readonly notice?: Pick<NoticeGiven, 'statement' | 'edition'> | undefined
}

export interface EntryOptions {
  readonly door: Door
  readonly referral?: string
}

const LANGUAGES = ['en', 'es'] as const

/** The entry for an answer: a disclosure when anything was shown, else a refusal. */
export const entryOf = (ask: Ask, found: Found, left: Left, options: EntryOptions): DisclosureEntry | RefusalEntry =>
  found.rows.length === 0
    ? refusalOf(ask, left.id, options.door, 'nothing-to-show')
    : disclosureOf(ask, found.rows, left, options)

/** The entry for something that was refused before anything was looked for. @param code stable word: `purpose-unknown` … */
export const refusalOf = (ask: Ask, id: DisclosureId, door: Door, code: string): RefusalEntry => ({
  kind: 'refusal',
  at: ask.at,
  ...askingOf(ask, id, door),
  code,
})

/**
 * The entry for records without a sign of whose they are: how many on which bases, and none by its name. With none it is a refusal.
 * @law 42 CFR 2.54
 */
export const deidentifiedEntryOf = (
  ask: Ask,
  left: Left,
  bases: readonly Basis[],
  given: NonNullable<DisclosureEntry['deidentified']>,
): DisclosureEntry | RefusalEntry => {
  const asking = { ...askingOf(ask, left.id, 'fhir'), interaction: 'de-identified' }
  if (given.patients === 0) return { kind: 'refusal', at: ask.at, ...asking, code: 'nothing-to-show' }
  const { bytes = Buffer.from(left.payload) } = left
  return {
    kind: 'disclosure',
    at: ask.at,
    ...asking,
    bases,
    records: [],
    obligations: [],
    content: hash('sha256', bytes),
    bytes: bytes.length,
    deidentified: given,
  }
}

const disclosureOf = (ask: Ask, rows: readonly Shown[], left: Left, options: EntryOptions): DisclosureEntry => {
  const { records, bases } = recordsOf(rows)
  const { notice, bytes = Buffer.from(left.payload) } = left
  return {
    kind: 'disclosure',
    at: ask.at,
    ...askingOf(ask, left.id, options.door),
    bases,
    records,
    obligations: [...new Set(rows.flatMap((row) => row.obligations))].sort(),
    ...(notice !== undefined && { notice: { statement: notice.statement, edition: notice.edition, languages: LANGUAGES } }),
    content: hash('sha256', bytes),
    bytes: bytes.length,
    ...(options.referral !== undefined && { referral: options.referral }),
  }
}

const recordsOf = (rows: readonly Shown[]): { readonly records: readonly ShownRecord[]; readonly bases: readonly Basis[] } => {
  const placeOf = placing()
  // members in the order in which they are written on the ledger
  const records = rows.map(({ type, id, versionId, basis, patient }): ShownRecord => {
    const place = placeOf(basis)
    return patient === undefined
      ? { basis: place, record: `${type}/${id}`, version: versionId }
      : { basis: place, patient, record: `${type}/${id}`, version: versionId }
  })
  return { records, bases: placeOf.bases }
}

/** Gives each basis its place; rows that were shown for the same reason mostly share the object. */
const placing = (): ((basis: Basis) => number) & { readonly bases: readonly Basis[] } => {
  const bases: Basis[] = []
  const places = new Map<string, number>()
  const known = new Map<Basis, number>()
  const placeOf = (basis: Basis): number => {
    const met = known.get(basis)
    if (met !== undefined) return met
    const key = [basis.kind, basis.reference ?? '', basis.version ?? '', basis.path ?? '', basis.via ?? ''].join('\n')
    const place = places.get(key) ?? bases.push(basis) - 1
    places.set(key, place)
    known.set(basis, place)
    return place
  }
  return Object.assign(placeOf, { bases })
}

type Asking = Pick<
  RefusalEntry,
  'id' | 'recipient' | 'purposes' | 'door' | 'interaction' | 'type' | 'parameters' | 'target' | 'subject'
>

const askingOf = ({ recipient, purposes, wanted, subject }: Ask, id: DisclosureId, door: Door): Asking => ({
  id,
  recipient,
  purposes,
  door,
  interaction: wanted.interaction,
  ...wantedOf(wanted),
  ...(subject !== undefined && { subject: { hash: sha256(subject.id), ...(isCode(subject.role) && { role: subject.role }) } }),
})

const wantedOf = (wanted: Ask['wanted']): Pick<RefusalEntry, 'type' | 'parameters' | 'target'> => {
  switch (wanted.interaction) {
    case 'read':
    case 'vread':
      return { type: wanted.type, target: idOrHash(wanted.id) }
    case 'search':
      return {
        ...(wanted.query.type === '' ? {} : { type: wanted.query.type }),
        parameters: namesOf(wanted.query.parameters),
        ...(wanted.query.compartment === undefined ? {} : { target: idOrHash(wanted.query.compartment.id) }),
      }
    case 'history-instance':
      return { type: wanted.type, target: idOrHash(wanted.id), parameters: namesOf(wanted.parameters) }
    case 'history-type':
      return { type: wanted.type, parameters: namesOf(wanted.parameters) }
    case 'history-system':
      return { parameters: namesOf(wanted.parameters) }
    case 'everything':
      return { type: 'Patient', target: idOrHash(wanted.patient), parameters: namesOf(wanted.parameters) }
  }
}

/** Names only, and only such as a search parameter may have. */
const namesOf = (parameters: readonly (readonly [string, string])[]): readonly string[] =>
  [...new Set(parameters.map(([name]) => (/^[_A-Za-z][\w:.-]{0,63}$/.test(name) ? name : 'other')))].sort()

const OUR_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** An id of ours by form, else a hash: somebody may have written a name into the address. */
export const idOrHash = (id: string): string => (OUR_ID.test(id) ? id : `sha256:${sha256(id).slice(0, 16)}`)

const isCode = (text: string | undefined): text is string => text !== undefined && /^[\w.:/|-]{1,128}$/.test(text)

const sha256 = (text: string): string => hash('sha256', text)
