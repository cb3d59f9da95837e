import type { Partner } from '../model/partner.ts'
import type { Instant } from '../model/time.ts'
import { purposeCovers } from './codes.ts'
import { knownOf } from './reach.ts'
import { edgesOf } from './windows.ts'
import type { Window } from './windows.ts'
import type { Rule, World } from './world.ts'

/**
 * The moments after `since` at which an answer to this partner for this purpose may change: between two of them it cannot.
 * In order, each once.
 */
export const changesFor = (world: World, partner: Partner, purpose: string, since: Instant): readonly Instant[] => {
  const windows: Window[] = world.treating(partner).map(({ window }) => window)
  for (const { root, standing } of world.consents) {
    const before = windows.length
    gather(root, world, partner, purpose, windows)
    if (windows.length > before) windows.push(standing.permits, standing.refusals)
  }
  for (const basis of world.bases) {
    if (basis.recipient !== undefined && basis.recipient !== partner.id) continue
    windows.push(basis.window)
    if (basis.kind === 'patient-access') windows.push(world.minority)
    const endedAt = basis.text('endedAt')
    if (endedAt !== undefined) windows.push({ from: world.calendar.start(endedAt), until: world.calendar.start(endedAt) })
  }
  return edgesOf(windows, since)
}

/** Leaves out what can never speak to this partner or purpose. */
const gather = (rule: Rule, world: World, partner: Partner, purpose: string, windows: Window[]): void => {
  if (rule.purposes.length > 0 && !rule.purposes.some((stated) => purposeCovers(stated, purpose))) return
  const reaches = rule.recipients.map((actor) => world.reach(actor, partner))
  // `unknown` may be anybody, this partner too
  if (reaches.length > 0 && reaches.every((reach) => reach.length === 0)) return
  const held = rule.holders.flatMap((holder) => world.facts.partners.map((one) => world.reach(holder, one)))
  windows.push(rule.window, ...[...reaches, ...held].flatMap(knownOf).map(({ window }) => window))
  for (const inner of rule.exceptions) gather(inner, world, partner, purpose, windows)
}
