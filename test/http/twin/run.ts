import { expect } from '@jest/globals'
import fc from 'fast-check'
import type { Asker } from './askers.ts'
import { anyProbe, pointedProbes, type Probe, type Words } from './requests.ts'
import { shrink } from './shrink.ts'
import { CANARY, CANARY_BYTES, tellStory, type Story } from './story.ts'
import { openTwins, type Answer, type Request, type Twins, type World } from './worlds.ts'

/** Which requests are asked, and how many of each asker. */
export const SEED = Number(process.env['TEST_SEED'] ?? 20261121)
export const RUNS = Math.ceil(Number(process.env['TWIN_RUNS'] ?? 1_600) / 4)
/** Requests that are also put to the programme, for the servers with a leak to be made of. */
const TRUTHS_MAX = 500
const PAGES_MAX = 8

interface Entry {
  readonly resource?: { readonly resourceType: string; readonly id: string; readonly meta?: { readonly versionId?: string } }
}

const historyOf = async (world: World, who: Parameters<World['ask']>[0]): Promise<readonly Entry[]> => {
  const answer = await world.ask(who, { method: 'GET', path: '/_history?_count=500' })
  return (JSON.parse(answer.body) as { entry?: readonly Entry[] }).entry ?? []
}

/** What requests are made of; read once the story is told. */
export const wordsOf = async (twins: Twins, story: Story, { partner }: Asker): Promise<Words> => {
  const [shown, all] = [await historyOf(twins.full, partner), await historyOf(twins.full, 'mission')]
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

/** Both answers to one request. */
export interface Pair {
  readonly full: Answer
  readonly bare: Answer
}

const askBoth = async (twins: Twins, { partner }: Asker, request: Request): Promise<Pair> => {
  twins.next()
  const [full, bare] = await Promise.all([twins.full.ask(partner, request), twins.bare.ask(partner, request)])
  return { full, bare }
}

/** Whether a text holds what stands in every withheld element. */
export const holdsCanary = (text: string): boolean => text.toLowerCase().includes(CANARY) || text.includes(CANARY_BYTES)

const isAlike = ({ full, bare }: Pair, isEchoed: boolean): boolean =>
  JSON.stringify(full) === JSON.stringify(bare) && (isEchoed || !holdsCanary(JSON.stringify(full)))

/** Puts the request to both and follows the links to further pages; the first pair, and whether all pairs were alike. */
export const probeBoth = async (twins: Twins, asker: Asker, probe: Probe): Promise<Pair & { readonly differing?: Pair }> => {
  const { kind, request } = probe
  const first = await askBoth(twins, asker, request)
  // what the asker said itself may come back to it, in the link to its own search
  const isEchoed = holdsCanary(JSON.stringify(request))
  let pair = first
  for (let page = 1; ; page += 1) {
    if (!isAlike(pair, isEchoed)) return { ...first, differing: pair }
    const next = kind === 'write' || request.method === 'HEAD' ? undefined : nextOf(pair.full)
    if (next === undefined || page >= PAGES_MAX) return first
    const { token } = request
    pair = await askBoth(twins, asker, { method: 'GET', path: next, ...(token === undefined ? {} : { token }) })
  }
}

/** A request, what both worlds said, and what the programme itself gets for the question that lies behind it. */
export interface Heard extends Pair {
  readonly probe: Probe
  readonly truth: Pair
}

/** What the programme itself gets for the question that lies behind a request; nothing is changed by it. */
const truthOf = async (world: World, { kind, request, looksAt }: Probe): Promise<Answer> => {
  const { token: _token, ...plain } = request
  return world.ask('mission', kind === 'write' ? { method: 'GET', path: looksAt ?? '/metadata' } : plain)
}

/** A pair of worlds with its story told, and everything that has been asked of it. */
export interface Stage {
  readonly asker: Asker
  readonly twins: Twins
  readonly words: Words
  readonly heard: Heard[]
  /** Everything that each world holds, as the programme sees it. */
  readonly census: Pair
}

/** Opens both worlds for one asker and tells the story. */
export const openStage = async (asker: Asker): Promise<Stage> => {
  const twins = await openTwins(asker.partner)
  const words = await wordsOf(twins, await tellStory(twins, asker), asker)
  const all: Request = { method: 'GET', path: '/_history?_count=500' }
  const census = { full: await twins.full.ask('mission', all), bare: await twins.bare.ask('mission', all) }
  return { asker, twins, words, heard: [], census }
}

/** The requests of one run: those that go straight for what is withheld, then random ones. */
export const sequenceFor = ({ words }: Pick<Stage, 'words'>, runs: number): readonly Probe[] => [
  ...pointedProbes(words),
  ...fc.sample(anyProbe(words), { seed: SEED, numRuns: runs }),
]

/** Asks until the worlds differ. @returns how many answers showed something, and where they differed */
export const ask = async (
  { asker, twins, heard }: Pick<Stage, 'asker' | 'twins' | 'heard'>,
  sequence: readonly Probe[],
): Promise<{ readonly shown: number; readonly failedAt?: number; readonly differing?: Pair }> => {
  let shown = 0
  for (const [index, probe] of sequence.entries()) {
    const { full, bare, differing } = await probeBoth(twins, asker, probe)
    if (differing !== undefined) return { shown, failedAt: index, differing }
    if (full.status < 300) shown += 1
    if (heard.length >= TRUTHS_MAX) continue
    const truth = { full: await truthOf(twins.full, probe), bare: await truthOf(twins.bare, probe) }
    heard.push({ probe, full, bare, truth })
  }
  return { shown }
}

/** Both worlds as they are when the story is told, kept to be copied. */
export interface Parked {
  readonly asker: Asker
  readonly twins: Twins
  readonly story: Story
  readonly words: Words
}

export const park = async (asker: Asker): Promise<Parked> => {
  const twins = await openTwins(asker.partner)
  const story = await tellStory(twins, asker)
  const words = await wordsOf(twins, story, asker)
  await twins.park()
  return { asker, twins, story, words }
}

/**
 * The smallest sequence of the simplest requests that tells the worlds apart, each candidate tried on copies of its own.
 * @param plant what is wrong with the full world from the beginning, in a test of the test
 */
export const smallest = async (
  { asker, twins }: Parked,
  sequence: readonly Probe[],
  plant: (twins: Twins) => Promise<unknown> = () => Promise.resolve(),
): Promise<readonly Request[]> => {
  const fails = async (candidate: readonly Probe[]): Promise<boolean> => {
    const copy = await twins.fork()
    try {
      await plant(copy)
      for (const probe of candidate) if ((await probeBoth(copy, asker, probe)).differing !== undefined) return true
      return false
    } finally {
      await copy.close()
    }
  }
  const found = await shrink(sequence, fails)
  return found.map(({ request }) => request)
}

/** Asks a whole sequence, and fails with the smallest one that tells the worlds apart. */
export const expectNoDifference = async (stage: Stage, runs: number): Promise<void> => {
  const sequence = sequenceFor(stage, runs)
  const { shown, failedAt, differing } = await ask(stage, sequence)
  if (failedAt !== undefined) {
    const found = await smallest(await park(stage.asker), sequence.slice(0, failedAt + 1))
    const said = JSON.stringify({ asker: stage.asker.partner, seed: SEED, failedAt, smallest: found, differing }, null, 1)
    throw new Error(`the worlds differ: ${said}`)
  }
  expect(shown).toBeGreaterThan(sequence.length / 5)
}

/** Nothing that the asker may not have stands in the log, in the metrics, or on the ledger, from which every export is made. */
export const expectNoTrace = async ({ twins: { full } }: Stage): Promise<void> => {
  expect(holdsCanary(full.logged())).toBe(false)
  const ledger = await full.db.query<{ body: string }>('select body from ledger', [])
  expect(ledger.length).toBeGreaterThan(0)
  expect(ledger.filter(({ body }) => holdsCanary(body))).toEqual([])
}
