// In: which disclosures and refusals an officer wants to see. Out: a page of them, one with everything that it rests on, or all as CSV.
// Never: a query without its look on the ledger, or a value that the ledger does not hold, but for names of those it names by id.
import { describe } from '../../audit/accounting.ts'
import { attemptsOf, findLines, lineAt, type LedgerLine, type LedgerQuery } from '../../audit/ledger-pages.ts'
import type { DisclosureExplained, DisclosureFilter, DisclosureLine } from '../../model/console-disclosures.ts'
import type { DisclosureEntry, LedgerEntry, RefusalEntry, StaffEntry } from '../../model/ledger.ts'
import type { StaffMember } from '../../model/staff.ts'
import { day, startOfDay } from '../../model/time.ts'
import type { Part } from '../../platform/keyset.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { listPartners } from '../../store/partners.ts'
import { listStaff } from '../../store/staff.ts'
import type { House } from '../house.ts'
import { inOrder, isNumber } from './entries.ts'
import type { ConsoleList } from './list.ts'
import { look, type Place } from './look.ts'
import { clientNames } from './names.ts'
import { BASIS_WORDS, PURPOSE_WORDS, refusalWords } from './words.ts'

const queryOf = (house: House, filter: DisclosureFilter, part: Part<'number'>): LedgerQuery => {
  const { zone } = house.settings
  return {
    kinds: filter.kinds === undefined || filter.kinds.length === 0 ? ['disclosure', 'refusal'] : filter.kinds,
    ...inOrder(part),
    ...(filter.partner === undefined ? {} : { recipient: filter.partner }),
    ...(filter.patient === undefined ? {} : { patient: filter.patient }),
    ...(filter.from === undefined ? {} : { from: startOfDay(day(filter.from), zone) }),
    ...(filter.until === undefined ? {} : { until: startOfDay(day(filter.until), zone, 1) }),
    ...(filter.purpose === undefined ? {} : { purpose: filter.purpose }),
    ...(filter.basis === undefined ? {} : { basis: filter.basis }),
    ...(filter.door === undefined ? {} : { door: filter.door }),
  }
}

type Told = DisclosureEntry | RefusalEntry | StaffEntry
const isTold = (entry: LedgerEntry): entry is Told =>
  entry.kind === 'disclosure' || entry.kind === 'refusal' || entry.kind === 'staff'

/** Whom an entry is about, by logical id. */
const patientsIn = (entry: Told): readonly string[] => {
  if (entry.kind === 'disclosure') return [...new Set(entry.records.flatMap(({ patient }) => patient ?? []))]
  if (entry.kind === 'refusal') return []
  return [...(entry.patient === undefined ? [] : [entry.patient]), ...(entry.about ?? []).map(({ patient }) => patient)]
}

/** Names of partners and of staff by id. */
const namesOf = async (house: House): Promise<ReadonlyMap<string, string>> => {
  const [partners, staff] = await Promise.all([listPartners(house.db), listStaff(house.db)])
  return new Map([...partners, ...staff].map(({ id, name }) => [id, name]))
}

const linesOf = async (house: House, who: StaffMember, found: readonly LedgerLine[]): Promise<readonly DisclosureLine[]> => {
  const told = found.flatMap(({ seq, entry }) => (isTold(entry) ? [{ seq, entry }] : []))
  const [names, clientOf] = await Promise.all([
    namesOf(house),
    clientNames(
      house,
      who,
      told.flatMap(({ entry }) => patientsIn(entry)),
    ),
  ])
  return told.map(({ seq, entry }) => ({
    seq,
    at: entry.at,
    ...wordsOf(entry, names),
    patients: patientsIn(entry).map(clientOf),
  }))
}

const wordsOf = (entry: Told, names: ReadonlyMap<string, string>): Omit<DisclosureLine, 'seq' | 'at' | 'patients'> => {
  if (entry.kind === 'staff') {
    const { staff, role, action, place } = entry
    const base = {
      kind: 'staff',
      id: staff,
      who: staff,
      whoName: names.get(staff) ?? staff,
      purposes: [],
      door: 'console',
    } as const
    return { ...base, interaction: `${action} ${place}`, what: role, bases: [] }
  }
  const { id, recipient, purposes, door, interaction, type } = entry
  const base = { id, who: recipient, whoName: names.get(recipient) ?? recipient, purposes, door }
  const asked = type === undefined ? interaction : `${interaction} ${type}`
  return entry.kind === 'refusal'
    ? { ...base, kind: 'refusal', interaction: asked, what: entry.code, bases: [] }
    : {
        ...base,
        kind: 'disclosure',
        interaction: asked,
        what: whatOf(entry),
        bases: [...new Set(entry.bases.map(({ kind }) => kind))],
      }
}

/** What was shown, in words; of what went de-identified only how much. */
const whatOf = ({ records, deidentified }: Extract<Told, { kind: 'disclosure' }>): string => {
  if (deidentified === undefined) return describe(records.map(({ record }) => record))
  const all = Object.entries(deidentified.records).flatMap(([type, count]) => Array.from({ length: count }, () => `${type}/x`))
  return `${describe(all)}, de-identified`
}

const DISCLOSURES: Place = { name: 'disclosures', permission: 'disclosures.read' }

/** Disclosures and refusals, or the looks of staff; in the order of the ledger, either end first. */
export const disclosureList: ConsoleList<'disclosures', DisclosureFilter, DisclosureLine> = {
  name: 'disclosures',
  permission: 'disclosures.read',
  exportPermission: 'disclosures.export',
  accepts: isNumber,
  read: async (house, who, filter, part) => {
    const { lines, next } = await findLines(house.db, queryOf(house, filter, part))
    const rows = await linesOf(house, who, lines)
    const patients = [...rows.flatMap((row) => row.patients.map(({ id }) => id)), filter.patient]
    return { rows, patients, ...(next === undefined ? {} : { next: [String(next)] }) }
  },
  cells: {
    number: ({ seq }) => String(seq),
    'at (UTC)': ({ at }) => at,
    kind: ({ kind }) => kind,
    who: ({ who }) => who,
    name: ({ whoName }) => whoName,
    purposes: ({ purposes }) => purposes.join(' '),
    through: ({ door }) => door,
    asked: ({ interaction }) => interaction,
    what: ({ what }) => what,
    basis: ({ bases }) => bases.join(' '),
    patients: ({ patients }) => patients.map(({ id }) => id).join(' '),
  },
}

/** One line with everything that the ledger says of it, in words. */
export const explainDisclosure = (house: House, who: StaffMember, seq: number): Promise<Result<DisclosureExplained>> =>
  look(house, who, { ...DISCLOSURES, name: 'disclosures/:seq' }, async () => {
    const found = await lineAt(house.db, seq)
    const entry = found?.entry
    if (found === undefined || entry === undefined || !isTold(entry))
      return fail(problem('not-found', 'line-unknown', { detail: 'no disclosure has this number' }))
    const [line] = await linesOf(house, who, [found])
    if (line === undefined) return fail(problem('not-found', 'line-unknown'))
    const page = {
      line,
      hash: found.hash,
      sentences: sentencesOf(line, entry),
      ...detailsOf(entry),
      deliveries: await attemptsAt(house, entry),
    }
    return ok({ page, patients: patientsIn(entry) })
  })

type Details = Pick<DisclosureExplained, 'bases' | 'records' | 'obligations' | 'notice' | 'content' | 'bytes' | 'referral'>

const detailsOf = (entry: Told): Details => {
  if (entry.kind !== 'disclosure') return { bases: [], records: [], obligations: [] }
  return {
    bases: entry.bases.map((basis, nth) => ({
      ...basis,
      ...BASIS_WORDS[basis.kind],
      records: entry.records.filter((one) => one.basis === nth).map(({ record }) => record),
    })),
    records: entry.records.map(({ record, version, patient }) => ({
      record,
      version,
      ...(patient === undefined ? {} : { patient }),
    })),
    obligations: entry.obligations,
    content: entry.content,
    bytes: entry.bytes,
    ...(entry.notice === undefined
      ? {}
      : {
          notice: `§ 2.32(a) statement ${String(entry.notice.statement)}, ${entry.notice.edition}; scope in ${entry.notice.languages.join(', ')}`,
        }),
    ...(entry.referral === undefined ? {} : { referral: entry.referral }),
  }
}

const purposeWords = (codes: readonly string[]): string =>
  codes.length === 0 ? 'no stated purpose' : codes.map((code) => PURPOSE_WORDS[code] ?? code).join(' and ')

const sentencesOf = (line: DisclosureLine, entry: Told): readonly string[] => {
  if (entry.kind === 'staff') return [`${line.whoName} (${entry.role}): ${entry.action} at ${entry.place}.`]
  const asked = `${line.whoName} asked for ${purposeWords(entry.purposes)}: ${line.interaction}, through ${entry.door}.`
  if (entry.kind === 'refusal') return [asked, `Nothing was shown: ${refusalWords(entry.code)}.`]
  if (entry.records.length === 0 && entry.deidentified === undefined)
    return [asked, 'The answer was an empty list: nothing was shown about anybody.']
  const bases = entry.bases.map((basis) => {
    const { words, law } = BASIS_WORDS[basis.kind]
    const reference =
      basis.reference === undefined
        ? ''
        : ` (${basis.reference}${basis.version === undefined ? '' : `, version ${basis.version}`})`
    return `It rests on ${words}${reference}, ${law}.`
  })
  const notice =
    entry.notice === undefined ? [] : ['The notice that prohibits redisclosure and the scope of the consent went along.']
  return [asked, `It was shown ${line.what}.`, ...bases, ...notice]
}

/** What became of it on its way. */
const attemptsAt = async (house: House, entry: Told): Promise<DisclosureExplained['deliveries']> => {
  if (entry.kind !== 'disclosure' || entry.door === 'fhir') return []
  const attempts = await attemptsOf(house.db, entry.id)
  return attempts.map(({ at, outcome, attempt, code }) => ({
    at,
    outcome,
    attempt,
    ...(code === undefined ? {} : { code }),
  }))
}
