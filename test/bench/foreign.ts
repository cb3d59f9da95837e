import { randomUUID } from 'node:crypto'
import { printLoad } from './lines.ts'
import { load, type Shot } from './load.ts'
import { recordOf, TAG } from './store-data.ts'

interface Entry {
  readonly fullUrl: string
  readonly resource: unknown
  readonly request: { readonly method: 'POST' | 'PUT'; readonly url: string }
}

const bundle = (entry: readonly Entry[]): string => JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })

/** A transaction that makes a patient with 19 observations, each time other ones. */
export const newPatientBundle = (): string => {
  const patient = `urn:uuid:${randomUUID()}`
  const made = (url: string, resourceType: string, fullUrl: string, rest: object): Entry => ({
    fullUrl,
    resource: { resourceType, meta: TAG, ...rest },
    request: { method: 'POST', url },
  })
  const person = { name: [{ family: 'HTEST-Bench', given: ['Jordan'] }], birthDate: '1980-01-01', gender: 'female' }
  const observations = Array.from({ length: 19 }, (_, n) =>
    made('Observation', 'Observation', `urn:uuid:${randomUUID()}`, {
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
      subject: { reference: patient },
      effectiveDateTime: `2026-01-${String(n + 1).padStart(2, '0')}`,
      valueQuantity: { value: 60 + n, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
    }),
  )
  return bundle([made('Patient', 'Patient', patient, person), ...observations])
}

/** One patient with 99 records under ids of their own, put in bundles of 25. */
const filling = (tag: string): { readonly patient: string; readonly bundles: readonly string[] } => {
  const resources = recordOf(1).map((one) => JSON.parse(JSON.stringify(one).replaceAll('p0000001', tag)) as { resourceType: string; id: string }) // prettier-ignore
  const entries = resources.map((resource): Entry => {
    const url = `${resource.resourceType}/${resource.id}`
    return { fullUrl: `urn:bench:${resource.id}`, resource, request: { method: 'PUT', url } }
  })
  return { patient: tag, bundles: [0, 25, 50, 75].map((from) => bundle(entries.slice(from, from + 25))) }
}

const fill = async (url: string, headers: Readonly<Record<string, string>>): Promise<string> => {
  const { patient, bundles } = filling(`bench${randomUUID().slice(0, 8)}`)
  for (const body of bundles) {
    const answer = await fetch(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/fhir+json' }, body })
    if (!answer.ok) throw new Error(`the server refuses the transaction that fills it: ${String(answer.status)} ${(await answer.text()).slice(0, 300)}`) // prettier-ignore
  }
  return patient
}

/** The same workload at any FHIR R4 server: reads, pages, `$everything` and transactions, on records that it is given first. */
export const foreign = async (ask: {
  readonly url: string
  readonly token: string | undefined
  readonly forMs: number
  readonly rounds: number
}): Promise<void> => {
  const base = new URL(ask.url)
  const at = base.pathname.replace(/\/$/, '')
  const headers = { accept: 'application/fhir+json', ...(ask.token === undefined ? {} : { authorization: `Bearer ${ask.token}` }) } // prettier-ignore
  const patient = await fill(`${base.origin}${at}`, headers)
  const works: readonly (readonly [string, number, () => Shot])[] = [
    ['read by id, concurrency 32', 32, () => ({ path: `${at}/Condition/${patient}-30` })],
    ['$everything, 100 records, concurrency 8', 8, () => ({ path: `${at}/Patient/${patient}/$everything` })],
    ['page of 20 of a patient, concurrency 8', 8, () => ({ path: `${at}/Observation?_count=20&patient=${patient}` })],
    ['page of 20 over all patients, concurrency 8', 8, () => ({ path: `${at}/Observation?_count=20` })],
    ['transaction of 20, concurrency 4', 4, () => ({ method: 'POST', path: at === '' ? '/' : at, body: newPatientBundle() })],
  ]
  for (const [name, concurrency, shot] of works) {
    for (let round = 0; round < ask.rounds; round += 1)
      printLoad(name, await load({ origin: base.origin, shot, headers, concurrency, forMs: ask.forMs }))
  }
}
