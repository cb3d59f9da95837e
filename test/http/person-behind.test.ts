import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { consent } from '../consent/support/world.ts'
import { eventually } from '../flow/clinic.ts'
import { openCaseGateway, type Answer, type CaseGateway } from './cases/gateway.ts'
import { FILED, goal, MRN, plan } from './cases/person-world.ts'

const told: { readonly path: string; readonly text: string }[] = []
const receiver = createServer((request, response) => {
  let text = ''
  request.on('data', (chunk: Buffer) => (text += chunk.toString()))
  request.on('end', () => {
    told.push({ path: request.url ?? '', text })
    response.writeHead(200).end()
  })
})

let gateway: CaseGateway
let hooks = ''

/** Who asks, with whom behind the system. */
interface As {
  readonly who: 'bayou-bh' | 'mission'
  readonly subject?: string
}
const ask = async (
  { who, subject }: As,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const asking = { who, purposes: ['TREAT'], ...(subject === undefined ? {} : { subject: `Practitioner/${subject}` }) }
  const answer = await gateway.ask(asking, method, path, body, headers)
  if (answer === undefined) throw new Error('no token')
  return answer
}

beforeAll(async () => {
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  hooks = `http://127.0.0.1:${String((receiver.address() as AddressInfo).port)}`
  gateway = await openCaseGateway('2026-03-02T06:00:00.000Z', hooks)
  const entry = FILED.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType ?? ''}/${resource.id ?? ''}` },
  }))
  const filed = await ask({ who: 'mission' }, 'POST', '/fhir', { resourceType: 'Bundle', type: 'transaction', entry })
  expect([filed.status, filed.text.slice(0, 500)]).toEqual([200, expect.stringContaining('transaction-response')])
  gateway.setClock('2026-04-01T15:00:00.000Z')
}, 120_000)
afterAll(async () => {
  await gateway.close()
  receiver.closeAllConnections()
  receiver.close()
})

const entryOf = (method: string, url: string, more: object = {}): object => ({
  resourceType: 'Bundle',
  type: 'batch',
  entry: [{ request: { method, url, ...more }, ...('resource' in more ? { resource: more.resource } : {}) }],
})
const statusIn = ({ text }: Answer): string =>
  (JSON.parse(text) as { entry: readonly { response: { status: string } }[] }).entry[0]?.response.status ?? ''

const LOOK = { op: 'test', path: '/id', value: 'cp' }

/** Every way in by which something of the record may be told; true when it is. */
const DOORS: readonly (readonly [name: string, tells: (as: As) => Promise<boolean>])[] = [
  ['read', async (as) => (await ask(as, 'GET', '/fhir/CarePlan/cp')).status === 200],
  ['read of the patient', async (as) => (await ask(as, 'GET', '/fhir/Patient/pt')).status === 200],
  ['head', async (as) => (await ask(as, 'HEAD', '/fhir/CarePlan/cp')).status === 200],
  ['history', async (as) => (await ask(as, 'GET', '/fhir/CarePlan/cp/_history')).text.includes('HTEST plan')],
  ['search', async (as) => (await ask(as, 'GET', '/fhir/CarePlan?_id=cp&_total=accurate')).text.includes('"total":1')],
  ['count', async (as) => !(await ask(as, 'GET', '/fhir/Patient/pt/CarePlan?_summary=count')).text.includes('"total":0')],
  ['search of all types', async (as) => (await ask(as, 'GET', '/fhir?_id=cp')).text.includes('HTEST plan')],
  ['compartment', async (as) => (await ask(as, 'GET', '/fhir/Patient/pt/CarePlan')).text.includes('HTEST plan')],
  ['chain', async (as) => (await ask(as, 'GET', '/fhir/CarePlan?subject.identifier=pt-1')).text.includes('HTEST plan')],
  ['include', async (as) => (await ask(as, 'GET', '/fhir/CarePlan?_id=cp&_include=CarePlan:subject')).text.includes('HTEST-Doe')],
  ['$everything', async (as) => (await ask(as, 'GET', '/fhir/Patient/pt/$everything')).text.includes('HTEST plan')],
  ['$meta', async (as) => (await ask(as, 'GET', '/fhir/CarePlan/cp/$meta')).status === 200],
  ['$validate', async (as) => (await ask(as, 'GET', '/fhir/CarePlan/cp/$validate')).status === 200],
  ['read in a batch', async (as) => statusIn(await ask(as, 'POST', '/fhir', entryOf('GET', 'CarePlan/cp'))) === '200'],
  ['patch', async (as) => (await ask(as, 'PATCH', '/fhir/CarePlan/cp', [LOOK], PATCH)).status !== 404],
  [
    'patch of what matches',
    async (as) => (await ask(as, 'PATCH', `/fhir/CarePlan?identifier=${MRN}|plan-1`, [LOOK], PATCH)).status !== 404,
  ],
  [
    'if-match',
    async (as) =>
      (await ask(as, 'PATCH', '/fhir/CarePlan/cp', [LOOK], { ...PATCH, 'if-match': await versionOf() })).status !== 412,
  ],
  [
    'conditional create',
    async (as) =>
      (await ask(as, 'POST', '/fhir/Goal', goal('Patient/pt'), { 'if-none-exist': `_id=${await goalOnFile()}` })).status === 200,
  ],
  [
    'conditional reference',
    async (as) => (await ask(as, 'POST', '/fhir/Goal', goal(`Patient?identifier=${MRN}|pt-1`))).status === 201,
  ],
  ['answer to a create', async (as) => (await ask(as, 'POST', '/fhir/Goal', goal('Patient/pt'))).text.includes('HTEST goal')],
  [
    'version in the answer to a create',
    async (as) =>
      (await ask(as, 'POST', '/fhir/Goal', goal('Patient/pt'), { prefer: 'return=minimal' })).location.includes('_history'),
  ],
  [
    'answer in a bundle',
    async (as) =>
      (
        await ask(as, 'POST', '/fhir', entryOf('POST', 'Goal', { resource: goal('Patient/pt') }), {
          prefer: 'return=representation',
        })
      ).text.includes('HTEST goal'),
  ],
  [
    'decision service',
    async (as) => (await ask(as, 'POST', '/cds-services/patient-consent-consult', CONSULT)).text.includes('CONSENT_PERMIT'),
  ],
  [
    '$recordDisclosure',
    async (as) => (await ask(as, 'POST', '/fhir/AuditEvent/$recordDisclosure', reportBy(as.who))).status === 200,
  ],
]

const PATCH = { 'content-type': 'application/json-patch+json' }
const CONSULT = {
  hook: 'patient-consent-consult',
  hookInstance: 'h-1',
  context: {
    patientId: [{ system: MRN, value: 'pt-1' }],
    actor: [{ value: 'bayou-bh' }],
    purposeOfUse: 'TREAT',
  },
}
const reportBy = (who: string): object => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'disclosure',
      resource: {
        resourceType: 'AuditEvent',
        type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
        recorded: '2026-04-01T10:00:00Z',
        agent: [{ requestor: true, who: { reference: `Organization/${who}` } }],
        source: { observer: { reference: `Organization/${who}` } },
        entity: [{ what: { reference: 'Patient/pt' } }],
      },
    },
    { name: 'consent', resource: { ...consent({ id: 'c-pt', patient: { reference: 'Patient/pt' } }) } },
  ],
})
const versionOf = async (): Promise<string> => {
  const { text } = await ask({ who: 'bayou-bh' }, 'GET', '/fhir/CarePlan/cp')
  return `W/"${(JSON.parse(text) as { meta: { versionId: string } }).meta.versionId}"`
}
const goalOnFile = async (): Promise<string> => {
  const { location } = await ask({ who: 'mission' }, 'POST', '/fhir/Goal', goal('Patient/pt'))
  return location.split('/')[1] ?? ''
}

describe('a person who is named narrows every way in (42 CFR 2.12(c)(3), 2.31(a)(4))', () => {
  test.each<readonly [string, As, boolean]>([
    ['the system of a recipient', { who: 'bayou-bh' }, true],
    ['a person with a role at the recipient', { who: 'bayou-bh', subject: 'dr-b' }, true],
    ['a person whose role there has ended', { who: 'bayou-bh', subject: 'dr-gone' }, false],
    ['a person of somebody else', { who: 'bayou-bh', subject: 'worker' }, false],
    ['a person nobody knows', { who: 'bayou-bh', subject: 'unheard-of' }, false],
    ['the system of the programme', { who: 'mission' }, true],
    ['a person of the programme who works with the patient', { who: 'mission', subject: 'worker' }, true],
    ['a person of the programme who does not', { who: 'mission', subject: 'colleague' }, false],
    ['a person of a recipient at the programme', { who: 'mission', subject: 'dr-b' }, false],
  ])('%s', async (_, as, isTold) => {
    const tells: Record<string, boolean> = {}
    for (const [name, door] of DOORS) tells[name] = await door(as)
    expect(tells).toEqual(Object.fromEntries(DOORS.map(([name]) => [name, isTold])))
  })

  test.each([
    [undefined, 200],
    ['worker', 200],
    ['colleague', 404],
    ['dr-b', 404],
  ])("the officer's page: %s %i", async (subject, status) => {
    const as: As = { who: 'mission', ...(subject === undefined ? {} : { subject }) }
    expect((await ask(as, 'GET', '/fhir/Patient/pt/$consent-explain?partner=bayou-bh')).status).toBe(status)
  })

  test('what a person of the programme may not see stays as it is, whatever that person writes there', async () => {
    const put = async (subject: string, title: string): Promise<number> =>
      (await ask({ who: 'mission', subject }, 'PUT', '/fhir/CarePlan/cp', plan(title))).status
    const title = async (): Promise<string> =>
      (JSON.parse((await ask({ who: 'mission' }, 'GET', '/fhir/CarePlan/cp')).text) as { title: string }).title
    expect([await put('colleague', 'HTEST other'), await title()]).toEqual([404, 'HTEST plan'])
    expect([await put('worker', 'HTEST plan, again'), await title()]).toEqual([200, 'HTEST plan, again'])
  })
})

const CARE_PLAN = 'https://mission-gateway.example/fhir/SubscriptionTopic/CarePlan'
const wish = (path: string): object => ({
  resourceType: 'Subscription',
  status: 'requested',
  reason: 'plans',
  criteria: CARE_PLAN,
  channel: { type: 'rest-hook', endpoint: `${hooks}${path}`, payload: 'application/fhir+json' },
})

describe('what a person subscribed to', () => {
  const WHO: readonly (readonly [string, As, boolean])[] = [
    ['/system', { who: 'bayou-bh' }, true],
    ['/dr-b', { who: 'bayou-bh', subject: 'dr-b' }, true],
    ['/dr-gone', { who: 'bayou-bh', subject: 'dr-gone' }, false],
    ['/worker', { who: 'mission', subject: 'worker' }, true],
    ['/colleague', { who: 'mission', subject: 'colleague' }, false],
  ]
  const ids = new Map<string, string>()

  test('is told as far as that person may see it now', async () => {
    for (const [path, as] of WHO) {
      const made = await ask(as, 'POST', '/fhir/Subscription', wish(path))
      expect([made.status, made.text]).toEqual([201, expect.stringContaining('requested')])
      ids.set(path, made.location.split('/')[1] ?? '')
    }
    const isActive = async ([path, as]: (typeof WHO)[number]): Promise<boolean> =>
      (await ask(as, 'GET', `/fhir/Subscription/${ids.get(path) ?? ''}`)).text.includes('"active"')
    await eventually(
      async () => (await Promise.all(WHO.map(isActive))).every(Boolean),
      (all) => all,
    )
    expect((await ask({ who: 'mission' }, 'PUT', '/fhir/CarePlan/cp', plan('HTEST plan, told'))).status).toBe(200)
    const isTold = (path: string): boolean => told.some((one) => one.path === path && one.text.includes('CarePlan/cp'))
    await eventually(
      () => Promise.resolve(WHO.filter(([, , may]) => may).every(([path]) => isTold(path))),
      (all) => all,
    )
    const refusals = async (): Promise<number> =>
      (
        JSON.parse((await ask({ who: 'mission' }, 'GET', '/audit/fhir/AuditEvent?subtype=refusal&_count=500')).text) as {
          entry?: readonly unknown[]
        }
      ).entry?.filter((one) => JSON.stringify(one).includes('notification')).length ?? 0
    expect(await eventually(refusals, (count) => count >= 2)).toBeGreaterThanOrEqual(2)
    expect(WHO.map(([path]) => [path, isTold(path)])).toEqual(WHO.map(([path, , may]) => [path, may]))
  })

  test('is told again to that person, not to another, and to the system', async () => {
    const again = async (path: string, as: As): Promise<boolean | number> => {
      const answer = await ask(as, 'GET', `/fhir/Subscription/${ids.get(path) ?? ''}/$events`)
      return answer.status === 200 ? answer.text.includes('CarePlan/cp') : answer.status
    }
    expect(await again('/dr-b', { who: 'bayou-bh', subject: 'dr-b' })).toBe(true)
    expect(await again('/dr-b', { who: 'bayou-bh' })).toBe(true)
    expect(await again('/dr-b', { who: 'bayou-bh', subject: 'dr-gone' })).toBe(404)
    expect(await again('/system', { who: 'bayou-bh', subject: 'dr-gone' })).toBe(false)
    expect(await again('/system', { who: 'bayou-bh', subject: 'dr-b' })).toBe(true)
  })
})
