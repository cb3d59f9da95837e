import { tellingOrganizations } from '../labelling/world.ts'
import type { Partner } from '../model/partner.ts'
import type { Instant } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { countDue, noteConcerned, noteEverybody, takeDue, withholdAll } from '../store/decisions-due.ts'
import { decideAgain } from './decide-again.ts'
import type { House } from './house.ts'

/** All that decisions and renditions can see of a partner; its keys, scopes and addresses are not among it. */
const seenOf = ({ id, name, kinds, sector, purposes, identifiers, isActive }: Partner): string =>
  JSON.stringify([id, name, kinds, sector, purposes, identifiers, isActive])

/**
 * Notes about whom has to be decided again because a partner is new or has changed; in the transaction of the change. What the
 * partner saw until now it does not see until then.
 */
export const notePartnerChange = async (tx: Tx, before: Partner | undefined, partner: Partner, at: Instant): Promise<void> => {
  if (before !== undefined && seenOf(before) === seenOf(partner)) return
  if (before !== undefined) await withholdAll(tx, partner.id, at)
  const isEverywhere = [partner, ...(before === undefined ? [] : [before])].some(
    (one) => one.kinds.includes('programme') || tellingOrganizations([one]).length > 0,
  )
  if (isEverywhere) await noteEverybody(tx, at)
  else await noteConcerned(tx, partner, at)
}

/** Decides again for everybody, without an end of the world in between: what is left when this process dies is taken up later. */
export const decideForEverybody = async (house: House): Promise<void> => {
  await house.db.transact((tx) => noteEverybody(tx, house.clock.now()))
  await decideDue(house)
}

/** How many patients wait to be decided about. */
export const decisionsWaiting = (house: House): Promise<number> => countDue(house.db)

/**
 * Decides about whoever waits for it, each in a transaction of its own, beside other gateways that do the same.
 * @param goesOn asked before each patient; the rest stays on record
 * @returns how many patients were decided about
 */
export const decideDue = async (house: House, goesOn: () => boolean = () => true): Promise<number> => {
  for (let decided = 0; ; decided += 1) {
    if (!goesOn()) return decided
    const patient = await house.db.transact(async (tx) => {
      const next = await takeDue(tx)
      if (next !== undefined) await decideAgain(house, tx, next)
      return next
    })
    if (patient === undefined) return decided
  }
}
