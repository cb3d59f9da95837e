// In: versions of the programme's notice to patients, and that one was given. Out: the register, and who lacks the one in force.
// Never: puts the wording or a reason on the ledger, or takes a version that nobody has entered for given.
import { createHash } from 'node:crypto'
import {
  givenTo,
  keepGiven,
  keepNotice,
  listNotices,
  withoutNotice,
  type NoticeGivenTo,
  type NoticeVersion,
  type WithoutNotice,
} from '../audit/patient-notices.ts'
import { noticeFile, noticeGivenFile } from '../intake/notice-file.ts'
import { parseIntake } from '../intake/parse-intake.ts'
import { patientId } from '../model/ids.ts'
import { dayIn, type Day } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { readRecord } from '../store/records.ts'
import type { House } from './house.ts'
import { looked, type Operator } from './looks.ts'
import { write } from './writing.ts'

export type { NoticeGivenTo, NoticeVersion, WithoutNotice } from '../audit/patient-notices.ts'

/** A version and whether it is the one in force. */
export interface NoticeView extends NoticeVersion {
  readonly isInForce: boolean
}

const PAGE_MAX = 500

const todayOf = (house: House): Day => dayIn(house.clock.now(), house.settings.zone)

const inForce = (notices: readonly NoticeVersion[], today: Day): NoticeVersion | undefined =>
  notices.find(({ effectiveFrom }) => effectiveFrom <= today)

const isSame = (a: NoticeVersion, b: NoticeVersion): boolean =>
  a.effectiveFrom === b.effectiveFrom &&
  a.texts.length === b.texts.length &&
  a.texts.every(({ language, sha256 }) => b.texts.some((one) => one.language === language && one.sha256 === sha256))

const viewsOf = (house: House, notices: readonly NoticeVersion[]): readonly NoticeView[] => {
  const current = inForce(notices, todayOf(house))
  return notices.map((notice) => ({ ...notice, isInForce: notice === current }))
}

/** Enters a version; the same once more changes nothing, and another wording under the same name is refused. @law 42 CFR 2.22(b) */
export const enterNotice = async (house: House, by: Operator, file: unknown): Promise<Result<NoticeView>> => {
  const parsed = parseIntake(noticeFile, file)
  if (!parsed.ok) return parsed
  const { version, effectiveFrom, texts } = parsed.value
  const made: NoticeVersion = {
    version,
    effectiveFrom,
    texts: Object.entries(texts)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([language, body]) => ({ language, sha256: createHash('sha256').update(body).digest('hex'), body })),
  }
  return write(house, async ({ tx, note }) => {
    const known = await listNotices(tx)
    const before = known.find((one) => one.version === version)
    if (before !== undefined && !isSame(before, made))
      return fail(
        problem('conflict', 'notice-is-worded', { detail: 'this version is worded already; a new wording is a new version' }),
      )
    if (known.some((one) => one.version !== version && one.effectiveFrom === effectiveFrom))
      return fail(problem('conflict', 'notice-day-taken', { detail: 'another version comes into force on this day' }))
    if (before === undefined) {
      const at = house.clock.now()
      await keepNotice(tx, made, at)
      note({ kind: 'patient-notice', at, action: 'entered', notice: version, by: by.staff })
    }
    const views = viewsOf(house, await listNotices(tx))
    return ok(views.find((one) => one.version === version) ?? { ...made, isInForce: false })
  })
}

/** Every version, the newest first, with its wordings. */
export const showNotices = async (house: House): Promise<readonly NoticeView[]> => viewsOf(house, await listNotices(house.db))

/** Why a version cannot have been given like this. */
const faultOf = (house: House, given: Omit<NoticeGivenTo, 'id'>, notice: NoticeVersion | undefined): string | undefined => {
  if (notice === undefined) return 'no version of the notice has this name'
  if (!notice.texts.some(({ language }) => language === given.language)) return 'this version is not worded in this language'
  if (given.givenOn > todayOf(house)) return 'a notice cannot have been given after today'
  return given.givenOn < notice.effectiveFrom ? 'this version was not yet in force on this day' : undefined
}

/** Writes down that a patient was given a version, in which language, and how it was acknowledged. @law 42 CFR 2.22(a) */
export const giveNotice = async (house: House, by: Operator, file: unknown): Promise<Result<NoticeGivenTo>> => {
  const parsed = parseIntake(noticeGivenFile, file)
  if (!parsed.ok) return parsed
  const { because, ...said } = parsed.value
  const given: NoticeGivenTo = { id: house.newId(), ...said, ...(because === undefined ? {} : { because }) }
  return write(house, async ({ tx, note }) => {
    if (!(await isPatient(tx, given.patient)))
      return fail(problem('not-found', 'patient-unknown', { detail: 'no patient has this id' }))
    const notice = (await listNotices(tx)).find(({ version }) => version === given.version)
    const fault = faultOf(house, given, notice)
    if (fault !== undefined) return fail(problem('invalid', 'notice-not-given', { detail: fault }))
    await keepGiven(tx, given)
    note({
      kind: 'patient-notice',
      at: house.clock.now(),
      action: 'given',
      notice: given.version,
      patient: patientId(given.patient),
      language: given.language,
      acknowledged: given.acknowledged,
      by: by.staff,
    })
    return ok(given)
  })
}

const isPatient = async (tx: Tx, patient: string): Promise<boolean> => {
  const known = await readRecord(tx, 'Patient', patient)
  return known !== undefined && !known.isDeleted
}

/** What one patient was given, the newest first; the look is on the ledger. */
export const noticesGivenTo = async (house: House, by: Operator, patient: string): Promise<readonly NoticeGivenTo[]> => {
  const found = await givenTo(house.db, patient)
  await looked(house, by, {
    place: 'patient-notices',
    asked: patient,
    patients: found.map((one) => one.patient),
    rows: found.length,
  })
  return found
}

/** Patients without the version in force, a page at a time. */
export interface WithoutNoticePage {
  /** The version in force; absent while there is none. */
  readonly notice?: string
  readonly patients: readonly WithoutNotice[]
  /** Where the next page begins. */
  readonly after?: string
}

/** Who was not given the version that is in force today; the look is on the ledger. @law 42 CFR 2.22(a) */
export const patientsWithoutNotice = async (house: House, by: Operator, after = ''): Promise<WithoutNoticePage> => {
  const current = inForce(await listNotices(house.db), todayOf(house))
  const look = { place: 'patient-notices/missing' }
  if (current === undefined) {
    await looked(house, by, { ...look, rows: 0 })
    return { patients: [] }
  }
  const found = await withoutNotice(house.db, current.version, after, PAGE_MAX + 1)
  const patients = found.slice(0, PAGE_MAX)
  const last = patients.at(-1)
  await looked(house, by, { ...look, patients: patients.map(({ patient }) => patient), rows: patients.length })
  return {
    notice: current.version,
    patients,
    ...(found.length > PAGE_MAX && last !== undefined ? { after: last.patient } : {}),
  }
}
