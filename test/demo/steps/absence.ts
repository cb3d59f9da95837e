import type { Actor, Stage } from '../stage.ts'
import type { Cast } from './records.ts'
import type { World } from '../world.ts'

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Ids of a client, a plan and a contact that never were; of the same form as real ones. */
const NEVER: Cast = {
  patient: '00000000-0000-5000-8000-000000000001',
  carePlan: '00000000-0000-5000-8000-000000000002',
  encounter: '00000000-0000-5000-8000-000000000003',
}

type Way = readonly [
  says: string,
  ask: (cast: Cast) => { path: string; init?: { method: string; body?: string; headers?: Record<string, string> } },
]

const form = (path: string, body: string): ReturnType<Way[1]> => ({
  path,
  init: { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } },
})

const WAYS: readonly Way[] = [
  ['GET Patient by id', (c) => ({ path: `/Patient/${c.patient}` })],
  ['search Patient by _id', (c) => ({ path: `/Patient?_id=${c.patient}` })],
  [
    "search Patient by the programme's number",
    (c) => ({ path: `/Patient?identifier=${c === NEVER ? 'htest-9999' : 'htest-0001'}` }),
  ],
  [
    'search Patient by name and birth date',
    (c) => ({ path: `/Patient?family=${c === NEVER ? 'HTEST-Nobody' : 'HTEST-Rivera'}&birthdate=1984-03-17` }),
  ],
  ['POST CarePlan/_search for the patient', (c) => form('/CarePlan/_search', `patient=${c.patient}&_total=accurate`)],
  ['GET CarePlan by id', (c) => ({ path: `/CarePlan/${c.carePlan}` })],
  ['count of Encounters', (c) => ({ path: `/Encounter?patient=${c.patient}&_summary=count` })],
  ['history of an Encounter', (c) => ({ path: `/Encounter/${c.encounter}/_history` })],
  ['Patient/$everything', (c) => ({ path: `/Patient/${c.patient}/$everything` })],
  [
    'Patient that has a diagnosis of cocaine dependence',
    (c) => ({ path: `/Patient?_id=${c.patient}&_has:Condition:patient:code=191833002` }),
  ],
  ['conditions by chained patient', (c) => ({ path: `/Condition?subject:Patient._id=${c.patient}` })],
]

const ask = (who: Actor, way: Way, cast: Cast): Promise<Answer> => who.ask<Answer>('ask', { ...way[1](cast) })

/** What an observer could compare: everything but what the asker wrote itself, which a self link gives back. */
const comparable = ({ status, headers, body }: Answer, cast: Cast): string => {
  let text = JSON.stringify([status, headers, body])
  for (const id of [cast.patient, cast.carePlan, cast.encounter]) text = text.replaceAll(id, '<asked for>')
  return text
}

const isNothing = ({ status, body }: Answer): boolean =>
  status === 404 || (status === 200 && !body.includes('"entry"') && !/"total":[1-9]/.test(body))

/** Asks in every way for the client, and for one who never was; each pair must be the same. */
export const seesNothing = async (who: Actor, name: string, cast: Cast, stage: Stage): Promise<void> => {
  for (const way of WAYS) {
    const [real, never] = [await ask(who, way, cast), await ask(who, way, NEVER)]
    const isSame = comparable(real, cast) === comparable(never, NEVER)
    stage.held(
      `${name}: ${way[0]}: nothing, as for a client who never was`,
      isNothing(real) && isSame,
      `status ${String(real.status)}, ${String(real.body.length)} bytes, ${isSame ? 'same' : 'DIFFERENT'}`,
    )
  }
}

/** Step 2: before any consent. */
export const nobodySeesAnything = async (world: World, cast: Cast, stage: Stage): Promise<void> => {
  stage.step(2, 'Before any consent the client does not exist')
  const scope = 'system/*.rs'
  await world.ehr.ask('connect', { base: world.gateway.fhirBase, scope, purpose: 'TREAT' })
  await world.housing.ask('connect', {
    base: world.gateway.fhirBase,
    scope: `${scope} system/Task.u system/Procedure.c`,
    purpose: 'COC',
  })
  await seesNothing(world.ehr, 'St. Mary Hospital', cast, stage)
  await seesNothing(world.housing, 'Harbor Housing', cast, stage)
}
