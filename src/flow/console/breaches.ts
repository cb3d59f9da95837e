import { BREACH_KEYS, listBreachRows } from '../../audit/request-lists.ts'
import type { BreachLine } from '../../model/console-requests.ts'
import type { StaffMember } from '../../model/staff.ts'
import { dayIn } from '../../model/time.ts'
import { ok, type Result } from '../../platform/result.ts'
import { endBreach, findBreach, judgeBreach, tellOfBreach } from '../breaches.ts'
import type { House } from '../house.ts'
import { acceptsBy, cut, oneMore, type ConsoleList } from './list.ts'
import { act, type Place } from './look.ts'

const BREACHES: Place = { name: 'breaches', permission: 'requests.handle' }

/** The register of breaches, with who is to be told by when. */
export const breachList: ConsoleList<'breaches', object, BreachLine> = {
  name: 'breaches',
  permission: 'requests.read',
  accepts: acceptsBy(BREACH_KEYS),
  read: async (house, _who, _query, part) => {
    const today = dayIn(house.clock.now(), house.settings.zone)
    const { shown, ...next } = cut(await listBreachRows(house.db, oneMore(part)), part.limit)
    const rows = shown.map(({ duties, position: _position, ...breach }): BreachLine => ({
      ...breach,
      duties: duties.map((duty) => ({ ...duty, isLate: duty.doneOn === undefined && duty.by < today })),
    }))
    return { rows, ...next }
  },
  cells: {
    breach: ({ id }) => id,
    discovered: ({ discoveredOn }) => discoveredOn,
    individuals: ({ individuals }) => String(individuals),
    'most in one state': ({ mostInOneState }) => String(mostInOneState),
    assessed: ({ factors }) => (factors === undefined ? 'no' : 'yes'),
    'low probability': ({ isLowProbability }) => (isLowProbability ? 'yes' : 'no'),
    duties: ({ duties }) =>
      duties.map(({ whom, by, doneOn }) => `${whom} ${doneOn === undefined ? `by ${by}` : `told ${doneOn}`}`).join('; '),
    closed: ({ closedOn = '' }) => closedOn,
  },
}

/** What an officer does about a breach. */
export type BreachDeed =
  | { readonly deed: 'discover'; readonly file: unknown }
  | { readonly deed: 'assess' | 'tell'; readonly id: string; readonly file: unknown }
  | { readonly deed: 'close'; readonly id: string }

/** Enters a breach, assesses it, notes who was told, or closes it. @returns its id */
export const handleBreach = (house: House, who: StaffMember, what: BreachDeed): Promise<Result<string>> =>
  act(house, who, BREACHES, async () => {
    const by = { staff: who.id, role: who.role }
    const done =
      what.deed === 'discover'
        ? await findBreach(house, by, what.file)
        : what.deed === 'close'
          ? await endBreach(house, by, what.id)
          : await { assess: judgeBreach, tell: tellOfBreach }[what.deed](house, by, what.id, what.file)
    return done.ok ? ok(done.value.id) : done
  })
