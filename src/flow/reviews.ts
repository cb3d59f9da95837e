import { doubtsOf, type Doubt } from '../labelling/doubts.ts'
import { LABELS_TO_GIVE } from '../labelling/world.ts'
import { patientId, type PartnerId } from '../model/ids.ts'
import type { Sensitivity } from '../model/label.ts'
import type { ReviewEntry } from '../model/ledger.ts'
import type { Partner } from '../model/partner.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import type { Part, Position } from '../platform/keyset.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { listPartners } from '../store/partners.ts'
import { lockPatients, readRecord, relabel, type StoredRecord } from '../store/records.ts'
import { reviewHistory, reviewsOf, saveReview, waitingRecords, type StoredReview } from '../store/reviews.ts'
import { labelAndDecideAgain } from './decide-again.ts'
import { labelledAgain } from './label-again.ts'
import { NOBODY } from './nobody.ts'
import { decideForNaming, decideShared } from './decide-shared.ts'
import type { House } from './house.ts'
import { looked, type Look, type Operator } from './looks.ts'
import { digestOf } from './reviewed.ts'
import { write } from './writing.ts'

/** A text that no rule is sure of: it goes to no partner until somebody has decided. */
export interface HeldText {
  /** Names the text, its place and its record; a text that changes gets another. */
  readonly id: string
  /** `Type/id`, and the version that was read. */
  readonly record: string
  readonly version: number
  /** Absent when the record belongs to nobody. */
  readonly patient?: string
  /** Who the record came from. */
  readonly origin: PartnerId
  /** JSON pointer of the part that waits; empty when the whole record does. */
  readonly pointer: string
  readonly text: string
  /** Why it is held: ids of rules, and what they suspect. */
  readonly rules: readonly string[]
  readonly suspected: readonly Sensitivity[]
  /** Since when the record stands as it does. */
  readonly since: Instant
}

/** What somebody says about a held text. */
export type TextDecision =
  | { readonly verdict: 'release' }
  | { readonly verdict: 'label'; readonly sensitivity: readonly Sensitivity[] }
  /** Takes a decision back: the text waits again. */
  | { readonly verdict: 'reopen' }

/** Who decides, as the ledger names them. */
export interface Reviewer {
  readonly by: string
  readonly role: string
}

/** A decision that was taken. */
export interface DecidedText {
  readonly id: string
  readonly record: string
  readonly patient?: string
  readonly pointer: string
  readonly verdict: StoredReview['verdict']
  readonly sensitivity: readonly Sensitivity[]
  readonly rules: readonly string[]
  readonly by: string
  readonly role: string
  readonly at: Instant
}

/** Which held texts are asked for. */
export interface HeldQuery {
  /** Only of this patient. */
  readonly patient?: string
  /** At most this many; 50 when absent. */
  readonly limit?: number
  /** Which types of record the asker may see; all when absent. */
  readonly maySee?: (type: string) => boolean
}

const LIMIT = 50
const LIMIT_MAX = 500
/** Records looked at in one go: one in which nothing waits by itself waits for another and is passed over. */
const CHUNK = 100

/**
 * The texts that wait for a decision, those that wait longest first. The look is on the ledger.
 * @param house the composed house @param query which @param reviewer who looks
 */
export const heldTexts = async (house: House, query: HeldQuery, reviewer: Reviewer): Promise<readonly HeldText[]> => {
  const limit = Math.min(query.limit ?? LIMIT, LIMIT_MAX)
  const part = await textsInPart(house, { by: 'since', isDescending: false, limit }, query)
  const held = part.held.slice(0, limit)
  await looked(house, named(reviewer), lookAt('held-texts', query, held))
  return held
}

/** Texts of one part of the queue, and where the next part begins. */
export interface HeldPart {
  readonly held: readonly HeldText[]
  readonly next?: Position
}

/**
 * A part of the queue, without an entry: for whoever writes the entry of the look that it is part of. The texts of one record stay
 * together, so that there may be more than were asked for.
 */
export const textsInPart = (
  house: House,
  part: Part<'since'>,
  query: Pick<HeldQuery, 'patient' | 'maySee'> = {},
): Promise<HeldPart> => house.db.transact((tx) => collect(house, tx, query, part))

const named = ({ by, role }: Reviewer): Operator => ({ staff: by, role })

const lookAt = (place: string, { patient }: HeldQuery, found: readonly { readonly patient?: string }[]): Look => ({
  place,
  asked: patient,
  patients: found.map((one) => one.patient),
  rows: found.length,
})

const collect = async (
  house: House,
  tx: Tx,
  query: Pick<HeldQuery, 'patient' | 'maySee'>,
  part: Part<'since'>,
): Promise<HeldPart> => {
  const partners = await listPartners(tx)
  const held: HeldText[] = []
  let after = part.after
  for (;;) {
    const chunk = { ...part, limit: CHUNK, ...(after === undefined ? {} : { after }) }
    const records = await waitingRecords(tx, query.patient, chunk)
    const decided = await reviewsOf(tx, records)
    for (const record of records) {
      if (query.maySee?.(record.type) === false) continue
      for (const doubt of doubtsOf(record, house.rules, { partners }))
        if (!decided.some((review) => isAbout(review, record, doubt))) held.push(heldOf(record, doubt))
      if (held.length >= part.limit) return { held, next: record.position }
    }
    after = records.at(-1)?.position
    if (records.length < CHUNK || after === undefined) return { held }
  }
}

const isAbout = (review: StoredReview, record: StoredRecord, doubt: Doubt): boolean =>
  review.type === record.type && review.id === record.id && review.pointer === doubt.pointer && review.digest === digestOf(doubt)

const heldOf = (record: StoredRecord, doubt: Doubt): HeldText => ({
  id: idOf(record.type, record.id, doubt.pointer, digestOf(doubt)),
  record: `${record.type}/${record.id}`,
  version: record.version,
  ...(record.patient === NOBODY ? {} : { patient: record.patient }),
  origin: record.origin.partner,
  pointer: doubt.pointer,
  text: doubt.title ?? doubt.text,
  rules: doubt.rules,
  suspected: doubt.suspected,
  since: record.updated,
})

const DIGITS = 24

/** The pointer goes into the digest of the id, so that the same words at two places are two texts. */
const idOf = (type: string, id: string, pointer: string, digest: string): string =>
  `${type}.${id}.${digestOf({ text: `${pointer}\n${digest}` }).slice(0, DIGITS)}`

const ID = /^([A-Z][A-Za-z]+)\.([A-Za-z0-9.-]{1,64})\.([0-9a-f]{24})$/

/** The type of the record that a held text is in; undefined when the id has no form of ours. */
export const typeOfHeldText = (id: string): string | undefined => ID.exec(id)?.[1]

/**
 * Decides about one text: it is released, labelled, or put back. The record is labelled again, with all that learns from it, and who
 * may have what is decided again, in the same transaction; the ledger says who decided, and never what the text says.
 * @returns `not-found` when no such text stands in the record any more; `invalid` for a label that nobody may give
 */
export const decideHeldText = async (
  house: House,
  id: string,
  decision: TextDecision,
  reviewer: Reviewer,
): Promise<Result<DecidedText>> => {
  const [, type, record] = ID.exec(id) ?? []
  if (type === undefined || record === undefined) return fail(GONE)
  const sensitivity = decision.verdict === 'label' ? [...new Set(decision.sensitivity)].sort() : []
  if (decision.verdict === 'label' && (sensitivity.length === 0 || !sensitivity.every((one) => LABELS_TO_GIVE.has(one))))
    return fail(
      problem('invalid', 'sensitivity-unknown', { detail: `give one or more of ${[...LABELS_TO_GIVE].sort().join(', ')}` }),
    )
  return write(house, async ({ tx, note }): Promise<Result<DecidedText>> => {
    const seen = await readRecord(tx, type, record)
    if (seen === undefined) return fail(GONE)
    await lockPatients(tx, [seen.patient])
    const partners = await listPartners(tx)
    const held = await readRecord(tx, type, record)
    const doubt = held === undefined || held.isDeleted ? undefined : doubtNamed(house, held, partners, id)
    if (held === undefined || doubt === undefined) return fail(GONE)
    const review: StoredReview = {
      patient: held.patient,
      type,
      id: record,
      pointer: doubt.pointer,
      digest: digestOf(doubt),
      verdict: VERDICTS[decision.verdict],
      sensitivity,
      rules: doubt.rules,
      decidedBy: reviewer.by,
      role: reviewer.role,
      decidedAt: house.clock.now(),
    }
    await saveReview(tx, review)
    await settleAgain(house, tx, held, partners)
    note(entryOf(review, id, held.version))
    return ok(decidedOf(review))
  })
}

const GONE = problem('not-found', 'held-text-unknown', { detail: 'no such text waits; it may have changed' })

const VERDICTS = { release: 'released', label: 'labelled', reopen: 'reopened' } as const satisfies Record<
  TextDecision['verdict'],
  StoredReview['verdict']
>

const doubtNamed = (house: House, held: StoredRecord, partners: readonly Partner[], id: string): Doubt | undefined =>
  doubtsOf(held, house.rules, { partners }).find((doubt) => idOf(held.type, held.id, doubt.pointer, digestOf(doubt)) === id)

const settleAgain = async (house: House, tx: Tx, held: StoredRecord, partners: readonly Partner[]): Promise<void> => {
  if (held.patient !== NOBODY) {
    await labelAndDecideAgain(house, tx, held.patient)
    return
  }
  const changed = await labelledAgain(house, tx, [held], partners)
  if (changed.length > 0) await relabel(tx, NOBODY, changed)
  await decideShared(house, tx, [held])
  const own = `${held.type}/${held.id}`
  if (changed.length > 0) await decideForNaming(house, tx, [own], [own], new Set())
}

const entryOf = (review: StoredReview, id: string, version: number): ReviewEntry => ({
  kind: 'review',
  at: review.decidedAt,
  by: review.decidedBy,
  role: review.role,
  action: review.verdict,
  text: id,
  record: `${review.type}/${review.id}`,
  version: String(version),
  ...(review.patient === NOBODY ? {} : { patient: patientId(review.patient) }),
})

const decidedOf = (review: StoredReview): DecidedText => ({
  id: idOf(review.type, review.id, review.pointer, review.digest),
  record: `${review.type}/${review.id}`,
  ...(review.patient === NOBODY ? {} : { patient: review.patient }),
  pointer: review.pointer,
  verdict: review.verdict,
  sensitivity: review.sensitivity,
  rules: review.rules,
  by: review.decidedBy,
  role: review.role,
  at: review.decidedAt,
})

/** The decisions that were taken, the latest first; the look is on the ledger. @param query as for `heldTexts` */
export const decidedTexts = async (house: House, query: HeldQuery, reviewer: Reviewer): Promise<readonly DecidedText[]> => {
  const reviews = await reviewHistory(house.db, query.patient ?? '', Math.min(query.limit ?? LIMIT, LIMIT_MAX))
  const decided = reviews.filter(({ type }) => query.maySee?.(type) ?? true).map(decidedOf)
  await looked(house, named(reviewer), lookAt('held-texts/decided', query, decided))
  return decided
}
