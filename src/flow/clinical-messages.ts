// In: ADT, SIU, ORU, PPR and OMG of an authenticated peer. Out: what they tell, kept under the peer's name beside the patient it means.
// Never: writes over a record of somebody else, or makes one patient of two: a merge is a link, and only between patients of the peer's own.
import type { Appointment, Patient, TaskOutput } from '@medplum/fhirtypes'
import { adtToFhir, type AdtMapped } from '../../mappings/hl7v2/adt.ts'
import { isRestriction, restrictionsOf } from '../../mappings/hl7v2/arv.ts'
import { oruToFhir } from '../../mappings/hl7v2/oru.ts'
import { pprToFhir } from '../../mappings/hl7v2/ppr.ts'
import { siuToFhir, type SiuMapped } from '../../mappings/hl7v2/siu.ts'
import { omgToFhir } from '../../mappings/hl7v2/three-sixty-x.ts'
import type { V2Context } from '../../mappings/hl7v2/context.ts'
import type { Loss } from '../../mappings/hl7v2/reader.ts'
import { messageType, type Message } from '../formats/hl7v2/message.ts'
import { referencesRewritten } from '../intake/references.ts'
import { identifierSystem } from '../mapping/context.ts'
import { problem, type Issue } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { readRecord } from '../store/records.ts'
import type { House } from './house.ts'
import { lossIssues, type Arrived, type Taken } from './message-outcome.ts'
import { moveByAnswer, referralUnknown, taskMeant } from './referral-answers.ts'
import { takeRequest } from './referral-messages.ts'
import { settle, type Incoming, type Kept } from './settle.ts'
import { v2ContextOf } from './v2-context.ts'
import { visibleMatches, visibleTo } from './visible.ts'
import type { Writing } from './writing.ts'

type Take = (house: House, writing: Writing, arrived: Arrived, context: V2Context) => Promise<Result<Taken>>

/** How each kind of message is taken. */
const TAKES: Readonly<Record<string, Take>> = {
  ADT: (house, writing, arrived, context) =>
    mapped(adtToFhir(arrived.message, context), (told) => takeAdmission(house, writing, arrived, told)),
  SIU: (house, writing, arrived, context) =>
    mapped(siuToFhir(arrived.message, context), (told) => takeAppointment(house, writing, arrived, told)),
  ORU: (house, writing, arrived, context) =>
    mapped(oruToFhir(arrived.message, context), (told) => keepTold(house, writing, arrived, told)),
  PPR: (house, writing, arrived, context) =>
    mapped(pprToFhir(arrived.message, context), (told) => keepTold(house, writing, arrived, told)),
  OMG: (house, writing, arrived, context) =>
    mapped(omgToFhir(arrived.message, context), async (told) => {
      if (told.is === 'request') return takeRequest(house, writing, arrived, told)
      const task = await taskMeant(house, writing, arrived.peer, told.referralId)
      if (task === undefined) return referralUnknown('ORC-2')
      const kept = await keepTold(house, writing, arrived, told)
      if (!kept.ok) return kept
      const moved = await moveByAnswer(house, writing, arrived, task, told, outputOf(kept.value.kept))
      return moved.ok ? ok({ issues: kept.value.issues }) : moved
    }),
}

const mapped = async <M>(map: Result<M>, then: (told: M) => Promise<Result<Taken>>): Promise<Result<Taken>> =>
  map.ok ? then(map.value) : map

/** Takes a message that tells something of a patient; `undefined` when there is no map for its kind. */
export const takeClinical = async (house: House, writing: Writing, arrived: Arrived): Promise<Result<Taken> | undefined> => {
  const { code } = messageType(arrived.message)
  const take = Object.hasOwn(TAKES, code) ? TAKES[code] : undefined
  return take?.(house, writing, arrived, await v2ContextOf(house, writing, arrived))
}

interface Told {
  readonly patient: Patient & { readonly id: string }
  readonly resources: readonly { readonly resourceType: string; readonly id?: string }[]
  readonly losses: readonly Loss[]
}

interface KeptTold extends Taken {
  readonly kept: readonly Kept[]
}

/** Keeps what a message tells, about the patient that it means, with the restrictions that it came with. */
const keepTold = async (house: House, writing: Writing, arrived: Arrived, told: Told): Promise<Result<KeptTold>> => {
  const { peer, message } = arrived
  const meant = await patientMeant(house, writing, arrived, told.patient)
  const aliases = new Map([[`Patient/${told.patient.id}`, `Patient/${meant}`]])
  const isOurs = meant !== told.patient.id
  const kept = told.resources
    .filter((resource): resource is Kept => resource.id !== undefined)
    .filter((resource) => !isOurs || resource.resourceType !== 'Patient')
    .map((resource) => restricted(isOurs ? referencesRewritten(resource, aliases) : resource, message))
  const origin = { partner: peer.id, isPart2: peer.kinds.includes('part2-program') }
  const settled = await settle(
    house,
    writing,
    peer.id,
    kept.map((resource): Incoming => ({ resource, origin })),
  )
  if (!settled.ok) return settled
  const losses = lossIssues(told.losses.filter(({ place }) => !isRestriction(place)))
  return ok({ issues: isOurs ? [...losses, NOT_WRITTEN] : losses, kept })
}

const NOT_WRITTEN: Issue = {
  path: 'PID',
  message: 'the patient is of another origin: what the message says of the person is in its bytes alone',
  severity: 'information',
  code: 'informational',
}

const restricted = (resource: Kept, message: Message): Kept => {
  const security = [...restrictionsOf(message)]
  return security.length === 0 ? resource : { ...resource, meta: { ...resource.meta, security } }
}

/**
 * The patient that a peer means: the one whom it sees under an identifier of the message, and who was born on the day that it says,
 * else one of its own. Two that fit are none, for nobody guesses; and what the peer may not see cannot fit, so that the answer tells
 * nothing.
 */
const patientMeant = async (house: House, { tx }: Writing, { peer }: Arrived, patient: Told['patient']): Promise<string> => {
  const seen = new Set<string>()
  for (const { system, value } of patient.identifier ?? []) {
    if (system === undefined || value === undefined) continue
    const names = systemsMeant(system).map((one) => `${escaped(one)}|${escaped(value)}`)
    const criteria = new URLSearchParams({ identifier: names.join(',') }).toString()
    for (const purpose of peer.purposes) {
      const looker = { partner: peer.id, purposes: [purpose] }
      const found = await visibleMatches(house, tx, looker, 'Patient', criteria)
      for (const id of found.ok ? found.value : []) {
        const known = await visibleTo(house, tx, looker, 'Patient', id)
        if (isSamePerson(patient, known?.resource)) seen.add(id)
      }
    }
  }
  const [only] = seen
  return seen.size === 1 && only !== undefined ? only : patient.id
}

/** A day of birth that is given on both sides has to be the same: a namespace of HL7 v2 is no more than a word. */
const isSamePerson = ({ birthDate }: Patient, known: Readonly<Record<string, unknown>> | undefined): boolean =>
  birthDate === undefined || known?.['birthDate'] === undefined || known['birthDate'] === birthDate

const NAMESPACE = identifierSystem('v2/')

/** The programme's own systems leave as a bare namespace, and come back as one. */
const systemsMeant = (system: string): readonly string[] => {
  const namespace = system.startsWith(NAMESPACE) ? system.slice(NAMESPACE.length) : ''
  return namespace === '' || namespace.includes('/') ? [system] : [system, identifierSystem(decodeURIComponent(namespace))]
}

const escaped = (text: string): string => text.replace(/[\\,$|]/g, '\\$&')

/** Merging is the peer's business among its own patients: both stay, and each says where the other is. Anything else is for a person. */
const takeAdmission = async (house: House, writing: Writing, arrived: Arrived, told: AdtMapped): Promise<Result<Taken>> => {
  if (told.merged === undefined) return keepTold(house, writing, arrived, told)
  const { patient, merged } = told
  const [staying, going] = await Promise.all([
    patientMeant(house, writing, arrived, patient),
    patientMeant(house, writing, arrived, merged),
  ])
  const former = await readRecord(writing.tx, 'Patient', merged.id)
  const known = await readRecord(writing.tx, 'Patient', patient.id)
  const isOwn = [former, known].every((record) => record === undefined || record.origin.partner === arrived.peer.id)
  if (staying !== patient.id || going !== merged.id || !isOwn || merged.id === patient.id)
    return fail(problem('forbidden', 'merge-not-of-its-own', { detail: 'only patients of the sender are merged by its word' }))
  const before = former?.resource.resourceType === 'Patient' ? former.resource : merged
  const link = (id: string, type: 'replaces' | 'replaced-by') => ({ other: { reference: `Patient/${id}` }, type })
  const survivor: Kept = { ...patient, link: [link(merged.id, 'replaces')] }
  const gone: Kept = { ...before, id: merged.id, active: false, link: [link(patient.id, 'replaced-by')] }
  return keepTold(house, writing, arrived, { ...told, resources: [survivor, gone] })
}

/** An appointment under a referral belongs to it; when it is booked by the one who has accepted it, the work begins. */
const takeAppointment = async (house: House, writing: Writing, arrived: Arrived, told: SiuMapped): Promise<Result<Taken>> => {
  const task = told.referralId === undefined ? undefined : await taskMeant(house, writing, arrived.peer, told.referralId)
  const reference = task?.focus?.reference
  const appointment: Appointment & { readonly id: string } =
    reference === undefined ? told.appointment : { ...told.appointment, basedOn: [{ reference }] }
  const resources = told.resources.map((one) => (one.id === appointment.id ? appointment : one))
  const kept = await keepTold(house, writing, arrived, { ...told, resources })
  if (!kept.ok || task?.status !== 'accepted' || appointment.status !== 'booked') return kept
  if (task.owner?.reference !== `Organization/${arrived.peer.id}`) return kept
  const moved = await moveByAnswer(house, writing, arrived, task, { to: 'in-progress', losses: [] })
  return moved.ok ? kept : moved
}

/** What the work came to, for `Task.output`. @spec SDOH-CC 3.0.0 TaskForReferralManagement output */
const outputOf = (kept: readonly Kept[]): readonly TaskOutput[] =>
  kept
    .filter(({ resourceType }) => ['DiagnosticReport', 'DocumentReference', 'Observation', 'Procedure'].includes(resourceType))
    .map(({ resourceType, id }) => ({
      type: {
        coding: [
          {
            system: 'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes',
            code: 'resulting-activity',
          },
        ],
      },
      valueReference: { reference: `${resourceType}/${id}` },
    }))
