// In: the id of a disclosure. Out: that it happened, what was shown, on which basis, with which notice; checkable from outside.
// Never: shows this to a partner, or calls something the exact content whose hash is not the one on the ledger.
import { createHash } from 'node:crypto'
import { findDisclosure } from '../audit/find-entries.ts'
import { parseEntry } from '../audit/parse-entry.ts'
import { proveEntry, type EntryProof } from '../audit/proof-file.ts'
import { noticeOf, type Notice, type ScopeWords } from '../disclosure/notice.ts'
import { seal } from '../disclosure/seal.ts'
import { bodyTextOf, type Shown } from '../model/ask.ts'
import type { DisclosureEntry } from '../model/ledger.ts'
import type { Instant } from '../model/time.ts'
import { invariant } from '../platform/invariant.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { forgetTexts, textsOf } from '../store/shown-texts.ts'
import type { House } from './house.ts'
import { looked, type Operator } from './looks.ts'

export { checkProof, type EntryProof, type ProofFault } from '../audit/proof-file.ts'

/** One record of a disclosure. */
export interface ProvenRecord {
  readonly record: string
  readonly version: string
  /** As it was shown; absent when retention removed it. */
  readonly text?: string
}

/** Everything that is known of one disclosure. */
export interface DisclosureProof {
  readonly entry: DisclosureEntry
  readonly proof: EntryProof
  readonly records: readonly ProvenRecord[]
  /** `reproduced`: the bytes were made again and their hash is the one on the ledger; else the records and the hash alone. */
  readonly content: 'reproduced' | 'records-and-hash'
  readonly payload?: string
  readonly notice?: Notice
  /** What each consent that was a basis covers, in words. @law 42 CFR 2.32(b) */
  readonly scopes: readonly ScopeWords[]
}

/**
 * What was shown in a disclosure, why, and the proof that its entry is on the ledger.
 * @law 42 CFR 2.16, 2.25; 45 CFR 164.528
 */
export const proveDisclosure = async (house: House, by: Operator, id: string): Promise<Result<DisclosureProof>> => {
  const row = await findDisclosure(house.db, id)
  const entry = row === undefined ? undefined : parseEntry(row.body)
  if (row === undefined || entry?.kind !== 'disclosure')
    return fail(problem('not-found', 'disclosure-unknown', { detail: 'no disclosure has this id' }))
  await looked(house, by, { place: 'disclosures/:id/proof', patients: entry.records.map(({ patient }) => patient) })
  const head = (await house.ledger.publishHead()) ?? (await house.ledger.lastHead())
  invariant(head !== undefined && head.size >= row.seq, 'what was appended before a head was published is under it')
  const shown = await shownIn(house, entry)
  const texts = new Map(shown.map((one) => [`${one.type}/${one.id} ${one.versionId}`, bodyTextOf(one)]))
  const payload = await madeAgain(house, entry, shown)
  const scopes = await house.scopes.wordsFor(entry.recipient, shown)
  return ok({
    entry,
    proof: await proveEntry(house.db, row, head),
    records: entry.records.map(({ record, version }) => {
      const text = texts.get(`${record} ${version}`)
      return { record, version, ...(text === undefined ? {} : { text }) }
    }),
    content: payload === undefined ? 'records-and-hash' : 'reproduced',
    ...(payload === undefined ? {} : { payload }),
    ...(entry.notice === undefined ? {} : { notice: noticeOf(entry.notice.statement) }),
    scopes: [...scopes.values()],
  })
}

/** Removes the texts that nobody has been allowed to see since a moment; the ledger keeps their hashes. @returns how many */
export const forgetContent = async (house: House, by: Operator, before: Instant): Promise<number> => {
  await looked(house, by, { place: 'disclosed-content', action: 'forget' })
  return house.db.transact((tx) => forgetTexts(tx, before))
}

/** The records of a disclosure as they were shown, as far as they are kept. */
const shownIn = async (house: House, entry: DisclosureEntry): Promise<readonly Shown[]> => {
  const patients = [...new Set(entry.records.map(({ patient }) => patient ?? ''))]
  const texts = await textsOf(house.db, patients, entry.records)
  const byVersion = new Map(texts.map((text) => [`${text.record} ${text.version}`, text]))
  return entry.records.flatMap(({ record, version, basis, patient }): Shown[] => {
    const text = byVersion.get(`${record} ${version}`)
    const ground = entry.bases[basis]
    const [type = '', id = ''] = record.split('/')
    if (text === undefined || ground === undefined) return []
    return [
      {
        type,
        id,
        versionId: version,
        updated: text.updated,
        isDeleted: false,
        body: text.body,
        basis: ground,
        obligations: entry.obligations,
        mode: 'match',
        ...(patient === undefined ? {} : { patient }),
      },
    ]
  })
}

/** The bytes of a read again, if they are the ones that left. A Bundle holds words of its request, which no ledger keeps. */
const madeAgain = async (house: House, entry: DisclosureEntry, shown: readonly Shown[]): Promise<string | undefined> => {
  const [row] = shown
  const isRead = entry.door === 'fhir' && (entry.interaction === 'read' || entry.interaction === 'vread')
  if (!isRead || row === undefined || shown.length !== 1) return undefined
  const { recipient, purposes, at, id } = entry
  const ask = { recipient, purposes, at, wanted: { interaction: 'read', type: row.type, id: row.id } } as const
  const sealed = seal(
    ask,
    { rows: [row] },
    {
      id,
      baseUrl: house.settings.fhirBase,
      scopes: await house.scopes.wordsFor(recipient, [row]),
      notice: noticeOf(entry.notice?.statement ?? house.settings.statement),
    },
  )
  if (!sealed.ok) return undefined
  const bytes = Buffer.from(sealed.value.payload)
  return createHash('sha256').update(bytes).digest('hex') === entry.content ? bytes.toString() : undefined
}
