import type { Sensitivity } from '../model/label.ts'
import { dayOf } from './facts.ts'
import { readInbound } from './inbound.ts'
import { inspect } from './inspect.ts'
import { presumed, unreadable, type Unlabelled } from './nodes.ts'
import type { SensitivityRules } from './rules.ts'
import { tellingOrganizations, type World } from './world.ts'

/** A text of a record that waits for a person. */
export interface Doubt {
  /** Of the part that waits; empty for the whole record. */
  readonly pointer: string
  /** What the decision is about, to the letter; for a document it holds the document. */
  readonly text: string
  /** What to read in place of a text that is no prose. */
  readonly title?: string
  /** Rules that doubt it. */
  readonly rules: readonly string[]
  /** What they suspect. */
  readonly suspected: readonly Sensitivity[]
}

/**
 * The texts of one record that wait for a person, or would if nobody had decided: those that the record shows by itself. What
 * waits only because another record does is decided there.
 */
export const doubtsOf = (from: Unlabelled, rules: SensitivityRules, world: Pick<World, 'partners'>): readonly Doubt[] => {
  const { resource, origin } = from
  const telling = tellingOrganizations(world.partners ?? [])
  const seen = inspect(resource, rules, { telling, isPart2: origin.isPart2, day: dayOf(resource) })
  const { isReadable } = readInbound(from.inbound ?? resource.meta?.security ?? [])
  const doubts = new Map<string, Doubt>()
  for (const sighting of [...seen.sightings, ...(isReadable ? [] : [unreadable(from)])]) {
    if (presumed(sighting, origin)?.certainty !== 'doubtful') continue
    const { place, rule, sensitivity, text = '', title } = sighting
    const pointer = place.whole ? '' : place.pointer
    const before = doubts.get(`${pointer} ${text}`)
    doubts.set(`${pointer} ${text}`, {
      pointer,
      text,
      ...(title === undefined ? {} : { title }),
      rules: [...new Set([...(before?.rules ?? []), rule])].sort(),
      suspected: [...new Set([...(before?.suspected ?? []), ...sensitivity])].sort(),
    })
  }
  return [...doubts.values()]
}
