import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { COMMANDS } from '../../src/cli/commands.ts'
import { keepExchange } from '../../src/delivery/exchange.ts'
import { QUESTIONS } from '../../src/http/console/questions.ts'
import { DOORS } from '../../src/http/openapi-doors.ts'
import { LISTS } from '../../src/model/console-lists.ts'
import { partnerId } from '../../src/model/ids.ts'
import { plusMs } from '../../src/model/time.ts'
import { keepScreening } from '../../src/store/referral-intake.ts'
import { runCommand } from '../cli/house.ts'
import { openConsoleHouse, type ConsoleHouse, type Staff } from '../console/house.ts'
import { openWorld } from '../console/world.ts'

/** Every door through which staff, the operator or a system of the programme are shown something puts one look on the ledger. */
let house: ConsoleHouse
let officer: Staff
const ids = { patient: '', consent: '', disclosure: '', kept: '', exchange: '', task: '', file: '', seq: '' }

interface Entry {
  readonly kind: string
  readonly staff?: string
  readonly role?: string
  readonly action?: string
  readonly place?: string
  readonly rows?: number
  readonly id?: string
}

const entries = async (): Promise<readonly Entry[]> =>
  (await house.street.db.query<{ body: string }>('select body from ledger order by seq', [])).map(
    ({ body }) => JSON.parse(body) as Entry,
  )

const asProgramme = async (path: string, body?: unknown): Promise<{ readonly status: number; readonly text: string }> => {
  const answer = await fetch(`${house.street.gateway.origin}${path}`, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${await house.street.token('mission')}`, 'content-type': 'application/json' },
  })
  return { status: answer.status, text: await answer.text() }
}

beforeAll(async () => {
  house = await openConsoleHouse()
  Object.assign(ids, await openWorld(house))
  officer = await house.staff('officer HTEST', 'compliance-officer')
  const faulty = await asProgramme('/mission/v1/enrolment', { recordId: 'faulty-2' })
  ids.kept = (JSON.parse(faulty.text) as { keptAs: string }).keptAs
  const crime = { kind: 'crime-report', recipient: 'st-mary-hospital', incident: 'broke a window', against: 'premises' }
  await asProgramme('/mission/v1/legal-basis', {
    id: 'crime',
    patient: ids.patient,
    ...crime,
    lastKnownWhereabouts: 'bus station',
  })
  const all = await entries()
  ids.disclosure = all.find(({ kind }) => kind === 'disclosure')?.id ?? ''
  ids.seq = String(all.findIndex(({ kind }) => kind === 'disclosure') + 1)
  ids.exchange = '01890000-0000-7000-8000-0000000000ee'
  ids.file = join(house.street.folder, 'out')
  const [task] = await house.street.db.query<{ id: string }>(`select id from record where type = 'Task' limit 1`, [])
  ids.task = task?.id ?? ''
  const now = house.operator.house.clock.now()
  const screened = { task: ids.task, patient: ids.patient, client: ids.patient, outcome: 'undecided', findings: [], at: now }
  await keepScreening(house.street.db, screened)
  await keepExchange(house.street.db, house.operator.house.exchangeKeys, {
    id: ids.exchange,
    partner: partnerId('bayou-bh'),
    direction: 'in',
    channel: 'hl7v2',
    controlId: 'HTEST1',
    bytes: Buffer.from('MSH|^~\\&|HTEST'),
    at: now,
    keepUntil: plusMs(now, 86_400_000),
  })
}, 120_000)
afterAll(() => house.close())

/** With the ids of this world in place of their names. */
const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (_, name: string) => ids[name as keyof typeof ids])

/** What came on the ledger while the work was done. */
const during = async (work: () => Promise<unknown>): Promise<readonly Entry[]> => {
  const before = (await entries()).length
  await work()
  return (await entries()).slice(before)
}

describe('doors of the programme', () => {
  /** Those that show something, with the place that the ledger has for it; the rest change something or tell of nobody. */
  const LOOKS: Readonly<Record<string, readonly [path: string, place: string]>> = {
    'get /legal-basis': ['?patient={patient}', 'legal-basis'],
    'get /legal-basis/unreviewed': ['', 'legal-basis/unreviewed'],
    'post /legal-basis/{id}/report': ['crime', 'legal-basis/:id/report'],
    'get /held-texts': ['', 'held-texts'],
    'get /held-texts/decided': ['', 'held-texts/decided'],
    'get /consents/waiting': ['', 'consents/waiting'],
    'get /notices/given': ['?patient={patient}', 'patient-notices'],
    'get /notices/missing': ['', 'patient-notices/missing'],
    'get /patient-requests': ['', 'patient-requests'],
    'get /breaches': ['', 'breaches'],
    'get /patients/{id}/accounting': ['{patient}', 'accounting'],
    'get /patients/{id}/intermediaries': ['{patient}', 'intermediaries'],
    'get /disclosures/{id}/proof': ['{disclosure}', 'disclosures/:id/proof'],
    'get /corrections/{id}': ['{kept}', '/mission/v1/corrections/:id'],
  }
  const OF_NOBODY = ['get /notices']

  test('every door that only shows is in the table', () => {
    const shows = DOORS.filter(({ method }) => method === 'get').map(({ method, path }) => `${method} ${path}`)
    expect([...Object.keys(LOOKS), ...OF_NOBODY].filter((door) => door.startsWith('get')).sort()).toEqual(shows.sort())
  })

  test.each(Object.entries(LOOKS))('%s', async (door, [with_, place]) => {
    const [method = '', path = ''] = door.split(' ')
    const address = path.includes('{id}') ? path.replace('{id}', filled(with_)) : `${path}${filled(with_)}`
    const fresh = await during(async () => {
      const answer = await asProgramme(`/mission/v1${address}`, method === 'post' ? {} : undefined)
      expect(answer.status).toBe(200)
    })
    expect(fresh.filter(({ kind }) => kind === 'staff')).toEqual([
      expect.objectContaining({ staff: 'mission', role: expect.stringMatching(/^programme/) as unknown, place }),
    ])
  })

  test.each([
    ['/audit/fhir/AuditEvent?patient={patient}', '/audit/fhir/AuditEvent'],
    ['/audit/fhir/AuditEvent/ledger-1', '/audit/fhir/AuditEvent/:id'],
    ['/fhir/Patient/{patient}/$consent-explain?partner=harbor-housing', '/fhir/Patient/:id/$consent-explain'],
  ])('%s', async (path, place) => {
    const fresh = await during(async () => {
      expect((await asProgramme(filled(path))).status).toBe(200)
    })
    expect(fresh).toEqual([expect.objectContaining({ kind: 'staff', staff: 'mission', place })])
  })

  test('who is asked about in words that are nobody’s id stands there by a digest', async () => {
    const [entry] = await during(() => asProgramme('/mission/v1/legal-basis?patient=Jane%20HTEST-Doe'))
    expect(JSON.stringify(entry)).toMatch(/"patient":"sha256:[0-9a-f]{16}"/)
    expect(JSON.stringify(entry)).not.toContain('HTEST')
  })
})

describe('commands of the operator', () => {
  /** Those that show something of somebody: their arguments, and the place that the ledger has for it. */
  const LOOKS: Readonly<Record<string, readonly [args: string, place: string]>> = {
    'basis list': ['{patient}', 'legal-basis'],
    'basis unreviewed': ['', 'legal-basis/unreviewed'],
    'basis report': ['crime', 'legal-basis/:id/report'],
    'consent waiting': ['', 'consents/waiting'],
    'held list': ['', 'held-texts'],
    'held decided': ['', 'held-texts/decided'],
    deliveries: ['', 'deliveries'],
    incidents: ['', 'incidents'],
    losses: ['', 'losses'],
    referrals: ['', 'referrals'],
    'referral screening': ['{task}', 'referral screening'],
    capacity: ['', 'capacity'],
    exchanges: ['', 'exchanges'],
    'exchange show': ['{exchange}', 'exchange show'],
    'csv export': ['client {file}', 'csv export client'],
    timeline: ['htest-0001', 'timeline'],
    reconcile: ['dshs-2022-23', 'reconcile'],
    'request list': ['', 'patient-requests'],
    'breach list': ['', 'breaches'],
    'notice list': ['{patient}', 'patient-notices'],
    'notice missing': ['', 'patient-notices/missing'],
    'audit export': ['{file}', 'audit export'],
    'audit proof': ['{disclosure} {file}', 'disclosures/:id/proof'],
    accounting: ['{patient}', 'accounting'],
    intermediaries: ['{patient}', 'intermediaries'],
  }
  /** They show partners, accounts or numbers, and no patient. */
  const OF_NOBODY = ['partner list', 'partner show', 'staff list', 'decisions waiting', 'decisions run']
  /** What they change is on the ledger with whoever did it. */
  const ACTS =
    /^(partner|basis|consent|held|incident|referral|exchange|staff|request|breach|notice|csv|audit|capacity)? ?(add|end|review|accept|refuse|release|label|reopen|close|done|mend|disable|enable|recover|sign-out|receive|extend|assess|told|given|import|forget|set|replay|hold|cancel|pause|resume|synth)$/

  test('every command that works on the store is one of these', () => {
    const named = COMMANDS.filter(({ kind }) => kind === 'house').map(({ words }) => words.join(' '))
    const rest = named.filter((name) => !ACTS.test(name))
    expect(rest.sort()).toEqual([...Object.keys(LOOKS), ...OF_NOBODY].sort())
  })

  test.each(Object.entries(LOOKS))('%s', async (name, [args, place]) => {
    const line = [
      ...name.split(' '),
      ...filled(args)
        .split(' ')
        .filter((arg) => arg !== ''),
    ]
    const fresh = await during(async () => {
      const ran = await runCommand(house.operator.house, line)
      expect(ran.refused).toBeUndefined()
    })
    expect(fresh.filter(({ kind }) => kind === 'staff')).toEqual([
      expect.objectContaining({ staff: 'operator', role: 'operator', place }),
    ])
  })

  test.each(OF_NOBODY)('%s tells of no patient', async (name) => {
    const said = await runCommand(house.operator.house, [...name.split(' '), 'mission'])
    expect(said.lines.join('\n')).not.toContain(ids.patient)
  })
})

describe('questions of the console', () => {
  /** The lists are asked for as they come; the place on the ledger is their address. */
  const OF_LISTS = Object.values(LISTS).map(({ address }) => [address, [{}, address.slice(1)]] as const)
  const LOOKS: Readonly<Record<string, readonly [body: unknown, place: string]>> = {
    ...Object.fromEntries(OF_LISTS),
    '/overview': [{}, 'overview'],
    '/clients': [{ words: 'HTEST' }, 'clients'],
    '/disclosures/explain': [{ seq: '{seq}' }, 'disclosures/:seq'],
    '/disclosures/prove': [{ id: '{disclosure}' }, 'disclosures/:id/proof'],
    '/consents/explain': [{ id: '{consent}' }, 'consents/:id'],
    '/referrals/figures': [{}, 'referrals/figures'],
    '/referrals/steps': [{ id: '{task}' }, 'referrals/:id'],
    '/deliveries/health': [{}, 'deliveries/health'],
    '/deliveries/state': [{}, 'deliveries/state'],
    '/integrity': [{}, 'integrity'],
    '/simulate': [{ patient: '{patient}', left: { partner: 'harbor-housing' }, right: { partner: 'bayou-bh' } }, 'simulator'],
  }

  test.each(Object.entries(LOOKS))('%s', async (path, [body, place]) => {
    const asked = JSON.parse(filled(JSON.stringify(body)).replace(/"seq":"(\d+)"/, '"seq":$1')) as unknown
    const fresh = await during(async () => {
      expect((await house.call(officer, path, asked)).status).toBe(200)
    })
    const looks = fresh.filter(({ kind }) => kind === 'staff')
    expect(looks).toEqual([expect.objectContaining({ staff: officer.id, action: 'look' })])
    expect([place, `/console/${place}`]).toContain(looks[0]?.place)
  })

  test.each(OF_LISTS)('%s leaves whole', async (address) => {
    const fresh = await during(async () => {
      expect((await house.call(officer, `${address}.csv`, { question: '{}', csrf: officer.csrf })).status).toBe(200)
    })
    expect(fresh.filter(({ kind }) => kind === 'staff')).toEqual([
      expect.objectContaining({ staff: officer.id, action: 'export', place: `/console${address}.csv` }),
    ])
  })

  test('every question that shows something is in the table', () => {
    // names of partners, labels that a person may give, and one's own saved searches
    const OTHERS = ['/partner-names', '/searches', '/withheld/labels']
    const acts = /\/(handle|save|drop|decide|decide-consent|operate|verify|end-sessions|make)$/
    const shows = QUESTIONS.map(({ path }) => path).filter((path) => !acts.test(path) && !OTHERS.includes(path))
    expect(Object.keys(LOOKS).sort()).toEqual(shows.sort())
  })
})
