import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { CASES, WORLD, type Case } from '../consent/support/cases.ts'
import { DIFFERENT } from './cases/different.ts'
import { filingOf, personOf, placeOf } from './cases/file-case.ts'
import { openCaseGateway, type CaseGateway } from './cases/gateway.ts'

/** All facts are filed at this moment, once; what changes afterwards changes by itself, as the clock moves. */
const FILED_AT = '2026-03-02T06:00:00.000Z'

const HERE = CASES.filter(({ elsewhere, ask }) => elsewhere === undefined && ask !== undefined)
const MISSION = { who: 'mission', purposes: ['TREAT'] } as const

let gateway: CaseGateway
const places = new Map<string, string>()
const faults: string[] = []

const mustBe = (wanted: readonly number[], got: { status: number; text: string } | undefined, what: string): void => {
  if (got === undefined || !wanted.includes(got.status))
    faults.push(`${what}: ${String(got?.status)} ${got?.text.slice(0, 300) ?? ''}`)
}

const fileCase = async (one: Case): Promise<void> => {
  const { own, consents, brought, bases, later } = filingOf(one, one.id)
  mustBe([200], await gateway.ask(MISSION, 'POST', '/fhir', own), `${one.id} records`)
  for (const { name, origin, resource } of brought) {
    const { id: _id, ...rest } = resource
    const kept = await gateway.ask({ who: origin, purposes: ['TREAT'] }, 'POST', `/fhir/${resource.resourceType}`, rest)
    mustBe([201], kept, `${one.id} ${name}`)
    places.set(`${one.id} ${name}`, kept?.location ?? '')
  }
  for (const consent of consents)
    mustBe([201, 400], await gateway.ask(MISSION, 'PUT', `/fhir/Consent/${consent.id ?? ''}`, consent), `${one.id} consent`)
  for (const { endedAt: _endedAt, endedBy: _endedBy, ...basis } of bases)
    mustBe([201, 422], await gateway.ask(MISSION, 'POST', '/mission/v1/legal-basis', basis), `${one.id} ${basis.id}`)
  for (const { at, resource } of later) events.push({ at, run: () => put(one, resource) })
  for (const { id, endedAt, endedBy } of bases as readonly Readonly<Record<string, string>>[])
    if (endedAt !== undefined) events.push({ at: `${endedAt}T06:00:00Z`, run: () => end(one, id ?? '', endedBy) })
}

const events: { readonly at: string; readonly run: () => Promise<void> }[] = []
const put = async (one: Case, resource: { resourceType: string; id?: string }): Promise<void> => {
  mustBe(
    [201],
    await gateway.ask(MISSION, 'PUT', `/fhir/${resource.resourceType}/${resource.id ?? ''}`, resource),
    `${one.id} later`,
  )
}
const end = async (one: Case, id: string, endedBy: string | undefined): Promise<void> => {
  const answer = await gateway.ask(MISSION, 'POST', `/mission/v1/legal-basis/${id}/end`, endedBy === undefined ? {} : { endedBy })
  mustBe([200], answer, `${one.id} end`)
}

const moment = ({ ask }: Case): string => new Date(ask?.at ?? WORLD.at).toISOString()
const ORDERED = HERE.toSorted((a, b) => moment(a).localeCompare(moment(b)))

beforeAll(async () => {
  gateway = await openCaseGateway(FILED_AT)
  for (const one of ORDERED) await fileCase(one)
  for (const { at, run } of events.toSorted((a, b) => a.at.localeCompare(b.at))) {
    gateway.setClock(at)
    await run()
  }
}, 600_000)
afterAll(() => gateway.close())

/** What an authority gets without names: which of it is whose, nobody can say. */
const deidentified = async (asking: Parameters<CaseGateway['ask']>[0]): Promise<readonly { readonly resource: object }[]> => {
  const answer = await gateway.ask(asking, 'GET', '/fhir/$de-identified?_type=CarePlan')
  return (JSON.parse(answer?.text ?? '{}') as { entry?: { resource: object }[] }).entry ?? []
}

const answersOf = async (one: Case): Promise<Record<string, string>> => {
  const { ask } = one
  if (ask === undefined) return {}
  const asking = {
    who: ask.who,
    purposes: [ask.for].flat(),
    ...(ask.subject === undefined ? {} : { subject: personOf(one, one.id, ask.subject) }),
  }
  const found: Record<string, string> = {}
  if (ask.isDeidentified === true) return { cp: (await deidentified(asking)).length > 0 ? 'permit' : 'deny' }
  for (const name of Object.keys(one.expect ?? {})) {
    const answer = await gateway.ask(asking, 'GET', `/fhir/${places.get(`${one.id} ${name}`) ?? placeOf(one, one.id, name)}`)
    found[name] =
      answer?.status === 200 ? 'permit' : answer === undefined || answer.status === 404 ? 'deny' : String(answer.status)
  }
  return found
}

test('everything could be filed', () => {
  expect(faults).toEqual([])
})

test('each difference is one', () => {
  const expected = new Map(ORDERED.map((one) => [one.id, one.expect]))
  for (const [id, { expect: answers }] of Object.entries(DIFFERENT))
    for (const [name, effect] of Object.entries(answers))
      expect([id, name, expected.get(id)?.[name]]).not.toEqual([id, name, effect])
})

describe('a person behind the system', () => {
  const C06 = ORDERED.filter(({ id }) => id === 'C06')
  const whoever = { who: 'bayou-bh', purposes: ['TREAT'] }

  test.each(C06)(
    'without a role sees nothing by any way in; the system by itself, and the person while it held the role, do',
    async (one) => {
      const place = placeOf(one, one.id, 'cp')
      const seen = async (at: string, subject?: string): Promise<readonly [number, number]> => {
        gateway.setClock(at)
        const asking = { ...whoever, ...(subject === undefined ? {} : { subject }) }
        const read = await gateway.ask(asking, 'GET', `/fhir/${place}`)
        const search = await gateway.ask(asking, 'GET', `/fhir/CarePlan?_id=${place.replace('CarePlan/', '')}&_total=accurate`)
        return [read?.status ?? 0, (JSON.parse(search?.text ?? '{}') as { total: number }).total]
      }
      const at = moment(one)
      expect(await seen(at)).toEqual([200, 1])
      expect(await seen(at, 'Practitioner/unheard-of')).toEqual([404, 0])
      expect(await seen('2026-05-31T12:00:00Z')).toEqual([200, 1])
      expect(await seen('2026-05-31T12:00:00Z', `Practitioner/${one.id}-dr-b`)).toEqual([200, 1])
      expect(await seen(at, `Practitioner/${one.id}-dr-b`)).toEqual([404, 0])
    },
  )
})

describe('public health (42 CFR 2.54)', () => {
  test.each(ORDERED.filter(({ id }) => id === 'K08a'))('$id: every plan that the bases cover, and of nobody', async (one) => {
    gateway.setClock(moment(one))
    const plans = await deidentified({ who: 'county-health', purposes: ['PUBHLTH'] })
    const covered = ORDERED.filter(
      (other) => other.expect?.['cp'] !== undefined && other.given?.bases?.some(({ kind }) => kind === 'public-health') === true,
    )
    expect(plans.map(({ resource }) => resource)).toEqual(
      covered.map(() => expect.objectContaining({ resourceType: 'CarePlan', period: { start: '2026' } })),
    )
    expect(JSON.stringify(plans)).not.toMatch(/jordan|K08/)
  })
})

describe('an intermediary (42 CFR 2.24)', () => {
  test.each(ORDERED.filter(({ id }) => id === 'C13' || id === 'C13a'))(
    '$id: the list names the one through which it went',
    async (one) => {
      gateway.setClock(moment(one))
      expect(await answersOf(one)).toEqual({ cp: 'permit' })
      const list = await gateway.ask(MISSION, 'GET', `/mission/v1/patients/${one.id}-jordan/intermediaries`)
      const { disclosures } = JSON.parse(list?.text ?? '{}') as { disclosures: readonly object[] }
      expect(disclosures.at(-1)).toMatchObject({ recipient: 'st-mary-hospital', via: 'texas-hie', basis: { via: 'texas-hie' } })
    },
  )
  test('the list leaves out what went to a recipient that is named itself', async () => {
    const list = await gateway.ask(MISSION, 'GET', '/mission/v1/patients/C06-jordan/intermediaries')
    expect(JSON.parse(list?.text ?? '{}')).toMatchObject({ disclosures: [] })
  })
})

describe('the cases through the API', () => {
  test.each(ORDERED.map((one) => [`${one.id} ${one.it} [${one.law}]`, one] as const))('%s', async (_, one) => {
    gateway.setClock(moment(one))
    expect(await answersOf(one)).toEqual({ ...one.expect, ...DIFFERENT[one.id]?.expect })
  })
})
