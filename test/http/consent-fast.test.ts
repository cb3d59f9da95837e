import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { AuditEvent, Bundle, Consent, OperationOutcome, Resource } from '@medplum/fhirtypes'
import { readConfig } from '../../src/app/config.ts'
import { openHouse, type OpenedHouse } from '../../src/app/gateway.ts'
import { COMMANDS } from '../../src/cli/commands.ts'
import { silentLog } from '../../src/platform/log.ts'
import type { PartnerName } from './partners.ts'
import { openStreet, settingsFor, type Street } from './street.ts'

let street: Street
let operator: OpenedHouse
let patient = ''
let plan = ''
/** The hospital's consent as the programme filed it. */
let filed: Consent

beforeAll(async () => {
  street = await openStreet()
  const config = readConfig({ ...settingsFor(street.folder), DATABASE_URL: street.url })
  if (!config.ok) throw new Error(config.error.join('; '))
  operator = await openHouse(config.value, silentLog)
  let consent = ''
  for (const [record, name] of [
    ['staff', 'staff-case-manager'],
    ['staff', 'staff-peer-support-specialist'],
    ['client', 'client'],
    ['enrolment', 'enrolment'],
    ['treatment-plan', 'treatment-plan'],
    ['consent', 'consent-hospital'],
  ] as const) {
    const made = await street.post(record, name)
    patient = made.find((reference) => reference.startsWith('Patient/'))?.slice(8) ?? patient
    plan = made.find((reference) => reference.startsWith('CarePlan/')) ?? plan
    consent = made.find((reference) => reference.startsWith('Consent/')) ?? consent
  }
  filed = JSON.parse((await street.ask('mission', `/${consent}`)).body) as Consent
}, 120_000)
afterAll(async () => {
  await operator.close()
  await street.close()
})

const sent = async (who: PartnerName, path: string, body: unknown, method = 'POST') => {
  const answer = await fetch(`${street.gateway.origin}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${await street.token(who)}`, 'content-type': 'application/fhir+json' },
  })
  const text = await answer.text()
  return {
    status: answer.status,
    location: answer.headers.get('location')?.replace(`${street.gateway.fhirBase}/`, '') ?? '',
    text,
  }
}

const operate = (who: PartnerName, operation: string, given: Readonly<Record<string, Resource | undefined>>) =>
  sent(who, `/fhir/${operation}`, {
    resourceType: 'Parameters',
    parameter: Object.entries(given).map(([name, resource]) => ({ name, resource })),
  })

const document: Resource = {
  resourceType: 'DocumentReference',
  status: 'current',
  content: [{ attachment: { contentType: 'application/pdf', title: 'signed form' } }],
}

/** The hospital's consent, made out to somebody else and under another number. */
const madeOutTo = (who: PartnerName, number: string, more: Partial<Consent> = {}): Consent => {
  const { id: _id, meta: _meta, identifier: _identifier, text: _text, ...rest } = filed
  const renamed = JSON.parse(JSON.stringify(rest).replaceAll('st-mary-hospital', who)) as Consent
  return { ...renamed, identifier: [{ system: 'https://clinic.example/consents', value: number }], ...more }
}

const planFor = async (who: PartnerName): Promise<number> => (await street.ask(who, `/${plan}`)).status

const lastOf = async (kind: string): Promise<Record<string, unknown> | undefined> =>
  (await street.db.query<{ body: string }>('select body from ledger order by seq', []))
    .map(({ body }) => JSON.parse(body) as Record<string, unknown>)
    .findLast((entry) => entry['kind'] === kind)

const run = async (...args: readonly string[]): Promise<{ code: number; lines: readonly string[] }> => {
  const command = COMMANDS.find((one) => one.words.every((word, index) => args[index] === word))
  if (command?.kind !== 'house') throw new Error('no such command')
  const lines: string[] = []
  const code = await command.run(operator.house, args.slice(command.words.length), (line) => lines.push(line))
  return { code, lines }
}

describe('$fileConsent by a partner', () => {
  let own = ''

  test('keeps consent and document, says that it waits, and opens nothing', async () => {
    const answer = await operate('montrose-hiv', 'Consent/$fileConsent', { consent: madeOutTo('montrose-hiv', '1'), document })
    expect([answer.status, answer.location]).toEqual([200, expect.stringMatching(/^Consent\//)])
    own = answer.location
    const outcome = JSON.parse(answer.text) as OperationOutcome
    expect(outcome.issue).toEqual([
      {
        severity: 'information',
        code: 'informational',
        diagnostics: `${own} is filed, and relied on once the programme has accepted it`,
      },
    ])
    expect(await planFor('montrose-hiv')).toBe(404)
    const kept = JSON.parse((await street.ask('mission', `/${own}`)).body) as Consent
    expect((await street.ask('mission', `/${kept.sourceReference?.reference ?? ''}`)).status).toBe(200)
    expect(await lastOf('consent.filed')).toMatchObject({ by: 'montrose-hiv', consent: own, deficiencies: [] })
  })

  test('filed twice it is one', async () => {
    const again = await operate('montrose-hiv', 'Consent/$fileConsent', { consent: madeOutTo('montrose-hiv', '1'), document })
    expect([again.status, again.location]).toEqual([200, ''])
    expect(again.text).toContain(own)
  })

  test('the programme sees it waiting; a partner does not, and cannot accept it itself', async () => {
    const listed = await sent('mission', '/mission/v1/consents/waiting', undefined, 'GET')
    expect(JSON.parse(listed.text)).toMatchObject({
      consents: [{ consent: own, version: 1, patient, filedBy: 'montrose-hiv', deficiencies: [] }],
    })
    expect((await sent('montrose-hiv', '/mission/v1/consents/waiting', undefined, 'GET')).status).toBe(403)
    const accept = `/mission/v1/consents/${own.slice(8)}/accept`
    expect((await sent('montrose-hiv', accept, { version: 1 })).status).toBe(403)
    expect(await planFor('montrose-hiv')).toBe(404)
    expect((await sent('mission', accept, { version: 2 })).status).toBe(409)
    expect((await sent('mission', accept, {})).status).toBe(400)
    expect((await sent('mission', `/mission/v1/consents/none/accept`, { version: 1 })).status).toBe(404)
    expect((await sent('mission', `/mission/v1/consents/${filed.id ?? ''}/accept`, { version: 1 })).status).toBe(409)
  })

  test('accepted, it counts from then on, and both are on the ledger', async () => {
    expect((await sent('mission', `/mission/v1/consents/${own.slice(8)}/accept`, { version: 1 })).status).toBe(200)
    expect(await lastOf('consent.decided')).toMatchObject({
      by: 'mission',
      decision: 'accepted',
      consent: own,
      version: '1',
      patient,
      deficiencies: [],
    })
    expect(await planFor('montrose-hiv')).toBe(200)
    expect(await lastOf('disclosure')).toMatchObject({ bases: [{ kind: 'consent', reference: own, version: '1' }] })
  })

  test('what the partner changes in it afterwards waits again: neither more nor less goes on it', async () => {
    const narrowed = { ...madeOutTo('montrose-hiv', '1'), id: own.slice(8) }
    const provision = { ...narrowed.provision, actor: [...(narrowed.provision?.actor ?? [])] }
    for (const actor of narrowed.provision?.actor ?? [])
      if (actor.reference.reference === 'Organization/montrose-hiv')
        provision.actor.push({ ...actor, reference: { reference: 'Organization/bayou-bh' } })
    expect((await sent('montrose-hiv', `/fhir/${own}`, { ...narrowed, provision }, 'PUT')).status).toBe(200)
    expect(await planFor('bayou-bh')).toBe(404)
    expect(await planFor('montrose-hiv')).toBe(200)
    expect(await lastOf('disclosure')).toMatchObject({ bases: [{ reference: own, version: '1' }] })
    expect((await sent('mission', `/mission/v1/consents/${own.slice(8)}/accept`, { version: 2 })).status).toBe(200)
    expect(await planFor('bayou-bh')).toBe(200)
  })

  test('$revokeConsent by who filed it counts at once, without anybody’s acceptance', async () => {
    const given = { consent: { ...madeOutTo('montrose-hiv', '1') }, patient: { resourceType: 'Patient', id: patient } } as const
    const answer = await operate('montrose-hiv', 'Consent/$revokeConsent', given)
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining(`${own} is revoked`)])
    expect([await planFor('montrose-hiv'), await planFor('bayou-bh')]).toEqual([404, 404])
    expect(await lastOf('consent.revoked')).toMatchObject({ by: 'montrose-hiv', consent: own })
  })
})

describe('what a partner cannot do with an operation', () => {
  const none = '00000000-0000-4000-8000-000000000000'
  const person = { resourceType: 'Patient', id: 'x' } as const
  test('a consent that it may not see is answered like one that is not there', async () => {
    const absent = await operate('harbor-housing', 'Consent/$revokeConsent', {
      consent: { ...madeOutTo('harbor-housing', 'x'), id: none },
      patient: person,
    })
    expect(absent.status).toBe(404)
    const withheld = await operate('harbor-housing', 'Consent/$revokeConsent', {
      consent: filed,
      patient: { ...person, id: patient },
    })
    expect(withheld).toEqual(absent)
    const event = eventBy('harbor-housing')
    expect(await operate('harbor-housing', 'AuditEvent/$recordDisclosure', { disclosure: event, consent: filed })).toEqual(absent)
    expect(await planFor('st-mary-hospital')).toBe(200)
  })

  test('a refusal that it filed and the programme accepted goes on when it takes it back', async () => {
    const only = madeOutTo('st-mary-hospital', 'no')
    const { period, actor } = filed.provision ?? {}
    const refusal: Consent = {
      ...only,
      provision: {
        type: 'deny',
        ...(period === undefined ? {} : { period }),
        ...(actor === undefined ? {} : { actor }),
        class: [{ code: 'CarePlan' }],
      },
    }
    const answer = await operate('st-mary-hospital', 'Consent/$fileConsent', { consent: refusal, document })
    expect(answer.status).toBe(200)
    const id = answer.location.slice(8)
    expect((await run('consent', 'waiting')).lines.some((line) => line.startsWith(answer.location))).toBe(true)
    expect((await run('consent', 'accept', id, '1')).lines).toEqual([`Consent/${id} version 1 accepted`])
    expect(await planFor('st-mary-hospital')).toBe(404)
    const given = { consent: { ...refusal, id }, patient: { resourceType: 'Patient', id: patient } } as const
    expect((await operate('st-mary-hospital', 'Consent/$revokeConsent', given)).status).toBe(403)
    expect((await sent('st-mary-hospital', `/fhir/Consent/${id}`, undefined, 'DELETE')).status).toBe(204)
    expect(await planFor('st-mary-hospital')).toBe(404)
  })

  test.each<[string, object]>([
    ['a patient that is not named by id', { patient: { identifier: { value: 'x' } } }],
    ['a category that is missing', { category: [] }],
  ])('file a consent with %s', async (_, more) => {
    const consent = { ...madeOutTo('montrose-hiv', 'bad'), ...more }
    expect((await operate('montrose-hiv', 'Consent/$fileConsent', { consent, document })).status).toBe(400)
  })

  test('file a consent of one patient with the document of another', async () => {
    const other = { ...document, subject: { reference: 'Patient/other' } } as Resource
    const consent = madeOutTo('montrose-hiv', 'bad')
    expect((await operate('montrose-hiv', 'Consent/$fileConsent', { consent, document: other })).status).toBe(400)
  })
})

const eventBy = (who: PartnerName): AuditEvent => ({
  resourceType: 'AuditEvent',
  type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
  recorded: '2026-11-01T10:00:00Z',
  agent: [{ who: { reference: `Organization/${who}` }, requestor: true }],
  source: { observer: { reference: `Organization/${who}` } },
})

describe('after a refusal by the programme', () => {
  test('a consent is relied on by nobody', async () => {
    const answer = await operate('bayou-bh', 'Consent/$fileConsent', { consent: madeOutTo('bayou-bh', '7'), document })
    const id = answer.location.slice(8)
    expect((await run('consent', 'refuse', id, '1')).code).toBe(0)
    expect(await planFor('bayou-bh')).toBe(404)
    expect(await lastOf('consent.decided')).toMatchObject({ by: 'operator', decision: 'refused' })
    expect((await run('consent', 'waiting')).lines.some((line) => line.includes(id))).toBe(false)
  })
})

test.each([
  ['patient', () => patient],
  ['status', () => 'active'],
  ['date', () => 'ge2020-01-01'],
  ['scope', () => 'patient-privacy'],
  ['actor', () => 'Organization/st-mary-hospital'],
  ['_profile', () => filed.meta?.profile?.[0] ?? ''],
  ['_id', () => filed.id ?? ''],
])('a consent is found by %s', async (name, value) => {
  const query = new URLSearchParams({ [name]: value(), _count: '50' }).toString()
  const found = JSON.parse((await street.ask('mission', `/Consent?${query}`)).body) as Bundle<Consent>
  expect(found.entry?.map(({ resource }) => resource?.id)).toContain(filed.id)
})

describe('the programme’s own consent', () => {
  const consent = (): Consent => madeOutTo('bayou-bh', '9')
  let own = ''
  test('$recordDisclosure keeps the event for the programme and the reporter, and for nobody else', async () => {
    const operation = 'AuditEvent/$recordDisclosure'
    own = (await operate('mission', 'Consent/$fileConsent', { consent: consent(), document })).location
    expect(await planFor('bayou-bh')).toBe(200)
    const given = { disclosure: eventBy('bayou-bh'), consent: { ...consent(), id: own.slice(8) } }
    const answer = await operate('bayou-bh', operation, given)
    expect([answer.status, answer.location]).toEqual([200, expect.stringMatching(/^AuditEvent\//)])
    for (const [who, status] of [
      ['bayou-bh', 200],
      ['mission', 200],
      ['harbor-housing', 404],
      ['montrose-hiv', 404],
    ] as const)
      expect([who, (await street.ask(who, `/${answer.location}`)).status]).toEqual([who, status])
    const found = JSON.parse((await street.ask('mission', `/AuditEvent?entity=${own}`)).body) as Bundle<AuditEvent>
    expect(found.entry?.map(({ resource }) => resource?.entity?.map(({ what }) => what?.reference))).toEqual([
      [own, `Patient/${patient}`],
    ])
    const ofPatient = JSON.parse(
      (await street.ask('bayou-bh', `/AuditEvent?patient=Patient/${patient}`)).body,
    ) as Bundle<AuditEvent>
    expect(ofPatient.entry?.map(({ resource }) => `AuditEvent/${resource?.id ?? ''}`)).toEqual([answer.location])
    expect((await operate('bayou-bh', operation, { ...given, disclosure: eventBy('mission') })).status).toBe(403)
    const another = { ...eventBy('bayou-bh'), entity: [{ what: { reference: 'Patient/other' } }] }
    expect((await operate('bayou-bh', operation, { ...given, disclosure: another })).status).toBe(400)
  })

  test('a revocation that the recipient reports counts at once', async () => {
    expect(await planFor('bayou-bh')).toBe(200)
    const given = {
      consent: { ...consent(), id: own.slice(8) },
      patient: { resourceType: 'Patient', id: patient },
      document,
    } as const
    const stranger = { ...given, patient: { resourceType: 'Patient', id: 'x' } } as const
    expect((await operate('bayou-bh', 'Consent/$revokeConsent', stranger)).status).toBe(404)
    expect((await operate('bayou-bh', 'Consent/$revokeConsent', given)).status).toBe(200)
    expect(await planFor('bayou-bh')).toBe(404)
    expect(await lastOf('consent.revoked')).toMatchObject({ by: 'bayou-bh', consent: own })
  })
})
