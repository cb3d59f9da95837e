import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { openStreet, type Street } from './street.ts'

let street: Street
beforeAll(async () => {
  street = await openStreet()
}, 120_000)
afterAll(() => street.close())

const OURS = 'https://mission-gateway.example/fhir'
const PHASES = `${OURS}/CodeSystem/mission-cti-phase`

interface Said {
  readonly resourceType: string
  readonly parameter?: readonly { name: string; valueBoolean?: boolean; valueString?: string; part?: unknown }[]
  readonly expansion?: { total: number; contains?: readonly { code: string }[] }
}

const get = async (path: string): Promise<{ status: number; body: Said }> => {
  const answer = await street.ask('harbor-housing', path)
  return { status: answer.status, body: JSON.parse(answer.body) as Said }
}
const ask = (operation: string, of: Record<string, string>): ReturnType<typeof get> =>
  get(`/${operation}?${new URLSearchParams(of).toString()}`)
const valueOf = (said: Said, name: string): unknown => {
  const found = said.parameter?.find((parameter) => parameter.name === name)
  return found?.valueBoolean ?? found?.valueString
}

test('$lookup, $validate-code and $expand answer from the lists that we hold', async () => {
  const found = await ask('CodeSystem/$lookup', { system: PHASES, code: 'tryOut' })
  expect([found.status, valueOf(found.body, 'display')]).toEqual([200, 'Try-Out'])
  const valueSet = `${OURS}/ValueSet/mission-cti-phase`
  expect(valueOf((await ask('ValueSet/$validate-code', { url: valueSet, system: PHASES, code: 'tryOut' })).body, 'result')).toBe(
    true,
  )
  expect(valueOf((await ask('ValueSet/$validate-code', { url: valueSet, system: PHASES, code: 'zz' })).body, 'result')).toBe(
    false,
  )
  expect(valueOf((await ask('CodeSystem/$validate-code', { url: PHASES, code: 'tryOut' })).body, 'result')).toBe(true)
  const page = await ask('ValueSet/$expand', { url: valueSet, count: '1', offset: '1', _format: 'json' })
  expect(page.body.expansion?.total).toBeGreaterThan(2)
  expect(page.body.expansion?.contains).toHaveLength(1)
})

test('$translate follows the maps of the programme, which are loaded at the start', async () => {
  const system = `${OURS}/CodeSystem/mission-cm-function`
  const maps = await ask('ConceptMap/$translate', { system, code: 'linkage', url: `${OURS}/ConceptMap/mission-cm-function` })
  expect([maps.status, valueOf(maps.body, 'result')]).toEqual([200, true])
  expect(JSON.stringify(maps.body)).toContain('http://snomed.info/sct')
  expect(valueOf((await ask('ConceptMap/$translate', { system, code: 'zz' })).body, 'result')).toBe(false)
})

test('Parameters may be posted, a coding among them', async () => {
  const answer = await street.ask('harbor-housing', '/CodeSystem/$lookup', {
    method: 'POST',
    body: JSON.stringify({
      resourceType: 'Parameters',
      parameter: [{ name: 'coding', valueCoding: { system: PHASES, code: 'tryOut' } }],
    }),
    headers: { 'content-type': 'application/fhir+json' },
  })
  expect(valueOf(JSON.parse(answer.body) as Said, 'display')).toBe('Try-Out')
})

describe('what cannot be answered', () => {
  test.each([
    ['CodeSystem/$lookup', { system: PHASES }, 400],
    ['CodeSystem/$lookup', { system: PHASES, code: 'tryOut', subject: 'x' }, 400],
    ['CodeSystem/$lookup', { system: PHASES, code: 'zz' }, 404],
    ['CodeSystem/$lookup', { system: 'urn:zz', code: 'zz' }, 404],
    ['ValueSet/$expand', { url: 'urn:zz' }, 404],
    ['ValueSet/$expand', { url: `${OURS}/ValueSet/mission-cti-phase`, count: '-1' }, 400],
    ['ValueSet/$validate-code', { code: 'x' }, 400],
    ['ConceptMap/$translate', {}, 400],
    ['CodeSystem/$everything', { code: 'x' }, 404],
  ])('%s %j', async (operation, of, status) => {
    const said = await ask(operation, of)
    expect([said.status, said.body.resourceType]).toEqual([status, 'OperationOutcome'])
  })
  test.each(['{', '[]', '{"resourceType":"Parameters","parameter":[null]}', '{"resourceType":"Parameters","parameter":{}}'])(
    'posted: %s',
    async (body) => {
      const answer = await street.ask('harbor-housing', '/ValueSet/$expand', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/fhir+json' },
      })
      expect(answer.status).toBe(400)
    },
  )
  test('nobody without a token is answered', async () => {
    const answer = await fetch(`${street.gateway.fhirBase}/CodeSystem/$lookup?system=${PHASES}&code=tryOut`)
    expect(answer.status).toBe(401)
  })
})

test('the capability statement names the operations', async () => {
  const answer = await fetch(`${street.gateway.fhirBase}/metadata`)
  const { rest } = (await answer.json()) as { rest: readonly { operation?: readonly { name: string }[] }[] }
  expect(rest[0]?.operation?.map((one) => one.name)).toEqual([
    'lookup',
    'validate-code',
    'validate-code',
    'expand',
    'translate',
    'de-identified',
  ])
})
