// In: resources that have changed. Out: their new versions in the store, labelled beside all that is on file, and the files.
// Never: decides, or writes a label that the next reading of the file would have to correct.
import type { Resource } from '@medplum/fhirtypes'
import { factsOf } from '../labelling/facts.ts'
import { labelAll } from '../labelling/label.ts'
import type { Labels, Origin } from '../model/label.ts'
import type { Partner } from '../model/partner.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { invariant } from '../platform/invariant.ts'
import { relabel, writeRecords, type StoredRecord } from '../store/records.ts'
import type { House } from './house.ts'
import { wronglyLabelled } from './label-again.ts'
import { NOBODY } from './nobody.ts'
import { heldFile, nameOf, placeOf, withRelabelled, withWritten, type PatientFile } from './patient-file.ts'
import { reviewsAbout } from './reviewed.ts'

export type Kept = Resource & { readonly id: string }

/** One resource on its way into the store, from the partner that it came from. */
export interface Incoming {
  readonly resource: Kept
  readonly origin: Origin
  readonly isDeleted?: boolean
  /** A Provenance of the gateway's own about others that come with it: kept only when one of them has changed. */
  readonly isAttestation?: boolean
}

/** The same, with whose record it is. */
export interface Target extends Incoming {
  readonly patient: string
}

/** What was written. */
export interface Written {
  /** What each resource shows by itself, and beside those that came with it, by `Type/id`. */
  readonly labels: ReadonlyMap<string, Labels>
  /** The new version of each record, by `Type/id`. */
  readonly versions: ReadonlyMap<string, number>
  /** By patient, with what was written in it. */
  readonly files: ReadonlyMap<string, PatientFile>
}

/** What is there already when a change is written. */
export interface Standing {
  readonly partners: readonly Partner[]
  /** The current version of each changed record, by `Type/id`. */
  readonly before: ReadonlyMap<string, StoredRecord>
  readonly at: Instant
}

/**
 * Writes what has changed, and other labels on what learns from it; the caller holds the locks of all patients.
 * @returns nothing where a record has got another version, or another patient, in the meantime
 */
export const keepChanged = async (
  house: House,
  tx: Tx,
  changed: readonly Target[],
  { partners, before, at }: Standing,
): Promise<Written | undefined> => {
  const labels = labelAll(changed, house.rules, { partners, reviews: await reviewsAbout(house, tx, changed, partners) })
  const drafts = changed.map((target) => draftOf(target, labels, before, at))
  // whoever is named in a patient's records tells what it tells as it is now
  const shared = await writeDrafts(
    tx,
    drafts.filter(({ patient }) => patient === NOBODY),
  )
  const files = new Map<string, PatientFile>()
  const fresh: StoredRecord[] = []
  for (const patient of new Set(changed.map((target) => target.patient))) {
    if (patient === NOBODY) continue
    const own = drafts.filter((draft) => draft.patient === patient)
    const file = withWritten(await heldFile(tx, patient, partners), own)
    const wrong = await wronglyLabelled(house, tx, file)
    const labelled = withRelabelled(file, wrong)
    const places = new Set(own.map(placeOf))
    const others = wrong.filter((one) => !places.has(placeOf(one)))
    if (others.length > 0) await relabel(tx, patient, others)
    files.set(patient, labelled)
    fresh.push(...labelled.versions.filter((one) => places.has(placeOf(one))))
  }
  const versions = new Map([...shared, ...(await writeDrafts(tx, fresh))])
  return drafts.every((draft) => versions.get(nameOf(draft)) === draft.version) ? { labels, versions, files } : undefined
}

const writeDrafts = async (tx: Tx, drafts: readonly StoredRecord[]): Promise<readonly (readonly [string, number])[]> =>
  (
    await writeRecords(
      tx,
      drafts.map((draft) => ({ ...draft, at: draft.updated })),
    )
  ).map((one) => [nameOf(one), one.version])

const draftOf = (
  { resource, patient, origin, isDeleted = false }: Target,
  labels: ReadonlyMap<string, Labels>,
  before: ReadonlyMap<string, StoredRecord>,
  at: Instant,
): StoredRecord => {
  const key = `${resource.resourceType}/${resource.id}`
  const own = labels.get(key)
  invariant(own !== undefined, 'every resource that is written is labelled')
  return {
    patient,
    type: resource.resourceType,
    id: resource.id,
    version: (before.get(key)?.version ?? 0) + 1,
    isCurrent: true,
    isDeleted,
    updated: at,
    origin,
    labels: own,
    facts: { ...factsOf(resource, own), recordedAt: at },
    // as the store would give it back
    resource: JSON.parse(JSON.stringify(resource)) as Kept,
  }
}
