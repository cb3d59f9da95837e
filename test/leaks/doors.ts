import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { exportLedger } from '../../src/audit/files.ts'
import { field } from '../flow/clinic.ts'
import { addressOf, STREET_DOORS } from './every-door.ts'
import { canariesIn } from './find.ts'
import { accountings, commandOutputs, consoleAnswers, type Told } from './inside.ts'
import { PLANTED_TYPES, type Plant } from './plant.ts'
import type { Asker } from './ways.ts'
import type { World } from './world.ts'

/** What left through one door, and what was found in it. */
export interface DoorRow {
  readonly door: string
  readonly asker: string
  readonly requests: number
  readonly bytes: number
  /** Canaries that might have left. */
  readonly canaries: number
  readonly found: readonly string[]
}

const FHIR_JSON = { 'content-type': 'application/fhir+json' }

interface Wish {
  readonly path: string
  readonly init?: RequestInit
  /** Canaries that the asker said itself, and that may come back to it. */
  readonly said?: readonly string[]
}

const keyOf = ({ resource }: Plant): string => `${resource.resourceType}/${resource.id}`
const post = (path: string, body: unknown): Wish => ({
  path,
  init: { method: 'POST', headers: FHIR_JSON, body: JSON.stringify(body) },
})
const get = (url: string): object => ({ request: { method: 'GET', url } })

/** What a partner may ask of FHIR, about everything that is planted; `share` takes one of so many records. */
const fhirWishes = (world: World, share: number): Readonly<Record<string, readonly Wish[]>> => {
  const { garden, patient } = world
  const plants = garden.plants.filter((_, index) => index % share === 0)
  const secrets = garden.secrets
  const all = [...secrets, ...plants]
  const keys = all.map(keyOf)
  const words = all.map((one) => ({ one, word: one.canaries[0] ?? '' }))
  const patch = JSON.stringify([{ op: 'test', path: '/status', value: 'x' }])
  return {
    'FHIR read': keys.map((key) => ({ path: `/${key}` })),
    'FHIR read, pretty and summary': keys.map((key) => ({ path: `/${key}?_pretty=true&_summary=false` })),
    'FHIR XML': keys.map((key) => ({ path: `/${key}`, init: { headers: { accept: 'application/fhir+xml' } } })),
    'FHIR history': keys.map((key) => ({ path: `/${key}/_history` })),
    'FHIR search': PLANTED_TYPES.flatMap((type) => [
      { path: `/${type}?_count=500` },
      { path: `/${type}?_summary=count` },
      { path: `/${type}?_sort=-_lastUpdated&_count=7` },
      { path: `/${type}?_security=SUD&_count=500` },
      { path: `/${type}?_text=heroin` },
      { path: `/${type}?_count=500&_include=*&_revinclude=*` },
      { path: `/${type}?patient=${patient}&_elements=id,extension,contained&_count=500` },
    ]),
    'FHIR search for a canary': words.map(({ one, word }) => ({
      path: `/${one.type}?identifier=${word}`,
      said: one.canaries,
    })),
    'FHIR system history': [{ path: '/_history?_count=1000' }, ...PLANTED_TYPES.map((type) => ({ path: `/${type}/_history?_count=500` }))],
    'FHIR $everything': [{ path: `/${patient}/$everything?_count=1000` }],
    'FHIR batch': [post('/', { resourceType: 'Bundle', type: 'batch', entry: keys.slice(0, 100).map((key) => get(key)) })],
    'FHIR write errors': keys.flatMap((key): readonly Wish[] => [
      { path: `/${key}`, init: { method: 'PATCH', headers: { 'content-type': 'application/json-patch+json' }, body: patch } },
      { path: `/${key}`, init: { method: 'DELETE' } },
      { path: `/${key}`, init: { method: 'PUT', headers: { ...FHIR_JSON, 'if-match': 'W/"x"' }, body: JSON.stringify({ resourceType: key.split('/')[0], id: key.split('/')[1] }) } },
    ]),
    'FHIR conditional create': all.map((one) => ({
      path: `/${one.type}`,
      init: { method: 'POST', headers: { ...FHIR_JSON, 'if-none-exist': `_id=${one.resource.id}` }, body: JSON.stringify({ resourceType: one.type }) },
      said: [one.resource.id],
    })),
    'errors': keys.slice(0, 40).flatMap((key) => [{ path: `/${key}?nonsense=1` }, { path: `/${key}/$nonsense` }, { path: `/${key}/_history/1` }]),
  }
} // prettier-ignore

const consult = (world: World, actor: string): Wish => ({
  ...post('/cds-services/patient-consent-consult', {
    hook: 'patient-consent-consult',
    hookInstance: 'x',
    context: {
      patientId: [{ system: 'https://mission-gateway.example/fhir/identifier/client', value: 'htest-0001' }],
      actor: [{ value: actor }],
      purposeOfUse: 'TREAT',
      content: { resourceType: 'Bundle', type: 'collection', entry: world.garden.plants.slice(0, 120).map(({ resource }) => ({ resource })) },
    },
  }),
}) // prettier-ignore

const ASK_AT_ONCE = 4

const through = async (
  door: string,
  asker: string,
  wishes: readonly Wish[],
  canaries: number,
  ask: (wish: Wish) => Promise<string>,
): Promise<DoorRow> => {
  let bytes = 0
  const found = new Set<string>()
  for (let from = 0; from < wishes.length; from += ASK_AT_ONCE) {
    await Promise.all(
      wishes.slice(from, from + ASK_AT_ONCE).map(async (wish) => {
        const left = await ask(wish)
        bytes += Buffer.byteLength(left)
        const url = decodeURIComponent(wish.path)
        // what somebody said itself tells it nothing: the id in the address, the word looked for
        for (const one of canariesIn(left)) if (!url.includes(one) && wish.said?.includes(one) !== true) found.add(one)
      }),
    )
  }
  return { door, asker, requests: wishes.length, bytes, canaries, found: [...found].sort() }
}

const plantedIn = ({ garden }: World): number =>
  new Set([...garden.secrets, ...garden.plants].flatMap((one) => one.canaries)).size

/** What was found in what was told; the ids of records may stand in it, for a ledger and a queue name records by them. */
const rowOf = (world: World, { door, asker, texts }: Told, mayName: readonly string[] = secretIds(world)): DoorRow => {
  const found = [...canariesIn(texts.join('\n'))].filter((one) => !mayName.includes(one)).sort()
  const bytes = texts.reduce((sum, one) => sum + Buffer.byteLength(one), 0)
  return { door, asker, requests: texts.length, bytes, canaries: plantedIn(world), found }
}

const secretIds = ({ garden }: World): readonly string[] => garden.secrets.map(({ resource }) => resource.id)

/** What was sent to partners by itself, by each way, as it came over the wire. */
export const waysOut = async (world: World): Promise<readonly DoorRow[]> => {
  await world.settled()
  const { pushed, messages: all, notified, letters, files } = world.receivers
  // the clinic may have all of it
  const messages = all.filter((text) => field(text, 'MSH', 5) !== 'BAYOU')
  const sent = [
    { door: 'FHIR push', asker: 'all', texts: pushed },
    ...['REF', 'OMG', 'SIU', 'ADT', 'ORU'].map((code) => ({
      door: `HL7 v2, ${code}`,
      asker: 'hospital, housing, probation',
      texts: messages.filter((text) => field(text, 'MSH', 9) === code),
    })),
    { door: 'HL7 v2, answers', asker: 'bayou-bh', texts: world.inbound.answers },
    { door: 'HMIS files', asker: 'harbor-housing', texts: await files() },
    { door: 'notifications', asker: 'st-mary-hospital', texts: notified },
    { door: 'e-mail', asker: 'harbor-housing', texts: letters },
  ]
  return sent.map((one) => rowOf(world, one, []))
}

/** Everything that leaves towards a partner over FHIR, with status line and headers. */
export const partnerDoors = async (world: World, who: Asker, share: number): Promise<readonly DoorRow[]> => {
  const rows: DoorRow[] = []
  const canaries = plantedIn(world)
  for (const [door, wishes] of Object.entries(fhirWishes(world, share)))
    rows.push(
      await through(door, who, wishes, canaries, async ({ path, init }) => {
        const { status, headers, body } = await world.ask(who, path, init)
        return [status, JSON.stringify(headers), body].join('\n')
      }),
    )
  rows.push(await everyDoorOf(world, who))
  return rows
}

/** Every door that there is, asked about records that are withheld, with a body that says nothing where it wants one. */
const everyDoor = (world: World): readonly Wish[] => {
  const secrets = world.garden.secrets
  return STREET_DOORS.flatMap((door, at) => {
    const one = secrets[at % secrets.length]
    if (one === undefined) return []
    const { method, path } = addressOf(door, one.type, one.resource.id, world.patient)
    const body =
      method === 'GET' || method === 'DELETE' ? undefined : JSON.stringify({ resourceType: one.type, id: one.resource.id })
    const type = path.startsWith('/fhir') ? FHIR_JSON : { 'content-type': 'application/json' }
    return [{ path, init: { method, ...(body === undefined ? {} : { headers: type, body }) } }]
  })
}

/** The same doors, by each partner. */
export const everyDoorOf = (world: World, who: Asker): Promise<DoorRow> =>
  through('every door', who, everyDoor(world), plantedIn(world), async ({ path, init }) => {
    const { status, headers, body } = await world.street(who, path, init)
    return [status, JSON.stringify(headers), body].join('\n')
  })

/** What is told beside the answers: cards, the programme's door, log, metrics, ledger and its export. */
export const otherDoors = async (world: World): Promise<readonly DoorRow[]> => {
  const canaries = plantedIn(world)
  // a ledger names records by their ids
  const ids = world.garden.secrets.map(({ resource }) => resource.id)
  const row = (door: string, left: string): Promise<DoorRow> => through(door, '', [{ path: '', said: ids }], canaries, () => Promise.resolve(left))
  const street = (door: string, who: Asker, wish: Wish): Promise<DoorRow> =>
    through(door, who, [wish], canaries, async ({ path, init }) => (await world.street(who, path, init)).body)
  const ledger = await world.db.query<{ body: string }>('select body from ledger order by seq', [])
  const sink = new PassThrough()
  const exported = text(sink)
  await exportLedger(world.db, sink)
  sink.end()
  const metrics = await fetch(`http://127.0.0.1:${String(world.metricsPort)}/metrics`)
  return [
    await street("CDS Hooks card", 'st-mary-hospital', consult(world, 'st-mary-hospital')),
    await street('held texts', 'st-mary-hospital', { path: '/mission/v1/held-texts' }),
    await street('programme door, refused', 'st-mary-hospital', { path: '/mission/v1/nonsense' }),
    ...(await consoleAnswers(world)).map((one) => rowOf(world, one)),
    rowOf(world, await commandOutputs(world)),
    ...(await accountings(world)).map((one) => rowOf(world, one)),
    await row('log at debug', world.log.join('')),
    await row('metrics', await metrics.text()),
    await row('ledger', ledger.map(({ body }) => body).join('\n')),
    await row('ledger export', await exported),
  ]
} // prettier-ignore
