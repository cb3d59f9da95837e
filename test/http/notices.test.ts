import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readConfig } from '../../src/app/config.ts'
import { openHouse, type OpenedHouse } from '../../src/app/gateway.ts'
import { COMMANDS } from '../../src/cli/commands.ts'
import { dayIn, instantOfMs } from '../../src/model/time.ts'
import { silentLog } from '../../src/platform/log.ts'
import { openStreet, settingsFor, type Street } from './street.ts'

const TODAY = dayIn(instantOfMs(Date.now()), 'America/Chicago')
const FIRST = { version: '2026-01', effectiveFrom: '2026-01-01', texts: { en: 'Your records are protected.', es: 'Protegidos.' } }
const SECOND = { version: '2026-02', effectiveFrom: '2026-02-16', texts: { en: 'Your records are protected, as amended.' } }
const LATER = { version: '2999', effectiveFrom: '2999-01-01', texts: { en: 'Not yet.' } }

let street: Street
let operator: OpenedHouse
let patient = ''

beforeAll(async () => {
  street = await openStreet()
  const config = readConfig({ ...settingsFor(street.folder), DATABASE_URL: street.url })
  if (!config.ok) throw new Error(config.error.join('; '))
  operator = await openHouse(config.value, silentLog)
  for (const [record, name] of [
    ['staff', 'staff-case-manager'],
    ['staff', 'staff-peer-support-specialist'],
    ['client', 'client'],
  ] as const)
    patient = (await street.post(record, name)).find((reference) => reference.startsWith('Patient/'))?.slice(8) ?? patient
}, 120_000)
afterAll(async () => {
  await operator.close()
  await street.close()
})

const call = async (path: string, body?: unknown, who: 'mission' | 'st-mary-hospital' = 'mission') => {
  const answer = await fetch(`${street.gateway.origin}/mission/v1/notices${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${await street.token(who)}`, 'content-type': 'application/json' },
  })
  return { status: answer.status, json: (await answer.json()) as unknown }
}

const run = async (...words: readonly string[]): Promise<{ status: number; said: readonly string[] }> => {
  const said: string[] = []
  const command = COMMANDS.find((one) => one.words.every((word, index) => word === words[index]))
  if (command?.kind !== 'house') throw new Error('no such command')
  const status = await command.run(operator.house, words.slice(command.words.length), (line) => said.push(line))
  return { status, said }
}

const given = (more: object = {}): object => ({
  patient: `Patient/${patient}`,
  version: FIRST.version,
  language: 'es',
  givenOn: '2026-01-15',
  how: 'in-person',
  acknowledged: 'signed',
  ...more,
})

describe('the notice to patients (42 CFR 2.22)', () => {
  test('while there is no version, nobody lacks one', async () => {
    expect(await call('/missing')).toEqual({ status: 200, json: { patients: [] } })
  })

  test('is worded version by version, and a version keeps its wording', async () => {
    for (const one of [FIRST, SECOND, LATER]) expect(await call('', one)).toMatchObject({ status: 201 })
    expect(await call('', FIRST)).toMatchObject({ status: 201, json: { version: FIRST.version, isInForce: false } })
    expect((await call('', { ...FIRST, texts: { en: 'Another.' } })).status).toBe(409)
    expect((await call('', { ...FIRST, version: 'same-day' })).status).toBe(409)
    expect((await call('', { ...FIRST, texts: {} })).status).toBe(422)
    const listed = await call('')
    expect(listed.json).toMatchObject({
      notices: [
        { version: LATER.version, isInForce: false },
        { version: SECOND.version, isInForce: true },
        {
          version: FIRST.version,
          isInForce: false,
          texts: [{ language: 'en' }, { language: 'es', sha256: createHash('sha256').update('Protegidos.').digest('hex') }],
        },
      ],
    })
  })

  test.each([
    ['to nobody we know', { patient: 'nobody-here' }, 404],
    ['in a version that there is not', { version: 'no-such' }, 422],
    ['in a language in which it is not worded', { version: SECOND.version, givenOn: TODAY }, 422],
    ['before it came into force', { givenOn: '2025-12-31' }, 422],
    ['after today', { givenOn: '2998-01-01' }, 422],
    ['without an acknowledgement and without a reason', { acknowledged: 'not-obtained' }, 422],
    ['with a reason where it was signed', { because: 'none' }, 422],
  ])('given %s is refused', async (_name, more, status) => {
    expect((await call('/given', given(more))).status).toBe(status)
    expect((await call(`/given?patient=${patient}`)).json).toEqual({ given: [] })
  })

  test('who lacks the version in force is listed, with the one that was given before', async () => {
    expect((await call('/missing')).json).toEqual({ notice: SECOND.version, patients: [{ patient }] })
    expect(await call('/given', given())).toMatchObject({ status: 201 })
    expect((await call('/missing')).json).toEqual({
      notice: SECOND.version,
      patients: [{ patient, version: FIRST.version, givenOn: '2026-01-15' }],
    })
    const refused = {
      version: SECOND.version,
      language: 'en',
      givenOn: TODAY,
      acknowledged: 'not-obtained',
      because: 'ZZCANARY left',
    }
    expect(await call('/given', given(refused))).toMatchObject({ status: 201 })
    expect((await call('/missing')).json).toEqual({ notice: SECOND.version, patients: [] })
    expect((await call(`/given?patient=Patient/${patient}`)).json).toMatchObject({
      given: [
        { version: SECOND.version, because: 'ZZCANARY left' },
        { version: FIRST.version, language: 'es' },
      ],
    })
  })

  test('each step is on the ledger with version, language and acknowledgement, and without a word', async () => {
    const rows = await street.db.query<{ body: string }>(`select body from ledger where kind = 'patient-notice' order by seq`, [])
    expect(rows.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { action: 'entered', notice: FIRST.version, by: 'mission' },
      { action: 'entered', notice: SECOND.version },
      { action: 'entered', notice: LATER.version },
      { action: 'given', notice: FIRST.version, patient, language: 'es', acknowledged: 'signed' },
      { action: 'given', notice: SECOND.version, patient, language: 'en', acknowledged: 'not-obtained' },
    ])
    expect(rows.some(({ body }) => body.includes('ZZCANARY'))).toBe(false)
    const answer = await fetch(
      `${street.gateway.origin}/audit/fhir/AuditEvent?subtype=patient-notice&patient=Patient/${patient}`,
      {
        headers: { authorization: `Bearer ${await street.token('mission')}` },
      },
    )
    expect(await answer.json()).toMatchObject({ entry: { length: 2 } })
  })

  test('is for the programme only', async () => {
    expect((await call('', undefined, 'st-mary-hospital')).status).toBe(403)
    expect((await call('/given', given(), 'st-mary-hospital')).status).toBe(403)
  })

  test('is kept by command too', async () => {
    const file = join(street.folder, 'notice.json')
    await writeFile(file, JSON.stringify({ version: '2026-03', effectiveFrom: '2026-03-01', texts: { en: 'Third.' } }))
    expect((await run('notice', 'add', file)).said).toEqual([
      expect.stringMatching(/^2026-03\tfrom 2026-03-01\tin force\ten sha256:/),
    ])
    expect((await run('notice', 'missing')).said).toEqual([`Patient/${patient}\t${SECOND.version} given ${TODAY}`])
    await writeFile(
      file,
      JSON.stringify(given({ version: '2026-03', language: 'en', givenOn: TODAY, acknowledged: 'electronic' })),
    )
    expect((await run('notice', 'given', file)).said).toEqual([
      [`Patient/${patient}`, '2026-03', 'en', TODAY, 'in-person', 'electronic'].join('\t'),
    ])
    expect((await run('notice', 'missing')).said).toEqual([])
    expect((await run('notice', 'list', patient)).said).toHaveLength(3)
    expect((await run('notice', 'list')).said).toHaveLength(4)
  })
})
