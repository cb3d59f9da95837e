// In: a resource as its recipient sees it, and what that recipient was last told of it. Out: the trigger event that tells what happened.
// Never: tells by an event what the resource does not say, or asks what was there before that the recipient never saw.
import type { Appointment, DiagnosticReport, Encounter, Observation, Resource } from '@medplum/fhirtypes'
import type { V2MessageName } from '../../src/model/v2-messages.ts'

/** What a recipient was last told of a record: its state, and a digest of its time. */
export interface LastTold {
  readonly status: string
  readonly slot: string
}

/** A rule for one state: the event when nothing was told before, and when something was. */
type Rule = (before: LastTold | undefined, now: LastTold) => V2MessageName | undefined

const always =
  (name: V2MessageName): Rule =>
  () =>
    name
const never: Rule = () => undefined

/** New, rescheduled, or modified. @spec HL7 v2.5.1 §10.4.1, §10.4.2, §10.4.3 */
const booked: Rule = (before, now) => (before === undefined ? 'SIU^S12' : before.slot === now.slot ? 'SIU^S14' : 'SIU^S13')
/** What nobody has agreed on is not an appointment yet; one that was told is modified. */
const open: Rule = (before) => (before === undefined ? undefined : 'SIU^S14')

/** @spec HL7 v2.5.1 §10.4; R4 AppointmentStatus */
const APPOINTMENT = {
  proposed: open,
  pending: open,
  waitlist: open,
  booked,
  arrived: booked,
  'checked-in': booked,
  fulfilled: booked,
  cancelled: always('SIU^S15'),
  noshow: always('SIU^S26'),
  'entered-in-error': always('SIU^S17'),
} as const satisfies Record<NonNullable<Appointment['status']>, Rule>

/** Classes of an encounter that is an admission. @spec v2-to-FHIR table PatientClass[EncounterClass] */
const ADMITTED: ReadonlySet<string> = new Set(['IMP', 'ACUTE', 'NONAC', 'OBSENC'])

const begun =
  (code: string | undefined): Rule =>
  (before) =>
    before !== undefined && before.status !== 'planned' ? 'ADT^A08' : ADMITTED.has(code ?? '') ? 'ADT^A01' : 'ADT^A04'
/** One that was over when it was first told has begun and ended at once: A03 has both times. */
const ended: Rule = (before) => (before?.status === 'finished' ? 'ADT^A08' : 'ADT^A03')

/** A visit that did not take place has no event among those that are written. @spec HL7 v2.5.1 §3.3.1, §3.3.3, §3.3.4, §3.3.8 */
const ENCOUNTER = {
  planned: () => never,
  arrived: begun,
  triaged: begun,
  'in-progress': begun,
  onleave: begun,
  finished: () => ended,
  cancelled: () => never,
  'entered-in-error': () => never,
  unknown: () => never,
} as const satisfies Record<NonNullable<Encounter['status']>, (code: string | undefined) => Rule>

/** What has no result yet is not told; a result that was an error is taken back where it was told. @spec HL7 v2.5.1 §7.3.1, table 0123 */
const result =
  (status: Observation['status'] | DiagnosticReport['status']): Rule =>
  (before) => {
    if (status === 'registered' || status === 'unknown') return undefined
    return status === 'entered-in-error' && before === undefined ? undefined : 'ORU^R01'
  }

/** The event that tells of a resource; none for what no message tells. */
export const eventOf = (resource: Resource, before: LastTold | undefined, now: LastTold): V2MessageName | undefined => {
  switch (resource.resourceType) {
    case 'Appointment':
      return APPOINTMENT[resource.status](before, now)
    case 'Encounter':
      return ENCOUNTER[resource.status](resource.class.code)(before, now)
    case 'Observation':
    case 'DiagnosticReport':
      return result(resource.status)(before, now)
    case 'Patient':
      return 'ADT^A08'
    default:
      return undefined
  }
}

/** The time of a record that a reschedule changes. */
export const timeOf = (resource: Resource): string =>
  resource.resourceType === 'Appointment' ? `${resource.start ?? ''}/${resource.end ?? ''}` : ''

/** The state of a record, for what is told next. */
export const statusOf = (resource: Resource): string =>
  'status' in resource && typeof resource.status === 'string' ? resource.status : ''
