import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Bundle } from '@medplum/fhirtypes'
import { parse } from 'yaml'
import { openStreet, type Street } from './street.ts'
import { US_CORE_RECORDS, US_CORE_SEARCHES, US_CORE_VALUES } from './us-core-searches.ts'

/** Every search that US Core asks of a server, put to the gateway: the record is found, and is not found by another value. */
let street: Street
beforeAll(async () => {
  street = await openStreet()
  const provenance = US_CORE_RECORDS.filter(({ resourceType }) => US_CORE_SEARCHES[resourceType]?.revinclude.length === 1).map(
    ({ resourceType, id }) => ({
      resourceType: 'Provenance',
      id: `of-${id}`,
      target: [{ reference: `${resourceType}/${id}` }],
      recorded: '2026-01-05T10:00:00Z',
      agent: [{ who: { reference: 'Practitioner/us-practitioner' } }],
    }),
  )
  const entry = [...US_CORE_RECORDS, ...provenance].map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }))
  const stored = await street.ask('mission', '', {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }),
  })
  if (stored.status !== 200) throw new Error(stored.body)
}, 120_000)
afterAll(() => street.close())

const idOf = (type: string): string => `us-${type.toLowerCase()}`
const valueOf = (type: string, name: string, isHit: boolean): string => {
  if (name === '_id') return isHit ? idOf(type) : 'nobody'
  const values = US_CORE_VALUES[`${type}.${name}`] ?? US_CORE_VALUES[name]
  if (values === undefined) throw new Error(`no value for ${type}.${name}`)
  return values[isHit ? 0 : 1]
}

const entriesOf = async (path: string): Promise<readonly string[]> => {
  const { status, body } = await street.ask('mission', path)
  if (status !== 200) throw new Error(`${path}: ${String(status)} ${body}`)
  return ((JSON.parse(body) as Bundle).entry ?? []).map(({ resource }) => `${resource?.resourceType ?? ''}/${resource?.id ?? ''}`)
}
const query = (type: string, names: readonly string[], missing?: string): string =>
  `/${type}?${new URLSearchParams(names.map((name): [string, string] => [name, valueOf(type, name, name !== missing)])).toString()}`

const SEARCHES = Object.entries(US_CORE_SEARCHES).flatMap(([type, { searches }]) =>
  searches.map((search) => [type, search.split('+')] as const),
)

test.each(SEARCHES)('%s by %j', async (type, names) => {
  expect(await entriesOf(query(type, names))).toContain(`${type}/${idOf(type)}`)
  for (const missing of names) expect(await entriesOf(query(type, names, missing))).not.toContain(`${type}/${idOf(type)}`)
  const [path = '', form = ''] = query(type, names).split('?')
  const posted = await street.ask('mission', `${path}/_search`, {
    method: 'POST',
    body: form,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect(posted.body).toContain(`"id":"${idOf(type)}"`)
})

test.each(Object.entries(US_CORE_SEARCHES).filter(([, { revinclude }]) => revinclude.length > 0))(
  '%s with its Provenance',
  async (type) => {
    const found = await entriesOf(`/${type}?_id=${idOf(type)}&_revinclude=Provenance:target`)
    expect(found).toEqual(expect.arrayContaining([`${type}/${idOf(type)}`, `Provenance/of-${idOf(type)}`]))
  },
)

test.each([
  ['CareTeam:participant:Patient', 'Patient/us-patient'],
  ['CareTeam:participant:Practitioner', 'Practitioner/us-practitioner'],
  ['CareTeam:participant:PractitionerRole', 'PractitionerRole/us-practitionerrole'],
  ['CareTeam:participant:RelatedPerson', 'RelatedPerson/us-relatedperson'],
  ['PractitionerRole:practitioner', 'Practitioner/us-practitioner'],
  ['PractitionerRole:endpoint', 'PractitionerRole/us-practitionerrole'],
])('_include=%s', async (include, brought) => {
  const type = include.split(':')[0] ?? ''
  expect(await entriesOf(`/${type}?_id=${idOf(type)}&_include=${include}`)).toContain(brought)
})

test('$docref finds the documents of a patient', async () => {
  const all = await entriesOf('/DocumentReference/$docref?patient=us-patient')
  expect(all).toEqual(['DocumentReference/us-documentreference'])
  expect(await entriesOf('/DocumentReference/$docref?patient=us-patient&start=2026-01-01&end=2026-12-31&type=urn:uscore|note')).toEqual(all)
  expect(await entriesOf('/DocumentReference/$docref?patient=us-patient&start=2027-01-01')).toEqual([])
  const parameter = [{ name: 'patient', valueId: 'us-patient' }, { name: 'type', valueCodeableConcept: { coding: [{ system: 'urn:uscore', code: 'note' }] } }]
  const posted = await street.ask('mission', '/DocumentReference/$docref', { method: 'POST', headers: { 'content-type': 'application/fhir+json' }, body: JSON.stringify({ resourceType: 'Parameters', parameter }) })
  expect(posted.body).toContain('us-documentreference')
  expect((await street.ask('mission', '/DocumentReference/$docref')).status).toBe(400)
}) // prettier-ignore

interface Group {
  readonly ':resource': string
  readonly ':searches': readonly { readonly ':names': readonly string[] }[]
  readonly ':search_definitions': Readonly<Record<string, { readonly ':chain'?: readonly { readonly ':chain': string }[] }>>
  readonly ':include_params': readonly string[]
  readonly ':revincludes': readonly string[]
}

const INFERNO = new URL('../../../shared/data/exchange/inferno/us-core/', import.meta.url)
const versions = ['v6.1.0', 'v7.0.0', 'v8.0.0'].filter((version) => existsSync(new URL(`${version}/metadata.yml`, INFERNO)))
const describeWhenHeld = versions.length > 0 ? describe : describe.skip
describeWhenHeld('the table holds all that the test kit asks for', () => {
  test.each(versions)('US Core %s', (version) => {
    const { ':groups': groups } = parse(readFileSync(new URL(`${version}/metadata.yml`, INFERNO), 'utf8')) as { ':groups': readonly Group[] } // prettier-ignore
    const lacking = groups.flatMap((group) => {
      const known = US_CORE_SEARCHES[group[':resource']]
      if (known === undefined) return []
      const key = (names: readonly string[]): string => [...names].sort().join('+')
      const held = new Set(known.searches.map((one) => key(one.split('+'))))
      const chains = Object.entries(group[':search_definitions']).flatMap(([name, { ':chain': chain = [] }]) =>
        chain.map((one) => `${name.slice(1)}.${one[':chain']}`),
      )
      return [
        ...group[':searches'].map(({ ':names': names }) => key(names)).filter((one) => !held.has(one)),
        ...chains.filter((one) => !held.has(one)),
        ...group[':include_params'].filter((one) => !known.include.includes(one)),
        ...group[':revincludes'].filter((one) => !known.revinclude.includes(one)),
      ].map((what) => `${group[':resource']}: ${what}`)
    })
    expect(lacking).toEqual([])
  })
})
