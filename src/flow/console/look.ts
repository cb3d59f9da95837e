// In: a member of staff, a right, a place, and what they want to see or do. Out: the page, once the ledger says who looked at what.
// Never: shows or does anything before that, or anything for which the table of rights has no cell.
import { may, type Permission, type StaffMember } from '../../model/staff.ts'
import type { StaffEntry } from '../../model/ledger.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import type { House } from '../house.ts'
import { lookEntry as entryOf } from '../looks.ts'

/** A page, and whose records it tells something about. */
export interface Seen<T> {
  readonly page: T
  /** Logical ids of patients; none for what belongs to nobody. */
  readonly patients?: readonly (string | null | undefined)[]
  /** `Type/id` of the one record that it is about. */
  readonly record?: string
  /** How many rows a list had, where it is long. */
  readonly rows?: number
  /** By what a list was narrowed: names of filters, never their values. */
  readonly filters?: readonly string[]
}

/** Where somebody is, as the ledger names it: a word, never a value. */
export interface Place {
  readonly name: string
  readonly permission: Permission
  /** `look` when absent. */
  readonly action?: 'look' | 'export'
}

/** The entry of a look at these patients. */
export const lookEntry = (
  house: House,
  who: StaffMember,
  { name, action = 'look' }: Place,
  seen: Omit<Seen<unknown>, 'page'>,
): StaffEntry => entryOf(house, { staff: who.id, role: who.role }, { ...seen, place: `/console/${name}`, action })

/** Whether the table of rights lets somebody be here; a refusal is on the ledger. */
export const admit = async (house: House, who: StaffMember, place: Place): Promise<Result<true>> => {
  if (may(who.role, place.permission)) return ok(true)
  await house.ledger.append({ ...lookEntry(house, who, place, {}), action: 'refused' })
  return fail(problem('forbidden', 'right-missing', { detail: 'your role does not include this' }))
}

/** Shows a page: the look is on the ledger, durably, before anything of it leaves. */
export const look = async <T>(
  house: House,
  who: StaffMember,
  place: Place,
  work: () => Promise<Result<Seen<T>>>,
): Promise<Result<T>> => {
  const admitted = await admit(house, who, place)
  if (!admitted.ok) return admitted
  const seen = await work()
  if (!seen.ok) return seen
  await house.ledger.append(lookEntry(house, who, place, seen.value))
  return ok(seen.value.page)
}

/** Does something that writes its own entry, in the transaction that it changes something in. */
export const act = async <T>(
  house: House,
  who: StaffMember,
  place: Place,
  work: () => Promise<Result<T>>,
): Promise<Result<T>> => {
  const admitted = await admit(house, who, place)
  return admitted.ok ? work() : admitted
}
