// In: an Appointment as its recipient may see it. Out: SIU in the recipient's version: 2.3 as CAREWare takes it, 2.5.1 as 360X does.
// Never: looks beyond the resources given, or gives a time without its offset.
import type { Appointment, Patient, Practitioner, Reference, Resource, ServiceRequest } from '@medplum/fhirtypes'
import { isAtLeast } from '../../src/formats/hl7v2/acknowledge.ts'
import { message as messageFrom, segment, type Repetition } from '../../src/formats/hl7v2/build.ts'
import type { Message, Segment } from '../../src/formats/hl7v2/message.ts'
import type { V2Envelope } from './context.ts'
import { conceptText, entityIdentifierText, humanNameText, some, timeText } from './datatypes.ts'
import { pidOfPatient } from './pid.ts'
import { headerOf } from './ref-i12.from-fhir.ts'
import { notesText } from './results-from-fhir.ts'
import { identifierTyped, placerOf } from './rf1.ts'
import { CAUSE, FILLER_STATUS, type SiuEvent } from './siu.ts'

/** What an appointment's message is made of; `resources` are looked up by reference. */
export interface OutgoingAppointment {
  readonly appointment: Appointment
  readonly patient: Patient
  /** The referral that it is under. */
  readonly request?: ServiceRequest
  readonly resources: readonly Resource[]
  readonly statements: readonly string[]
}

/** Whoever has no name in the appointment is answered for by the system that filled and entered it. */
export const siuFromFhir = (event: SiuEvent, told: OutgoingAppointment, envelope: V2Envelope): Message => {
  const { appointment, patient } = told
  const { version } = envelope
  const people = actorsOf(told, ['Practitioner', 'PractitionerRole']).map((actor) => personText(actor, told.resources, version))
  const places = placesOf(told)
  const start = timeText(appointment.start)
  return messageFrom([
    headerOf('SIU', event, 'SIU_S12', envelope),
    schOf(event, told, people[0] ?? [undefined, envelope.sending.application], envelope),
    ...timingOf(appointment, version),
    ...notesText([...some([appointment.comment]), ...told.statements]),
    pidOfPatient(patient, version),
    segment('RGS', { 1: '1' }),
    ...(appointment.serviceType ?? []).map((service, i) =>
      segment('AIS', { 1: String(i + 1), 3: conceptText(service), 4: start }),
    ),
    ...places.map((place, i) => segment('AIL', { 1: String(i + 1), 3: [...Array<undefined>(8).fill(undefined), place] })),
    ...people.map((person, i) => segment('AIP', { 1: String(i + 1), 3: person, 4: [undefined, 'Staff'] })),
  ])
}

const schOf = (event: SiuEvent, told: OutgoingAppointment, person: Repetition, envelope: V2Envelope): Segment => {
  const { appointment, request } = told
  const { version } = envelope
  const filler = identifierTyped(appointment.identifier, 'FILL') ?? { value: appointment.id ?? '' }
  // SCH-1 is required in 2.3, and there the filler's number is the only one that there may be
  const placer = identifierTyped(appointment.identifier, 'PLAC') ?? (isAtLeast(version, '2.4') ? undefined : filler)
  const duration = appointment.minutesDuration?.toString()
  return segment('SCH', {
    1: entityIdentifierText(placer),
    2: entityIdentifierText(filler),
    6: conceptText(appointment.cancelationReason) ?? [undefined, CAUSE[event]],
    7: conceptText(appointment.reasonCode?.[0]),
    8: conceptText(appointment.appointmentType),
    9: duration,
    10: duration === undefined ? undefined : 'min',
    11: isAtLeast(version, '2.7')
      ? undefined
      : [undefined, undefined, undefined, timeText(appointment.start), timeText(appointment.end)],
    16: person,
    20: [undefined, envelope.sending.application],
    25: event === 'S16' ? 'Dc' : statusText(appointment.status),
    26: request === undefined ? undefined : entityIdentifierText(placerOf(request)),
  })
}

/** States of R4 that table 0278 has no word for. */
const CLOSEST: Readonly<Record<string, string>> = { proposed: 'Pending', arrived: 'Started' }

const statusText = (state: Appointment['status']): string | undefined =>
  Object.entries(FILLER_STATUS).find(([, status]) => status === state)?.[0] ?? CLOSEST[state]

/** @spec HL7 v2.5 §10.6.1.11: TQ1 in the place of SCH-11 */
const timingOf = (appointment: Appointment, version: string): readonly Segment[] =>
  isAtLeast(version, '2.5') && appointment.start !== undefined
    ? [segment('TQ1', { 1: '1', 7: timeText(appointment.start), 8: timeText(appointment.end) })]
    : []

const actorsOf = ({ appointment }: OutgoingAppointment, types: readonly string[]): readonly Reference[] =>
  appointment.participant.flatMap(({ actor }) =>
    actor !== undefined && types.includes((actor.reference ?? '').split('/')[0] ?? '') ? [actor] : [],
  )

/** A member of staff by number and name, as far as either is known. */
const personText = (actor: Reference, resources: readonly Resource[], version: string): Repetition => {
  const found = resources.find(
    (one): one is Practitioner => one.resourceType === 'Practitioner' && actor.reference === `Practitioner/${one.id ?? ''}`,
  )
  const [name] = found?.name ?? []
  const number = found?.identifier?.[0]?.value ?? actor.identifier?.value
  if (name === undefined) return [number, actor.display ?? (number === undefined ? 'Staff' : undefined)]
  // XCN.7, the degree, is withdrawn in 2.7
  return [number, ...humanNameText(name).slice(0, isAtLeast(version, '2.7') ? 5 : 6)]
}

/** Where it is: the places that take part, or the words that the programme has for it. */
const placesOf = (told: OutgoingAppointment): readonly string[] => {
  const named = actorsOf(told, ['Location']).flatMap((actor) => {
    const found = told.resources.find((one) => `Location/${one.id ?? ''}` === actor.reference)
    return some([found?.resourceType === 'Location' ? found.name : actor.display])
  })
  const words = told.appointment.extension?.find(({ url }) => url.endsWith('/mission-appointment-location'))?.valueString
  return named.length > 0 ? named : some([words])
}
