import type { Actor, RecipientClass } from '../model/consent.ts'
import type { Partner } from '../model/partner.ts'
import { keyOf, knownOf, pointerOf, reachOf, treatingReach, within } from './reach.ts'
import type { Directory, Reach, Reaches } from './reach.ts'
import type { Window } from './windows.ts'

/** When does a class of recipients include this partner, by evidence. @law 42 CFR 2.31(a)(4)(i) */
export const classReach = (
  directory: Directory,
  named: RecipientClass,
  partner: Partner,
  agreements: readonly Reach[],
): readonly Reach[] => {
  switch (named) {
    case 'treating-providers':
      return treatingReach(directory, partner)
    case 'health-plans':
    case 'third-party-payers':
      return partner.sector === 'payer' ? coverageReach(directory, partner) : []
    case 'program-operations':
      return partner.kinds.some((kind) => kind === 'qso' || kind === 'business-associate') ? agreements : []
  }
}

const coverageReach = (directory: Directory, partner: Partner): readonly Reach[] =>
  directory.all.flatMap((resource) => {
    if (resource.resourceType !== 'Coverage' || resource.status !== 'active') return []
    const window = directory.calendar.window(resource.period)
    return resource.payor.flatMap((payor) =>
      knownOf(within(reachOf(directory, pointerOf(payor), partner), window, keyOf(resource))),
    )
  })

/** When does an actor of a provision mean this partner. `members` come in through their intermediary. @law 42 CFR 2.31(a)(4) */
export const actorReach = (
  directory: Directory,
  actor: Actor,
  partner: Partner,
  agreements: readonly Reach[],
  members: readonly Member[],
): Reaches => {
  if (actor.isBroken) return 'unknown'
  const isNamed = actor.reference !== undefined || actor.identifiers.length > 0
  const byName = isNamed || actor.classes.length === 0 ? reachOf(directory, actor, partner) : []
  const others = [
    ...actor.classes.flatMap((named) => classReach(directory, named, partner, agreements)),
    ...members.flatMap((member) => memberReach(directory, actor, partner, member)),
  ]
  return byName === 'unknown' && others.length === 0 ? byName : [...knownOf(byName), ...others]
}

/** That a partner takes part in an intermediary, for a time. */
export interface Member {
  readonly intermediary: Partner
  readonly member: string
  readonly window: Window
  readonly evidence: string
}

const memberReach = (
  directory: Directory,
  actor: Actor,
  partner: Partner,
  { intermediary, member, window, evidence }: Member,
): readonly Reach[] => {
  if (member !== partner.id || actor.members === undefined) return []
  if (knownOf(reachOf(directory, actor, intermediary)).length === 0) return []
  const reaches =
    actor.members.kind === 'named'
      ? actor.members.references.flatMap((reference) => knownOf(reachOf(directory, { reference, identifiers: [] }, partner)))
      : treatingReach(directory, partner)
  return knownOf(within(reaches, window, evidence)).map((reach) => ({ ...reach, via: intermediary.id }))
}
