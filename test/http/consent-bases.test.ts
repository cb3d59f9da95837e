import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/app/config.ts'
import { openHouse, type OpenedHouse } from '../../src/app/gateway.ts'
import { COMMANDS } from '../../src/cli/commands.ts'
import { CommandError } from '../../src/cli/command.ts'
import { registerPartner } from '../../src/flow/partners.ts'
import { silentLog } from '../../src/platform/log.ts'
import { fetchToken, rawGet } from '../demo/partners/post.ts'
import { openStreet, settingsFor, type Street } from './street.ts'

let street: Street
let operator: OpenedHouse
let patient = ''
let plan = ''
let folder = ''

beforeAll(async () => {
  street = await openStreet()
  folder = await mkdtemp(join(tmpdir(), 'mission-basis-'))
  const config = readConfig({ ...settingsFor(street.folder), DATABASE_URL: street.url })
  if (!config.ok) throw new Error(config.error.join('; '))
  operator = await openHouse(config.value, silentLog)
  const added = await registerPartner(
    operator.house,
    {
      id: 'gulf-emergency',
      name: 'Gulf Emergency Hospital',
      kind: 'covered-entity',
      sector: 'hospital',
      purposes: ['TREAT', 'ETREAT'],
      scopes: ['system/*.cruds'],
      jwks: { keys: [street.keys.publicJwk] },
    },
    'operator',
  )
  if (!added.ok) throw new Error(JSON.stringify(added.error))
  for (const [record, name] of [
    ['staff', 'staff-case-manager'],
    ['staff', 'staff-peer-support-specialist'],
    ['client', 'client'],
    ['enrolment', 'enrolment'],
    ['treatment-plan', 'treatment-plan'],
  ] as const) {
    const made = await street.post(record, name)
    patient = made.find((reference) => reference.startsWith('Patient/'))?.slice(8) ?? patient
    plan = made.find((reference) => reference.startsWith('CarePlan/')) ?? plan
  }
}, 120_000)
afterAll(async () => {
  await operator.close()
  await street.close()
  await rm(folder, { recursive: true, force: true })
})

interface Said {
  readonly status: number
  readonly body: {
    readonly status?: string
    readonly basis?: { id: string; version: number; status: string; lacks: { requirement: string; law: string }[] }
    readonly bases?: readonly { id: string; status: string; lacks: unknown[]; patient?: string }[]
    readonly faults?: readonly { path: string }[]
  }
}

const call = async (
  method: string,
  path: string,
  body?: unknown,
  who: 'mission' | 'st-mary-hospital' = 'mission',
): Promise<Said> => {
  const answer = await fetch(`${street.gateway.origin}/mission/v1/legal-basis${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${await street.token(who)}`, 'content-type': 'application/json' },
  })
  return { status: answer.status, body: (await answer.json()) as Said['body'] }
}

const emergencyAsks = async (purpose: 'ETREAT' | 'TREAT'): Promise<number> => {
  const token = await fetchToken({
    fhirBase: street.gateway.fhirBase,
    clientId: 'gulf-emergency',
    keys: street.keys,
    alg: 'ES384',
    scope: 'system/*.cruds',
    purpose,
  })
  return (await rawGet(`${street.gateway.fhirBase}/${plan}`, token)).status
}

const entries = async (kind: string): Promise<readonly Record<string, unknown>[]> =>
  (await street.db.query<{ body: string }>('select body from ledger order by seq', []))
    .map(({ body }) => JSON.parse(body) as Record<string, unknown>)
    .filter((entry) => entry['kind'] === kind)

const emergency = (more: object): object => ({
  id: 'emergency-1',
  kind: 'medical-emergency',
  patient,
  recipient: 'gulf-emergency',
  nature: 'found unresponsive',
  personnelName: 'Alex HTEST-Doctor',
  personnelRole: 'emergency physician',
  facility: 'Gulf Emergency Hospital',
  disclosedBy: 'Sam HTEST-Manager',
  consentImpossibleBecause: 'unconscious',
  from: new Date().toISOString(),
  ...more,
})

const run = async (...args: readonly string[]): Promise<{ code: number; lines: readonly string[] }> => {
  const command = COMMANDS.find((one) => one.words.every((word, index) => args[index] === word))
  if (command?.kind !== 'house') throw new Error('no such command')
  const lines: string[] = []
  const code = await command.run(operator.house, args.slice(command.words.length), (line) => lines.push(line))
  return { code, lines }
}

describe('medical emergency (42 CFR 2.51)', () => {
  test.each([
    ['nature', 'emergency-nature-missing', '42 CFR 2.51(c)(4)'],
    ['personnelName', 'emergency-personnel-missing', '42 CFR 2.51(c)(1)'],
    ['disclosedBy', 'emergency-discloser-missing', '42 CFR 2.51(c)(2)'],
    ['from', 'emergency-time-missing', '42 CFR 2.51(c)(3)'],
  ])('J02: without %s it is kept as deficient, answered 422, and opens nothing', async (field, requirement, law) => {
    const id = `spoiled-${field}`
    const spoiled = await call('POST', '', { ...emergency({ id }), [field]: undefined })
    expect(spoiled.status).toBe(422)
    expect(spoiled.body).toMatchObject({
      status: 'kept-deficient',
      basis: { status: 'deficient', lacks: [{ requirement, law }] },
    })
    expect(await emergencyAsks('ETREAT')).toBe(404)
    const listed = await call('GET', `?patient=${patient}`)
    expect(listed.body.bases).toContainEqual(expect.objectContaining({ id, status: 'deficient', lacks: [{ requirement, law }] }))
  })

  test('with its four elements it opens the record, for emergency treatment only, until its time is over', async () => {
    expect(await emergencyAsks('ETREAT')).toBe(404)
    const until = Date.now() + 4000
    const entered = await call('POST', '', emergency({ until: new Date(until).toISOString() }))
    expect(entered).toMatchObject({ status: 201, body: { status: 'entered', basis: { status: 'in-force', lacks: [] } } })
    expect(await emergencyAsks('ETREAT')).toBe(200)
    expect(await emergencyAsks('TREAT')).toBe(404)
    expect((await street.ask('st-mary-hospital', `/${plan}`)).status).toBe(404)
    expect((await entries('disclosure')).at(-1)).toMatchObject({
      recipient: 'gulf-emergency',
      bases: [{ kind: 'medical-emergency', reference: 'emergency-1', version: '1' }],
    })
    expect((await entries('basis')).at(-1)).toMatchObject({
      action: 'entered',
      basis: 'medical-emergency',
      reference: 'emergency-1',
      version: '1',
      patient,
      by: 'mission',
    })
    await new Promise((resolve) => setTimeout(resolve, until - Date.now() + 200))
    expect(await emergencyAsks('ETREAT')).toBe(404)
  }, 20_000)

  test('it never lasts longer than 240 minutes, whatever it says', async () => {
    const began = Date.now() - 240 * 60_000 + 60_000
    const more = { id: 'emergency-2', from: new Date(began).toISOString(), until: '2099-01-01' }
    expect(await call('POST', '', emergency(more))).toMatchObject({
      status: 201,
      body: { basis: { until: new Date(began + 240 * 60_000).toISOString() } },
    })
    expect(await emergencyAsks('ETREAT')).toBe(200)
    expect((await call('POST', '/emergency-2/end')).status).toBe(200)
    expect(await emergencyAsks('ETREAT')).toBe(404)
  })
})

describe('the review of emergencies', () => {
  test('each waits for somebody who had no part in it, once', async () => {
    const { lines } = await run('basis', 'unreviewed')
    expect(lines.some((line) => line.startsWith('emergency-1\t'))).toBe(true)
    const listed = await call('GET', '/unreviewed')
    expect(listed.body.bases?.map(({ id }) => id)).toContain('emergency-2')
    for (const reviewedBy of ['Sam HTEST-Manager', ' alex  htest-doctor '])
      expect((await call('POST', '/emergency-1/review', { reviewedBy, finding: 'justified' })).status).toBe(409)
    const finding = { reviewedBy: 'Kim HTEST-Officer', finding: 'justified' }
    expect(await call('POST', '/emergency-1/review', finding)).toMatchObject({ status: 200, body: { status: 'reviewed' } })
    expect((await entries('basis')).at(-1)).toMatchObject({
      action: 'reviewed',
      reference: 'emergency-1',
      finding: 'justified',
      by: 'mission',
    })
    expect(JSON.stringify(await entries('basis'))).not.toContain('HTEST')
    expect((await call('POST', '/emergency-1/review', finding)).status).toBe(409)
    expect((await run('basis', 'unreviewed')).lines.some((line) => line.startsWith('emergency-1\t'))).toBe(false)
    expect((await call('POST', '/none/review', finding)).status).toBe(404)
    expect((await call('POST', '/emergency-1/review', { finding: 'justified' })).status).toBe(422)
    expect((await call('GET', '/unreviewed', undefined, 'st-mary-hospital')).status).toBe(403)
  })

  test('one that was found to be none ends at once', async () => {
    expect((await call('POST', '', emergency({ id: 'emergency-3' }))).status).toBe(201)
    expect(await emergencyAsks('ETREAT')).toBe(200)
    expect((await run('basis', 'review', 'emergency-3', 'Kim HTEST-Officer', 'not-justified')).code).toBe(0)
    expect(await emergencyAsks('ETREAT')).toBe(404)
    expect((await entries('basis')).slice(-2).map(({ action, by }) => [action, by])).toEqual(
      expect.arrayContaining([
        ['reviewed', 'operator'],
        ['ended', 'operator'],
      ]),
    )
  })
})

describe('reports that open no record (42 CFR 2.12(c)(5), (6))', () => {
  const said = async (id: string, who: 'mission' | 'st-mary-hospital' = 'mission') => {
    const answer = await fetch(`${street.gateway.origin}/mission/v1/legal-basis/${id}/report`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await street.token(who)}` },
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  const crime = { kind: 'crime-report', recipient: 'st-mary-hospital', incident: 'broke a window', against: 'premises' }
  const abuse = {
    kind: 'child-abuse-report',
    recipient: 'st-mary-hospital',
    incident: 'saw bruises',
    stateLaw: 'Tex. Family Code 261.101',
  }

  test.each([
    ['crime', crime, { lastKnownWhereabouts: 'bus station' }, 'crime-on-premises', '42 CFR 2.12(c)(5)'],
    ['abuse', abuse, {}, 'child-abuse-report', '42 CFR 2.12(c)(6)'],
  ])('%s: exactly the permitted facts, on the ledger; the recipient sees no record', async (id, basis, more, kind, law) => {
    expect((await call('POST', '', { id, patient, ...basis, ...more })).status).toBe(201)
    const seen = async (): Promise<readonly number[]> =>
      Promise.all([`/${plan}`, `/Patient/${patient}`].map(async (path) => (await street.ask('bayou-bh', path)).status))
    const before = await seen()
    const made = await said(id)
    expect(made.status).toBe(200)
    expect(made.body).toEqual({
      recipient: 'st-mary-hospital',
      basis: id,
      law,
      report: {
        circumstances: basis.incident,
        patientStatus: 'patient of the programme',
        name: expect.any(String),
        address: expect.any(String),
        ...more,
      },
    })
    expect(await seen()).toEqual(before)
    expect((await entries('disclosure')).at(-1)).toMatchObject({
      recipient: 'st-mary-hospital',
      door: 'export',
      interaction: 'report',
      bases: [{ kind, reference: id, version: '1' }],
      records: [{ record: `Patient/${patient}` }],
    })
    expect((await said(id, 'st-mary-hospital')).status).toBe(403)
    expect((await run('basis', 'report', id)).lines.join('')).toContain(basis.incident)
    expect((await call('POST', `/${id}/end`)).status).toBe(200)
    expect((await said(id)).status).toBe(409)
  })

  test('a deficient one, another kind, and one that is not there make none', async () => {
    expect((await call('POST', '', { id: 'vague', patient, ...crime, against: 'a neighbour' })).status).toBe(422)
    expect([(await said('vague')).status, (await said('emergency-1')).status, (await said('none')).status]).toEqual([
      409, 409, 404,
    ])
  })
})

describe('restriction (42 CFR 2.26), with the operator’s commands', () => {
  const file = async (content: object): Promise<string> => {
    const path = join(folder, 'basis.json')
    await writeFile(path, JSON.stringify(content))
    return path
  }

  test('it closes what a TPO consent opened, and its end opens it again', async () => {
    await street.post('consent', 'consent-hospital')
    expect((await street.ask('st-mary-hospital', `/${plan}`)).status).toBe(200)
    const restriction = { id: 'restriction-1', kind: 'restriction', patient, agreed: true, recipients: ['st-mary-hospital'] }
    const added = await run('basis', 'add', await file(restriction))
    expect(added).toEqual({ code: 0, lines: [`restriction-1\tversion 1\trestriction\tPatient/${patient}\tin-force`] })
    expect((await street.ask('st-mary-hospital', `/${plan}`)).status).toBe(404)
    await expect(run('basis', 'end', 'restriction-1')).rejects.toThrow(CommandError)
    expect((await street.ask('st-mary-hospital', `/${plan}`)).status).toBe(404)
    expect((await run('basis', 'end', 'restriction-1', 'patient-in-writing')).code).toBe(0)
    expect((await street.ask('st-mary-hospital', `/${plan}`)).status).toBe(200)
    const own = (await entries('basis')).filter(({ reference }) => reference === 'restriction-1')
    expect(own.map(({ action, version, by }) => [action, version, by])).toEqual([
      ['entered', '1', 'operator'],
      ['ended', '2', 'operator'],
    ])
  })

  test('a restriction that was asked for and not agreed closes nothing', async () => {
    expect(
      (await run('basis', 'add', await file({ id: 'restriction-2', kind: 'restriction', patient, agreed: false }))).code,
    ).toBe(0)
    expect((await street.ask('st-mary-hospital', `/${plan}`)).status).toBe(200)
  })

  test('the list says what a deficient basis lacks', async () => {
    const order = { id: 'order-1', kind: 'court-order', patient, recipient: 'st-mary-hospital', court: 'x', orderNumber: '1' }
    expect((await run('basis', 'add', await file(order))).code).toBe(1)
    const { lines } = await run('basis', 'list', patient)
    expect(lines).toContain(`order-1\tversion 1\tcourt-order\tPatient/${patient}\tdeficient`)
    expect(lines).toContain('  lacks: court-subpoena-missing (42 CFR 2.61(b))')
  })
})

test('an agreement that covers everybody opens what it covers, and its end closes it', async () => {
  const added = await registerPartner(
    operator.house,
    {
      id: 'bay-billing',
      name: 'Bay Billing',
      kind: 'qso',
      purposes: ['HPAYMT'],
      scopes: ['system/*.rs'],
      jwks: { keys: [street.keys.publicJwk] },
    },
    'operator',
  )
  expect(added.ok).toBe(true)
  const token = await fetchToken({
    fhirBase: street.gateway.fhirBase,
    clientId: 'bay-billing',
    keys: street.keys,
    alg: 'ES384',
    scope: 'system/*.rs',
    purpose: 'HPAYMT',
  })
  const ask = async (): Promise<number> => (await rawGet(`${street.gateway.fhirBase}/${plan}`, token)).status
  const agreement = {
    id: 'qso-1',
    kind: 'qso-agreement',
    recipient: 'bay-billing',
    signedAt: '2026-01-01',
    isBoundByPart2: true,
    resistsLegalProcess: true,
  }
  expect(await ask()).toBe(404)
  expect((await call('POST', '', agreement)).status).toBe(201)
  expect(await ask()).toBe(200)
  expect(await call('POST', '', agreement)).toMatchObject({ status: 200, body: { status: 'unchanged', basis: { version: 1 } } })
  expect((await call('POST', '', { ...agreement, isBoundByPart2: false })).status).toBe(422)
  expect(await ask()).toBe(404)
  expect(await call('POST', '', agreement)).toMatchObject({ status: 200, body: { status: 'changed', basis: { version: 3 } } })
  expect(await ask()).toBe(200)
  expect((await call('POST', '/qso-1/end')).status).toBe(200)
  expect(await ask()).toBe(404)
})

describe('what is not taken', () => {
  test.each<[string, object, number, string[]]>([
    ['a misspelt field', { id: 'x', kind: 'qso-agreement', recipent: 'x' }, 422, ['$.recipent']],
    ['a word where yes or no is asked', { id: 'x', kind: 'qso-agreement', isBoundByPart2: 'yes' }, 422, ['$.isBoundByPart2']],
    ['a day that does not exist', { id: 'x', kind: 'court-order', until: '2026-02-30' }, 422, ['$.until']],
    ['a kind that does not exist', { id: 'x', kind: 'wish' }, 422, ['$.kind']],
    ['an emergency of nobody', { id: 'x', kind: 'medical-emergency' }, 422, ['$.patient']],
  ])('%s', async (_, body, status, paths) => {
    const refused = await call('POST', '', body)
    expect([refused.status, refused.body.status, refused.body.faults?.map(({ path }) => path)]).toEqual([
      status,
      'refused',
      paths,
    ])
    expect((await street.db.query(`select 1 from legal_basis where id = 'x'`, [])).length).toBe(0)
  })

  test('a patient who is not here, an id that is taken, a basis that is not there', async () => {
    expect((await call('POST', '', { id: 'x', kind: 'restriction', patient: 'nobody' })).status).toBe(404)
    await call('POST', '', { id: 'taken', kind: 'audit-agreement' })
    expect((await call('POST', '', { id: 'taken', kind: 'qso-agreement' })).status).toBe(409)
    expect((await call('POST', '/none/end')).status).toBe(404)
  })

  test('anything from a partner, whose answer tells nothing', async () => {
    for (const [method, path] of [
      ['POST', ''],
      ['GET', `?patient=${patient}`],
      ['POST', '/restriction-1/end'],
    ] as const)
      expect((await call(method, path, method === 'POST' ? emergency({}) : undefined, 'st-mary-hospital')).status).toBe(403)
  })
})
