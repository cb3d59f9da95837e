import { listBreaches } from '../../audit/breaches.ts'
import type { BreachLine } from '../../model/console-requests.ts'
import type { StaffMember } from '../../model/staff.ts'
import { dayIn } from '../../model/time.ts'
import { ok, type Result } from '../../platform/result.ts'
import { endBreach, findBreach, judgeBreach, tellOfBreach } from '../breaches.ts'
import type { House } from '../house.ts'
import { act, look, type Place } from './look.ts'

const BREACHES: Place = { name: 'breaches', permission: 'requests.read' }

/** The register of breaches, with who is to be told by when. */
export const breachLines = (house: House, who: StaffMember): Promise<Result<readonly BreachLine[]>> =>
  look(house, who, BREACHES, async () => {
    const today = dayIn(house.clock.now(), house.settings.zone)
    const page = (await listBreaches(house.db)).map(({ duties, ...breach }): BreachLine => ({
      ...breach,
      duties: duties.map((duty) => ({ ...duty, isLate: duty.doneOn === undefined && duty.by < today })),
    }))
    return ok({ page })
  })

/** What an officer does about a breach. */
export type BreachDeed =
  | { readonly deed: 'discover'; readonly file: unknown }
  | { readonly deed: 'assess' | 'tell'; readonly id: string; readonly file: unknown }
  | { readonly deed: 'close'; readonly id: string }

/** Enters a breach, assesses it, notes who was told, or closes it. @returns its id */
export const handleBreach = (house: House, who: StaffMember, what: BreachDeed): Promise<Result<string>> =>
  act(house, who, { ...BREACHES, permission: 'requests.handle' }, async () => {
    const by = { staff: who.id, role: who.role }
    const done =
      what.deed === 'discover'
        ? await findBreach(house, by, what.file)
        : what.deed === 'close'
          ? await endBreach(house, by, what.id)
          : await { assess: judgeBreach, tell: tellOfBreach }[what.deed](house, by, what.id, what.file)
    return done.ok ? ok(done.value.id) : done
  })
