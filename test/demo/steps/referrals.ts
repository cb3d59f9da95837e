import { setTimeout as sleep } from 'node:timers/promises'
import type { Bundle, Procedure, Task } from '@medplum/fhirtypes'
import type { Stage } from '../stage.ts'
import type { World } from '../world.ts'
import { postExample, type Cast } from './records.ts'

const WAIT_MS = 10_000

/** Looks again until something holds, or gives up. */
export const eventually = async <T>(look: () => Promise<T>, holds: (seen: T) => boolean, waitMs = WAIT_MS): Promise<T> => {
  const deadline = Date.now() + waitMs
  for (;;) {
    const seen = await look()
    if (holds(seen) || Date.now() > deadline) return seen
    await sleep(100)
  }
}

const stateOf = async (world: World, task: string): Promise<string> => {
  const answer = await world.programme.read(`/${task}`)
  return answer.status === 200 ? (JSON.parse(answer.body) as Task).status : `status ${String(answer.status)}`
}

const taskOf = (references: readonly string[]): string => references.find((reference) => reference.startsWith('Task/')) ?? ''

const housingReferral = async (world: World, cast: Cast, stage: Stage): Promise<string> => {
  const task = taskOf(await postExample(world, 'mission', 'referral', 'referral-housing'))
  const found = await world.housing.ask<Bundle>('search', {
    type: 'Task',
    params: { status: 'requested', _include: 'Task:focus' },
  })
  const types = (found.entry ?? []).map((entry) => entry.resource?.resourceType)
  stage.held(
    'Harbor Housing finds its ServiceRequest and Task',
    types.includes('Task') && types.includes('ServiceRequest'),
    types.join(', '),
  )
  const id = task.slice('Task/'.length)
  await world.housing.ask('patch', { type: 'Task', id, operations: [{ op: 'replace', path: '/status', value: 'accepted' }] })
  stage.held("it accepts; the gateway's Task says so", (await stateOf(world, task)) === 'accepted', await stateOf(world, task))
  const outcome = await world.housing.ask<Procedure>('create', {
    resource: {
      resourceType: 'Procedure',
      status: 'completed',
      subject: { reference: `Patient/${cast.patient}` },
      performedDateTime: '2026-03-02',
      code: {
        coding: [{ system: 'http://snomed.info/sct', code: '410606002', display: 'Social service procedure' }],
        text: 'Lease signed for a studio',
      },
    },
  })
  await world.housing.ask('patch', {
    type: 'Task',
    id,
    operations: [
      { op: 'replace', path: '/status', value: 'completed' },
      {
        op: 'add',
        path: '/output',
        value: [
          {
            type: {
              coding: [
                {
                  system: 'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes',
                  code: 'resulting-activity',
                },
              ],
            },
            valueReference: { reference: `Procedure/${outcome.id ?? ''}` },
          },
        ],
      },
    ],
  })
  stage.held(
    'it completes with an outcome',
    (await stateOf(world, task)) === 'completed',
    `${await stateOf(world, task)}, Procedure/${outcome.id ?? '?'}`,
  )
  return task
}

const clinicReferral = async (world: World, stage: Stage): Promise<string> => {
  const task = taskOf(await postExample(world, 'mission', 'referral', 'referral-behavioural-health'))
  const received = await eventually(
    () => world.clinic.ask<string[]>('received'),
    (messages) => messages.length > 0,
  )
  const ref = received[0] ?? ''
  stage.held(
    'Bayou Behavioral Health receives REF^I12 over MLLP with mutual TLS',
    ref.includes('REF^I12^REF_I12'),
    ref.split('\r')[0]?.slice(0, 90),
  )
  stage.held(
    'the message carries the § 2.32(a) notice and the scope as NTE',
    /NTE\|[^\r]*42 CFR part 2/.test(ref) && ref.includes('What the consent covers'),
    `${String(ref.split('\r').length)} segments`,
  )
  const delivered = await eventually(
    async () => world.programme.read(`/${task}`),
    ({ status }) => status === 200,
  )
  stage.held('it acknowledged AA; the referral waits for its answer', delivered.body.includes('"requested"'), 'requested')
  const ack = await world.clinic.ask<string>('answer', {
    host: '127.0.0.1',
    port: world.gateway.mllpPort,
    index: 0,
    status: 'A^Accepted^HL70283',
  })
  stage.held('it answers RRI^I12, accepted; the gateway acknowledges AA', /MSA\|AA\|/.test(ack), ack.split('\r')[1])
  const state = await eventually(
    () => stateOf(world, task),
    (seen) => seen === 'accepted',
  )
  stage.held("the gateway's Task says accepted", state === 'accepted', state)
  await postExample(world, 'mission', 'appointment', 'appointment-booked')
  const booked = await eventually(
    async () => (await world.clinic.ask<string[]>('received')).find((one) => one.includes('|SIU^S12^SIU_S12|')),
    (one) => one !== undefined,
  )
  stage.held(
    'an appointment that the programme books reaches it as SIU^S12, for its agreement names that',
    booked?.includes('|Booked') === true && booked.includes('What the consent covers'),
    booked?.split('\r')[1]?.slice(0, 90),
  )
  return task
}

const hivReferral = async (world: World, stage: Stage): Promise<string> => {
  const task = taskOf(await postExample(world, 'mission', 'referral', 'referral-hiv'))
  const arrived = await eventually(
    () => world.hiv.ask<{ id?: string }[]>('received', { type: 'Task' }),
    (tasks) => tasks.length > 0,
  )
  stage.held(
    'Montrose HIV Clinic receives the referral by FHIR push',
    arrived.some(({ id }) => task === `Task/${id ?? ''}`),
    `${String(arrived.length)} Task on its server`,
  )
  await world.hiv.ask('connect', { base: world.gateway.fhirBase, scope: 'system/*.rs system/Task.u', purpose: 'TREAT' })
  await world.hiv.ask('patch', {
    type: 'Task',
    id: task.slice('Task/'.length),
    operations: [{ op: 'replace', path: '/status', value: 'accepted' }],
  })
  stage.held("it accepts on the gateway's Task", (await stateOf(world, task)) === 'accepted', await stateOf(world, task))
  return task
}

/** Step 4: three referrals, each in its partner's own format; one state. */
export const referralsGoOut = async (world: World, cast: Cast, stage: Stage): Promise<string> => {
  stage.step(4, "Referrals go out, each in its partner's own format")
  const housing = await housingReferral(world, cast, stage)
  await clinicReferral(world, stage)
  await hivReferral(world, stage)
  return housing
}
