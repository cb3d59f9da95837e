// In: SIU^S12 to S26 of a partner. Out: the Appointment with who and where.
// Never: takes the words for the state: the trigger event and SCH-25 say it.
import type { Appointment, AppointmentParticipant, Location, Practitioner, Resource } from '@medplum/fhirtypes'
import { messageType, type Message } from '../../src/formats/hl7v2/message.ts'
import { fail, ok, type Result } from '../../src/platform/result.ts'
import { problem } from '../../src/platform/problem.ts'
import { headerRead, missingSegment, type Mapped } from './adt.ts'
import { encounterOfPv1 } from './admission.ts'
import { idOf, refer, type V2Context } from './context.ts'
import { concept, dateTime, entityIdentifier, humanName, present, some } from './datatypes.ts'
import { patientOfPid } from './pid.ts'
import { reader, type FieldReader, type SegmentReader } from './reader.ts'
import { notesOf } from './results.ts'

/** S12 new, S13 rescheduled, S14 modified, S15 cancelled, S16 discontinued, S17 deleted, S26 no show. @spec HL7 v2.5.1 §10.4 */
const STATUS = {
  S12: 'booked',
  S13: 'booked',
  S14: 'booked',
  S15: 'cancelled',
  S16: 'cancelled',
  S17: 'entered-in-error',
  S26: 'noshow',
} as const
export type SiuEvent = keyof typeof STATUS

/** SCH-25 and AIS-10, table 0278. @spec v2-to-FHIR FillerStatusCodes[Appointment] */
export const FILLER_STATUS: Readonly<Record<string, Appointment['status']>> = {
  Pending: 'pending',
  Waitlist: 'waitlist',
  Booked: 'booked',
  Started: 'checked-in',
  Complete: 'fulfilled',
  Cancelled: 'cancelled',
  Dc: 'cancelled',
  Deleted: 'entered-in-error',
  Noshow: 'noshow',
}

/** SCH-6, which is required: what caused the message, when no reason is known. @spec HL7 v2.5.1 §10.4 */
export const CAUSE: Readonly<Record<SiuEvent, string>> = {
  S12: 'New appointment',
  S13: 'Rescheduled',
  S14: 'Modified',
  S15: 'Cancelled',
  S16: 'Discontinued',
  S17: 'Deleted',
  S26: 'Did not appear',
}

export interface SiuMapped extends Mapped {
  readonly event: SiuEvent
  readonly appointment: Appointment & { readonly id: string }
  /** The referral that it belongs to: SCH-26, or ZRF of CAREWare; the corridor links it. */
  readonly referralId?: string
}

/** Whether a trigger event tells of an appointment. */
export const isSiuEvent = (text: string): text is SiuEvent => Object.hasOwn(STATUS, text)

/** Fails with `unsupported` for another event, `invalid` without SCH or PID. A MSH-9 of another type over a SIU body is refused, not guessed. */
export const siuToFhir = (message: Message, context: V2Context): Result<SiuMapped> => {
  const { code, triggerEvent } = messageType(message)
  if (code !== 'SIU' || !isSiuEvent(triggerEvent))
    return fail(problem('unsupported', 'trigger-unsupported', { detail: 'MSH-9 is not SIU^S12 to S17 or S26' }))
  const from = reader(message)
  const sch = from.first('SCH')
  const pid = from.first('PID')
  if (sch === undefined) return missingSegment('SCH', 'the appointment')
  if (pid === undefined) return missingSegment('PID', 'the patient')
  headerRead(from)
  for (const rgs of from.named('RGS')) rgs.skip(1)
  for (const each of [...from.named('AIS'), ...from.named('AIP'), ...from.named('AIL')]) each.skip(1)
  const patient = patientOfPid(pid, context)
  const placer = entityIdentifier(sch.field(1), 'PLAC')
  const filler = entityIdentifier(sch.field(2), 'FILL')
  const key = `SIU/${filler?.value ?? placer?.value ?? sch.place}`
  const people = from.named('AIP').map((aip) => practitionerOf(aip, 3, context, key))
  const places = from.named('AIL').map((ail) => locationOf(ail, context, key))
  const encounters = from.named('PV1').map((pv1) => encounterOfPv1(pv1, refer(patient), context, key, 'planned'))
  const referralId = entityIdentifier(sch.field(26), 'PLAC')?.value
  if (sch.text(6, 2) === CAUSE[triggerEvent]) sch.skip(6)
  from.first('TQ1')?.skip(1)
  const times = timesOf(from.first('TQ1'), sch, from.first('AIS'), context.zone)
  const status = FILLER_STATUS[sch.text(25) ?? '']
  const appointment: Appointment & { readonly id: string } = {
    resourceType: 'Appointment',
    id: idOf(context, 'Appointment', key),
    // an event that ends an appointment counts more than a status that was left as it was
    status: STATUS[triggerEvent] === 'booked' ? (status ?? 'booked') : STATUS[triggerEvent],
    participant: [
      { actor: refer(patient), status: 'accepted' },
      ...people.flatMap((each) =>
        each === undefined ? [] : [{ actor: refer(each), status: 'accepted' } satisfies AppointmentParticipant],
      ),
      ...places.flatMap((each) =>
        each === undefined ? [] : [{ actor: refer(each), status: 'accepted' } satisfies AppointmentParticipant],
      ),
      ...contacts(sch),
    ],
    ...times,
    ...present({
      identifier: some([placer, filler]),
      reasonCode: some([concept(sch.field(7))]),
      appointmentType: concept(sch.field(8)),
      cancelationReason:
        STATUS[triggerEvent] === 'cancelled' && sch.text(6, 2) !== CAUSE[triggerEvent] ? concept(sch.field(6)) : undefined,
      serviceType: some(from.named('AIS').map((ais) => concept(ais.field(3)))),
      comment: notesOf(from.named('NTE'))
        ?.map((note) => note.text)
        .join('\n'),
    }),
  }
  const resources: Resource[] = some<Resource>([patient, ...people, ...places, ...encounters, appointment])
  return ok({
    event: triggerEvent,
    appointment,
    patient,
    resources,
    losses: from.losses(),
    count: from.count(),
    ...(referralId === undefined ? {} : { referralId }),
  })
}

const PARTICIPANT_TYPE = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType'

/** SCH-12, 16 and 20: who asked, who arranged, who entered; as words and ids, for they are people of the partner. */
const contacts = (sch: SegmentReader): AppointmentParticipant[] =>
  (
    [
      [12, 'CALLBCK'],
      [16, 'REF'],
      [20, 'ENT'],
    ] as const
  ).flatMap(([field, code]) => {
    const display = nameOf(sch.field(field))
    const id = sch.text(field)
    if (display === undefined && id === undefined) return []
    const actor = { ...(display === undefined ? {} : { display }), ...(id === undefined ? {} : { identifier: { value: id } }) }
    return [{ type: [{ coding: [{ system: PARTICIPANT_TYPE, code }] }], actor, status: 'accepted' as const }]
  })

const nameOf = (field: FieldReader | undefined): string | undefined => {
  const text = some([6, 3, 4, 2, 5, 7].map((component) => field?.text(component))).join(' ')
  return text === '' ? undefined : text
}

/** TQ1-7 and 8 from version 2.5 on, SCH-11 before, else the start of the service. */
const timesOf = (
  tq1: SegmentReader | undefined,
  sch: SegmentReader,
  ais: SegmentReader | undefined,
  zone: string,
): Pick<Appointment, 'start' | 'end' | 'minutesDuration'> => {
  const instantText = (value: string | undefined): string | undefined => (value?.includes('T') === true ? value : undefined)
  // each place is read, so that what stands in several is no loss
  const starts = [dateTime(tq1?.field(7), zone), dateTime(sch.field(11), zone, 4), dateTime(ais?.field(4), zone)]
  const ends = [dateTime(tq1?.field(8), zone), dateTime(sch.field(11), zone, 5)]
  const start = instantText(some(starts)[0])
  const end = instantText(some(ends)[0])
  const duration = Number(sch.text(9) ?? ais?.text(7) ?? Number.NaN)
  const unit = (sch.text(10) ?? ais?.text(8) ?? 'min').toLowerCase()
  const minutes =
    unit.startsWith('min') || unit === 'm'
      ? duration
      : unit.startsWith('h')
        ? duration * 60
        : unit === 's' || unit.startsWith('sec')
          ? Math.ceil(duration / 60)
          : Number.NaN
  const minutesDuration = Number.isInteger(minutes) && minutes > 0 ? minutes : undefined
  const known = { ...(start === undefined ? {} : { start }), ...(minutesDuration === undefined ? {} : { minutesDuration }) }
  if (end !== undefined) return { ...known, end }
  if (start === undefined || minutesDuration === undefined) return known
  return { ...known, end: new Date(Date.parse(start) + minutesDuration * 60_000).toISOString() }
}

const practitionerOf = (
  aip: SegmentReader,
  field: number,
  context: V2Context,
  key: string,
): (Practitioner & { readonly id: string }) | undefined => {
  const id = aip.text(field)
  const name = humanName(aip.field(field), context.zone, 2)
  if (id === undefined && name === undefined) return undefined
  return {
    resourceType: 'Practitioner',
    id: idOf(context, 'Practitioner', `${key}/${aip.place}`),
    ...present({
      identifier: id === undefined ? undefined : [{ value: id }],
      name: some([name]),
    }),
  }
}

const locationOf = (ail: SegmentReader, context: V2Context, key: string): (Location & { readonly id: string }) | undefined => {
  const parts = some([4, 7, 8, 1, 2, 3, 9].map((component) => ail.text(3, component)))
  if (parts.length === 0) return undefined
  return {
    resourceType: 'Location',
    id: idOf(context, 'Location', `${key}/${ail.place}`),
    name: parts.join(', '),
    ...present({ type: some([concept(ail.field(4))]) }),
  }
}
