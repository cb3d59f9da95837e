import type { Resource } from '@medplum/fhirtypes'
import type { z } from 'zod'
import type { MapContext } from '../../src/mapping/context.ts'
import type { RecordMap } from '../../src/mapping/record-map.ts'
import { isTree } from '../../src/mapping/tree.ts'
import type { Result } from '../../src/platform/result.ts'
import { assessmentMap, assessmentSchema, strengthsMap, strengthsSchema } from './assessment.ts'
import {
  documentMap,
  documentSchema,
  progressNoteMap,
  progressNoteSchema,
  transitionPlanMap,
  transitionPlanSchema,
} from './documents.ts'
import { drtStatusExamMap, drtStatusExamSchema } from './drt-status-exam.ts'
import {
  appointmentMap,
  appointmentSchema,
  collateralContactMap,
  collateralContactSchema,
  linkageMap,
  linkageSchema,
  lostToCareMap,
  lostToCareSchema,
  outreachAttemptMap,
  outreachAttemptSchema,
  relapseMap,
  relapseSchema,
} from './follow-up.ts'
import {
  housingSearchMap,
  housingSearchSchema,
  housingStabilityMap,
  housingStabilitySchema,
  relatedPersonMap,
  relatedPersonSchema,
} from './housing.ts'
import {
  outcomeReportMap,
  outcomeReportSchema,
  programmeReportMap,
  programmeReportSchema,
  ryanWhiteServiceMap,
  ryanWhiteServiceSchema,
} from './measures.ts'
import {
  directoryEntryMap,
  directoryEntrySchema,
  inboundReferralMap,
  inboundReferralSchema,
  partnerAgreementMap,
  partnerAgreementSchema,
} from './network.ts'
import { vocationalTrackingMap, vocationalTrackingSchema } from './vocational.ts'
import { clientMap, clientSchema } from './client.ts'
import { encounterMap, encounterSchema } from './encounter.ts'
import { enrolmentMap, enrolmentSchema } from './enrolment.ts'
import { housingInterviewMap, housingInterviewSchema } from './housing-interview.ts'
import { referralMap, referralSchema } from './referral.ts'
import { screeningMap, screeningSchema } from './screening.ts'
import { staffMap, staffSchema } from './staff.ts'
import { treatmentPlanMap } from './treatment-plan.ts'
import { treatmentPlanSchema } from './treatment-plan-schema.ts'

/** One kind of record that the programme's own system sends, and its way to FHIR and back. */
export interface RecordType {
  readonly schema: z.ZodType
  /** @param record parsed by `schema` */
  toFhir: (record: unknown, context: MapContext) => Resource[]
  /** The record that resources came from, or the one of that id; the client's Patient must be among them. */
  fromFhir: (resources: readonly Resource[], recordId?: string) => Result<unknown>
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
  assessment: recordType(assessmentSchema, assessmentMap),
  strengths: recordType(strengthsSchema, strengthsMap),
  document: recordType(documentSchema, documentMap),
  'progress-note': recordType(progressNoteSchema, progressNoteMap),
  'transition-plan': recordType(transitionPlanSchema, transitionPlanMap),
  'drt-status-exam': recordType(drtStatusExamSchema, drtStatusExamMap),
  appointment: recordType(appointmentSchema, appointmentMap),
  'collateral-contact': recordType(collateralContactSchema, collateralContactMap),
  linkage: recordType(linkageSchema, linkageMap),
  'lost-to-care': recordType(lostToCareSchema, lostToCareMap),
  'outreach-attempt': recordType(outreachAttemptSchema, outreachAttemptMap),
  relapse: recordType(relapseSchema, relapseMap),
  'housing-search': recordType(housingSearchSchema, housingSearchMap),
  'housing-stability': recordType(housingStabilitySchema, housingStabilityMap),
  'related-person': recordType(relatedPersonSchema, relatedPersonMap),
  'outcome-report': recordType(outcomeReportSchema, outcomeReportMap),
  'programme-report': recordType(programmeReportSchema, programmeReportMap),
  'ryan-white-service': recordType(ryanWhiteServiceSchema, ryanWhiteServiceMap),
  'directory-entry': recordType(directoryEntrySchema, directoryEntryMap),
  'inbound-referral': recordType(inboundReferralSchema, inboundReferralMap),
  'partner-agreement': recordType(partnerAgreementSchema, partnerAgreementMap),
  'vocational-tracking': recordType(vocationalTrackingSchema, vocationalTrackingMap),
}
