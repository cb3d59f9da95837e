import type { Actor, RecipientClass } from '../model/consent.ts'
import type { Partner } from '../model/partner.ts'
import { keyOf, pointerOf, reachOf, treatingReach, within } from './reach.ts'
import type { Directory, Reach } from './reach.ts'
import { ALWAYS, both } from './windows.ts'
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
    return resource.payor.flatMap((payor) => {
      const reach = within(
        reachOf(directory, pointerOf(payor), partner),
        directory.calendar.window(resource.period),
        keyOf(resource),
      )
      return reach === 'unknown' ? [] : reach
    })
  })

/** When does an actor of a provision mean this partner. `members` come in through their intermediary. @law 42 CFR 2.31(a)(4) */
export const actorReach = (
  directory: Directory,
  actor: Actor,
  partner: Partner,
  agreements: readonly Reach[],
  members: readonly Member[],
): readonly Reach[] | 'unknown' => {
  if (actor.isBroken) return 'unknown'
  const byClass = actor.classes.flatMap((named) => classReach(directory, named, partner, agreements))
  const isNamed = actor.reference !== undefined || actor.identifiers.length > 0
  const byName = isNamed
    ? reachOf(
        directory,
        { ...actor, reference: actor.reference?.startsWith('#') === true ? undefined : actor.reference },
        partner,
      )
    : []
  const through = members.flatMap((member) => memberReach(directory, actor, partner, member))
  if (byName === 'unknown' || (!isNamed && actor.classes.length === 0))
    return byClass.length + through.length > 0 ? [...byClass, ...through] : 'unknown'
  return [...byName, ...byClass, ...through]
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
  const named = reachOf(directory, actor, intermediary)
  if (named === 'unknown' || named.length === 0) return []
  const isListed = actor.members.references.some((reference) => {
    const reach = reachOf(directory, { reference, identifiers: [] }, partner)
    return reach !== 'unknown' && reach.length > 0
  })
  const reaches =
    actor.members.kind === 'named' ? (isListed ? [{ window: ALWAYS, evidence: [] }] : []) : treatingReach(directory, partner)
  return reaches.map((reach) => ({
    window: both(reach.window, window),
    evidence: [evidence, ...reach.evidence],
    via: intermediary.id,
  }))
}
