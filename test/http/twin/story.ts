import { readFileSync } from 'node:fs'
import { HOSPITAL, type Asker, type Topic } from './askers.ts'
import type { Answer, Request, Twins, World } from './worlds.ts'

/** Stands in everything that the asker may not have. */
export const CANARY = 'zzcanary'
/** The same where bytes are written in base64. */
export const CANARY_BYTES = Buffer.from(`${CANARY}!`).toString('base64').slice(0, 11)

interface Kept {
  readonly resourceType: string
  readonly id: string
}

/** One step of the story: what the full world is told, and what the bare one; nothing where the asker may have nothing of it. */
interface Step {
  readonly full: (world: World) => Promise<Answer>
  readonly bare?: (world: World) => Promise<Answer>
}

/** What a step may say: the topics that its reader may have, and words that are the canary for everybody else. */
interface Voice {
  readonly has: (topic: Topic) => boolean
  readonly say: (topic: Topic, words: string) => string
}

const example = (record: string, name: string, more: object): object => ({
  ...(JSON.parse(readFileSync(new URL(`../../../mappings/${record}/examples/${name}.json`, import.meta.url), 'utf8')) as object),
  ...more,
})

const FHIR_JSON = { 'content-type': 'application/fhir+json' }
const shared = (write: (world: World) => Promise<Answer>): Step => ({ full: write, bare: write })
const secret = (write: (world: World) => Promise<Answer>): Step => ({ full: write })
const record =
  (kind: string, body: object) =>
  (world: World): Promise<Answer> =>
    world.post(kind, body)
const mission = (name: string, more: object): ((world: World) => Promise<Answer>) =>
  record(name.startsWith('staff') ? 'staff' : name, example('mission', name, more))
const request =
  (one: Request) =>
  (world: World): Promise<Answer> =>
    world.ask('mission', one)
const put = (resource: Kept): ((world: World) => Promise<Answer>) =>
  request({
    method: 'PUT',
    path: `/${resource.resourceType}/${resource.id}`,
    headers: FHIR_JSON,
    body: JSON.stringify(resource),
  })

/** Steps for one asker: a resource is told to the bare world only as far as the asker may have it, and only when that is news. */
const stepsFor = ({ topics }: Asker) => {
  const before = new Map<string, string>()
  const say = (topic: Topic, words: string): string => (topics.has(topic) ? words : CANARY)
  return (topic: Topic, build: (voice: Voice) => Kept): Step => {
    const whole = build({ has: () => true, say })
    const seen = topics.has(topic) ? build({ has: (one) => topics.has(one), say }) : undefined
    const key = `${whole.resourceType}/${whole.id}`
    const text = JSON.stringify(seen)
    if (seen === undefined || before.get(key) === text) return secret(put(whole))
    before.set(key, text)
    return { full: put(whole), bare: put(seen) }
  }
}

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const LOINC = 'http://loinc.org'
const coded = (system: string, code: string, text: string): object => ({ code: { coding: [{ system, code }], text } })
const CLASS = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' }
const CLINICAL = {
  clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
}
const AGENT = [{ who: { reference: 'Organization/mission' } }]
const HOUSING_GOAL = {
  category: [{ coding: [{ system: 'https://mission-gateway.example/fhir/CodeSystem/mission-goal-domain', code: 'housing' }] }],
}

const of = (resourceType: string, id: string, more: object): Kept => ({ resourceType, id, ...more })

/** Records of the one whom the asker knows: those that it may have, and between them those that it may not. */
const recordsOf = (patient: string, asker: Asker): readonly Step[] => {
  const step = stepsFor(asker)
  const subject = { subject: { reference: patient } }
  const inside = (id: string): object => ({ encounter: { reference: `Encounter/${id}` } })
  const encounter = (id: string, more: object = {}): Kept =>
    of('Encounter', id, { status: 'finished', class: CLASS, ...subject, ...more })
  const condition = (id: string, code: string, text: string, more: object): Kept =>
    of('Condition', id, { ...CLINICAL, ...subject, ...coded(ICD, code, text), ...more })
  const observation = (id: string, code: string, text: string, value: number, more: object = {}): Kept =>
    of('Observation', id, {
      status: 'final',
      ...subject,
      ...coded(LOINC, code, text),
      effectiveDateTime: '2026-03-01',
      valueQuantity: { value, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
      ...more,
    })
  const drug = (say: Voice['say']): object => ({ reference: 'Condition/c-secret', display: say('sud', 'what it is about') })
  const plan = (addresses: readonly object[]): Kept =>
    of('CarePlan', 'p-open', {
      status: 'active',
      intent: 'plan',
      ...subject,
      goal: [{ reference: 'Goal/g-open' }],
      ...(addresses.length === 0 ? {} : { addresses }),
    })
  const provenance = (id: string, target: string): Kept =>
    of('Provenance', id, { target: [{ reference: target }], recorded: '2026-03-01T00:00:00Z', agent: AGENT })
  return [
    step('health', () => encounter('e-open')),
    step('sud', ({ say }) => encounter('e-secret', { reasonCode: [{ coding: [{ system: ICD, code: 'F11.20' }], text: say('sud', 'opioid use') }] })),
    step('health', () => condition('c-open', 'E11.9', 'diabetes', { ...inside('e-open'), onsetDateTime: '2026-01-05' })),
    step('sud', ({ say }) => condition('c-secret', 'F11.20', say('sud', 'opioid use'), { ...inside('e-secret'), onsetDateTime: '2026-01-05' })),
    step('hiv', ({ say }) => condition('c-hiv', 'B20', say('hiv', 'HIV'), { onsetDateTime: '2026-01-05' })),
    step('health', () => condition('c-two', 'J45.909', 'asthma', { onsetDateTime: '2026-02-05' })),
    step('health', () => condition('c-open', 'E11.9', 'diabetes, type 2', { ...inside('e-open'), onsetDateTime: '2026-01-05' })),
    step('sud', ({ say }) => condition('c-secret', 'F11.20', say('sud', 'opioid use, again'), { ...inside('e-secret'), onsetDateTime: '2026-01-06' })),
    step('health', () => observation('o-open', '29463-7', 'weight', 80, inside('e-open'))),
    step('hiv', ({ say }) => observation('o-secret', '20447-9', say('hiv', 'viral load'), 7)),
    step('sud', ({ say }) => observation('o-drug', '3393-8', say('sud', 'cocaine'), 9, inside('e-secret'))),
    step('health', () => observation('o-open', '29463-7', 'weight', 81, inside('e-open'))),
    step('housing', () => of('Goal', 'g-home', { lifecycleStatus: 'active', description: { text: 'a home' }, ...HOUSING_GOAL, ...subject })),
    step('health', () => of('Goal', 'g-open', { lifecycleStatus: 'active', description: { text: 'walk each day' }, ...subject })),
    step('sud', ({ say }) => of('Goal', 'g-secret', { lifecycleStatus: 'active', description: { text: `abstinence from heroin ${say('sud', '')}` }, ...subject, addresses: [{ reference: 'Condition/c-secret' }] })),
    step('housing', () => of('ServiceRequest', 's-home', { status: 'active', intent: 'order', ...subject, code: { text: 'help to find a home' }, performer: [{ reference: 'Organization/harbor-housing' }] })),
    step('health', ({ has, say }) => plan(has('sud') ? [drug(say)] : [])),
    step('health', ({ has, say }) => plan([...(has('sud') ? [drug(say)] : []), ...(has('hiv') ? [{ reference: 'Condition/c-hiv', display: say('hiv', 'the other') }] : [])])),
    step('sud', ({ say }) => of('Procedure', 'm-secret', { status: 'completed', ...subject, ...coded(ICD, 'F11.20', say('sud', 'a treatment')), reasonReference: [drug(say)] })),
    step('health', () => provenance('v-open', 'Condition/c-open')),
    step('sud', () => provenance('v-secret', 'Condition/c-secret')),
    step('health', ({ has, say }) => of('Communication', 'k-open', { status: 'completed', ...subject, payload: [{ contentString: 'see you on Tuesday' }], ...(has('sud') ? { about: [drug(say)], reasonCode: [{ coding: [{ system: ICD, code: 'F11.20' }], text: say('sud', 'opioid use') }] } : {}) })),
    step('sud', ({ say }) => of('DocumentReference', 'd-secret', { status: 'current', ...subject, type: { text: say('sud', 'a letter') }, content: [{ attachment: { contentType: 'text/plain', data: Buffer.from(`${say('sud', 'letter00')}! heroin`).toString('base64') } }] })),
    step('health', () => observation('o-gone', '29463-7', 'weight', 70)),
    step('sud', ({ say }) => condition('c-gone', 'F11.20', say('sud', 'an error'), {})),
    ...gone(asker),
  ] // prettier-ignore
}

const gone = ({ topics }: Asker): readonly Step[] => {
  const remove = (path: string): ((world: World) => Promise<Answer>) => request({ method: 'DELETE', path })
  const as = (topic: Topic, path: string): Step => (topics.has(topic) ? shared(remove(path)) : secret(remove(path)))
  return [as('health', '/Observation/o-gone'), as('sud', '/Condition/c-gone')]
}

const CLIENT = { clientId: 'htest-open', recordId: 'htest-open' }
const HIDDEN = { clientId: 'htest-hidden', recordId: 'htest-hidden', family: `HTEST-${CANARY}` }

/** Everything that only the full world holds about somebody of whom the asker must not even know. */
const somebodyElse = (asker: Asker): readonly Step[] =>
  [
    mission('client', HIDDEN),
    mission('enrolment', { clientId: 'htest-hidden', recordId: 'en-hidden' }),
    mission('treatment-plan', {
      clientId: 'htest-hidden', recordId: 'plan-hidden', enrolmentId: 'en-hidden', summary: CANARY,
      providers: [{ key: 'pcp', prefix: 'Dr.', family: `HTEST-${CANARY}`, role: 'primary-care-provider' }, { key: 'psychiatrist', prefix: 'Dr.', family: `${CANARY}-two`, role: 'psychiatrist' }],
    }),
    record('consent', example('consent', asker.other, { clientId: 'htest-hidden', recordId: 'consent-hidden', description: CANARY })),
  ].map(secret) // prettier-ignore

/** What is known of both worlds after the telling. */
export interface Story {
  readonly patient: string
  readonly hidden: string
  /** The consent that lets the asker see what it sees. */
  readonly consent: string
  /** `Type/id` of what only the full world holds. */
  readonly secrets: readonly string[]
}

const referencesIn = (answer: Answer): readonly string[] => {
  const said = JSON.parse(answer.body || '{}') as { resources?: readonly string[]; resourceType?: string; id?: string }
  return said.resources ?? (said.id === undefined ? [] : [`${said.resourceType ?? ''}/${said.id}`])
}

const patientIn = (references: readonly string[]): string => references.find((one) => one.startsWith('Patient/')) ?? ''

const tell = async (twins: Twins, { full, bare }: Step): Promise<readonly string[]> => {
  twins.next()
  const [first, ...others] = await Promise.all([full(twins.full), ...(bare === undefined ? [] : [bare(twins.bare)])])
  const failed = [first, ...others].find(({ status }) => status >= 300)
  if (failed !== undefined) throw new Error(`the story does not hold: ${failed.body}`)
  return referencesIn(first)
}

/** Writes one and the same history into both worlds, and what the asker may not have into the full one only. */
export const tellStory = async (twins: Twins, asker: Asker = HOSPITAL): Promise<Story> => {
  const [secrets, open] = [new Set<string>(), new Set<string>()]
  const told = async (step: Step): Promise<readonly string[]> => {
    const made = await tell(twins, step)
    for (const one of made) (step.bare === undefined ? secrets : open).add(one)
    return made
  }
  await told(shared(mission('staff-case-manager', {})))
  await told(shared(mission('staff-peer-support-specialist', {})))
  const patient = patientIn(await told(shared(mission('client', CLIENT))))
  const [name, more] = asker.consent
  const consents = await told(shared(record('consent', example('consent', name, { clientId: 'htest-open', recordId: 'consent-open', ...more }))))
  await told(secret(record('consent', example('consent', asker.other, { clientId: 'htest-open', recordId: 'other', description: CANARY }))))
  for (const step of recordsOf(patient, asker)) await told(step)
  let hidden = ''
  for (const step of somebodyElse(asker)) hidden = patientIn(await told(step)) || hidden
  return {
    patient,
    hidden,
    consent: consents.find((one) => one.startsWith('Consent/')) ?? '',
    secrets: [...secrets].filter((one) => !open.has(one)),
  }
} // prettier-ignore
