import type { CodeableConcept, Identifier, ServiceRequest, Task } from '@medplum/fhirtypes'
import { segment } from '../../src/formats/hl7v2/build.ts'
import type { Segment } from '../../src/formats/hl7v2/message.ts'
import { crosswalkOf } from '../../src/model/referral-crosswalk.ts'
import { stateOf } from '../../src/model/referral.ts'
import { concept, conceptText, dateTime, entityIdentifier, entityIdentifierText, present, some, timeText } from './datatypes.ts'
import type { SegmentReader } from './reader.ts'
import { IDENTIFIER_TYPE, REFERRAL_PRIORITY, REFERRAL_STATUS, v2Table } from './tables.ts'

/** What RF1 says of a referral. @spec HL7 v2.8 §11.8.1; docs/hl7v2.md, for no official map of RF1 exists */
export interface ReferralHeader {
  /** RF1-6 and RF1-11, in both resources. */
  readonly identifiers: readonly Identifier[]
  readonly status: 'requested' | 'accepted' | 'rejected' | 'cancelled' | undefined
  readonly request: Pick<
    ServiceRequest,
    'priority' | 'category' | 'occurrencePeriod' | 'authoredOn' | 'reasonCode' | 'orderDetail' | 'note'
  >
  readonly restrictionEnd: string | undefined
}

export const headerOfRf1 = (rf1: SegmentReader, zone: string): ReferralHeader => {
  const status = rf1.text(1)
  const priority = rf1.text(2)
  const known = REFERRAL_STATUS.toFhir(status)
  const urgency = REFERRAL_PRIORITY.toFhir(priority)
  if (status !== undefined && known === undefined) rf1.field(1)?.lose('code-unknown')
  if (priority !== undefined && urgency === undefined) rf1.field(2)?.lose('code-unknown')
  coded(rf1, 1, '0283')
  coded(rf1, 2, '0280')
  const comment = rf1.text(15)
  const end = dateTime(rf1.field(8), zone)
  return {
    identifiers: some([entityIdentifier(rf1.field(6), 'PLAC'), entityIdentifier(rf1.field(11), 'FILL')]),
    status: known,
    restrictionEnd: end,
    request: {
      ...present({
        priority: urgency,
        category: some([concept(rf1.field(3)), concept(rf1.field(5))]),
        occurrencePeriod: present({ start: dateTime(rf1.field(7), zone), end }),
        authoredOn: dateTime(rf1.field(9), zone),
        reasonCode: some(rf1.fields(10).map(concept)),
        orderDetail: some(rf1.fields(4).map(concept)),
        note: comment === undefined ? undefined : [{ text: comment }],
      }),
    },
  }
}

/** Display and system of a field whose code is mapped are read, for they say nothing more than the code when the table is the expected one. */
const coded = (rf1: SegmentReader, field: number, table: string): void => {
  const system = rf1.text(field, 3)
  rf1.text(field, 2)
  if (system !== undefined && system !== `HL7${table}`) rf1.field(field)?.lose('code-unknown', 3)
}

const DISPLAY_0283: Readonly<Record<string, string>> = { P: 'Pending', A: 'Accepted', R: 'Rejected', E: 'Expired' }
const DISPLAY_0280: Readonly<Record<string, string>> = { R: 'Routine', A: 'ASAP', S: 'STAT', U: 'Urgent' }

/** An identifier of a ServiceRequest or Task by its type in table 0203. */
export const identifierTyped = (identifiers: readonly Identifier[] | undefined, code: 'PLAC' | 'FILL'): Identifier | undefined =>
  identifiers?.find(
    (each) => each.type?.coding?.some((coding) => coding.system === IDENTIFIER_TYPE && coding.code === code) === true,
  )

const inTable =
  (...tables: readonly string[]) =>
  (each: CodeableConcept): boolean =>
    each.coding?.some((coding) => tables.some((table) => coding.system === v2Table(table))) === true

/** The number under which a referral is known to both sides. */
export const placerOf = (request: ServiceRequest, task?: Task): Identifier =>
  identifierTyped(request.identifier, 'PLAC') ?? identifierTyped(task?.identifier, 'PLAC') ?? { value: request.id ?? '' }

/** RF1 of a referral; RF1-6 is the loop key and never empty. */
export const rf1Of = (request: ServiceRequest, task: Task): Segment => {
  const state = stateOf(task)
  const status = state === undefined ? undefined : crosswalkOf(state)?.rf1
  const priority = REFERRAL_PRIORITY.toV2(request.priority)
  const types = (request.category ?? []).filter((each) => !inTable('0284')(each))
  return segment('RF1', {
    1: status === undefined ? undefined : [status, DISPLAY_0283[status], 'HL70283'],
    2: priority === undefined ? undefined : [priority, DISPLAY_0280[priority], 'HL70280'],
    3: conceptText(types.find(inTable('0281')) ?? types[0]),
    4: { repeat: (request.orderDetail ?? []).map(conceptText) },
    5: conceptText(request.category?.find(inTable('0284'))),
    6: entityIdentifierText(placerOf(request, task)),
    7: timeText(request.occurrencePeriod?.start),
    8: timeText(request.occurrencePeriod?.end ?? task.restriction?.period?.end),
    9: timeText(request.authoredOn),
    10: { repeat: (request.reasonCode ?? []).map(conceptText) },
    11: entityIdentifierText(identifierTyped(request.identifier, 'FILL') ?? identifierTyped(task.identifier, 'FILL')),
  })
}
