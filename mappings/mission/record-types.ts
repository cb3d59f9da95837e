import type { Resource } from '@medplum/fhirtypes'
import type { z } from 'zod'
import type { MapContext } from '../../src/mapping/context.ts'
import type { RecordMap } from '../../src/mapping/record-map.ts'
import { isTree } from '../../src/mapping/tree.ts'
import type { Result } from '../../src/platform/result.ts'
import { clientMap, clientSchema } from './client.ts'
import { encounterMap, encounterSchema } from './encounter.ts'
import { enrolmentMap, enrolmentSchema } from './enrolment.ts'
import { housingInterviewMap, housingInterviewSchema } from './housing-interview.ts'
import { referralMap, referralSchema } from './referral.ts'
import { screeningMap, screeningSchema } from './screening.ts'
import { staffMap, staffSchema } from './staff.ts'
import { treatmentPlanMap, treatmentPlanSchema } from './treatment-plan.ts'

/** One kind of record that the programme's own system sends, and its way to FHIR and back. */
export interface RecordType {
  readonly schema: z.ZodType
  /** @param record parsed by `schema` */
  toFhir(record: unknown, context: MapContext): Resource[]
  /** The record that resources came from; the client's Patient must be among them. */
  fromFhir(resources: readonly Resource[]): Result<unknown>
  /** Whether the record is about a client, and so carries `clientId`. */
  readonly isAboutClient: boolean
  readonly map: RecordMap
}

const recordType = (schema: z.ZodType, map: RecordMap): RecordType => ({
  schema,
  toFhir: (record, context) => (isTree(record) ? map.toFhir(record, context) : []),
  fromFhir: map.fromFhir,
  isAboutClient: map.rows.resources[0]?.subject !== 'none',
  map,
})

/** Every record type of the programme by its name in the path: `/mission/v1/<name>`. */
export const recordTypes: Readonly<Record<string, RecordType>> = {
  client: recordType(clientSchema, clientMap),
  staff: recordType(staffSchema, staffMap),
  screening: recordType(screeningSchema, screeningMap),
  enrolment: recordType(enrolmentSchema, enrolmentMap),
  'treatment-plan': recordType(treatmentPlanSchema, treatmentPlanMap),
  'housing-interview': recordType(housingInterviewSchema, housingInterviewMap),
  encounter: recordType(encounterSchema, encounterMap),
  referral: recordType(referralSchema, referralMap),
}
