import { readFile } from 'node:fs/promises'
import type { World } from '../world.ts'
import type { Stage } from '../stage.ts'

const example = async (folder: 'mission' | 'consent', name: string): Promise<unknown> =>
  JSON.parse(await readFile(new URL(`../../../mappings/${folder}/examples/${name}.json`, import.meta.url), 'utf8')) as unknown

/** Posts one shipped example as the programme does. */
export const postExample = async (
  world: World,
  folder: 'mission' | 'consent',
  record: string,
  name: string,
): Promise<readonly string[]> => (await world.programme.post(record, await example(folder, name))).resources

const RECORDS = [
  ['staff', 'staff-case-manager'],
  ['staff', 'staff-peer-support-specialist'],
  ['client', 'client'],
  ['screening', 'screening'],
  ['enrolment', 'enrolment'],
  ['treatment-plan', 'treatment-plan'],
  ['housing-interview', 'housing-interview'],
  ['encounter', 'encounter-orientation'],
  ['encounter', 'encounter-drt-1'],
  ['encounter', 'encounter-home-visit'],
] as const

const summary = (references: readonly string[]): string => {
  const types = references.map((reference) => reference.split('/')[0] ?? '')
  return [...new Set(types)].map((type) => `${String(types.filter((t) => t === type).length)} ${type}`).join(', ')
}

/** Ids of what the story speaks of, as the gateway gave them. */
export interface Cast {
  readonly patient: string
  readonly carePlan: string
  readonly encounter: string
}

const idOf = (references: readonly string[], type: string): string =>
  references.find((r) => r.startsWith(`${type}/`))?.slice(type.length + 1) ?? ''

/** Step 1: the programme's records come in, and the screen shows what became of each. */
export const recordsComeIn = async (world: World, stage: Stage): Promise<Cast> => {
  stage.step(1, 'The gateway is up; the programme posts its records')
  const references = new Map<string, readonly string[]>()
  for (const [record, name] of RECORDS) {
    const made = await stage.during(name, postExample(world, 'mission', record, name))
    references.set(name, made)
    stage.held(`POST /mission/v1/${record} (${name})`, made.length > 0, summary(made))
  }
  const again = await world.programme.post('client', await example('mission', 'client'))
  stage.held('the same record again changes nothing', again.status === 200, `status ${String(again.status)}`)
  const cast = {
    patient: idOf(references.get('client') ?? [], 'Patient'),
    carePlan: idOf(references.get('treatment-plan') ?? [], 'CarePlan'),
    encounter: idOf(references.get('encounter-orientation') ?? [], 'Encounter'),
  }
  const plan = await world.programme.read(`/CarePlan/${cast.carePlan}`)
  stage.held(
    'the programme reads its own care plan whole',
    plan.status === 200 && plan.body.includes('"addresses"'),
    `status ${String(plan.status)}, ${String(plan.body.length)} bytes`,
  )
  return cast
}

/** Step 3: the consents come in on the programme's door. */
export const consentsComeIn = async (
  world: World,
  stage: Stage,
): Promise<Readonly<Record<'hospital' | 'clinic' | 'hiv' | 'housing', string>>> => {
  stage.step(3, 'Consents are filed')
  const file = async (name: string, says: string): Promise<string> => {
    const [reference = ''] = await postExample(world, 'consent', 'consent', name)
    stage.held(says, reference.startsWith('Consent/'), reference)
    return reference
  }
  return {
    hospital: await file('consent-hospital', 'St. Mary Hospital: treatment, payment, operations'),
    clinic: await file('consent-clinic', 'Bayou Behavioral Health: treatment, payment, operations'),
    housing: await file(
      'consent-housing',
      'Harbor Housing: by name, for coordination of care, housing needs only, until 2026-12-31',
    ),
    hiv: await file('consent-hiv', 'Montrose HIV Clinic: names HIV results, until 2027-01-11'),
  }
}
