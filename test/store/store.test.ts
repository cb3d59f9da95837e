import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { FOREVER, instant } from '../../src/model/time.ts'
import { freshDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { aPartner, allSeeAll, anAllowance, anAsk, find, put, redecide, register, searching, T0 } from './world.ts'
import type { Kept, Law } from './world.ts'
import { savePartner } from '../../src/store/partners.ts'
import { bodyTextOf, type Ask, type Found } from '../../src/model/ask.ts'

let house: TestDatabase
beforeAll(async () => {
  house = await freshDatabase()
  await register(house.db, 'ehr', 'housing', 'mission')
})
afterAll(() => house.drop())

const answer = async (ask: Ask): Promise<Found> => {
  const found = await find(house.db, ask)
  if (!found.ok) throw new Error(found.error.detail)
  return found.value
}
const idsOf = (found: Found): readonly string[] => found.rows.map(({ type, id }) => `${type}/${id}`)

const patient = (id: string, family = 'HTEST-Rivera'): Kept => ({
  resourceType: 'Patient',
  id,
  name: [{ family, given: ['Jordan'] }],
  birthDate: '1984-02-29',
})
const condition = (id: string, of: string, code: string, more: object = {}): Kept => ({
  resourceType: 'Condition', id, subject: { reference: `Patient/${of}` }, code: { coding: [{ system: 'http://snomed.info/sct', code }] }, ...more,
}) // prettier-ignore

describe('what an asker may see', () => {
  test('is read by id, and by nobody else', async () => {
    await put(house.db, [patient('p1')], allSeeAll('ehr'))
    const [row] = (await answer(anAsk({ interaction: 'read', type: 'Patient', id: 'p1' }))).rows
    expect(row).toMatchObject({
      type: 'Patient',
      id: 'p1',
      isDeleted: false,
      basis: { kind: 'consent', reference: 'Consent/c1', version: '1' },
      obligations: ['NORDSCLCD'],
    })
    expect(JSON.parse(bodyTextOf({ body: row?.body ?? '' }))).toMatchObject({
      meta: { versionId: row?.versionId, lastUpdated: T0 },
      birthDate: '1984-02-29',
    })
    expect((await answer(anAsk({ interaction: 'read', type: 'Patient', id: 'p1' }, 'housing'))).rows).toEqual([])
  })

  test.each([
    ['a purpose that is not granted', { purposes: ['HOPERAT'] }],
    ['one of two purposes', { purposes: ['TREAT', 'HOPERAT'] }],
    ['no purpose', { purposes: [] }],
    ['before the grant', { at: instant('2025-12-31T23:59:59.999Z') }],
  ])('is not seen with %s', async (_, more) => {
    await put(house.db, [patient('p2')], allSeeAll('ehr'))
    expect((await answer(anAsk({ interaction: 'read', type: 'Patient', id: 'p2' }, 'ehr', more))).rows).toEqual([])
  })

  test('ends on the instant of expiry, and a disabled partner sees nothing', async () => {
    const law: Law = (resource) => [{ resource, grants: [anAllowance('mission', { until: instant('2026-06-01T00:00:00Z') })] }]
    await put(house.db, [patient('p3')], law)
    const at = (text: string): Promise<Found> =>
      answer(anAsk({ interaction: 'read', type: 'Patient', id: 'p3' }, 'mission', { at: instant(text) }))
    expect((await at('2026-05-31T23:59:59.999Z')).rows).toHaveLength(1)
    expect((await at('2026-06-01T00:00:00Z')).rows).toEqual([])
    await house.db.transact((tx) => savePartner(tx, aPartner('mission', { isActive: false }), T0))
    expect((await at('2026-05-31T23:59:59.999Z')).rows).toEqual([])
    await house.db.transact((tx) => savePartner(tx, aPartner('mission'), T0))
  })
})

describe('versions', () => {
  const at = (n: number) => instant(`2026-02-0${String(n)}T00:00:00Z`)
  const history = (id: string, recipient: string): Promise<Found> =>
    answer(anAsk({ interaction: 'history-instance', type: 'Condition', id, parameters: [] }, recipient))
  /** Housing sees conditions without their note. */
  const law: Law = (resource) => {
    if (resource.resourceType !== 'Condition') return [{ resource, grants: [anAllowance('ehr'), anAllowance('housing')] }]
    const { note: _, ...rest } = resource
    return [
      { resource, grants: [anAllowance('ehr')] },
      { resource: rest, grants: [anAllowance('housing')] },
    ]
  }

  test('a change that a recipient cannot see gives it no version, no time and no history', async () => {
    await put(house.db, [condition('v1', 'pv', '1', { note: [{ text: 'one' }] })], law, at(1))
    await put(house.db, [condition('v1', 'pv', '1', { note: [{ text: 'two' }] })], law, at(2))
    expect((await history('v1', 'ehr')).rows).toHaveLength(2)
    const seen = await history('v1', 'housing')
    expect(seen.rows).toHaveLength(1)
    expect(seen.rows[0]?.updated).toBe(at(1))
    expect(seen.total).toBe(1)
  })

  test('are the same as in a house that never held what is withheld', async () => {
    await put(house.db, [condition('v2', 'pw', '1', { note: [{ text: 'one' }] })], law, at(1))
    await put(house.db, [condition('v2', 'pw', '2', { note: [{ text: 'two' }] })], law, at(3))
    const twin = await freshDatabase()
    await register(twin.db, 'housing')
    await put(twin.db, [condition('v2', 'pw', '1')], allSeeAll('housing'), at(1))
    await put(twin.db, [condition('v2', 'pw', '2')], allSeeAll('housing'), at(3))
    const ask = anAsk({ interaction: 'history-instance', type: 'Condition', id: 'v2', parameters: [] }, 'housing')
    expect(await find(house.db, ask)).toEqual(await find(twin.db, ask))
    await twin.drop()
  })

  test('former ones are read by their id, by those who may see the present one', async () => {
    const [, first] = (await history('v2', 'ehr')).rows
    const vread = (recipient: string) =>
      answer(anAsk({ interaction: 'vread', type: 'Condition', id: 'v2', versionId: first?.versionId ?? '' }, recipient))
    expect((await vread('ehr')).rows).toHaveLength(1)
    expect((await vread('housing')).rows).toEqual([])
  })

  test('narrowing takes the former text away at once; widening brings it back under the same id', async () => {
    const before = await history('v2', 'ehr')
    const narrow: Law = (resource, version) =>
      law(resource, version).flatMap((view) =>
        view.grants.some(({ recipient }) => recipient === 'housing')
          ? [{ ...view, grants: [anAllowance('ehr'), anAllowance('housing')] }]
          : [],
      )
    await house.db.transact((tx) => redecide(tx, 'pw', narrow))
    expect(JSON.stringify(await history('v2', 'ehr'))).not.toContain('one')
    await house.db.transact((tx) => redecide(tx, 'pw', law))
    expect(await history('v2', 'ehr')).toEqual(before)
  })

  test('a deletion is a version without a body, and is not found by a search', async () => {
    await put(house.db, [condition('v3', 'px', '9')], law, at(1))
    await put(house.db, [condition('v3', 'px', '9')], law, at(2), true)
    const [row] = (await answer(anAsk({ interaction: 'read', type: 'Condition', id: 'v3' }))).rows
    expect(row).toMatchObject({ isDeleted: true, body: '' })
    expect(idsOf(await answer(searching('Condition?patient=px')))).toEqual([])
    expect((await history('v3', 'housing')).rows.map(({ isDeleted }) => isDeleted)).toEqual([true, false])
  })
})

describe('deciding again', () => {
  const MAY = instant('2026-05-01T00:00:00Z')
  const grants =
    (more: object): Law =>
    (resource) => [{ resource, grants: [anAllowance('ehr', { from: MAY, ...more })] }]
  const decide = (law: Law) => house.db.transact((tx) => redecide(tx, 'd1', law, MAY))
  const rows = () =>
    house.db.query<{ since: string; reference: string }>(
      `select since, bases[1]::jsonb ->> 1 as reference from showing where patient = 'd1'`,
      [],
    )
  const seen = async () => idsOf(await answer(searching('Condition?patient=d1&code=A')))

  beforeEach(() => put(house.db, [condition('d', 'd1', 'A')], allSeeAll('ehr')))

  test('on the same grounds writes nothing', async () => {
    const before = await house.db.query('select xmin::text, ctid::text from showing where patient = $1', ['d1'])
    await decide(grants({}))
    expect(await house.db.query('select xmin::text, ctid::text from showing where patient = $1', ['d1'])).toEqual(before)
  })

  test('on other grounds keeps the place and names the new ones', async () => {
    await decide(grants({ basis: { kind: 'consent', reference: 'Consent/new', version: '2' } }))
    expect(await rows()).toEqual([{ since: T0, reference: 'Consent/new' }])
    expect(await seen()).toEqual(['Condition/d'])
  })

  test('for a later time shows nothing until then', async () => {
    await decide(grants({ from: instant('2027-01-01T00:00:00Z') }))
    expect(await seen()).toEqual([])
  })

  test('to an earlier end shows nothing from then on', async () => {
    await decide(grants({ until: instant('2026-06-01T00:00:00Z') }))
    expect(await seen()).toEqual([])
  })

  test('leaves nothing of what nobody sees any more', async () => {
    await decide(() => [])
    const left = await Promise.all(
      ['showing', 'shown_before', 'rendition', 'span', 'word'].map((table) =>
        house.db.query(`select patient from ${table} where patient = 'd1'`, []),
      ),
    )
    expect(left.flat()).toEqual([])
  })
})

describe('search', () => {
  beforeAll(async () => {
    const shared: Kept[] = [{ resourceType: 'Organization', id: 'org1', name: 'HTEST Clinic', identifier: [{ system: 'urn:npi', value: '123' }] }]
    await put(house.db, shared, allSeeAll('ehr', 'housing'))
    await put(house.db, [
      patient('s1', 'HTEST-Ångström'),
      condition('c1', 's1', 'A', { onsetDateTime: '2026-01-10', clinicalStatus: { coding: [{ code: 'active' }] }, encounter: { reference: 'Encounter/e1' } }),
      condition('c2', 's1', 'B', { onsetDateTime: '2026-02' }),
      condition('c3', 's1', 'A', { code: { coding: [{ system: 'urn:other', code: 'A' }], text: 'Housing need' } }),
      { resourceType: 'Encounter', id: 'e1', status: 'finished', class: { code: 'AMB' }, subject: { reference: 'Patient/s1' }, serviceProvider: { reference: 'Organization/org1' } },
      { resourceType: 'Observation', id: 'o1', status: 'final', code: { coding: [{ system: 'http://loinc.org', code: '1234-5' }] }, subject: { reference: 'Patient/s1' }, valueQuantity: { value: 5.4, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' } },
      { resourceType: 'Provenance', id: 'pr1', target: [{ reference: 'Condition/c1' }], recorded: '2026-01-11T00:00:00Z', agent: [{ who: { reference: 'Organization/org1' } }] } ,
    ], (resource) => [{ resource, grants: resource.id === 'c2' || resource.id === 'e1' ? [anAllowance('ehr')] : [anAllowance('ehr'), anAllowance('housing')] }])
  }) // prettier-ignore

  test.each([
    ['Condition?patient=s1', ['c1', 'c2', 'c3'], ['c1', 'c3']],
    ['Condition?subject=Patient/s1&code=A', ['c1', 'c3'], ['c1', 'c3']],
    ['Condition?patient=s1&code=http://snomed.info/sct|A', ['c1'], ['c1']],
    ['Condition?patient=s1&code=urn:other|', ['c3'], ['c3']],
    ['Condition?patient=s1&code=A,B', ['c1', 'c2', 'c3'], ['c1', 'c3']],
    ['Condition?patient=s1&code:not=A', ['c2'], []],
    ['Condition?patient=s1&code:text=housing', ['c3'], ['c3']],
    ['Condition?patient=s1&onset-date=2026-01', ['c1'], ['c1']],
    ['Condition?patient=s1&onset-date=ge2026-01-15', ['c2'], []],
    ['Condition?patient=s1&onset-date:missing=true', ['c3'], ['c3']],
    ['Condition?patient=s1&clinical-status:missing=false', ['c1'], ['c1']],
    ['Condition?patient=s1&encounter=Encounter/e1', ['c1'], ['c1']],
    ['Condition?patient=s1&encounter.status=finished', ['c1'], []],
    ['Condition?patient.name=htest-ang', ['c1', 'c2', 'c3'], ['c1', 'c3']],
    ['Condition?patient.organization.name=x', [], []],
    ['Patient?family=htest-ang', ['s1'], ['s1']],
    ['Patient?family:exact=HTEST-Ångström', ['s1'], ['s1']],
    ['Patient?family:exact=htest-ångström', [], []],
    ['Patient?name:contains=ström', ['s1'], ['s1']],
    ['Patient?birthdate=lt1985&family=htest-ang', ['s1'], ['s1']],
    ['Patient?_has:Condition:patient:code=B', ['s1'], []],
    ['Patient?_id=s1&_has:Encounter:patient:status=finished', ['s1'], []],
    ['Observation?value-quantity=5.4||mg', ['o1'], ['o1']],
    ['Observation?value-quantity=gt5.4', [], []],
    ['Observation?code-value-quantity=1234-5$ge5', ['o1'], ['o1']],
    ['Organization?identifier=urn:npi|123', ['org1'], ['org1']],
    ['Condition?_id=c1,c2', ['c1', 'c2'], ['c1']],
    ['Condition?patient=s1&_lastUpdated=gt2025', ['c1', 'c2', 'c3'], ['c1', 'c3']],
    ['Condition?patient=s1&_sort=-onset-date', ['c2', 'c1', 'c3'], ['c1', 'c3']],
    ['Condition?patient=s1&_sort=code,-_id', ['c3', 'c1', 'c2'], ['c3', 'c1']],
    ['Condition?_id=c1&_include=Condition:encounter', ['c1', 'e1'], ['c1']],
    ['Condition?_id=c1&_include=Condition:encounter&_include:iterate=Encounter:service-provider', ['c1', 'e1', 'org1'], ['c1']],
    ['Condition?_id=c1&_revinclude=Provenance:target', ['c1', 'pr1'], ['c1', 'pr1']],
    ['Encounter?_id=e1&_revinclude=Condition:encounter', ['e1', 'c1'], []],
    ['?_type=Encounter,Organization&_id=e1,org1', ['e1', 'org1'], ['org1']],
  ])('%s', async (query, ehr, housing) => {
    const ids = async (recipient: string) => (await answer(searching(query, recipient))).rows.map(({ id }) => id)
    expect(await ids('ehr')).toEqual(ehr)
    expect(await ids('housing')).toEqual(housing)
  }) // prettier-ignore

  test('counts what may be seen', async () => {
    const total = async (query: string, recipient: string) => (await answer(searching(query, recipient))).total
    expect(await total('Condition?patient=s1&_total=accurate', 'ehr')).toBe(3)
    expect(await total('Condition?patient=s1&_total=accurate', 'housing')).toBe(2)
    expect(await total('Condition?patient=s1&_summary=count', 'housing')).toBe(2)
    expect(await total('Condition?patient=nobody&_total=accurate', 'housing')).toBe(0)
    expect(await total('Condition?patient=s1', 'housing')).toBeUndefined()
  })

  test.each([['_sort=-_lastUpdated'], ['_sort=onset-date'], ['_sort=-code'], ['_sort=-onset-date,_id']])('pages of one, with %s, are the whole in order', async (sort) => {
    const whole = idsOf(await answer(searching(`Condition?patient=s1&${sort}`)))
    const walked: string[] = []
    let cursor = ''
    do {
      const page = await answer(searching(`Condition?patient=s1&_count=1&${sort}${cursor}`))
      walked.push(...idsOf(page))
      cursor = page.next === undefined ? '' : `&_cursor=${page.next}`
    } while (cursor !== '')
    expect(walked).toEqual(whole)
    expect(whole).toHaveLength(3)
  }) // prettier-ignore

  test('a continuation gives nothing once the consent is gone, and serves no other search', async () => {
    const first = await answer(searching('Condition?patient=s1&_count=1'))
    const other = await find(house.db, searching(`Condition?patient=s2&_count=1&_cursor=${first.next ?? ''}`))
    expect(other).toMatchObject({ ok: false, error: { code: 'cursor-invalid' } })
    await house.db.transact((tx) => redecide(tx, 's1', () => []))
    const second = await answer(searching(`Condition?patient=s1&_count=1&_cursor=${first.next ?? ''}`))
    expect(second).toEqual({ rows: [] })
    await house.db.transact((tx) =>
      redecide(tx, 's1', (resource) => [{ resource, grants: [anAllowance('ehr', { until: FOREVER })] }]),
    )
  })

  test.each([
    ['Condition?nonsense=1', 'search-parameter-unknown'],
    ['Condition?code:exact=1', 'search-parameter-invalid'],
    ['Condition?onset-date=soon', 'search-parameter-invalid'],
    ['Condition?_count=many', 'search-parameter-invalid'],
    ['Nonsense?code=1', 'search-parameter-invalid'],
    ['Condition?_include=Condition:nonsense', 'search-parameter-unknown'],
    ['Observation?_sort=combo-value-quantity', 'search-parameter-unknown'],
  ])('%s is a problem', async (query, code) => {
    expect(await find(house.db, searching(query))).toMatchObject({ ok: false, error: { kind: 'invalid', code } })
  })

  test('a history that is asked for in a way we do not know is a problem, not a longer history', async () => {
    const ask = anAsk({ interaction: 'history-system', parameters: [['_at', '2026']] })
    expect(await find(house.db, ask)).toMatchObject({ ok: false, error: { code: 'search-parameter-unknown' } })
    expect(await find(house.db, ask, { handling: 'lenient' })).toMatchObject({ ok: true })
  })

  test('lenient handling passes over what is unknown', async () => {
    const found = await find(house.db, searching('Condition?patient=s1&nonsense=1'), { handling: 'lenient' })
    expect(found.ok && found.value.rows.length).toBe(3)
  })

  test('$everything is the record of one patient and what it refers to', async () => {
    const everything = (who: string) => answer(anAsk({ interaction: 'everything', patient: 's1', parameters: [] }, who))
    expect(idsOf(await everything('ehr'))).toEqual([
      'Patient/s1',
      'Condition/c1',
      'Condition/c2',
      'Condition/c3',
      'Encounter/e1',
      'Observation/o1',
      'Organization/org1',
    ])
    expect((await everything('housing')).rows).toEqual([])
  })
})
