// In: a resource as its recipient sees it, and what that recipient was last told of it. Out: the trigger event that tells what happened.
// Never: tells by an event what the resource does not say, or asks what was there before that the recipient never saw.
import type { Appointment, DiagnosticReport, Encounter, Observation, Resource } from '@medplum/fhirtypes'
import type { V2MessageName } from '../../src/model/v2-messages.ts'

/** What a recipient was last told of a record: its state, or `deleted`, and a digest of its time. */
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

/** One that had begun is discontinued, any other cancelled. @spec HL7 v2.5.1 §10.4.4, §10.4.5 */
const called: Rule = (before) => (before?.status === 'arrived' || before?.status === 'checked-in' ? 'SIU^S16' : 'SIU^S15')

const GONE: ReadonlySet<string> = new Set(['entered-in-error', 'deleted'])

/** What was never told is not taken back, nor anything twice. */
const takenBack =
  (name: V2MessageName): Rule =>
  (before) =>
    before === undefined || GONE.has(before.status) ? undefined : name

/** @spec HL7 v2.5.1 §10.4; R4 AppointmentStatus */
const APPOINTMENT = {
  proposed: open,
  pending: open,
  waitlist: open,
  booked,
  arrived: booked,
  'checked-in': booked,
  fulfilled: booked,
  cancelled: called,
  noshow: always('SIU^S26'),
  'entered-in-error': takenBack('SIU^S17'),
} as const satisfies Record<NonNullable<Appointment['status']>, Rule>

/** Classes of an encounter that is an admission. @spec v2-to-FHIR table PatientClass[EncounterClass] */
const ADMITTED: ReadonlySet<string> = new Set(['IMP', 'ACUTE', 'NONAC', 'OBSENC'])

/** States in which a visit stands for its recipient as if it had not begun. */
const NOT_BEGUN: ReadonlySet<string> = new Set(['planned', 'cancelled', ...GONE])

const begun =
  (code: string | undefined): Rule =>
  (before) => {
    if (before === undefined || NOT_BEGUN.has(before.status)) return ADMITTED.has(code ?? '') ? 'ADT^A01' : 'ADT^A04'
    return before.status === 'finished' ? 'ADT^A13' : 'ADT^A08'
  }
/** One that was over when it was first told has begun and ended at once: A03 has both times. */
const ended: Rule = (before) => (before?.status === 'finished' ? 'ADT^A08' : 'ADT^A03')
/** What nobody was told of does not end. */
const calledOff: Rule = (before) => (before === undefined || NOT_BEGUN.has(before.status) ? undefined : 'ADT^A11')
const inError = takenBack('ADT^A23')

/** @spec HL7 v2.5.1 §3.3.1, §3.3.3, §3.3.4, §3.3.8, §3.3.11, §3.3.13, §3.3.23 */
const ENCOUNTER = {
  planned: () => never,
  arrived: begun,
  triaged: begun,
  'in-progress': begun,
  onleave: begun,
  finished: () => ended,
  cancelled: () => calledOff,
  'entered-in-error': () => inError,
  unknown: () => never,
} as const satisfies Record<NonNullable<Encounter['status']>, (code: string | undefined) => Rule>

/** What has no result yet is not told; a result that was an error is taken back where it was told. @spec HL7 v2.5.1 §7.3.1, table 0123 */
const result =
  (status: Observation['status'] | DiagnosticReport['status']): Rule =>
  (before) => {
    if (status === 'registered' || status === 'unknown') return undefined
    return status === 'entered-in-error' ? corrected(before, { status, slot: '' }) : 'ORU^R01'
  }
const corrected = takenBack('ORU^R01')

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

/** The event that takes back a record that was deleted, where it was told; a Patient's deletion has none that does no more than that. */
export const eventOfDeleted = (type: string, before: LastTold): V2MessageName | undefined =>
  Object.hasOwn(DELETED, type) ? DELETED[type]?.(before, { status: 'deleted', slot: '' }) : undefined

const DELETED: Readonly<Record<string, Rule>> = {
  Appointment: takenBack('SIU^S17'),
  Encounter: inError,
  Observation: corrected,
  DiagnosticReport: corrected,
}

/** What tells nearly the same, for an agreement that was made before there was the other. */
export const INSTEAD: Readonly<Partial<Record<V2MessageName, V2MessageName>>> = { 'SIU^S16': 'SIU^S15', 'ADT^A13': 'ADT^A08' }

/** The time of a record that a reschedule changes. */
export const timeOf = (resource: Resource): string =>
  resource.resourceType === 'Appointment' ? `${resource.start ?? ''}/${resource.end ?? ''}` : ''

/** The state of a record, for what is told next. */
export const statusOf = (resource: Resource): string =>
  'status' in resource && typeof resource.status === 'string' ? resource.status : ''
