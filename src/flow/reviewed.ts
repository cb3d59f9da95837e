import { createHash } from 'node:crypto'
import { doubtsOf, type Doubt } from '../labelling/doubts.ts'
import type { Unlabelled } from '../labelling/label.ts'
import type { Review } from '../labelling/world.ts'
import type { Partner } from '../model/partner.ts'
import type { Tx } from '../platform/db.ts'
import { reviewsOf, type StoredReview } from '../store/reviews.ts'
import type { House } from './house.ts'

/** What a decision about a text is filed under, with its record and its place. */
export const digestOf = ({ text }: Pick<Doubt, 'text'>): string => createHash('sha256').update(text).digest('hex')

/**
 * What staff have decided about the texts of these records, for those that stand there as they were read; by `Type/id`. A text that
 * has changed since is not among them, and waits again.
 */
export const reviewsAbout = async (
  house: House,
  tx: Tx,
  records: readonly Unlabelled[],
  partners: readonly Partner[],
): Promise<ReadonlyMap<string, readonly Review[]>> => {
  const keys = records.map(({ resource }) => ({ type: resource.resourceType, id: resource.id ?? '' }))
  const decided = Map.groupBy(await reviewsOf(tx, keys), ({ type, id }) => `${type}/${id}`)
  const found = new Map<string, Review[]>()
  if (decided.size === 0) return found
  for (const record of records) {
    const key = `${record.resource.resourceType}/${record.resource.id ?? ''}`
    const own = decided.get(key)
    if (own === undefined) continue
    const reviews = doubtsOf(record, house.rules, { partners }).flatMap((doubt) => reviewOf(doubt, own))
    found.set(key, [...(found.get(key) ?? []), ...reviews])
  }
  return found
}

const reviewOf = (doubt: Doubt, decided: readonly StoredReview[]): readonly Review[] => {
  const review = decided.find(({ pointer, digest }) => pointer === doubt.pointer && digest === digestOf(doubt))
  if (review === undefined) return []
  const { pointer, text } = doubt
  return review.verdict === 'released'
    ? [{ pointer, text, verdict: 'harmless' }]
    : [{ pointer, text, verdict: 'sensitive', sensitivity: review.sensitivity }]
}
