import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { PERMISSIONS, RIGHTS, ROLES, type Permission, type Role } from '../../src/model/staff.ts'
import { openConsoleHouse, PASSWORD, codeOf, type ConsoleHouse, type Staff } from './house.ts'

let house: ConsoleHouse
let patient = ''
const staff = new Map<Role, Staff>()
const as = (role: Role): Staff => {
  const found = staff.get(role)
  if (found === undefined) throw new Error(role)
  return found
}

beforeAll(async () => {
  house = await openConsoleHouse()
  for (const [record, name] of [
    ['staff', 'staff-case-manager'],
    ['staff', 'staff-peer-support-specialist'],
    ['client', 'client'],
    ['enrolment', 'enrolment'],
    ['treatment-plan', 'treatment-plan'],
    ['consent', 'consent-hospital'],
  ] as const) {
    const made = await house.street.post(record, name)
    patient = made.find((reference) => reference.startsWith('Patient/'))?.slice(8) ?? patient
  }
  await house.street.ask('st-mary-hospital', `/Patient/${patient}`)
  for (const role of ROLES) staff.set(role, await house.staff(`${role} HTEST`, role))
}, 120_000)
afterAll(() => house.close())

const entries = async (): Promise<readonly Record<string, unknown>[]> =>
  (await house.street.db.query<{ body: string }>('select body from ledger order by seq', [])).map(
    ({ body }) => JSON.parse(body) as Record<string, unknown>,
  )
const lastEntry = async (): Promise<Record<string, unknown> | undefined> => (await entries()).at(-1)

describe('the table of rights', () => {
  // written out once more, so that a change of the table is a change of this page too: O officer, C case manager, P operator, A auditor
  const GRID: Readonly<Record<Permission, string>> = {
    overview: 'OCPA',
    'clients.name': 'OC',
    'consents.read': 'OCA',
    'disclosures.read': 'OA',
    'disclosures.export': 'OA',
    'disclosures.prove': 'O',
    'requests.read': 'OA',
    'requests.handle': 'O',
    'withheld.read': 'OA',
    'withheld.decide': 'O',
    'emergencies.read': 'OA',
    'emergencies.review': 'O',
    'referrals.read': 'OCA',
    'deliveries.read': 'OPA',
    'deliveries.operate': 'P',
    'deliveries.replay': 'OP',
    'integrity.read': 'OPA',
    'integrity.verify': 'OP',
    'partners.read': 'OPA',
    simulate: 'OCA',
    'staff.read': 'OPA',
    'staff.end-session': 'P',
  }
  const LETTER: Readonly<Record<Role, string>> = { 'compliance-officer': 'O', 'case-manager': 'C', operator: 'P', auditor: 'A' }

  test.each(PERMISSIONS)('%s', (permission) => {
    const given = ROLES.filter((role) => RIGHTS[role].includes(permission)).map((role) => LETTER[role])
    expect(given.join('')).toBe(GRID[permission])
  })

  /** Each thing that can be asked, with the right that it takes, and a body that is well formed. */
  const QUESTIONS: readonly (readonly [path: string, permission: Permission, body: unknown])[] = [
    ['/overview', 'overview', {}],
    ['/partner-names', 'overview', {}],
    ['/clients', 'clients.name', { words: 'HTEST' }],
    ['/disclosures', 'disclosures.read', { filter: {} }],
    ['/disclosures/explain', 'disclosures.read', { seq: 1 }],
    ['/disclosures/prove', 'disclosures.prove', { id: 'x' }],
    ['/requests', 'requests.read', {}],
    ['/requests/handle', 'requests.handle', { deed: 'receive', file: {} }],
    ['/breaches', 'requests.read', {}],
    ['/breaches/handle', 'requests.handle', { deed: 'close', id: 'x' }],
    ['/searches', 'disclosures.read', {}],
    ['/searches/save', 'disclosures.read', { name: 'x', query: {} }],
    ['/searches/drop', 'disclosures.read', { id: 'x' }],
    ['/consents', 'consents.read', {}],
    ['/consents/explain', 'consents.read', { id: 'x' }],
    ['/withheld/labels', 'withheld.read', {}],
    ['/withheld/messages', 'withheld.read', {}],
    ['/withheld/texts', 'withheld.read', {}],
    ['/withheld/consents/waiting', 'withheld.read', {}],
    ['/entries', 'integrity.read', {}],
    ['/incidents', 'deliveries.read', {}],
    ['/referrals/figures', 'referrals.read', {}],
    ['/withheld/decide', 'withheld.decide', { id: 'x', decided: { verdict: 'release' } }],
    ['/withheld/consents', 'withheld.read', {}],
    ['/withheld/decide-consent', 'withheld.decide', { id: 'x', version: 1, decision: 'refused' }],
    ['/emergencies', 'emergencies.read', {}],
    ['/referrals', 'referrals.read', {}],
    ['/referrals/steps', 'referrals.read', { id: 'x' }],
    ['/deliveries', 'deliveries.read', {}],
    ['/deliveries/state', 'deliveries.read', {}],
    ['/deliveries/operate', 'deliveries.operate', { deed: 'hold', target: 'x' }],
    ['/integrity', 'integrity.read', {}],
    ['/integrity/verify', 'integrity.verify', {}],
    ['/partners', 'partners.read', {}],
    ['/simulate', 'simulate', { patient: 'x', left: { partner: 'mission' }, right: { partner: 'mission' } }],
    ['/staff', 'staff.read', {}],
    ['/staff/end-sessions', 'staff.end-session', { id: 'x' }],
    ['/proposals/make', 'deliveries.replay', { action: 'replay', target: 'x', why: 'y' }],
    ['/proposals/make', 'emergencies.review', { action: 'emergency-review', target: 'x#1', finding: 'justified', why: 'y' }],
  ]

  describe.each(ROLES)('%s', (role) => {
    test.each(QUESTIONS)('%s takes %s', async (path, permission, body) => {
      const said = await house.call(as(role), path, body)
      if (RIGHTS[role].includes(permission)) expect(said.body['problem']).not.toBe('right-missing')
      else {
        expect([said.status, said.body['problem']]).toEqual([403, 'right-missing'])
        expect(await lastEntry()).toMatchObject({ kind: 'staff', staff: as(role).id, role, action: 'refused' })
      }
    })

    test('names clients only to roles that may know them', async () => {
      const said = await house.call(as(role), '/consents', {})
      const text = JSON.stringify(said.body)
      expect(text.includes('HTEST-Rivera')).toBe(RIGHTS[role].includes('clients.name'))
    })
  })
})

describe('every look is on the ledger', () => {
  test('who, what, and whose', async () => {
    await house.call(as('auditor'), '/disclosures', { filter: { patient } })
    expect(await lastEntry()).toMatchObject({
      kind: 'staff',
      staff: as('auditor').id,
      role: 'auditor',
      action: 'look',
      place: '/console/disclosures',
      patient,
    })
    const found = await house.street.db.query('select seq from ledger_patient where patient = $1 order by seq desc limit 1', [
      patient,
    ])
    const size = await house.street.db.query('select max(seq) as seq from ledger', [])
    expect(found).toEqual(size)
  })

  test('no answer without its entry', async () => {
    await house.street.db.query(`alter function ledger_append rename to ledger_append_away`)
    try {
      const said = await house.call(as('auditor'), '/disclosures', { filter: {} })
      expect(said.status).toBeGreaterThanOrEqual(500)
      expect(JSON.stringify(said.body)).not.toContain(patient)
    } finally {
      await house.street.db.query(`alter function ledger_append_away rename to ledger_append`)
    }
  })

  test('an export is one entry for each block, and no cell is a formula', async () => {
    const form = new URLSearchParams({ question: '{}', csrf: as('auditor').csrf })
    const response = await fetch(`${house.street.gateway.origin}/console/api/disclosures.csv`, {
      method: 'POST',
      body: form,
      headers: { cookie: as('auditor').cookie, origin: house.street.gateway.origin },
    })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8'])
    const lines = (await response.text()).trim().split('\r\n')
    expect(lines.length).toBeGreaterThan(1)
    for (const line of lines.slice(1)) expect(line).not.toMatch(/(^|,)[=+@]/)
    expect(await lastEntry()).toMatchObject({ action: 'export', place: '/console/disclosures.csv' })
  })
})

const NUMBER = { system: 'https://clinic.example/consents', value: 'HTEST-1' }

const FORM = {
  resourceType: 'DocumentReference',
  status: 'current',
  content: [{ attachment: { contentType: 'application/pdf', title: 'signed form' } }],
}

describe('a consent that a partner filed', () => {
  test('waits on the page until the officer accepts the version that was looked at', async () => {
    const found = JSON.parse((await house.street.ask('mission', '/Consent')).body) as { entry: { resource: { id: string } }[] }
    const {
      id: _id,
      meta: _meta,
      identifier: _identifier,
      text: _text,
      ...rest
    } = found.entry[0]?.resource as Record<string, unknown>
    const consent = JSON.parse(JSON.stringify(rest).replaceAll('st-mary-hospital', 'montrose-hiv')) as Record<string, unknown>
    const answer = await fetch(`${house.street.gateway.fhirBase}/Consent/$fileConsent`, {
      method: 'POST',
      body: JSON.stringify({
        resourceType: 'Parameters',
        parameter: [
          { name: 'consent', resource: { ...consent, identifier: [NUMBER] } },
          { name: 'document', resource: FORM },
        ],
      }),
      headers: { authorization: `Bearer ${await house.street.token('montrose-hiv')}`, 'content-type': 'application/fhir+json' },
    })
    expect(await answer.text()).toContain('is filed, and relied on once the programme has accepted it')
    const waiting = async (): Promise<readonly { id: string; version: number }[]> =>
      (await house.call(as('compliance-officer'), '/withheld/consents/waiting', {})).body['rows'] as {
        id: string
        version: number
      }[]
    const [one] = await waiting()
    expect(one).toMatchObject({ filedBy: 'Montrose HIV Clinic', client: { id: patient }, lacks: [] })
    expect(await lastEntry()).toMatchObject({ action: 'look', place: '/console/withheld/consents/waiting', patient })
    const decide = (version: number) =>
      house.call(as('compliance-officer'), '/withheld/decide-consent', { id: one?.id, version, decision: 'accepted' })
    expect([(await decide(9)).status, (await waiting()).length]).toEqual([409, 1])
    expect((await decide(one?.version ?? 0)).status).toBe(200)
    expect(await waiting()).toEqual([])
    const decided = (await entries()).findLast(({ kind }) => kind === 'consent.decided')
    expect(decided).toMatchObject({ by: as('compliance-officer').id, decision: 'accepted', consent: `Consent/${one?.id ?? ''}` })
  }, 60_000)
})

describe('requests of patients', () => {
  test('the auditor sees their dates and none of their words, and gets no letter', async () => {
    const file = { patient, right: 'accounting', receivedOn: '2026-01-02', isInWriting: true, words: 'my cousin HTEST-Ana asked' }
    const made = await house.call(as('compliance-officer'), '/requests/handle', { deed: 'receive', file })
    expect(made.status).toBe(200)
    const seen = JSON.stringify((await house.call(as('auditor'), '/requests', {})).body)
    expect(seen).toContain('"dueOn":"2026-03-03"')
    expect(seen).not.toContain('HTEST-Ana')
    expect(JSON.stringify((await house.call(as('compliance-officer'), '/requests', {})).body)).toContain('HTEST-Ana')
    const [line] = (JSON.parse(seen) as { rows: { id: string }[] }).rows
    for (const [role, status] of [
      ['auditor', 403],
      ['compliance-officer', 200],
    ] as const) {
      const form = new URLSearchParams({ id: line?.id ?? '', form: 'csv', language: 'en', csrf: as(role).csrf })
      const letter = await fetch(`${house.street.gateway.origin}/console/api/requests/letter`, {
        method: 'POST',
        body: form,
        headers: { cookie: as(role).cookie, origin: house.street.gateway.origin },
      })
      expect(letter.status).toBe(status)
    }
    expect(await lastEntry()).toMatchObject({ kind: 'staff', place: 'accounting', patient })
  })
})

describe('sessions', () => {
  const me = async (cookie: string): Promise<number> =>
    (await fetch(`${house.street.gateway.origin}/console/api/me`, { headers: { cookie } })).status

  test('the cookie is for this host, over a secure connection, and for no script', async () => {
    const { totpSecret } = await house.staff('cookie HTEST', 'auditor')
    const { cookies } = await house.call(undefined, '/sign-in/password', {
      name: 'Cookie htest',
      password: PASSWORD,
      code: codeOf(totpSecret),
    })
    expect(cookies).toHaveLength(1)
    expect(cookies[0]).toMatch(/^__Host-gateway-session=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/)
    const [row] = await house.street.db.query<{ found: number }>(
      `select count(*)::int as found from staff_session where encode(hash, 'escape') like '%' || $1 || '%'`,
      [cookies[0]?.slice(23, 66) ?? ''],
    )
    expect(row?.found).toBe(0)
  })

  test.each([
    ['is not used', `seen_at = seen_at - interval '16 minutes'`],
    ['is too old', `until = now() - interval '1 second'`],
  ])('one that %s has ended', async (_, change) => {
    const { cookie, id } = await house.staff(`ends HTEST ${change}`, 'auditor')
    expect(await me(cookie)).toBe(200)
    await house.street.db.query(`update staff_session set ${change} where staff = '${id}'`)
    expect(await me(cookie)).toBe(401)
  })

  test('signing out ends it; so does the operator, and so does being shut out', async () => {
    const first = await house.staff('out HTEST', 'auditor')
    await house.call(first, '/sign-out', {})
    expect(await me(first.cookie)).toBe(401)
    const second = await house.staff('out too HTEST', 'auditor')
    expect((await house.call(as('operator'), '/staff/end-sessions', { id: second.id })).status).toBe(200)
    expect(await me(second.cookie)).toBe(401)
    const third = await house.staff('out three HTEST', 'auditor')
    await house.street.db.query('update staff set is_active = false where id = $1', [third.id])
    expect(await me(third.cookie)).toBe(401)
  })

  test.each([
    ['without a session', undefined, {}, 401],
    ['without the token', 'auditor', { 'x-csrf-token': '' }, 403],
    ['with the token of somebody else', 'auditor', { 'x-csrf-token': 'A'.repeat(43) }, 403],
    ['from another site', 'auditor', { origin: 'https://evil.example' }, 403],
  ] as const)('a question %s is refused', async (_, role, headers, status) => {
    const said = await house.call(role === undefined ? undefined : as(role), '/disclosures', { filter: {} }, headers)
    expect(said.status).toBe(status)
  })

  test('a form of another site, without an Origin, is refused', async () => {
    const response = await fetch(`${house.street.gateway.origin}/console/api/disclosures`, {
      method: 'POST',
      headers: { cookie: as('auditor').cookie, 'sec-fetch-site': 'cross-site', 'x-csrf-token': as('auditor').csrf },
    })
    expect(response.status).toBe(403)
  })
})

describe('local accounts', () => {
  const signIn = (name: string, password: string, code: string) =>
    house.call(undefined, '/sign-in/password', { name, password, code })

  test('a code counts once, and every refusal looks the same', async () => {
    const { totpSecret } = await house.staff('once HTEST', 'auditor')
    const code = codeOf(totpSecret)
    expect((await signIn('once HTEST', PASSWORD, code)).status).toBe(200)
    const refused = [
      await signIn('once HTEST', PASSWORD, code),
      await signIn('once HTEST', `${PASSWORD}x`, codeOf(totpSecret, 1)),
      await signIn('nobody HTEST', PASSWORD, code),
    ]
    for (const { status, body, cookies } of refused)
      expect([status, body['problem'], cookies]).toEqual([401, 'sign-in-refused', []])
    expect(new Set(refused.map(({ body }) => JSON.stringify(body))).size).toBe(1)
  })

  test('after some failures even the right words are refused for a while, and then not', async () => {
    const { totpSecret, id } = await house.staff('slow HTEST', 'auditor')
    for (let nth = 0; nth < 4; nth += 1) await signIn('slow HTEST', 'wrong', '000000')
    expect((await signIn('slow HTEST', PASSWORD, codeOf(totpSecret))).status).toBe(401)
    await house.street.db.query(`update staff set locked_until = now() - interval '1 second' where id = $1`, [id])
    expect((await signIn('slow HTEST', PASSWORD, codeOf(totpSecret))).status).toBe(200)
    expect((await entries()).filter((one) => one['staff'] === id && one['action'] === 'sign-in-refused')).toHaveLength(5)
  }, 60_000)

  test('an enrolment link is good once, and no more when it is too old', async () => {
    const secret = await house.enrolment('link HTEST', 'auditor')
    const open = (): Promise<{ status: number; body: Readonly<Record<string, unknown>> }> =>
      house.call(undefined, '/enrolment', { secret })
    const { body } = await open()
    const totpSecret = String(body['totpSecret'])
    const take = () =>
      house.call(undefined, '/enrolment/password', { secret, totpSecret, password: PASSWORD, code: codeOf(totpSecret) })
    const short = await house.call(undefined, '/enrolment/password', {
      secret,
      totpSecret,
      password: 'short',
      code: codeOf(totpSecret),
    })
    expect([short.status, short.body['problem']]).toEqual([400, 'password-short'])
    expect((await take()).status).toBe(200)
    expect([(await take()).status, (await open()).status]).toEqual([404, 404])
    const old = await house.enrolment('old link HTEST', 'auditor')
    await house.street.db.query(`update staff_ticket set until = now() where kind = 'enrolment'`)
    expect((await house.call(undefined, '/enrolment', { secret: old })).status).toBe(404)
  })

  test('no secret stands in the database as it is', async () => {
    const { totpSecret } = await house.staff('sealed HTEST', 'auditor')
    const [row] = await house.street.db.query<{ text: string }>(
      `select string_agg(s::text, ' ') || encode(string_agg(coalesce(totp, ''), ''), 'escape') as text from staff s`,
      [],
    )
    expect(row?.text).not.toContain(PASSWORD)
    expect(row?.text).not.toContain(totpSecret)
  })
})
