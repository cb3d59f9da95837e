// In: records of a patient. Out: which of the organisations, staff and places on file that they name tell something.
// Never: what belongs to another patient.
import { EMPTY_HOUSE } from '../disclosure/house.ts'
import { identifiersOf } from '../disclosure/logical.ts'
import { DIRECTORY_TYPES } from '../disclosure/profiles.ts'
import { render } from '../disclosure/render.ts'
import { wholeShape } from '../disclosure/shape.ts'
import type { Sensitivity } from '../model/label.ts'
import { UNREAD, type TellingOrganization } from '../labelling/world.ts'
import type { Tx } from '../platform/db.ts'
import { readRecords, type StoredRecord } from '../store/records.ts'
import { NOBODY } from './nobody.ts'

/**
 * Whoever is not shown a record of nobody is not told of it by one that names it, except with a consent to what it tells.
 * @law 42 CFR 2.13(c)(2)
 */
export const tellingAmong = async (tx: Tx, records: readonly StoredRecord[]): Promise<readonly TellingOrganization[]> => {
  const keys = [...new Set(records.flatMap(({ facts }) => facts.references))].flatMap((reference) => {
    const [type = '', id = ''] = reference.split('/')
    return DIRECTORY_TYPES.has(type) ? [{ type, id }] : []
  })
  if (keys.length === 0) return []
  return (await readRecords(tx, keys)).flatMap((record) => {
    const sensitivity = record.patient === NOBODY && !record.isDeleted ? toldBy(record) : []
    const { type, id, resource } = record
    return sensitivity.length === 0
      ? []
      : [{ reference: `${type}/${id}`, names: [], identifiers: identifiersOf(resource), sensitivity }]
  })
}

/**
 * What a record of nobody tells by being named: what stands for the whole of it, or for parts without which it cannot be shown; one
 * that waits for a person tells what nobody has read.
 */
export const toldBy = ({ resource, labels }: Pick<StoredRecord, 'resource' | 'labels'>): readonly Sensitivity[] => {
  const withheldParts = labels.parts.map(({ pointer }) => pointer)
  const stands = withheldParts.length === 0 || render(resource, { ...wholeShape(EMPTY_HOUSE), withheldParts }) !== undefined
  const told = [...labels.sensitivity, ...(stands ? [] : labels.parts.flatMap(({ sensitivity }) => sensitivity))]
  return [...new Set(labels.status === 'pending' ? [...told, UNREAD] : told)].sort()
}
