import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { openStreet, type Street } from './street.ts'
import type { PartnerName } from './partners.ts'

/** A text that no rule is sure of: nobody gets it until staff have decided, and everybody gets what they decided. */
let street: Street
let patient: string
beforeAll(async () => {
  street = await openStreet()
  await street.post('staff', 'staff-case-manager')
  await street.post('staff', 'staff-peer-support-specialist')
  patient = (await street.post('client', 'client')).find((one) => one.startsWith('Patient/')) ?? ''
  const consent = JSON.parse(
    await readFile(new URL('../../mappings/consent/examples/consent-hospital.json', import.meta.url), 'utf8'),
  ) as object
  const except = [{ labels: ['SUD', 'ETH', 'MH', 'PSY', 'HIV', 'STD', 'SEX', 'SDV', 'VIO', 'GDIS', 'JUSTICE'] }]
  const filed = await mission('POST', '/consent', { ...consent, except, expirationEvent: undefined, validUntil: '2030-12-31' })
  expect(filed.status).toBe(201)
}, 60_000)
afterAll(() => street.close())

const mission = async (method: string, path: string, body?: object, who: PartnerName = 'mission'): Promise<{ status: number; said: Record<string, unknown> }> => {
  const answer = await fetch(`${street.gateway.origin}/mission/v1${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${await street.token(who)}`, 'content-type': 'application/json' },
  })
  return { status: answer.status, said: (await answer.json()) as Record<string, unknown> }
} // prettier-ignore

const WORDS = 'Tested positive zzcanary last year.'

const file = async (id: string, text: string, more: object = {}): Promise<void> => {
  const resource = {
    resourceType: 'Observation', id, status: 'final', code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
    subject: { reference: patient }, effectiveDateTime: '2026-03-01', note: [{ text }], ...more,
  } // prettier-ignore
  const answer = await street.ask('mission', `/Observation/${id}`, {
    method: 'PUT', body: JSON.stringify(resource), headers: { 'content-type': 'application/fhir+json' },
  }) // prettier-ignore
  expect(answer.status).toBeLessThan(300)
}

const noteSeen = async (id: string): Promise<unknown> => {
  const { status, body } = await street.ask('st-mary-hospital', `/Observation/${id}`)
  expect(status).toBe(200)
  return (JSON.parse(body) as { note?: { text: string }[] }).note?.[0]?.text
}

interface Held {
  readonly id: string
  readonly record: string
  readonly text: string
  readonly pointer: string
  readonly suspected: readonly string[]
}
const heldIn = async (id: string): Promise<readonly Held[]> => {
  const { said } = await mission('GET', `/held-texts?patient=${patient}`)
  return (said['texts'] as readonly Held[]).filter(({ record }) => record === `Observation/${id}`)
}
const decide = (id: string, decision: object, who: PartnerName = 'mission'): ReturnType<typeof mission> =>
  mission('POST', `/held-texts/${id}/decision`, decision, who)

test('a doubtful text waits, is shown when released, and waits again when it changes', async () => {
  await file('o-released', WORDS)
  expect(await noteSeen('o-released')).toBeUndefined()
  const [held] = await heldIn('o-released')
  expect(held).toMatchObject({ text: WORDS, pointer: '/note/0', suspected: ['HIV'] })
  expect(await decide(held?.id ?? '', { verdict: 'release' })).toMatchObject({ status: 200, said: { status: 'released' } })
  expect(await noteSeen('o-released')).toBe(WORDS)
  expect(await heldIn('o-released')).toEqual([])
  // the same words in a new version are the same text; other words are not
  await file('o-released', WORDS, { effectiveDateTime: '2026-03-02' })
  expect(await noteSeen('o-released')).toBe(WORDS)
  await file('o-released', `${WORDS} And again.`)
  expect(await noteSeen('o-released')).toBeUndefined()
  const [again] = await heldIn('o-released')
  expect(again?.id).not.toBe(held?.id)
  expect((await decide(held?.id ?? '', { verdict: 'release' })).status).toBe(404)
})

test('a text that is labelled stays with those who may know, and can be put back', async () => {
  await file('o-labelled', WORDS)
  const [held] = await heldIn('o-labelled')
  const id = held?.id ?? ''
  expect((await decide(id, { verdict: 'label', sensitivity: ['SICK'] })).status).toBe(422)
  expect((await decide(id, { verdict: 'label', sensitivity: [] })).status).toBe(422)
  expect(await decide(id, { verdict: 'label', sensitivity: ['HIV'] })).toMatchObject({ said: { status: 'labelled' } })
  expect(await heldIn('o-labelled')).toEqual([])
  expect(await noteSeen('o-labelled')).toBeUndefined()
  expect(await decide(id, { verdict: 'release' })).toMatchObject({ said: { status: 'released' } })
  expect(await noteSeen('o-labelled')).toBe(WORDS)
  expect(await decide(id, { verdict: 'reopen' })).toMatchObject({ said: { status: 'reopened' } })
  expect(await noteSeen('o-labelled')).toBeUndefined()
  expect(await heldIn('o-labelled')).toHaveLength(1)
  const { said } = await mission('GET', `/held-texts/decided?patient=${patient}`)
  const verdicts = (said['decisions'] as readonly { id: string; verdict: string }[]).filter((one) => one.id === id)
  expect(verdicts.map(({ verdict }) => verdict)).toEqual(['reopened', 'released', 'labelled'])
})

test('a release of one text lets nothing else in the record pass', async () => {
  await file('o-both', WORDS, { note: [{ text: WORDS }, { text: 'HIV test at the clinic' }] })
  const [held] = await heldIn('o-both')
  await decide(held?.id ?? '', { verdict: 'release' })
  const { body } = await street.ask('st-mary-hospital', '/Observation/o-both')
  expect(body).toContain('zzcanary')
  expect(body).not.toContain('HIV')
})

test('only the programme decides, and no other partner learns that something waits', async () => {
  await file('o-waits', WORDS)
  const [held] = await heldIn('o-waits')
  const others = [await mission('GET', '/held-texts', undefined, 'st-mary-hospital'), await decide(held?.id ?? '', { verdict: 'release' }, 'st-mary-hospital')]
  expect(others.map(({ status }) => status)).toEqual([403, 403])
  const { body } = await street.ask('st-mary-hospital', '/Observation/o-waits')
  expect(body).not.toMatch(/zzcanary|UNREAD|HIV/)
}) // prettier-ignore

test('the ledger says who decided and who looked, and never what the text says', async () => {
  const rows = await street.db.query<{ body: string }>('select body from ledger order by seq', [])
  const entries = rows.map(({ body }) => JSON.parse(body) as Record<string, unknown>)
  const reviews = entries.filter(({ kind }) => kind === 'review')
  expect(reviews.map(({ action }) => action)).toEqual(['released', 'labelled', 'released', 'reopened', 'released'])
  expect(reviews[0]).toMatchObject({ by: 'mission', role: 'programme-system', record: 'Observation/o-released' })
  expect(entries.some(({ kind, action, place }) => kind === 'staff' && action === 'look' && place === 'held-texts')).toBe(true)
  expect(JSON.stringify(entries).toLowerCase()).not.toContain('zzcanary')
  expect(JSON.stringify(reviews)).not.toContain('HIV')
})

test('a consult about a record on file knows what was decided about its text, and of no other record', async () => {
  await file('o-consult', WORDS)
  const noteInCard = async (id: string): Promise<unknown> => {
    const resource = JSON.parse((await street.ask('mission', '/Observation/o-consult')).body) as object
    const context = {
      patientId: [{ system: 'https://mission-gateway.example/fhir/identifier/client', value: 'htest-0001' }],
      actor: [{ value: 'st-mary-hospital' }],
      purposeOfUse: 'TREAT',
      content: { resourceType: 'Bundle', type: 'collection', entry: [{ resource: { ...resource, id } }] },
    }
    const answer = await fetch(`${street.gateway.origin}/cds-services/patient-consent-consult`, {
      method: 'POST',
      body: JSON.stringify({ hook: 'patient-consent-consult', hookInstance: 'x', context }),
      headers: { authorization: `Bearer ${await street.token('st-mary-hospital')}`, 'content-type': 'application/json' },
    })
    const { cards } = (await answer.json()) as {
      cards: { extension: { content?: { entry: { resource: { note?: unknown } }[] } } }[]
    }
    const entry = cards[0]?.extension.content?.entry ?? []
    expect(entry).toHaveLength(1)
    return entry[0]?.resource.note
  }
  expect(await noteInCard('o-consult')).toBeUndefined()
  const [held] = await heldIn('o-consult')
  await decide(held?.id ?? '', { verdict: 'release' })
  expect(await noteInCard('o-consult')).toEqual([{ text: WORDS }])
  expect(await noteInCard('o-elsewhere')).toBeUndefined()
})
