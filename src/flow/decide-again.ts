import { decideAll } from '../consent/decide-all.ts'
import { houseOf } from '../disclosure/house.ts'
import { keepSafe } from '../disclosure/keep-safe.ts'
import { minimise } from '../disclosure/minimise.ts'
import { renderAll, type Rendered, type View } from '../disclosure/render-all.ts'
import { logicalOf, type Logical } from '../disclosure/logical.ts'
import { render } from '../disclosure/render.ts'
import { factsOf } from '../labelling/facts.ts'
import { labelAll } from '../labelling/label.ts'
import { stamp } from '../labelling/stamp.ts'
import { tellingOrganizations } from '../labelling/world.ts'
import type { Resource } from '@medplum/fhirtypes'
import type { Labels } from '../model/label.ts'
import type { ShapeFacts } from '../disclosure/shapes.ts'
import type { Partner } from '../model/partner.ts'
import type { Tx } from '../platform/db.ts'
import type { Rendering } from '../store/chains.ts'
import { factsForUpdate } from '../store/facts.ts'
import { listPartners } from '../store/partners.ts'
import { recordsOfPatient, relabel, versionKey, versionsOf, type StoredRecord } from '../store/records.ts'
import { setRenditions, type FreshHead } from '../store/set-renditions.ts'
import { isValid, validate } from '../validation/validate.ts'
import type { House } from './house.ts'
import { NOBODY } from './nobody.ts'
import { tellSubscribers } from './notifications.ts'
import { tellingAmong } from './telling-shared.ts'
import { withReliedEvidence } from './relied-evidence.ts'
import { reviewsAbout } from './reviewed.ts'

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/**
 * Labels the patient's records together again and keeps what has changed; the caller holds the patient's lock. Where a record's
 * label has changed, its former versions are labelled again beside the records of today: history shows no more than the present.
 */
export const labelAgain = async (house: House, tx: Tx, patient: string, partners: readonly Partner[]): Promise<void> => {
  const current = (await recordsOfPatient(tx, patient)).filter((record) => !record.isDeleted)
  const reviews = await reviewsAbout(house, tx, current, partners)
  const telling = await tellingAmong(tx, current)
  const labels = labelAll(current, house.rules, { partners, telling, reviews })
  const changed = current.flatMap((record) => withLabels(record, labels))
  if (changed.length === 0) return
  const former = (await versionsOf(tx, patient, changed)).filter((version) => !version.isCurrent && !version.isDeleted)
  const reviewsBefore = await reviewsAbout(house, tx, [...former, ...current], partners)
  const tellingBefore = await tellingAmong(tx, [...former, ...current])
  const changedBefore = former.flatMap((version) => {
    const beside = current.filter((one) => one.type !== version.type || one.id !== version.id)
    return withLabels(
      version,
      labelAll([...beside, version], house.rules, { partners, telling: tellingBefore, reviews: reviewsBefore }),
    )
  })
  await relabel(tx, patient, [...changed, ...changedBefore])
}

/** Records that belong to nobody, labelled again each by itself: those of them whose labels have changed. */
export const labelledAgain = async (
  house: House,
  tx: Tx,
  records: readonly StoredRecord[],
  partners: readonly Partner[],
): Promise<readonly StoredRecord[]> => {
  const labels = labelAll(records, house.rules, { partners, reviews: await reviewsAbout(house, tx, records, partners) })
  return records.flatMap((record) => withLabels(record, labels))
}

const withLabels = (record: StoredRecord, labels: ReadonlyMap<string, Labels>): readonly StoredRecord[] => {
  const fresh = labels.get(keyOf(record.type, record.id))
  if (fresh === undefined || isSame(fresh, record.labels)) return []
  return [{ ...record, labels: fresh, facts: { ...record.facts, ...factsOf(record.resource, fresh) } }]
}

/**
 * Something about this patient has changed: decide again who may have what, from this moment on.
 * In the transaction of the change, under the patient's lock; the moment is read after the lock, so that a revocation counts.
 * @returns what recipients are newly shown
 */
export const decideAgain = async (house: House, tx: Tx, patient: string): Promise<readonly FreshHead[]> => {
  if (patient === NOBODY) return []
  const partners = await listPartners(tx)
  const held = await factsForUpdate(tx, patient, partners, house.settings.zone)
  const { versions } = held
  const facts = await withReliedEvidence(tx, held, partners)
  const at = house.clock.now()
  const judged = house.settings.jurisdiction === undefined ? facts : { ...facts, jurisdiction: house.settings.jurisdiction }
  const allowances = minimise(decideAll(judged, at), facts.records, partners)
  const rendered = renderAll(withLogical(facts, versions), allowances, tellingOf(house, partners), viewOf(house, versions))
  const shown = await setRenditions(tx, house.readSearchValues, patient, renderingsOf(versions, rendered), 'everything', at)
  await tellSubscribers(house, tx, patient, shown)
  return shown
}

/** Names and systems that tell, those of the partners among them. */
export const tellingOf = (house: House, partners: readonly Partner[]): ReturnType<typeof houseOf> =>
  houseOf(
    [
      ...house.tellingRows,
      ...tellingOrganizations(partners).flatMap(({ reference, sensitivity }) => {
        const name = partners.find((partner) => reference === `Organization/${partner.id}`)?.name
        const row = { tells: sensitivity, source: 'partner register' }
        return [
          { ...row, what: 'reference' as const, value: reference },
          ...(name === undefined ? [] : [{ ...row, what: 'name' as const, value: name }]),
        ]
      }),
    ],
    (left, profile) => conforms(house, left, profile),
  )

/** A profile that is not held here is one that nobody could check. */
const conforms = (house: House, left: Resource, profile: string): boolean =>
  house.definitions.profileOf(profile) !== undefined && isValid(validate(left, house.definitions, [profile]))

const keyOf = (type: string, id: string): string => `${type}/${id}`

const byKeyOf = (versions: readonly StoredRecord[]): ReadonlyMap<string, StoredRecord> =>
  new Map(versions.map((version) => [keyOf(version.type, versionKey(version)), version]))

/** Facts with what the records refer to by identifier only. */
export const withLogical = <F extends ShapeFacts>(facts: F, versions: readonly StoredRecord[]): F & Logical => ({
  ...facts,
  ...logicalOf(versions.map((version) => ({ ...version, id: versionKey(version) }))),
})

/**
 * One version in one shape: its harmless clauses kept, its labels stamped, the rest taken out. What is left is a valid resource, or
 * the whole is withheld.
 */
export const viewOf = (house: House, versions: readonly StoredRecord[]): View => {
  const byKey = byKeyOf(versions)
  return ({ type, id, shape }) => {
    const version = byKey.get(keyOf(type, id))
    if (version === undefined) return undefined
    const stamped = stamp(version.resource, version.labels)
    const safe = keepSafe(stamped, version.labels.parts, shape.withheldParts)
    const left = render(safe.resource, { ...shape, withheldParts: safe.withheldParts })
    if (left === undefined || left === stamped) return left
    return isValid(validate(left, house.definitions)) ? left : undefined
  }
}

/** What is shown of stored versions, as the store wants it. */
export const renderingsOf = (versions: readonly StoredRecord[], rendered: readonly Rendered[]): readonly Rendering[] => {
  const byKey = byKeyOf(versions)
  return rendered.flatMap(({ type, id, resource, allowances }) => {
    const version = byKey.get(keyOf(type, id))
    if (version === undefined) return []
    const { isCurrent, isDeleted, updated } = version
    return [{ type, id: version.id, version: version.version, isCurrent, isDeleted, updated, resource, grants: allowances }]
  })
}
