import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Bundle, CapabilityStatement, CapabilityStatementRestResource } from '@medplum/fhirtypes'
import { isServed } from '../../src/flow/served-types.ts'
import { PROGRAMME_ROUTES } from '../../src/http/fhir/programme-routes.ts'
import { FHIR_ROUTES } from '../../src/http/fhir/routes.ts'
import { openStreet, type Street } from './street.ts'

/** What the CapabilityStatement says and what the gateway does, held together in both directions over real HTTP. */
let street: Street
let resources: readonly CapabilityStatementRestResource[] = []
let server: NonNullable<CapabilityStatement['rest']>[number] = { mode: 'server' }
beforeAll(async () => {
  street = await openStreet()
  const statement = (await (await fetch(`${street.gateway.fhirBase}/metadata`)).json()) as CapabilityStatement
  server = statement.rest?.[0] ?? server
  resources = (server.resource ?? []).filter(({ type }) => isServed(type))
}, 120_000)
afterAll(() => street.close())

/** Puts many questions in few batches; gives the status of each. */
const statuses = async (urls: readonly string[]): Promise<readonly (readonly [string, string])[]> => {
  const all: (readonly [string, string])[] = []
  for (let at = 0; at < urls.length; at += 100) {
    const part = urls.slice(at, at + 100)
    const entry = part.map((url) => ({ request: { method: 'GET', url } }))
    const answer = await street.ask('harbor-housing', '', {
      method: 'POST',
      headers: { 'content-type': 'application/fhir+json' },
      body: JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry }),
    })
    const said = JSON.parse(answer.body) as { entry: readonly { response: { status: string } }[] }
    all.push(...part.map((url, nth) => [url, said.entry[nth]?.response.status ?? 'none'] as const))
  }
  return all
}
const refusedOf = async (urls: readonly string[]): Promise<readonly string[]> =>
  (await statuses(urls)).filter(([, status]) => status !== '200').map(([url, status]) => `${status} ${url}`)

const VALUE: Readonly<Record<string, string>> = {
  date: '2026-01-01', number: '1', quantity: '1', reference: 'x', token: 'x', string: 'x', uri: 'http://x', composite: 'x$2026',
} // prettier-ignore
const MODIFIERS: Readonly<Record<string, readonly string[]>> = {
  token: [':not=x', ':text=x', ':of-type=s|c|v', ':in=http://hl7.org/fhir/ValueSet/administrative-gender', ':not-in=http://hl7.org/fhir/ValueSet/administrative-gender', ':below=http://terminology.hl7.org/CodeSystem/condition-clinical|active', ':above=http://terminology.hl7.org/CodeSystem/condition-clinical|active'],
  string: [':exact=x', ':contains=x'],
  reference: [':identifier=s|v'],
  uri: [':below=http://x', ':above=http://x'],
  date: ['=ne2026', '=gt2026', '=lt2026', '=ge2026', '=le2026', '=sa2026', '=eb2026', '=ap2026'],
  number: ['=ne1', '=gt1', '=lt1', '=ge1', '=le1', '=sa1', '=eb1', '=ap1'],
  quantity: ['=ne1', '=gt1|s|c', '=lt1||c', '=ge1', '=le1', '=sa1', '=eb1', '=ap1'],
} // prettier-ignore

test('every declared parameter answers, alone and as a sort; one of each kind with every modifier and prefix', async () => {
  const urls = resources.flatMap(({ type, searchParam = [] }) => {
    const seen = new Set<string>()
    return searchParam.flatMap(({ name, type: kind }) => {
      const plain = [`${type}?${name}=${encodeURIComponent(VALUE[kind] ?? 'x')}`]
      if (name === '_id' || name === '_lastUpdated') return [...plain, `${type}?_sort=-${name}`]
      const isFirst = !seen.has(kind)
      seen.add(kind)
      const more = (isFirst ? [':missing=true', ...(MODIFIERS[kind] ?? [])] : []).map((one) => {
        const [modifier = '', value = ''] = one.split('=')
        return `${type}?${name}${modifier}=${encodeURIComponent(value)}`
      })
      // what stands for several parameters, and a pair, have no order of their own
      const isSortable = kind !== 'composite' && !name.startsWith('combo-')
      return [...plain, ...more, ...(isSortable ? [`${type}?_sort=${name}`] : [])]
    })
  })
  expect(urls.length).toBeGreaterThan(1_000)
  expect(await refusedOf(urls)).toEqual([])
}, 300_000)

test('every declared include answers, and includes that are not declared are refused', async () => {
  const urls = resources.flatMap(({ type, searchInclude = [], searchRevInclude = [] }) => [
    ...searchInclude.map((one) => `${type}?_include=${one}`),
    ...searchRevInclude.map((one) => `${type}?_revinclude=${one}`),
  ])
  expect(urls.length).toBeGreaterThan(500)
  expect(await refusedOf(urls)).toEqual([])
  const strange = resources.map(({ type }) => `${type}?_include=${type}:nonsense`)
  expect((await statuses(strange)).every(([, status]) => status === '400')).toBe(true)
}, 120_000)

test('a parameter that is not declared is refused', async () => {
  const answers = await statuses(resources.map(({ type }) => `${type}?nonsense=1`))
  expect(answers.every(([, status]) => status === '400')).toBe(true)
})

test('interactions and operations of the statement are those of the route table, in both directions', () => {
  const rows = new Set(FHIR_ROUTES.map(({ interaction }) => interaction))
  const declared = new Set<string>([
    ...(server.interaction ?? []).map(({ code }) => (code === 'batch' || code === 'transaction' ? 'batch-transaction' : code)),
    ...resources.flatMap(({ interaction = [] }) => interaction.map(({ code }) => code)),
    ...(server.compartment ?? []).map(() => 'search-compartment'),
  ])
  const operations = new Set(resources.flatMap(({ type, operation = [] }) => operation.map(({ name }) => `${type} $${name}`)))
  for (const code of declared) expect(rows).toContain(code)
  const ofSystem = new Set((server.operation ?? []).map(({ name }) => `/$${name}`))
  const undeclared = FHIR_ROUTES.filter(({ path, interaction }) => {
    if (path.startsWith('/$')) return !ofSystem.has(path)
    const [, owner = '', name] = /^\/([^/]+)\/.*?\$([\w-]+)$/.exec(path) ?? []
    if (name === undefined) return !declared.has(interaction)
    return !resources.some(({ type }) => (owner === ':type' || owner === type) && operations.has(`${type} $${name}`))
  })
  expect(undeclared.map(({ method, path }) => `${method} ${path}`)).toEqual([])
  for (const { type, operation = [] } of resources)
    for (const { name } of operation)
      expect([...FHIR_ROUTES, ...PROGRAMME_ROUTES].some(({ path }) => path.endsWith(`$${name}`) && /^\/(:type|[A-Z]\w+)\//.test(path) && (path.startsWith('/:type') || path.startsWith(`/${type}/`)))).toBe(true) // prettier-ignore
})

test('subscriptions are declared as the backport says: its profile, its topics, its operations', () => {
  const backport = 'http://hl7.org/fhir/uv/subscriptions-backport/'
  const declared = server.resource?.find(({ type }) => type === 'Subscription')
  expect(declared?.supportedProfile).toContain(`${backport}StructureDefinition/backport-subscription`)
  const topics = (declared?.extension ?? []).filter(
    ({ url }) => url === `${backport}StructureDefinition/capabilitystatement-subscriptiontopic-canonical`,
  )
  expect(topics.length).toBeGreaterThan(0)
  for (const { valueCanonical } of topics) expect(valueCanonical).toMatch(/^https?:\/\/.+\/SubscriptionTopic\//)
  expect(declared?.operation?.map(({ name, definition }) => [name, definition])).toEqual(
    ['status', 'events'].map((name) => [name, `${backport}OperationDefinition/backport-subscription-${name}`]),
  )
  expect(declared?.interaction?.map(({ code }) => code)).toEqual(expect.arrayContaining(['read', 'create', 'update', 'delete']))
})

test('what the programme defines: every route is declared, and what is declared answers', async () => {
  const all = server.resource ?? []
  const declared = PROGRAMME_ROUTES.map(({ path, interaction }) => {
    const [, type = '', , name] = path.split('/')
    const { interaction: codes = [], operation = [] } = all.find((one) => one.type === type) ?? { type: 'none' }
    return name === undefined
      ? codes.some(({ code }) => code === interaction)
      : operation.some((one) => `$${one.name}` === name && interaction === one.name)
  })
  expect(declared).toEqual(PROGRAMME_ROUTES.map(() => true))
  for (const { type, interaction = [], searchParam = [] } of all.filter(({ type: one }) =>
    /^(Plan|Activity)Definition$/.test(one),
  )) {
    expect(interaction.map(({ code }) => code).sort()).toEqual(['read', 'search-type'])
    const { entry = [] } = JSON.parse((await street.ask('harbor-housing', `/${type}`)).body) as Bundle
    const [{ resource } = {}] = entry
    expect(entry.length).toBeGreaterThan(2)
    expect(JSON.parse((await street.ask('harbor-housing', `/${type}/${resource?.id ?? ''}`)).body)).toEqual(resource)
    const value: Readonly<Record<string, string>> = {
      _id: resource?.id ?? '',
      url: resource !== undefined && 'url' in resource ? (resource.url ?? '') : '',
    }
    for (const { name } of searchParam) {
      const found = JSON.parse(
        (await street.ask('harbor-housing', `/${type}?${name}=${encodeURIComponent(value[name] ?? '')}`)).body,
      ) as Bundle
      expect(found).toMatchObject({ total: 1, entry: [{ resource }] })
    }
    expect((await street.ask('harbor-housing', `/${type}?title=x`)).status).toBe(400)
    expect((await street.ask('harbor-housing', `/${type}/none`)).status).toBe(404)
  }
})

test('every session that a plan names is served', async () => {
  const plans = JSON.parse((await street.ask('mission', '/PlanDefinition')).body) as Bundle
  const named = new Set(JSON.stringify(plans).match(/(?<="definitionCanonical":")[^"]+/g) ?? [])
  const { entry = [] } = JSON.parse((await street.ask('mission', '/ActivityDefinition')).body) as Bundle
  const served = new Set(entry.flatMap(({ resource }) => (resource !== undefined && 'url' in resource ? [resource.url] : [])))
  expect(named.size).toBeGreaterThan(5)
  expect([...named].filter((url) => !served.has(url))).toEqual([])
})

test('operations on one record: $validate and $meta', async () => {
  const patient = (await street.post('client', 'client')).find((one) => one.startsWith('Patient/')) ?? ''
  const meta = JSON.parse((await street.ask('mission', `/${patient}/$meta`)).body) as Record<string, unknown>
  expect(meta).toMatchObject({ resourceType: 'Parameters', parameter: [{ name: 'return', valueMeta: { versionId: expect.any(String), security: expect.any(Array) } }] }) // prettier-ignore
  const held = JSON.parse((await street.ask('mission', `/${patient}/$validate`)).body) as Record<string, unknown>
  expect(held).toMatchObject({ resourceType: 'OperationOutcome' })
  for (const name of ['$meta', '$validate']) expect((await street.ask('harbor-housing', `/${patient}/${name}`)).status).toBe(404)

  const validate = async (path: string, body: unknown): Promise<{ status: number; severities: readonly string[]; expressions: readonly string[] }> => {
    const answer = await street.ask('harbor-housing', path, { method: 'POST', headers: { 'content-type': 'application/fhir+json' }, body: JSON.stringify(body) })
    const { issue = [] } = JSON.parse(answer.body) as { issue?: readonly { severity: string; expression?: readonly string[] }[] }
    return { status: answer.status, severities: issue.map(({ severity }) => severity), expressions: issue.flatMap(({ expression = [] }) => expression) }
  } // prettier-ignore
  const good = {
    resourceType: 'Goal',
    id: 'g',
    lifecycleStatus: 'active',
    description: { text: 'x' },
    subject: { reference: patient },
  }
  const parameters = (more: readonly object[]): object => ({
    resourceType: 'Parameters',
    parameter: [{ name: 'resource', resource: good }, ...more],
  })
  expect(await validate('/Goal/$validate', good)).toMatchObject({ status: 200, severities: ['information'] })
  expect(await validate('/Goal/$validate', { ...good, lifecycleStatus: 'ZZ' })).toMatchObject({
    status: 200,
    expressions: ['Goal.lifecycleStatus'],
  })
  expect(await validate('/Goal/$validate', parameters([{ name: 'mode', valueCode: 'update' }]))).toMatchObject({
    severities: ['information'],
  })
  expect(await validate('/Goal/other/$validate', parameters([{ name: 'mode', valueCode: 'update' }]))).toMatchObject({
    expressions: ['Goal.id'],
  })
  expect(await validate('/Condition/$validate', good)).toMatchObject({ severities: expect.arrayContaining(['error']) })
  const mission = 'https://mission-gateway.example/fhir/StructureDefinition/mission-goal'
  expect((await validate(`/Goal/$validate?profile=${mission}`, good)).severities).toContain('error')
  expect((await validate('/Goal/$validate?profile=http://nobody/x', good)).severities).toContain('error')
  expect((await validate('/Goal/$validate?mode=nonsense', good)).status).toBe(400)
  expect((await validate('/Goal/$validate', parameters([{ name: 'mode', valueCode: 'delete' }]))).status).toBe(200)
})
