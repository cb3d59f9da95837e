import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { LISTS, type ListName } from '../../src/model/console-lists.ts'
import { listCsv, listPart, type ConsoleList, type Rows } from '../../src/flow/console/list.ts'
import { ROLES, type Role, type StaffMember } from '../../src/model/staff.ts'
import { openConsoleHouse, type ConsoleHouse, type Staff } from './house.ts'
import { openWorld } from './world.ts'

let house: ConsoleHouse
let patient = ''
const staff = new Map<Role, Staff>()
const as = (role: Role): Staff => {
  const found = staff.get(role)
  if (found === undefined) throw new Error(role)
  return found
}

/** More rows of every kind than a page has, many of them alike in the column that is sorted by. */
const MANY = `
  insert into outbox (id, partner, order_key, channel, trace, what, idempotency_key, enqueued_at, state, is_head, attempts, next_at, ended_at)
    select gen_random_uuid(), (array['st-mary-hospital', 'harbor-housing'])[1 + n % 2], 'list', 'fhir-push', 't', '{}', 'list ' || n,
      now() - n * interval '1 hour', (array['delivered', 'cancelled'])[1 + n % 2], false, n % 4, now(), case when n % 5 = 0 then null else now() end
    from generate_series(1, 120) n;
  insert into incident (partner, cause, opened_at, last_at, occurrences, closed_at)
    select 'st-mary-hospital', 'cause ' || n % 7, now() - n * interval '1 day', now() - n % 3 * interval '1 day', n % 5, now() from generate_series(1, 70) n;
  insert into patient_request (id, patient, right_asked, received_on, is_in_writing, words, due_on, closed_on, closed_as)
    select 'list-' || n, $patient$, (array['access', 'accounting', 'amendment'])[1 + n % 3], current_date - n % 9, true, '=1+1 HTEST', current_date + n % 13 - 3,
      case when n % 2 = 0 then current_date - n % 5 end, case when n % 2 = 0 then 'answered' end
    from generate_series(1, 130) n;
  insert into breach (id, discovered_on, what, individuals, most_in_one_state, closed_on)
    select 'list-' || n, current_date - n % 9, 'HTEST', n % 6, 0, case when n % 2 = 0 then current_date end from generate_series(1, 60) n;
  insert into legal_basis (patient, id, version, is_current, kind, saved_at, fields)
    select $patient$, 'list-' || n, 1, true, 'medical-emergency', now() - n % 8 * interval '1 day', '{"recipient": "st-mary-hospital"}' from generate_series(1, 60) n;
  insert into raw_message (id, sender, key, digest, media_type, received_at, state, issues, content)
    select gen_random_uuid(), 'sender-' || n % 3, 'kind' || n % 4 || '/' || n, n, 'application/json', now() - n % 6 * interval '1 hour', 'held',
      '[{"path": "=a", "message": "+b"}]', ''
    from generate_series(1, 70) n;`

/** A record as it is kept, for as many as a list needs: the database makes the lines of the list from it. */
const copyOf = (type: string, change: string): string => `
  insert into record (patient, type, id, version, is_current, is_deleted, updated, origin, labels, facts, body)
    select patient, type, id || '-list-' || n, 1, true, false, now() - n % 7 * interval '1 day', origin, labels, facts, ${change}
    from (select * from record where type = '${type}' and is_current and not is_deleted limit 1) r, generate_series(1, 110) n`

beforeAll(async () => {
  house = await openConsoleHouse()
  ;({ patient } = await openWorld(house))
  for (const role of ROLES) staff.set(role, await house.staff(`${role} HTEST`, role))
  await house.street.db.query(MANY.replaceAll('$patient$', `'${patient}'`))
  const status = (path: string, words: string): string =>
    `jsonb_set(body::jsonb || jsonb_build_object('id', id || '-list-' || n), '${path}', to_jsonb((${words})))::text`
  await house.street.db.query(copyOf('Consent', status('{status}', `(array['active', 'inactive', 'rejected'])[1 + n % 3]`)))
  await house.street.db.query(copyOf('Task', status('{status}', `(array['requested', 'completed', 'in-progress'])[1 + n % 3]`)))
}, 120_000)
afterAll(() => house.close())

const readersOf: Readonly<Record<ListName, Role>> = {
  disclosures: 'compliance-officer',
  entries: 'operator',
  consents: 'case-manager',
  'failed-consents': 'auditor',
  'waiting-consents': 'auditor',
  messages: 'auditor',
  texts: 'auditor',
  emergencies: 'compliance-officer',
  referrals: 'compliance-officer',
  deliveries: 'operator',
  incidents: 'operator',
  requests: 'compliance-officer',
  breaches: 'auditor',
  partners: 'operator',
  staff: 'operator',
}
const NAMES = Object.keys(LISTS) as readonly ListName[]

/** What tells a row of any list from the others of it. */
const keyOf = (row: Readonly<Record<string, unknown>>): string => JSON.stringify(row['seq'] ?? row['number'] ?? row['id'])

interface Part {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly next?: string
  readonly sort: string
  readonly columns: readonly string[]
}

const partOf = async (name: ListName, body: unknown): Promise<Part> => {
  const said = await house.call(as(readersOf[name]), LISTS[name].address, body)
  if (said.status !== 200) throw new Error(`${name}: ${String(said.status)} ${JSON.stringify(said.body)}`)
  return said.body as unknown as Part
}

/** All parts, one after the other. The ledger grows while it is read: only what was there at the beginning counts. */
const walk = async (name: ListName, body: Readonly<Record<string, unknown>>): Promise<Part['rows']> => {
  const rows: Readonly<Record<string, unknown>>[] = []
  let next: string | undefined
  do {
    const part: Part = await partOf(name, next === undefined ? body : { ...body, next })
    rows.push(...part.rows)
    next = part.next
  } while (next !== undefined)
  return rows
}

/** Columns whose value a row shows as it is sorted by. */
const SHOWN: Readonly<Record<string, (row: Readonly<Record<string, unknown>>) => string | number>> = {
  'consents updated': ({ updated }) => String(updated),
  'consents status': ({ status }) => String(status),
  'deliveries partner': ({ partner }) => String(partner),
  'deliveries attempts': ({ attempts }) => Number(attempts),
  'deliveries ended': ({ endedAt }) => (typeof endedAt === 'string' ? endedAt : '~'),
  'incidents occurrences': ({ occurrences }) => Number(occurrences),
  'requests received': ({ receivedOn }) => String(receivedOn),
  'requests closed': ({ closedOn }) => (typeof closedOn === 'string' ? closedOn : '~'),
  'breaches individuals': ({ individuals }) => Number(individuals),
  'referrals state': ({ state }) => String(state),
  'referrals changed': ({ changedAt }) => String(changedAt),
  'messages sender': ({ sender }) => String(sender),
  'emergencies entered': ({ enteredAt }) => String(enteredAt),
  'entries number': ({ number }) => Number(number),
  'disclosures number': ({ seq }) => Number(seq),
  'partners name': ({ name }) => String(name).toLowerCase(),
}

const bodyOf = (name: ListName): Readonly<Record<string, unknown>> => (name === 'incidents' ? { isClosedToo: true } : {})

describe.each(NAMES)('%s', (name) => {
  test.each(LISTS[name].columns.map((column) => [column] as const))(
    'by %s, either end first: each row once, whatever page it is on',
    async (column) => {
      const up = await walk(name, { ...bodyOf(name), sort: column })
      const down = await walk(name, { ...bodyOf(name), sort: `-${column}` })
      const keys = up.map(keyOf)
      expect(new Set(keys).size).toBe(keys.length)
      const atBoth = new Set(keys)
      // looks are entries too: the second walk sees those of the first
      expect(down.map(keyOf).filter((key) => atBoth.has(key))).toEqual([...keys].reverse())
      const shown = SHOWN[`${name} ${column}`]
      if (shown === undefined) return
      const values = up.map(shown)
      expect(values).toEqual([...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)))
    },
    60_000,
  )

  test('says its order and its columns, and refuses others', async () => {
    const reader = as(readersOf[name])
    const { sort, columns, rows } = await partOf(name, {})
    expect([sort, columns]).toEqual([LISTS[name].sort, LISTS[name].columns])
    expect(rows.length).toBeLessThanOrEqual(name === 'failed-consents' ? 500 : 60)
    const refused = async (body: unknown): Promise<readonly unknown[]> => {
      const { status, body: said } = await house.call(reader, LISTS[name].address, body)
      return [status, said['problem']]
    }
    expect(await refused({ sort: 'body' })).toEqual([400, 'sort-unknown'])
    expect(await refused({ sort: `${columns[0] ?? ''}; drop table staff` })).toEqual([400, 'sort-unknown'])
    expect(await refused({ next: 'AAAA' })).toEqual([400, 'next-unknown'])
    const forged = Buffer.from(JSON.stringify([sort, "'); drop table staff; --"])).toString('base64url')
    expect(await refused({ next: forged })).toEqual([400, 'next-unknown'])
    expect(await refused({ colour: 'red' })).toEqual([400, 'body-malformed'])
  })

  test('leaves whole as CSV, and the ledger says who took how many rows', async () => {
    const reader = as(name === 'disclosures' ? 'auditor' : readersOf[name])
    const rows = await walk(name, {})
    const form = new URLSearchParams({ question: '{}', csrf: reader.csrf })
    const response = await fetch(`${house.street.gateway.origin}/console/api${LISTS[name].address}.csv`, {
      method: 'POST',
      body: form,
      headers: { cookie: reader.cookie, origin: house.street.gateway.origin },
    })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8'])
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="[a-z-]+\.csv"$/)
    const lines = (await response.text()).trimEnd().split('\r\n')
    if (name !== 'entries' && name !== 'disclosures') expect(lines.length - 1).toBe(rows.length)
    else expect(lines.length).toBeGreaterThan(rows.length)
    for (const line of lines) expect(line).not.toMatch(/(^|,)"?[=+@]/)
    const [{ body } = { body: '{}' }] = await house.street.db.query<{ body: string }>(
      `select body from ledger where kind = 'staff' order by seq desc limit 1`,
      [],
    )
    const entry = JSON.parse(body) as Readonly<Record<string, unknown>>
    expect(entry).toMatchObject({ action: 'export', place: `/console${LISTS[name].address}.csv`, staff: reader.id })
    expect(entry['rows']).toBe(lines.length - 1)
  })
})

describe('filters', () => {
  test.each([
    ['consents', { status: 'inactive' }, (row) => row['status'] === 'inactive'],
    ['referrals', { state: 'completed' }, (row) => row['state'] === 'completed'],
    ['deliveries', { partner: 'harbor-housing', state: 'cancelled' }, (row) => row['partner'] === 'harbor-housing'],
    ['requests', { standing: 'late' }, (row) => row['standing'] === 'late'],
    ['requests', { right: 'access', standing: 'closed' }, (row) => row['right'] === 'access' && row['standing'] === 'closed'],
    ['incidents', {}, (row) => row['closedAt'] === undefined],
    ['entries', { kind: 'write' }, (row) => row['kind'] === 'write'],
  ] as const satisfies readonly (readonly [ListName, object, (row: Readonly<Record<string, unknown>>) => boolean])[])(
    '%s by %j: all that fit, and no others; their names are on the ledger, and no value',
    async (name, filter, fits) => {
      const all = await walk(name, name === 'incidents' ? { isClosedToo: true } : {})
      const found = await walk(name, filter)
      expect(found.length).toBeGreaterThan(0)
      expect(found.every(fits)).toBe(true)
      if (name !== 'deliveries') expect(found).toHaveLength(all.filter(fits).length)
      const [{ body } = { body: '{}' }] = await house.street.db.query<{ body: string }>(
        `select body from ledger where kind = 'staff' order by seq desc limit 1`,
        [],
      )
      const entry = JSON.parse(body) as Readonly<Record<string, unknown>>
      expect(entry['filters'] ?? []).toEqual(Object.keys(filter).sort())
    },
  )
})

describe('what the database keeps for the lists', () => {
  test('is what the current records say', async () => {
    const wrong = await house.street.db.query(
      `(select id, patient, coalesce(body::jsonb ->> 'status', '') from record where type = 'Consent' and is_current and not is_deleted
        except select id, patient, status from consent_line)
       union all
       (select id, patient, status from consent_line
        except select id, patient, body::jsonb ->> 'status' from record where type = 'Consent' and is_current and not is_deleted)
       union all
       (select id, patient, state from referral_line
        except select id, patient, body::jsonb ->> 'status' from record where type = 'Task' and is_current and not is_deleted)
       union all
       (select id, id, name from client_line
        except select id, id, name_of(body::jsonb) from record where type = 'Patient' and is_current and not is_deleted)`,
      [],
    )
    expect(wrong).toEqual([])
  })

  test('goes when the record goes, and a partial date is no reason to refuse one', async () => {
    const { db } = house.street
    const insert = (version: number, isDeleted: boolean, authored: string): Promise<unknown> =>
      db.query(
        `insert into record (patient, type, id, version, is_current, is_deleted, updated, origin, labels, facts, body)
         select patient, type, 'gone', $1::int, true, $2::boolean, now(), origin, labels, facts, jsonb_set(body::jsonb, '{authoredOn}', to_jsonb($3::text))::text
         from record where type = 'Task' and is_current limit 1`,
        [version, isDeleted, authored],
      )
    const line = (): Promise<readonly { made: string; updated: string }[]> =>
      db.query(`select made, updated from referral_line where id = 'gone'`, [])
    await insert(1, false, '2026')
    const [first] = await line()
    expect(first?.made).toBe(first?.updated)
    await db.query(`update record set is_current = false where id = 'gone'`, [])
    await insert(2, true, '2026-01-05')
    expect(await line()).toEqual([])
  })
})

describe('figures', () => {
  test('are of all referrals, and of the narrowed ones', async () => {
    const figures = async (body: unknown): Promise<{ states: { state: string; count: number }[]; ages: { count: number }[] }> =>
      (await house.call(as('compliance-officer'), '/referrals/figures', body)).body as never
    const all = await figures({})
    const rows = await walk('referrals', {})
    const sum = (counts: readonly { readonly count: number }[]): number => counts.reduce((total, { count }) => total + count, 0)
    expect(sum(all.states)).toBe(rows.length)
    expect(sum(all.ages)).toBe(
      rows.filter(({ state }) => ['requested', 'accepted', 'in-progress', 'on-hold'].includes(String(state))).length,
    )
    expect(sum((await figures({ patient: 'nobody' })).states)).toBe(0)
  })

  test('of deliveries are of each day: what was taken, what not, what waited overnight', async () => {
    const { db } = house.street
    await db.query(
      `insert into outbox (id, partner, order_key, channel, trace, what, idempotency_key, enqueued_at, state, is_head, next_at, ended_at)
       values ($1, 'health', 'h', 'fhir-push', 't', '{}', 'h1', now() - interval '3 days', 'queued', false, now(), null),
         ($2, 'health', 'h', 'fhir-push', 't', '{}', 'h2', now() - interval '5 days', 'delivered', false, now(), now() - interval '3 days')`,
      [randomUUID(), randomUUID()],
    )
    const entry = (outcome: string, attempt: number): Record<string, unknown> => ({
      kind: 'delivery',
      at: new Date().toISOString(),
      disclosure: 'd-1',
      recipient: 'health',
      door: 'fhir-push',
      attempt,
      outcome,
    })
    for (const [nth, outcome] of ['failed', 'unknown', 'acknowledged', 'cancelled'].entries())
      await house.operator.house.ledger.append(entry(outcome, nth + 1) as never)
    const { body } = await house.call(as('operator'), '/deliveries/health', {})
    const { days, until } = body as unknown as { days: Record<string, unknown>[]; until: string }
    const own = days.filter(({ partner }) => partner === 'health')
    // five days ago, four days ago: the one that was delivered; from three days ago on the one that waits
    expect(own.map(({ waiting }) => waiting)).toEqual([1, 1, 1, 1, 1, 1])
    expect(own.at(-1)).toMatchObject({ day: until, delivered: 1, failed: 2, waiting: 1 })
  })
})

describe('an export', () => {
  test('reads a block when the one before has left, and each is on the ledger before it leaves', async () => {
    const blocks: Rows<{ id: string }>[] = [{ rows: [{ id: '=1' }, { id: 'b"c' }], next: ['2'] }, { rows: [{ id: 'd' }] }]
    let read = 0
    const list: ConsoleList<'entries', object, { id: string }> = {
      name: 'entries',
      permission: 'integrity.read',
      accepts: () => true,
      read: () => {
        const block = blocks[read]
        read += 1
        return Promise.resolve(block ?? { rows: [] })
      },
      cells: { id: ({ id }) => id },
    }
    const who: StaffMember = { id: 'p-1', name: 'HTEST', role: 'operator' }
    const entries = async (): Promise<number> =>
      (
        await house.street.db.query<{ n: number }>(
          `select count(*)::int as n from ledger where body like '%entries.csv%p-1%'`,
          [],
        )
      )[0]?.n ?? 0
    const opened = await listCsv(house.operator.house, who, list, { query: {} })
    if (!opened.ok) throw new Error(opened.error.code)
    expect([read, await entries()]).toEqual([0, 0])
    expect((await opened.value.next()).value).toBe('id\r\n\'=1\r\n"b""c"\r\n')
    expect([read, await entries()]).toEqual([1, 1])
    expect((await opened.value.next()).value).toBe('d\r\n')
    expect([(await opened.value.next()).done, await entries()]).toEqual([true, 2])
    const refused = await listPart(house.operator.house, { ...who, role: 'case-manager' }, list, { query: {} })
    expect(refused.ok).toBe(false)
  })
})
