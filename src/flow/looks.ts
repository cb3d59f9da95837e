// In: who of the staff or of the operators saw or did what. Out: the entry that says so, on the ledger before anything is shown.
// Never: a name, a word of a search, or a value; whoever was seen stands there by id, and by number alone where they are many.
import { idOrHash } from '../audit/entry-of.ts'
import { patientId } from '../model/ids.ts'
import type { StaffEntry } from '../model/ledger.ts'
import type { House } from './house.ts'

/** A member of staff, a system of the programme, or whoever sits at the command line, as the ledger names them. */
export interface Operator {
  readonly staff: string
  readonly role: string
}

/** What was seen or done, and about whom. */
export interface Look {
  /** Path template of the page, or words of the command; never a value. */
  readonly place: string
  /** `look` when absent. */
  readonly action?: string
  /** Logical ids of patients; none for what belongs to nobody. */
  readonly patients?: readonly (string | null | undefined)[]
  /** Whom somebody asked about, in their own words: unless a patient has this id it may be anything. */
  readonly asked?: string | undefined
  /** `Type/id` of the one record that it is about. */
  readonly record?: string | undefined
  /** How many rows a list had. */
  readonly rows?: number
  /** By what a list was narrowed: names of filters, never their values. */
  readonly filters?: readonly string[]
}

/** As many patients stand on the ledger one by one; of more, a list says its name and its number of rows. */
const NAMED_MAX = 100

/** The entry for a look, or for a deed that has no kind of entry of its own. */
export const lookEntry = (
  house: Pick<House, 'clock'>,
  { staff, role }: Operator,
  { place, action = 'look', patients = [], asked, record, rows, filters = [] }: Look,
): StaffEntry => {
  const seen = new Set(patients.flatMap((one) => (one === null || one === undefined || one === '' ? [] : [one])))
  if (asked !== undefined && asked !== '' && !seen.has(asked)) seen.add(idOrHash(asked))
  const ids = [...seen].sort()
  const [only] = ids
  return {
    kind: 'staff',
    at: house.clock.now(),
    staff,
    role,
    action,
    place,
    ...(ids.length === 1 && only !== undefined ? { patient: patientId(only) } : {}),
    ...(ids.length > 1 && ids.length <= NAMED_MAX ? { about: ids.map((patient) => ({ patient: patientId(patient) })) } : {}),
    ...(record === undefined ? {} : { record }),
    ...(rows === undefined ? {} : { rows }),
    ...(filters.length === 0 ? {} : { filters }),
  }
}

/** Puts a look on the ledger, durably; what was looked at is shown after that and not before. */
export const looked = async (house: Pick<House, 'clock' | 'ledger'>, by: Operator, look: Look): Promise<void> => {
  await house.ledger.append(lookEntry(house, by, look))
}
