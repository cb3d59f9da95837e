// In: texts that the database gave to somebody. Out: the same texts again, for rows that the database shows now.
// Never: says who may see a text, holds one under anything but what it is made of, or grows without bound.
import type { Ask } from '../model/ask.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { GATE, GATE_CTE, sqlFor } from './asker.ts'
import type { NamedRow, ShownRow } from './shown.ts'

/** A rendition as it leaves; it never changes, for its name in the store is a digest over it and over what was shown before it. */
export interface HeldText {
  readonly type: string
  readonly id: string
  readonly versionId: string
  readonly nth: number
  readonly updated: Instant
  readonly isDeleted: boolean
  /** UTF-8, ready for the wire; empty for a deletion. */
  readonly body: string | Uint8Array
  /** What it refers to on this server, other than patients: `Type/id`, each once. */
  readonly links: readonly string[]
  /** It is a Patient, names its patient, or names none: a text that names another one is not of this patient's record. */
  readonly isOfPatient: boolean
}

/** Texts in this process, so that they need not be moved and written again for each request. */
export interface Texts {
  readonly get: (patient: string, rid: string) => HeldText | undefined
  readonly put: (patient: string, rid: string, text: HeldText) => void
  /** All that is held of one patient, whoever was shown it. */
  readonly ofPatient: (patient: string) => Iterable<HeldText>
}

type Generation = Map<string, Map<string, HeldText>>

/** What an entry costs beside its text. */
const OVERHEAD_BYTES = 500
const DEFAULT_BYTES_MAX = 64 * 1024 * 1024

/**
 * Two generations: what is used goes over to the younger one; when that is half of what may be held, the older one is dropped.
 * @param bytesMax of all that is held
 */
export const openTexts = (bytesMax = DEFAULT_BYTES_MAX): Texts => {
  let young: Generation = new Map()
  let old: Generation = new Map()
  let youngBytes = 0

  const put = (patient: string, rid: string, text: HeldText): void => {
    const own = young.get(patient) ?? new Map<string, HeldText>()
    if (!own.has(rid)) youngBytes += text.body.length + OVERHEAD_BYTES
    young.set(patient, own.set(rid, text))
    if (youngBytes <= bytesMax / 2) return
    old = young
    young = new Map()
    youngBytes = 0
  }

  return {
    put,
    get: (patient, rid) => {
      const fresh = young.get(patient)?.get(rid)
      if (fresh !== undefined) return fresh
      const former = old.get(patient)?.get(rid)
      if (former !== undefined) put(patient, rid, former)
      return former
    },
    ofPatient: (patient) => [...(young.get(patient)?.values() ?? []), ...(old.get(patient)?.values() ?? [])],
  }
}

interface Fetched extends Omit<HeldText, 'body' | 'links' | 'isOfPatient'> {
  readonly patient: string
  readonly rid: string
  readonly body: string
  readonly linkTypes: string
  readonly linkIds: string
}

/** Row by row and after the gate, as everywhere: the database's own policy says which of the texts are shown to the asker. */
const TEXTS = `with ${GATE_CTE}
  select w.patient, w.rid::text as rid, r.type, r.id, r.version_id as "versionId", r.nth, r.updated, r.is_deleted as "isDeleted", r.body,
    array_to_string(r.link_type, ' ') as "linkTypes", array_to_string(r.link_id, ' ') as "linkIds"
  from unnest($4::text[], $5::bigint[]) as w (patient, rid) cross join lateral (
    select r.* from rendition r where ${GATE} and r.patient = w.patient and r.rid = w.rid offset 0
  ) r`

/** In memory of its own: a small Buffer would keep the whole of what Node shares among small ones. */
const bytesOf = (text: string): Uint8Array => {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  bytes.write(text)
  return bytes
}

const nameOf = ({ patient, rid }: Pick<NamedRow, 'patient' | 'rid'>): string => `${patient} ${rid}`

const fetched = async (tx: Tx, ask: Ask, texts: Texts, missing: readonly NamedRow[]): Promise<ReadonlyMap<string, HeldText>> => {
  const found = new Map<string, HeldText>()
  if (missing.length === 0) return found
  const sql = sqlFor(ask)
  sql.push(missing.map(({ patient }) => patient))
  sql.push(missing.map(({ rid }) => rid))
  for (const { patient, rid, linkTypes, linkIds, body, ...text } of await tx.query<Fetched>(TEXTS, sql.values)) {
    const types = linkTypes.split(' ')
    const ids = linkIds.split(' ')
    const links = types.flatMap((type, index) => (type === '' || type === 'Patient' ? [] : [`${type}/${ids[index] ?? ''}`]))
    const isOfPatient = text.type === 'Patient' || ids.includes(patient) || !types.includes('Patient')
    const held = { ...text, body: body === '' ? '' : bytesOf(body), links: [...new Set(links)], isOfPatient }
    texts.put(patient, rid, held)
    found.set(nameOf({ patient, rid }), held)
  }
  return found
}

/**
 * The rows with their texts; only those that are not held are asked for.
 * @returns undefined when a text has gone meanwhile: then the whole question is to be asked again
 */
export const withTexts = async <R extends NamedRow>(
  tx: Tx,
  ask: Ask,
  texts: Texts,
  rows: readonly R[],
): Promise<readonly (R & ShownRow & HeldText)[] | undefined> => {
  const held = rows.map((row) => texts.get(row.patient, row.rid))
  const missing = rows.flatMap((row, index) => (held[index] === undefined ? [[nameOf(row), row] as const] : []))
  const fresh = await fetched(tx, ask, texts, [...new Map(missing).values()])
  const whole = rows.flatMap((row, index) => {
    const text = held[index] ?? fresh.get(nameOf(row))
    return text === undefined ? [] : [{ ...row, ...text }]
  })
  return whole.length === rows.length ? whole : undefined
}
