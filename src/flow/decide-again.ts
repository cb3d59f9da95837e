import { decideAll } from '../consent/decide-all.ts'
import { houseOf } from '../disclosure/house.ts'
import { keepSafe } from '../disclosure/keep-safe.ts'
import { minimise } from '../disclosure/minimise.ts'
import { renderAll, type Rendered, type View } from '../disclosure/render-all.ts'
import { logicalOf, type Logical } from '../disclosure/logical.ts'
import { render } from '../disclosure/render.ts'
import { stamp } from '../labelling/stamp.ts'
import { tellingOrganizations } from '../labelling/world.ts'
import type { Resource } from '@medplum/fhirtypes'
import type { ShapeFacts } from '../disclosure/shapes.ts'
import type { Partner } from '../model/partner.ts'
import type { Tx } from '../platform/db.ts'
import type { Rendering } from '../store/chains.ts'
import { heldFacts } from '../store/facts.ts'
import { versionKey, type StoredRecord } from '../store/records.ts'
import { setRenditions, type FreshHead } from '../store/set-renditions.ts'
import { isValid, validate } from '../validation/validate.ts'
import type { House } from './house.ts'
import { labelAgain } from './label-again.ts'
import { NOBODY } from './nobody.ts'
import { tellSubscribers } from './notifications.ts'
import { fileOf, type PatientFile } from './patient-file.ts'
import { withReliedEvidence } from './relied-evidence.ts'

/**
 * Something about this patient has changed: decide again who may have what, from this moment on.
 * In the transaction of the change, under the patient's lock; the moment is read after the lock, so that a revocation counts.
 * @returns what recipients are newly shown
 */
export const decideAgain = async (house: House, tx: Tx, patient: string): Promise<readonly FreshHead[]> =>
  patient === NOBODY ? [] : decideFile(house, tx, await fileOf(tx, patient))

/** The same where what a record tells may be another than before, as when a name begins to tell: labelled first. */
export const labelAndDecideAgain = async (house: House, tx: Tx, patient: string): Promise<readonly FreshHead[]> =>
  patient === NOBODY ? [] : decideFile(house, tx, await labelAgain(house, tx, await fileOf(tx, patient)))

/** Decides by a file that was read under the lock, and has every change of this transaction in it. */
export const decideFile = async (house: House, tx: Tx, file: PatientFile): Promise<readonly FreshHead[]> => {
  const { patient, partners, versions } = file
  const held = await heldFacts(tx, patient, versions, partners, house.settings.zone)
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
