// In: a referral's resources as its recipient may see them. Out: REF^I12 (or I13, I14, I15) in the recipient's version, and what it cannot say.
// Never: looks beyond the resources given, for what is not given is not for this recipient.
import type {
  Organization,
  Patient,
  Practitioner,
  PractitionerRole,
  Reference,
  Resource,
  ServiceRequest,
  Task,
} from '@medplum/fhirtypes'
import { isAtLeast } from '../../src/formats/hl7v2/acknowledge.ts'
import { message as messageFrom, segment } from '../../src/formats/hl7v2/build.ts'
import type { Message, Segment } from '../../src/formats/hl7v2/message.ts'
import { in1OfCoverage, nk1OfRelated, pv1OfEncounter } from './admission.ts'
import { al1OfAllergy, dg1OfCondition, pr1OfProcedure } from './clinical.ts'
import type { V2Envelope } from './context.ts'
import { some } from './datatypes.ts'
import { pidOfPatient } from './pid.ts'
import { prdOf, providerRole } from './prd.ts'
import { obrOfReport, obxOfObservation } from './results-from-fhir.ts'
import { rf1Of } from './rf1.ts'
import { lossesOf, type FhirLoss } from './fhir-losses.ts'

/** What a referral message is made of; `resources` are looked up by reference. */
export interface OutgoingReferral {
  readonly asks: 'new' | 'modify' | 'cancel' | 'status'
  readonly serviceRequest: ServiceRequest
  readonly task: Task
  readonly patient: Patient
  readonly resources: readonly Resource[]
  /** Statements that travel along, each as NTE: the notice and the scope. @law 42 CFR 2.32(a), (b) */
  readonly statements: readonly string[]
}

export interface OutgoingMessage {
  readonly message: Message
  /** Elements that have no field, by resource and path. */
  readonly losses: readonly FhirLoss[]
}

const TRIGGER = { new: 'I12', modify: 'I13', cancel: 'I14', status: 'I15' } as const

export const refI12FromFhir = (referral: OutgoingReferral, envelope: V2Envelope): OutgoingMessage => {
  const { serviceRequest, task, patient, resources } = referral
  const { version } = envelope
  const all = <T extends Resource['resourceType']>(type: T): Extract<Resource, { resourceType: T }>[] =>
    resources.filter((each): each is Extract<Resource, { resourceType: T }> => each.resourceType === type)
  const reports = all('DiagnosticReport')
  const grouped = new Set(reports.flatMap((report) => (report.result ?? []).map((each) => each.reference)))
  const observations = all('Observation')
  const segments = [
    headerOf('REF', TRIGGER[referral.asks], 'REF_I12', envelope),
    rf1Of(serviceRequest, task),
    ...providersOf(referral, version),
    pidOfPatient(patient, version),
    ...all('RelatedPerson').map((each, i) => nk1OfRelated(each, i + 1, version)),
    ...all('Coverage').map((each, i) => in1OfCoverage(each, i + 1)),
    ...all('Condition').map((each, i) => dg1OfCondition(each, i + 1, version)),
    ...all('AllergyIntolerance').map((each, i) => al1OfAllergy(each, i + 1)),
    ...all('Procedure').map((each, i) => pr1OfProcedure(each, i + 1, version)),
    ...reports.flatMap((report, i) => [
      obrOfReport(report, i + 1),
      ...(report.result ?? []).flatMap((reference) => observations.filter((each) => isIt(reference, each))).flatMap(withNotes),
    ]),
    ...loose(
      observations.filter((each) => !grouped.has(`Observation/${each.id ?? ''}`)),
      reports.length + 1,
    ),
    ...all('Encounter').slice(0, 1).map(pv1OfEncounter),
    ...notes([...(serviceRequest.note ?? []).map((note) => note.text), ...reasonsOf(referral), ...referral.statements]),
  ]
  return { message: messageFrom(segments), losses: lossesOf('REF', [...new Set([serviceRequest, task, patient, ...resources])]) }
}

/** Observations outside a report stand under an OBR of their own, for the structure has no other place for OBX. */
const loose = (observations: readonly Extract<Resource, { resourceType: 'Observation' }>[], setId: number): readonly Segment[] =>
  observations.length === 0
    ? []
    : [segment('OBR', { 1: String(setId), 4: [undefined, 'Observations'], 25: 'F' }), ...observations.flatMap(withNotes)]

const withNotes = (observation: Extract<Resource, { resourceType: 'Observation' }>, i: number): readonly Segment[] => [
  obxOfObservation(observation, i + 1),
  ...notes((observation.note ?? []).map((note) => note.text)),
]

const notes = (texts: readonly (string | undefined)[]): readonly Segment[] =>
  some(texts).map((text, i) => segment('NTE', { 1: String(i + 1), 3: text }))

/** The service asked for, and why the referral was cancelled, are words that RF1 has no field for. */
const reasonsOf = ({ serviceRequest, task, asks }: OutgoingReferral): readonly string[] => {
  const service = serviceRequest.code?.text ?? serviceRequest.code?.coding?.[0]?.display
  return some([
    service === undefined ? undefined : `Service requested: ${service}`,
    asks === 'cancel' && task.statusReason?.text !== undefined ? `Reason: ${task.statusReason.text}` : undefined,
  ])
}

const isIt = (reference: Reference, resource: Resource): boolean =>
  reference.reference === `${resource.resourceType}/${resource.id ?? ''}`

/** PRD for who refers and who is referred to; at least one is required, so that the facilities of the header stand in. */
const providersOf = (referral: OutgoingReferral, version: string): readonly Segment[] => {
  const { serviceRequest, task, resources } = referral
  const find = (references: readonly (Reference | undefined)[]): Resource | undefined =>
    resources.find((each) => references.some((reference) => reference !== undefined && isIt(reference, each)))
  const known = (
    found: Resource | undefined,
  ): { role?: PractitionerRole; practitioner?: Practitioner; organization?: Organization } => {
    if (found?.resourceType === 'Organization') return { organization: found }
    if (found?.resourceType === 'Practitioner') return { practitioner: found }
    if (found?.resourceType !== 'PractitionerRole') return {}
    const practitioner = find([found.practitioner])
    const organization = find([found.organization])
    return {
      role: found,
      ...(practitioner?.resourceType === 'Practitioner' ? { practitioner } : {}),
      ...(organization?.resourceType === 'Organization' ? { organization } : {}),
    }
  }
  const from = find([serviceRequest.requester, task.requester])
  const to = find([...(serviceRequest.performer ?? []), task.owner])
  const members = resources.filter((each) => each.resourceType === 'CareTeam').flatMap((team) => team.participant ?? [])
  return [
    prdOf(codesOf(from, 'RP', 'Referring Provider'), known(from), version),
    prdOf(codesOf(to, 'RT', 'Referred to Provider'), known(to), version),
    ...members.map((each) =>
      prdOf(each.role ?? [providerRole('CP', 'Consulting Provider')], known(find([each.member])), version),
    ),
  ]
}

const codesOf = (found: Resource | undefined, code: 'RP' | 'RT', display: string) => {
  const own =
    found?.resourceType === 'PractitionerRole'
      ? (found.code ?? []).filter((each) => each.coding?.some((coding) => coding.code === code) === true)
      : []
  return own.length > 0 ? own : [providerRole(code, display)]
}

/** MSH of every message that the gateway writes. */
export const headerOf = (code: string, triggerEvent: string, structure: string, envelope: V2Envelope): Segment =>
  segment('MSH', {
    3: envelope.sending.application,
    4: envelope.sending.facility,
    5: envelope.receiving.application,
    6: envelope.receiving.facility,
    7: envelope.time,
    9: [code, triggerEvent, ...(isAtLeast(envelope.version, '2.4') ? [structure] : [])],
    10: envelope.controlId,
    11: envelope.processingId,
    12: envelope.version,
    18: 'UNICODE UTF-8',
  })
