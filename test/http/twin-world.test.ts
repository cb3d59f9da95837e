import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { differs, LEAKS } from './twin/leaks.ts'
import { anyProbe, pointedProbes, type Probe, type Words } from './twin/requests.ts'
import { CANARY, tellStory, type Story } from './twin/story.ts'
import { openTwins, type Answer, type Request, type Twins, type World } from './twin/worlds.ts'

/**
 * Two gateways, one of which never held what the hospital may not have: whatever the hospital asks, it gets the same bytes.
 * `TWIN_RUNS` says how many requests, `TEST_SEED` which ones.
 */
const SEED = Number(process.env['TEST_SEED'] ?? 20261121)
const RUNS = Number(process.env['TWIN_RUNS'] ?? 400)
/** Requests that are also put to the programme, for the servers with a leak to be made of. */
const TRUTHS_MAX = 1_000
const PAGES_MAX = 8
const HOSPITAL = 'st-mary-hospital'

let twins: Twins
let story: Story
let words: Words
beforeAll(async () => {
  twins = await openTwins()
  story = await tellStory(twins)
  words = await wordsOf()
}, 120_000)
afterAll(() => twins.close())

interface Entry {
  readonly resource?: { readonly resourceType: string; readonly id: string; readonly meta?: { readonly versionId?: string } }
}

const historyOf = async (who: 'mission' | typeof HOSPITAL): Promise<readonly Entry[]> => {
  const answer = await twins.full.ask(who, { method: 'GET', path: '/_history?_count=500' })
  return (JSON.parse(answer.body) as { entry?: readonly Entry[] }).entry ?? []
}

const wordsOf = async (): Promise<Words> => {
  const [shown, all] = [await historyOf(HOSPITAL), await historyOf('mission')]
  const versionsOf = (entries: readonly Entry[]): readonly string[] => entries.flatMap(({ resource }) => resource?.meta?.versionId ?? [])
  const visible = shown.flatMap(({ resource }) => (resource === undefined ? [] : [`${resource.resourceType}/${resource.id}`]))
  const grant = JSON.parse((await twins.full.ask('mission', { method: 'GET', path: `/${story.consent}` })).body) as Record<string, unknown>
  return { story, grant, visible: [...new Set(visible)], versions: [...versionsOf(shown), ...versionsOf(all).slice(0, 40)] }
} // prettier-ignore

const nextOf = (answer: Answer): string | undefined => {
  if (!answer.body.startsWith('{"resourceType":"Bundle"')) return undefined
  const { link = [] } = JSON.parse(answer.body) as { link?: readonly { relation: string; url: string }[] }
  return link.find(({ relation }) => relation === 'next')?.url.replace('http://twin.test/fhir', '')
}

interface Pair {
  readonly full: Answer
  readonly bare: Answer
}

const askBoth = async (request: Request): Promise<Pair> => {
  twins.next()
  const [full, bare] = await Promise.all([twins.full.ask(HOSPITAL, request), twins.bare.ask(HOSPITAL, request)])
  return { full, bare }
}

const expectAlike = ({ full, bare }: Pair): void => {
  expect(full).toEqual(bare)
  expect(JSON.stringify(full).toLowerCase()).not.toContain(CANARY)
}

/** Puts the request to both, and follows the links to further pages. */
const probeBoth = async ({ kind, request }: Probe): Promise<Pair> => {
  const first = await askBoth(request)
  const isEchoed = JSON.stringify(request).toLowerCase().includes(CANARY)
  let pair = first
  for (let page = 1; ; page += 1) {
    // what the asker said itself may come back to it, in the link to its own search
    if (isEchoed) expect(pair.full).toEqual(pair.bare)
    else expectAlike(pair)
    const next = kind === 'write' ? undefined : nextOf(pair.full)
    if (next === undefined || page >= PAGES_MAX) return first
    pair = await askBoth({ method: 'GET', path: next })
  }
}

interface Heard extends Pair {
  readonly probe: Probe
  readonly truth: { readonly full: Answer; readonly bare: Answer }
}

const heard: Heard[] = []

/** What the programme itself gets for the question that lies behind a request; nothing is changed by it. */
const truthOf = async (world: World, { kind, request, looksAt }: Probe): Promise<Answer> =>
  world.ask('mission', kind === 'write' ? { method: 'GET', path: looksAt ?? '/metadata' } : { ...request, headers: request.method === 'POST' ? { ...request.headers } : {} }) // prettier-ignore

test(`a partner cannot tell the two apart (seed ${String(SEED)}, ${String(RUNS)} requests)`, async () => {
  let shown = 0
  await fc.assert(
    fc.asyncProperty(anyProbe(words), async (probe) => {
      const pair = await probeBoth(probe)
      if (pair.full.status < 300) shown += 1
      if (probe.kind === 'strange' || heard.length >= TRUTHS_MAX) return
      const [full, bare] = await Promise.all([truthOf(twins.full, probe), truthOf(twins.bare, probe)])
      heard.push({ probe, ...pair, truth: { full, bare } })
    }),
    { seed: SEED, numRuns: RUNS, endOnFailure: false, examples: pointedProbes(words).map((probe): [Probe] => [probe]) },
  )
  expect(shown).toBeGreaterThan(RUNS / 4)
}, 900_000)

describe('the test finds a leak in each channel', () => {
  test.each(LEAKS.map((leak) => [leak.channel, leak] as const))('%s', (_, { applies, spoil }) => {
    const visible = new Set(words.visible)
    const isFound = heard
      .filter(({ probe }) => applies(probe))
      .some(({ full, bare, truth }) => differs(spoil(full, truth.full, visible), spoil(bare, truth.bare, visible)))
    expect(isFound).toBe(true)
  })

  test('a row of the audience that should not be there', async () => {
    await twins.full.db.query(
      `update showing set recipient = '${HOSPITAL}' where recipient = 'mission' and type = 'Condition' and id = 'c-secret'`,
      [],
    )
    const found = await fc.check(
      fc.asyncProperty(anyProbe(words), async (probe) => {
        await probeBoth(probe)
      }),
      { seed: SEED, numRuns: 400, endOnFailure: true },
    )
    expect(String(found.errorInstance)).toContain('Condition/c-secret')
  }, 120_000)
})
