import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { ASKERS } from './twin/askers.ts'
import { differs, LEAKS } from './twin/leaks.ts'
import { expectNoDifference, expectNoTrace, openStage, RUNS, SEED, type Stage } from './twin/run.ts'
import { shrink } from './twin/shrink.ts'
import type { Probe } from './twin/requests.ts'
import type { Answer } from './twin/worlds.ts'

/**
 * Two gateways, one of which never held what the asker may not have: whatever it asks, it gets the same bytes.
 * `TWIN_RUNS` says how many requests in all, `TEST_SEED` which ones. Half of the askers are here, half in `twin-world-two`.
 */
let hospital: Stage
describe.each(ASKERS.slice(0, 2).map((asker) => [asker.partner, asker] as const))('%s', (_, asker) => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage(asker)
    if (asker.partner === 'st-mary-hospital') hospital = stage
  }, 120_000)
  afterAll(async () => {
    if (stage !== hospital) await stage.twins.close()
  })

  test(`cannot tell the two apart (seed ${String(SEED)}, ${String(RUNS)} requests)`, async () => {
    await expectNoDifference(stage, RUNS)
    await expectNoTrace(stage)
  }, 900_000)
})

describe('the test finds a leak in each channel', () => {
  test.each(LEAKS.map((leak) => [leak.number, leak.channel, leak] as const))('%i: %s', (_, __, { applies, spoil }) => {
    const { words, heard, census } = hospital
    const visible = new Set(words.visible)
    const probes = heard.map(({ probe }) => probe)
    const isFound = heard.some(
      ({ probe, full, bare, truth }, index) =>
        applies(probe, probes.slice(0, index)) &&
        differs(
          spoil(full, truth.full, { visible, census: census.full }),
          spoil(bare, truth.bare, { visible, census: census.bare }),
        ),
    )
    expect(isFound).toBe(true)
  })
})

describe('12: once the consent is revoked, what was shown is as what never was', () => {
  const shown = new Map<string, Answer>()
  const ask = (path: string): Promise<Answer> => {
    hospital.twins.next()
    return hospital.twins.full.ask('st-mary-hospital', { method: 'GET', path })
  }
  const own = (reference: string): boolean =>
    /^(Condition|Encounter|CarePlan|Goal|Provenance|Communication|Patient)\//.test(reference)
  const isAbsent = async (path: string, answer: Answer): Promise<boolean> => {
    const nobody = await ask(path.replace(/\/[^/?]+$/, '/nobody'))
    return answer.status === nobody.status && answer.body === nobody.body
  }

  beforeAll(async () => {
    for (const reference of hospital.words.visible.filter(own)) shown.set(`/${reference}`, await ask(`/${reference}`))
    const revoked = readFileSync(
      new URL('../../mappings/consent/examples/consent-hospital-revoked.json', import.meta.url),
      'utf8',
    )
    const file = { ...(JSON.parse(revoked) as object), clientId: 'htest-open', recordId: 'consent-open' }
    hospital.twins.next()
    expect((await hospital.twins.full.post('consent', file)).status).toBeLessThan(300)
  }, 60_000)
  afterAll(() => hospital.twins.close())

  test('the very next answer, of every record', async () => {
    expect([...shown.values()].filter(({ status }) => status === 200).length).toBeGreaterThan(5)
    const left: string[] = []
    for (const path of shown.keys()) if (!(await isAbsent(path, await ask(path)))) left.push(path)
    expect(left).toEqual([])
  }, 60_000)

  test('a cache that answers with what it remembers is found', async () => {
    const found = [...shown].filter(([, { status }]) => status === 200)
    const remembered = await Promise.all(found.map(([path, answer]) => isAbsent(path, answer)))
    expect(remembered).toEqual(found.map(() => false))
  }, 60_000)
})

describe('a failure shrinks', () => {
  const read = (path: string): Probe => ({ kind: 'search', request: { method: 'GET', path } })
  const write = (path: string): Probe => ({ kind: 'write', request: { method: 'POST', path } })
  const noise = Array.from({ length: 40 }, (_, index) => (index % 3 === 0 ? write('/Goal') : read(`/Goal?_count=${String(index)}`)))

  test.each([
    ['one request', [...noise, read('/Condition?code=a&_total=accurate&x=y')], 1],
    ['a change, and what it opened', [...noise.slice(0, 9), write('/Consent'), ...noise.slice(9), read('/Condition?code=a&_total=accurate')], 2],
    ['three that need each other', [write('/Consent'), ...noise, write('/Task'), ...noise, read('/Condition?a=b&_total=accurate')], 3],
  ] as const)('to %s', async (_, sequence, length) => {
    const needs = ['/Consent', '/Task'].slice(0, length - 1)
    const found = await shrink(sequence, (candidate) => {
      const at = candidate.findIndex(({ request }) => /^\/Condition\?(.*&)?_total=accurate/.test(request.path))
      return Promise.resolve(at >= 0 && needs.every((path) => candidate.slice(0, at).some(({ request }) => request.path === path)))
    })
    expect(found.map(({ request }) => request.path)).toEqual([...needs, '/Condition?_total=accurate'])
  })
}) // prettier-ignore
