// In: a breach that was found, and what the officer does about it. Out: the register with who is to be told by when.
// Never: puts words on the ledger, or closes a breach whose duties are not done.
import {
  assessBreach,
  breachForUpdate,
  closeBreach,
  keepBreach,
  listBreaches,
  noteTold,
  type BreachRecord,
} from '../audit/breaches.ts'
import { assessmentFile, breachFile, toldFile } from '../intake/rights-file.ts'
import { parseIntake } from '../intake/parse-intake.ts'
import type { BreachEntry } from '../model/ledger.ts'
import { dayIn } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import type { House } from './house.ts'
import { looked, type Operator } from './looks.ts'
import { write } from './writing.ts'

export type { BreachRecord } from '../audit/breaches.ts'

const noteOf = (house: House, by: Operator, breach: string, action: BreachEntry['action']): BreachEntry => ({
  kind: 'breach',
  at: house.clock.now(),
  breach,
  action,
  by: by.staff,
})

/** Enters a breach; the 60 days run from the day on which it was discovered. @law 42 CFR 2.16(b), 45 CFR 164.404(b) */
export const findBreach = async (house: House, by: Operator, file: unknown): Promise<Result<BreachRecord>> => {
  const parsed = parseIntake(breachFile, file)
  if (!parsed.ok) return parsed
  if (parsed.value.discoveredOn > dayIn(house.clock.now(), house.settings.zone))
    return fail(problem('invalid', 'discovered-in-future', { detail: 'a breach cannot have been discovered after today' }))
  const id = house.newId()
  return write(house, async ({ tx, note }) => {
    note(noteOf(house, by, id, 'discovered'))
    return ok(await keepBreach(tx, { id, ...parsed.value }))
  })
}

/** What is done about an open breach, in one transaction with its entry. */
const change = (
  house: House,
  by: Operator,
  id: string,
  action: BreachEntry['action'],
  work: (tx: Tx, breach: BreachRecord) => Promise<Result<BreachRecord>>,
): Promise<Result<BreachRecord>> =>
  write(house, async ({ tx, note }) => {
    const breach = await breachForUpdate(tx, id)
    if (breach === undefined) return fail(problem('not-found', 'breach-unknown', { detail: 'no breach has this id' }))
    if (breach.closedOn !== undefined) return fail(problem('conflict', 'breach-closed', { detail: 'the breach is closed' }))
    const done = await work(tx, breach)
    if (done.ok) note(noteOf(house, by, id, action))
    return done
  })

/** Writes down the risk assessment by its four factors. @law 45 CFR 164.402(2) */
export const judgeBreach = async (house: House, by: Operator, id: string, file: unknown): Promise<Result<BreachRecord>> => {
  const parsed = parseIntake(assessmentFile, file)
  if (!parsed.ok) return parsed
  const { factors, isLowProbability } = parsed.value
  return change(house, by, id, 'assessed', async (tx) => ok(await assessBreach(tx, id, factors, isLowProbability)))
}

/** Writes down that the individuals, the Secretary or the media were told. @law 45 CFR 164.404, 164.406, 164.408 */
export const tellOfBreach = async (house: House, by: Operator, id: string, file: unknown): Promise<Result<BreachRecord>> => {
  const parsed = parseIntake(toldFile, file)
  if (!parsed.ok) return parsed
  const { whom, on } = parsed.value
  return change(house, by, id, `${whom}-told`, async (tx, breach) => {
    if (on < breach.discoveredOn || on > dayIn(house.clock.now(), house.settings.zone))
      return fail(problem('invalid', 'told-on', { detail: 'nobody is told before the discovery or after today' }))
    return ok(await noteTold(tx, id, whom, on))
  })
}

/** Closes a breach of which everybody was told who is to be, or which the assessment found to be none. */
export const endBreach = (house: House, by: Operator, id: string): Promise<Result<BreachRecord>> =>
  change(house, by, id, 'closed', async (tx, breach) => {
    const open = breach.duties.filter(({ doneOn }) => doneOn === undefined).map(({ whom }) => whom)
    if (open.length > 0) return fail(problem('conflict', 'not-told', { detail: `still to be told: ${open.join(', ')}` }))
    return ok(await closeBreach(tx, id, dayIn(house.clock.now(), house.settings.zone)))
  })

/** The register; the look is on the ledger. */
export const showBreaches = async (house: House, by: Operator): Promise<readonly BreachRecord[]> => {
  const found = await listBreaches(house.db)
  await looked(house, by, { place: 'breaches', rows: found.length })
  return found
}
