import { readFileSync } from 'node:fs'
import type { Answer, Request, Twins, World } from './worlds.ts'

/** Stands in everything that the hospital may not have. */
export const CANARY = 'zzcanary'

const example = (record: string, name: string, more: object): object => ({
  ...(JSON.parse(readFileSync(new URL(`../../../mappings/${record}/examples/${name}.json`, import.meta.url), 'utf8')) as object),
  ...more,
})

const mission = (name: string, more: object): object => example('mission', name, more)

interface Step {
  /** Written in the full world only. */
  readonly isSecret: boolean
  readonly write: (world: World, isFull: boolean) => Promise<Answer>
}

const record = (isSecret: boolean, kind: string, body: object): Step => ({ isSecret, write: (world) => world.post(kind, body) })

const request = (isSecret: boolean, one: Request): Step => ({ isSecret, write: (world) => world.ask('mission', one) })

const FHIR_JSON = { 'content-type': 'application/fhir+json' }

const put = (isSecret: boolean, resource: { resourceType: string; id: string }): Step =>
  request(isSecret, {
    method: 'PUT',
    path: `/${resource.resourceType}/${resource.id}`,
    headers: FHIR_JSON,
    body: JSON.stringify(resource),
  })

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const LOINC = 'http://loinc.org'
const coded = (system: string, code: string, text: string): object => ({ code: { coding: [{ system, code }], text } })
const CLASS = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' }
const CLINICAL = {
  clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
}
const ADDRESSED = { reference: 'Condition/c-secret', display: CANARY }
const carePlan = (of: object): { resourceType: string; id: string } =>
  ({ resourceType: 'CarePlan', id: 'p-open', status: 'active', intent: 'plan', ...of, goal: [{ reference: 'Goal/g-open' }] } as { resourceType: string; id: string }) // prettier-ignore
const AGENT = [{ who: { reference: 'Organization/mission' } }]

/** A record of which the hospital may have all but a part: the full world holds the part, the bare one never did. */
const putPart = (resource: { resourceType: string; id: string }, part: object): Step => {
  const [full, bare] = [put(false, { ...resource, ...part }), put(false, resource)]
  return { isSecret: false, write: (world, isFull) => (isFull ? full : bare).write(world, isFull) }
}

/** Records of the one whom the hospital treats: those that it may have, and between them those that it may not. */
const recordsOf = (subject: string): readonly Step[] => {
  const of = { subject: { reference: subject } }
  const condition = (id: string, code: string, text: string, more: object = {}): { resourceType: string; id: string } => ({
    resourceType: 'Condition', id, ...CLINICAL, ...of, ...coded(ICD, code, text), ...more,
  }) // prettier-ignore
  const observation = (id: string, code: string, text: string, value: number): { resourceType: string; id: string } => ({
    resourceType: 'Observation', id, status: 'final', ...of, ...coded(LOINC, code, text), effectiveDateTime: '2026-03-01',
    valueQuantity: { value, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  } as { resourceType: string; id: string }) // prettier-ignore
  const inside = (id: string): object => ({ encounter: { reference: `Encounter/${id}` } })
  return [
    put(false, { resourceType: 'Encounter', id: 'e-open', status: 'finished', class: CLASS, ...of } as never),
    put(true, { resourceType: 'Encounter', id: 'e-secret', status: 'finished', class: CLASS, ...of, reasonCode: [{ coding: [{ system: ICD, code: 'F11.20' }], text: CANARY }] } as never),
    put(false, condition('c-open', 'E11.9', 'diabetes', { ...inside('e-open'), onsetDateTime: '2026-01-05' })),
    put(true, condition('c-secret', 'F11.20', CANARY, { ...inside('e-secret'), onsetDateTime: '2026-01-05' })),
    put(true, condition('c-hiv', 'B20', CANARY, { onsetDateTime: '2026-01-05' })),
    put(false, condition('c-two', 'J45.909', 'asthma', { onsetDateTime: '2026-02-05' })),
    put(false, condition('c-open', 'E11.9', 'diabetes, type 2', { ...inside('e-open'), onsetDateTime: '2026-01-05' })),
    put(true, condition('c-secret', 'F11.20', `${CANARY} again`, { ...inside('e-secret'), onsetDateTime: '2026-01-06' })),
    put(false, { ...observation('o-open', '29463-7', 'weight', 80), ...inside('e-open') }),
    put(true, { ...observation('o-secret', '20447-9', CANARY, 7) }),
    put(true, { ...observation('o-drug', '3393-8', CANARY, 9), ...inside('e-secret') }),
    put(false, { ...observation('o-open', '29463-7', 'weight', 81), ...inside('e-open') }),
    put(false, { resourceType: 'Goal', id: 'g-open', lifecycleStatus: 'active', description: { text: 'a home' }, ...of } as never),
    put(true, { resourceType: 'Goal', id: 'g-secret', lifecycleStatus: 'active', description: { text: `abstinence from heroin ${CANARY}` }, ...of, addresses: [{ reference: 'Condition/c-secret' }] } as never),
    putPart(carePlan(of), { addresses: [ADDRESSED] }),
    put(true, { ...carePlan(of), addresses: [ADDRESSED, { reference: 'Condition/c-hiv', display: CANARY }] } as never),
    put(true, { resourceType: 'Procedure', id: 'm-secret', status: 'completed', ...of, ...coded(ICD, 'F11.20', CANARY), reasonReference: [ADDRESSED] } as never),
    put(false, { resourceType: 'Provenance', id: 'v-open', target: [{ reference: 'Condition/c-open' }], recorded: '2026-03-01T00:00:00Z', agent: AGENT } as never),
    put(true, { resourceType: 'Provenance', id: 'v-secret', target: [{ reference: 'Condition/c-secret' }], recorded: '2026-03-01T00:00:00Z', agent: AGENT } as never),
    putPart({ resourceType: 'Communication', id: 'k-open', status: 'completed', ...of, payload: [{ contentString: 'see you on Tuesday' }] } as never, { about: [ADDRESSED], reasonCode: [{ coding: [{ system: ICD, code: 'F11.20' }], text: CANARY }] }),
    put(false, observation('o-gone', '29463-7', 'weight', 70)),
    request(false, { method: 'DELETE', path: '/Observation/o-gone' }),
    put(true, condition('c-gone', 'F11.20', CANARY)),
    request(true, { method: 'DELETE', path: '/Condition/c-gone' }),
  ] // prettier-ignore
}

const CLIENT = { clientId: 'htest-open', recordId: 'htest-open' }
const HIDDEN = { clientId: 'htest-hidden', recordId: 'htest-hidden', family: `HTEST-${CANARY}` }
const ALL_BUT = ['SUD', 'ETH', 'MH', 'PSY', 'HIV', 'STD', 'SEX', 'SDV', 'VIO', 'GDIS', 'JUSTICE']

/** Everything that only the full world holds about somebody of whom the hospital must not even know. */
const somebodyElse = (): readonly Step[] => [
  record(true, 'client', mission('client', HIDDEN)),
  record(true, 'enrolment', mission('enrolment', { clientId: 'htest-hidden', recordId: 'en-hidden' })),
  record(true, 'treatment-plan', mission('treatment-plan', {
    clientId: 'htest-hidden', recordId: 'plan-hidden', enrolmentId: 'en-hidden', summary: CANARY,
    providers: [{ key: 'pcp', prefix: 'Dr.', family: `HTEST-${CANARY}`, role: 'primary-care-provider' }, { key: 'psychiatrist', prefix: 'Dr.', family: `${CANARY}-two`, role: 'psychiatrist' }],
  })),
  record(true, 'consent', example('consent', 'consent-clinic', { clientId: 'htest-hidden', recordId: 'consent-hidden', description: CANARY })),
] // prettier-ignore

/** What is known of both worlds after the telling. */
export interface Story {
  readonly patient: string
  readonly hidden: string
  /** The consent that lets the hospital see what it sees. */
  readonly consent: string
  /** `Type/id` of what only the full world holds. */
  readonly secrets: readonly string[]
}

const tell = async (twins: Twins, { isSecret, write }: Step): Promise<Answer> => {
  twins.next()
  const answers = await Promise.all(
    (isSecret ? [twins.full] : [twins.full, twins.bare]).map((world) => write(world, world === twins.full)),
  )
  const [first] = answers
  const failed = answers.find(({ status }) => status >= 300)
  if (failed !== undefined || first === undefined) throw new Error(`the story does not hold: ${failed?.body ?? ''}`)
  return first
}

const referencesIn = (answer: Answer): readonly string[] => {
  const said = JSON.parse(answer.body || '{}') as { resources?: readonly string[]; resourceType?: string; id?: string }
  return said.resources ?? (said.id === undefined ? [] : [`${said.resourceType ?? ''}/${said.id}`])
}

const patientIn = (references: readonly string[]): string => references.find((one) => one.startsWith('Patient/')) ?? ''

/** Writes one and the same history into both worlds, and the secrets into the full one only. */
export const tellStory = async (twins: Twins): Promise<Story> => {
  const secrets: string[] = []
  const told = async (step: Step): Promise<readonly string[]> => {
    const made = referencesIn(await tell(twins, step))
    secrets.push(...(step.isSecret ? made : []))
    return made
  }
  await told(record(false, 'staff', mission('staff-case-manager', {})))
  await told(record(false, 'staff', mission('staff-peer-support-specialist', {})))
  const patient = patientIn(await told(record(false, 'client', mission('client', CLIENT))))
  const consent = { clientId: 'htest-open', recordId: 'consent-open', except: [{ labels: ALL_BUT }], expirationEvent: undefined, validUntil: '2026-12-31' }
  const consents = await told(record(false, 'consent', example('consent', 'consent-hospital', consent)))
  await told(record(true, 'consent', example('consent', 'consent-hiv', { clientId: 'htest-open', recordId: 'other', description: CANARY })))
  for (const step of recordsOf(patient)) await told(step)
  let hidden = ''
  for (const step of somebodyElse()) hidden = patientIn(await told(step)) || hidden
  const shared = new Set([patient, 'CarePlan/p-open'])
  return {
    patient,
    hidden,
    consent: consents.find((one) => one.startsWith('Consent/')) ?? '',
    secrets: [...new Set(secrets)].filter((one) => !shared.has(one)),
  }
} // prettier-ignore
