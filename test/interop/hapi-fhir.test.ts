import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Bundle, CapabilityStatement, Resource } from '@medplum/fhirtypes'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exampleResources } from '../../profiles/build-guide.mjs'
import { readConfig } from '../../src/app/config.ts'
import { openHouse } from '../../src/app/gateway.ts'
import { registerPartner } from '../../src/flow/partners.ts'
import { silentLog } from '../../src/platform/log.ts'
import { resourcesIn } from '../../src/validation/definition.ts'
import { enrol, eventually } from '../flow/clinic.ts'
import { openStreet, settingsFor, type Street } from '../http/street.ts'
import { plain } from '../validation/corpus.ts'
import { OURS, TERMINOLOGY, US_CORE } from '../validation/definitions.ts'
import { base64, peerOrWhyNot, plainText, startJavaPeer, type PeerProcess } from './peer-process.ts'

/** Its in-memory terminology cannot expand these value sets of US Core 6.1.0; the official validator can, and finds the codes in them. */
const BEYOND = [
  /'Condition\.category:us-core'.*us-core-condition-problems-health-concerns\|6\.1\.0/,
  /us-core-narrative-status\|6\.1\.0/,
]

const { isHere, why } = peerOrWhyNot('HAPI FHIR', 'hapi-fhir/lib', 'java')
const foreign = isHere ? describe : describe.skip

const registerPush = async (street: Street, port: string): Promise<void> => {
  const config = readConfig({ ...settingsFor(street.folder), DATABASE_URL: street.url })
  if (!config.ok) throw new Error(config.error.join('; '))
  const opened = await openHouse(config.value, silentLog)
  const bayou = await opened.house.partners.byId('bayou-bh')
  const added = await registerPartner(
    opened.house,
    {
      id: 'bayou-bh',
      name: 'Bayou Behavioral Health',
      kind: ['part2-program', 'covered-entity'],
      sector: 'behavioural-health',
      purposes: ['TREAT'],
      scopes: ['system/*.cruds'],
      jwks: { keys: [street.keys.publicJwk] },
      channels: [{ kind: 'fhir-push', baseUrl: `http://127.0.0.1:${port}/fhir` }],
    },
    'operator',
  )
  if (bayou === undefined || !added.ok) throw new Error(JSON.stringify(added))
  await opened.close()
}

foreign(`HAPI FHIR (${why})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'mission-hapi-fhir-'))
  let street: Street
  let peer: PeerProcess
  beforeAll(async () => {
    street = await openStreet({ GATEWAY_RETRY_FIRST_MS: '100' })
    peer = startJavaPeer('hapi-fhir', 'FhirPartner.java')
    const [port = ''] = await peer.ask('SERVE')
    await registerPush(street, port)
    await enrol(street)
    await peer.ask('ASK', street.gateway.fhirBase, await street.token('mission'))
  }, 180_000)
  afterAll(async () => {
    await peer.close()
    await street.close()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  const ask = async <T extends Resource = Resource>(...words: readonly string[]): Promise<readonly T[]> =>
    (await peer.ask(...words)).map((one) => JSON.parse(plainText(one)) as T)
  const idsOf = (bundle: Bundle | undefined): readonly string[] =>
    (bundle?.entry ?? []).flatMap(({ resource, search }) => (search?.mode === 'outcome' ? [] : [resource?.id ?? '']))
  const patientId = async (): Promise<string> => idsOf((await ask<Bundle>('SEARCH', 'Patient', '1'))[0])[0] ?? ''

  test('reads our CapabilityStatement, as its client does before its first request', async () => {
    const [said] = await ask<CapabilityStatement>('CAPABLE')
    expect([said?.resourceType, said?.fhirVersion]).toEqual(['CapabilityStatement', '4.0.1'])
  })

  test('searches, reads what it found, and follows the pages to the end', async () => {
    const id = await patientId()
    expect((await ask('READ', 'Patient', id))[0]).toMatchObject({ resourceType: 'Patient', id })
    const pages = await ask<Bundle>('SEARCH', 'Practitioner?_count=1', '9')
    const seen = pages.flatMap(idsOf)
    expect([pages.length > 1, new Set(seen).size]).toEqual([true, seen.length])
  })

  test('gets everything about a patient', async () => {
    const id = await patientId()
    const [bundle] = await ask<Bundle>('EVERYTHING', id)
    expect(idsOf(bundle)).toContain(id)
  })

  test('creates, creates only once by a condition, and updates by a condition', async () => {
    const organization = (name: string): string =>
      base64(
        JSON.stringify({
          resourceType: 'Organization',
          identifier: [{ system: 'urn:test', value: 'HAPI-1' }],
          active: true,
          name,
        }),
      )
    const where = 'Organization?identifier=urn:test|HAPI-1'
    const first = await peer.ask('CREATE', organization('HTEST Clinic'), where)
    expect(first[0]).toBe('201')
    expect((await peer.ask('CREATE', organization('HTEST Clinic'), where))[0]).toBe('200')
    expect((await peer.ask('UPDATE_WHERE', where, organization('HTEST Clinic, renamed')))[0]).toBe('200')
    const [found] = await ask<Bundle>('SEARCH', where, '1')
    expect(found?.entry?.map(({ resource }) => resource)).toMatchObject([{ name: 'HTEST Clinic, renamed' }])
  })

  test('sends a transaction whose entries refer to each other', async () => {
    const [full, part] = ['urn:uuid:0d4d5f6e-0000-4000-8000-000000000001', 'urn:uuid:0d4d5f6e-0000-4000-8000-000000000002']
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          fullUrl: full,
          resource: { resourceType: 'Organization', active: true, name: 'HTEST Whole' },
          request: { method: 'POST', url: 'Organization' },
        },
        {
          fullUrl: part,
          resource: { resourceType: 'Organization', active: true, name: 'HTEST Part', partOf: { reference: full } },
          request: { method: 'POST', url: 'Organization' },
        },
      ],
    }
    const [answer] = await ask<Bundle>('TRANSACT', base64(JSON.stringify(bundle)))
    expect(answer?.entry?.map(({ response }) => response?.status.slice(0, 3))).toEqual(['201', '201'])
  })

  test('reads our OperationOutcome of what is not there', async () => {
    const [status, outcome] = await peer.ask('READ', 'Patient', 'nobody')
    expect([status, JSON.parse(plainText(outcome)) as unknown]).toMatchObject(['404', { resourceType: 'OperationOutcome' }])
  })

  test('takes our push: its server validates what comes, and holds the referral', async () => {
    const made = await street.post('referral', 'referral-behavioural-health')
    const task = made.find((reference) => reference.startsWith('Task/'))?.slice(5) ?? ''
    const items = await eventually(
      () =>
        street.db.query<{ state: string; cause: string | null }>(
          `select state, cause from outbox where channel = 'fhir-push'`,
          [],
        ),
      (rows) => rows.length > 0 && rows.every(({ state }) => state === 'delivered'),
      90_000,
    )
    expect(items.map(({ state, cause }) => [state, cause])).toEqual(items.map(() => ['delivered', null]))
    expect((await ask('HELD', 'Task')).map(({ id }) => id)).toContain(task)
  }, 120_000)

  test('finds no error in any example, by its strict parser and its validator', async () => {
    const fill = (name: string, resources: readonly object[]): string => {
      mkdirSync(join(folder, name))
      resources.forEach((one, i) => writeFileSync(join(folder, name, `${String(i)}.json`), JSON.stringify(one)))
      return join(folder, name)
    }
    const definitions = fill('definitions', resourcesIn([OURS, ...US_CORE, ...TERMINOLOGY]))
    const examples = exampleResources().map(({ resource }) => plain(resource))
    const [count, ...found] = await peer.ask('JUDGE', fill('examples', examples), definitions)
    const errors = found.map(plainText).filter((text) => !BEYOND.some((known) => known.test(text)))
    expect([count, errors]).toEqual([String(examples.length), []])
  }, 600_000)
})
