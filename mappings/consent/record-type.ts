import { isTree } from '../../src/mapping/tree.ts'
import type { RecordType } from '../mission/record-types.ts'
import { fromFhir } from './from-fhir.ts'
import { consentSchema } from './schema.ts'
import { toFhir } from './to-fhir.ts'

const map: RecordType['map'] = {
  rows: { name: 'consent', resources: [] },
  toFhir: (record, context) => {
    const parsed = consentSchema.safeParse(record)
    return parsed.success ? [toFhir(parsed.data, context)] : []
  },
  fromFhir: (resources) => {
    const read = fromFhir(resources)
    return read.ok ? { ok: true, value: { ...read.value } } : read
  },
}

/** The consent form among the programme's record types: `/mission/v1/consent`. Its tree of rules is more than rows can say. */
export const consentRecordType: RecordType = {
  schema: consentSchema,
  toFhir: (record, context) => (isTree(record) ? map.toFhir(record, context) : []),
  fromFhir: (resources) => map.fromFhir(resources),
  isAboutClient: true,
  map,
}
