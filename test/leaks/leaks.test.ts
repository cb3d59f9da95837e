import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { otherDoors, partnerDoors, waysOut, type DoorRow } from './doors.ts'
import { noticeOf } from '../../src/disclosure/notice.ts'
import { notesOf } from '../../src/flow/v2-writing.ts'
import { parse } from '../../src/formats/hl7v2/message.ts'
import { QUESTIONS } from '../../src/http/console/questions.ts'
import { notAsked } from './every-door.ts'
import { canariesIn } from './find.ts'
import { questionsAsked } from './inside.ts'
import { openWorld, type World } from './world.ts'

/**
 * A canary in every element of every type that we hold, and every byte that leaves searched for it. `LEAKS=all` asks for every
 * record through every door; else for one in `SHARE`.
 */
const SHARE = process.env['LEAKS'] === 'all' ? 1 : 9

let world: World
beforeAll(async () => {
  world = await openWorld(SHARE)
}, 240_000)
afterAll(() => world.close())

const elementsOf = (rows: readonly DoorRow[]): readonly string[] =>
  rows.flatMap(({ door, asker, found }) =>
    found.map((canary) => {
      const plant = [...world.garden.secrets, ...world.garden.plants].find(({ canaries }) => canaries.includes(canary))
      return `${door} to ${asker}: ${plant?.element ?? '?'} (${canary})`
    }),
  )

test.each(['st-mary-hospital', 'harbor-housing', 'harris-probation'] as const)(
  'nothing that is withheld from %s leaves through FHIR',
  async (who) => {
    const rows = await partnerDoors(world, who, SHARE)
    expect(elementsOf(rows)).toEqual([])
    // it was asked, and something did leave
    expect(rows.find(({ door }) => door === 'FHIR search')?.bytes).toBeGreaterThan(10_000)
  },
  600_000,
)

test('nothing leaves by itself: what is pushed, sent, dropped, mailed and told', async () => {
  const rows = await waysOut(world)
  expect(elementsOf(rows)).toEqual([])
  // each way was gone
  for (const { door, requests } of rows) expect([door, requests > 0]).toEqual([door, true])
}, 240_000)

/** What only changes something; `test/console/rights` has what it answers. */
const CHANGING = new Set(
  (
    '/disclosures/prove /requests/handle /breaches/handle /searches/save /searches/drop /withheld/decide /deliveries/operate ' +
    '/integrity/verify /staff/end-sessions /withheld/decide-consent /proposals /proposals/make /proposals/decide'
  ).split(' '),
)

/** What a recipient reads: of JSON its strings, of HL7 v2 its notes and texts, of files and letters their lines. */
const readIn = (left: string): string => {
  const text = parse(left).ok ? notesOf(left) : left
  return text.replace(/\\n|\s/g, '')
} // prettier-ignore
const NOTICE = noticeOf(1)
const SCOPE = ['for these purposes only', 'solo para estos fines']
const missingIn = (left: string): readonly string[] =>
  [NOTICE.text.en, NOTICE.text.es, ...SCOPE]
    .filter((words) => !readIn(left).includes(words.replace(/\s/g, '')))
    .map((words) => words.slice(0, 40))

describe('what is disclosed by consent bears the notice of 2024 and the scope of the consent, in English and Spanish', () => {
  test.each([
    ['FHIR read', 'st-mary-hospital', '/Observation/zz-waiting'],
    ['FHIR Bundle', 'harbor-housing', '/Task?_count=5'],
    ['FHIR Bundle of attendance', 'harris-probation', '/Encounter?_count=5'],
    ['history', 'st-mary-hospital', '/Observation/zz-waiting/_history'],
    ['$everything', 'st-mary-hospital', '$everything'],
  ] as const)('%s to %s', async (_, who, path) => {
    const { status, body } = await world.ask(who, path === '$everything' ? `/${world.patient}/$everything` : path)
    expect(status).toBe(200)
    expect(missingIn(body)).toEqual([])
  })

  test('FHIR push, HL7 v2, HMIS files and notifications with a record', async () => {
    await world.settled()
    const { pushed, messages, notified, files } = world.receivers
    const letters = (await files()).filter((file) => file.startsWith('README.txt'))
    const events = notified.filter((one) => one.includes('"event-notification"'))
    for (const sent of [pushed, messages, letters, events]) {
      expect(sent.length).toBeGreaterThan(0)
      expect(sent.flatMap(missingIn)).toEqual([])
    }
    const archives = (await files()).filter((file) => file.endsWith('.zip'))
    expect(letters).toHaveLength(archives.length)
  }, 240_000)

  test('an e-mail discloses nothing: it names no record and no patient', () => {
    for (const letter of world.receivers.letters) expect(letter).not.toMatch(/ServiceRequest|Patient|HTEST|plain-request/)
  })
})

test('a probation officer gets attendance, and nothing of the content', async () => {
  const bodyOf = async (type: string): Promise<string> => {
    const { body } = await world.ask('harris-probation', `/${type}?_count=500`)
    const { entry = [] } = JSON.parse(body) as { entry?: { resource: { id: string } }[] }
    return JSON.stringify(entry.filter(({ resource }) => resource.id.startsWith('zz')))
  }
  for (const type of ['Encounter', 'Appointment', 'EpisodeOfCare'])
    expect([type, (await bodyOf(type)).includes('"id":"zz')]).toEqual([type, true])
  for (const type of ['Condition', 'Observation', 'Procedure', 'CareTeam', 'Communication', 'DocumentReference', 'QuestionnaireResponse', 'Coverage', 'Flag', 'ChargeItem', 'MeasureReport', 'RelatedPerson'])
    expect([type, (await bodyOf(type)).includes('"id":"zz')]).toEqual([type, false])
  for (const type of ['Encounter', 'Appointment', 'EpisodeOfCare', 'ServiceRequest', 'Task'])
    expect([type, /"(note|reasonCode|reasonReference|diagnosis|description|comment|type|extension":\[\{"url":"urn)"/.test((await bodyOf(type)).replace(/"type":"Patient"/g, ''))]).toEqual([type, false])
}, 60_000) // prettier-ignore

test('nothing leaves beside the answers', async () => {
  expect(elementsOf(await otherDoors(world))).toEqual([])
}, 240_000)

test('every door of the street was asked: a new one has to be, before it can be said not to tell', () => {
  expect(notAsked(world.asked)).toEqual([])
  const questions = QUESTIONS.filter(({ path }) => !CHANGING.has(path)).map(({ path }) => path)
  expect(questions.filter((path) => !questionsAsked(world).has(path))).toEqual([])
})

test('what a clinic sends in is taken, and is there to tell', async () => {
  const { canaries, codes, sent } = world.inbound
  expect(sent).toBeGreaterThan(80)
  expect(codes['AA']).toBeGreaterThan(20)
  const [row] = await world.db.query<{ bodies: string }>(
    `select string_agg(body::text, ' ') as bodies from record where origin->>'partner' = 'bayou-bh'`,
    [],
  )
  const kept = canariesIn(row?.bodies ?? '')
  expect(canaries.filter((one) => kept.has(one)).length).toBeGreaterThan(100)
})

test('the records are there: the programme sees every canary, and the hospital most of the records without it', async () => {
  const canaries = world.garden.plants.flatMap((one) => one.canaries)
  const seen = new Set<string>()
  const shown = { mission: 0, hospital: 0 }
  for (const type of new Set(world.garden.plants.map((one) => one.type))) {
    const [own, others] = [await world.ask('mission', `/${type}?_count=500`), await world.ask('st-mary-hospital', `/${type}?_count=500`)]
    for (const one of canariesIn(own.body)) seen.add(one)
    shown.mission += own.body.split('"fullUrl"').length - 1
    shown.hospital += others.body.split('"fullUrl"').length - 1
  }
  expect(canaries.filter((one) => !seen.has(one))).toEqual([])
  expect(shown.mission).toBeGreaterThan(400)
  expect(shown.hospital).toBeGreaterThan(200)
}, 60_000) // prettier-ignore

test('a housing partner gets referrals and goals, and of diagnoses and treatment nothing', async () => {
  const count = async (type: string): Promise<number> =>
    (await world.ask('harbor-housing', `/${type}?_count=500`)).body.split('"id":"zz').length - 1
  const never = ['Condition', 'Encounter', 'Procedure', 'CareTeam', 'EpisodeOfCare', 'Coverage', 'Flag', 'ChargeItem', 'MeasureReport']
  for (const type of never) expect([type, await count(type)]).toEqual([type, 0])
  for (const type of ['Goal', 'ServiceRequest', 'Task']) expect([type, (await count(type)) > 0]).toEqual([type, true])
  const { body } = await world.ask('harbor-housing', '/Goal?_count=500')
  expect(body).not.toMatch(/42CFRPart2|"SUD"|F11|E11|heroin/)
}, 60_000) // prettier-ignore

describe('the search finds a canary', () => {
  const canary = 'zzc17q'
  test.each([
    ['as it stands', `a ${canary} b`],
    ['in capitals', canary.toUpperCase()],
    ['in base64', Buffer.from(`heroin ${canary}`).toString('base64')],
    ['in base64, begun elsewhere', `xy${Buffer.from(`heroin ${canary}`).toString('base64')}`],
    ['in base64 for addresses', Buffer.from(`>>>???${canary}`).toString('base64url')],
    ['in percent signs', [...canary].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')],
    ['in JSON escapes', [...canary].map((c) => `\\u00${c.charCodeAt(0).toString(16)}`).join('')],
    ['in XML references', [...canary].map((c) => `&#${String(c.charCodeAt(0))};`).join('')],
    ['in HL7 escapes', `\\X${Buffer.from(canary).toString('hex')}\\`],
    ['in hex', Buffer.from(`heroin ${canary}`).toString('hex')],
    ['in bytes', Buffer.from(`heroin ${canary}`)],
  ])('%s', (_, left) => {
    expect([...canariesIn(left)]).toEqual([canary])
  })

  test('and finds none where there is none', () => {
    expect(canariesIn('zzc q zzcq 17 zz-secret').size).toBe(0)
  })
})
