import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Bundle, Provenance } from '@medplum/fhirtypes'
import type { PartnerName } from './partners.ts'
import { openStreet, type Street } from './street.ts'

let street: Street
let plan: readonly string[]

beforeAll(async () => {
  street = await openStreet()
  await street.post('client', 'client')
  await street.post('enrolment', 'enrolment')
  plan = (await street.post('treatment-plan', 'treatment-plan')).filter((made) => !/^(Practitioner|Organization)/.test(made))
  await street.post('housing-interview', 'housing-interview')
}, 120_000)
afterAll(() => street.close())

const bundle = async (who: PartnerName, path: string): Promise<Bundle> => JSON.parse((await street.ask(who, path)).body) as Bundle
const resourcesAt = async (who: PartnerName, path: string) =>
  ((await bundle(who, path)).entry ?? []).flatMap(({ resource }) => (resource === undefined ? [] : [resource]))
const provenances = async (who: PartnerName): Promise<readonly Provenance[]> =>
  (await resourcesAt(who, '/Provenance')).filter((one) => one.resourceType === 'Provenance')
const targetsOf = (one: Provenance | undefined): readonly string[] => one?.target.map(({ reference }) => reference ?? '') ?? []
const planOf = async (who: PartnerName): Promise<Provenance | undefined> =>
  (await provenances(who)).find((one) => targetsOf(one).some((target) => target.startsWith('CarePlan/')))

test('every accepted record has one Provenance, with agent, source, time and activity', async () => {
  const [found, ...more] = (await provenances('mission')).filter(({ entity }) =>
    (entity?.[0]?.what.identifier?.value ?? '').startsWith('treatment-plan/'),
  )
  expect(more).toEqual([])
  expect(found?.recorded).toMatch(/^\d{4}-\d\d-\d\dT/)
  expect(found?.activity?.coding?.[0]?.code).toBe('CREATE')
  expect(found?.agent.map(({ type }) => type?.coding?.[0]?.code)).toEqual(['author', 'transmitter'])
  expect(new Set(targetsOf(found))).toEqual(new Set(plan))
})

test('the same record again writes none anew', async () => {
  const before = await planOf('mission')
  await street.post('treatment-plan', 'treatment-plan')
  expect((await planOf('mission'))?.meta).toEqual(before?.meta)
})

test('without a basis there is none, by search, by id, and by _revinclude', async () => {
  const own = await planOf('mission')
  expect(await provenances('st-mary-hospital')).toEqual([])
  const read = await street.ask('st-mary-hospital', `/Provenance/${own?.id ?? ''}`)
  const never = await street.ask('st-mary-hospital', '/Provenance/00000000-0000-4000-8000-000000000000')
  expect([read.status, read.body]).toEqual([never.status, never.body])
})

test('with a consent it goes with its targets, and names only those that go', async () => {
  await street.post('consent', 'consent-hospital')
  await street.post('consent', 'consent-housing')
  const found = await resourcesAt('st-mary-hospital', '/CarePlan?_revinclude=Provenance:target')
  const [told, ...more] = found.filter((one) => one.resourceType === 'Provenance')
  expect(more).toEqual([])
  for (const who of ['st-mary-hospital', 'harbor-housing', 'bayou-bh'] as const)
    for (const one of await provenances(who))
      for (const target of targetsOf(one)) expect([target, (await street.ask(who, `/${target}`)).status]).toEqual([target, 200])
  const shown: string[] = []
  for (const target of plan) if ((await street.ask('st-mary-hospital', `/${target}`)).status === 200) shown.push(target)
  expect(new Set(targetsOf(told))).toEqual(new Set(shown))
  expect(shown.length).toBeGreaterThan(1)
})

test('a Provenance of a partner about records that it cannot see goes to nobody else', async () => {
  const body = JSON.stringify({
    resourceType: 'Provenance',
    target: [{ reference: plan[0] }],
    recorded: '2026-03-01T00:00:00Z',
    agent: [{ who: { reference: 'Organization/bayou-bh' } }],
  })
  const sent = { method: 'POST', body, headers: { 'content-type': 'application/fhir+json' } }
  expect((await street.ask('bayou-bh', '/Provenance', sent)).status).toBe(201)
  expect((await provenances('harbor-housing')).length).toBe(0)
  const isTheirs = ({ agent }: Provenance): boolean => agent[0]?.who.reference === 'Organization/bayou-bh'
  expect((await provenances('st-mary-hospital')).filter(isTheirs).map(targetsOf)).toEqual([[plan[0]]])
})
