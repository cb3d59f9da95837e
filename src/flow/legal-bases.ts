import { isDeepStrictEqual } from 'node:util'
import { readBasis } from '../consent/bases.ts'
import { calendarOf, holdsAt } from '../consent/windows.ts'
import { parseLegalBasis } from '../intake/legal-basis-file.ts'
import { patientId } from '../model/ids.ts'
import type { BasisEntry } from '../model/ledger.ts'
import type { LegalBasis } from '../model/patient-facts.ts'
import type { Instant } from '../model/time.ts'
import { FOREVER } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { basesAbout, basesById, saveBasis, type HeldBasis } from '../store/bases.ts'
import { lockPartners, lockPatients, readRecord } from '../store/records.ts'
import { decideAgain } from './decide-again.ts'
import { NOBODY } from './nobody.ts'
import type { House } from './house.ts'
import { decideDue, noteBasisChange } from './decisions-due.ts'
import { looked, type Operator } from './looks.ts'
import { write, type Writing } from './writing.ts'

/** One legal basis as the officer sees it. */
export interface BasisView {
  readonly id: string
  readonly version: number
  readonly kind: LegalBasis['kind']
  /** Absent when it covers everybody. */
  readonly patient?: string
  /** A deficient one is kept, and relied on by nobody. */
  readonly status: 'deficient' | 'not-yet-in-force' | 'in-force' | 'over'
  /** Requirements of its section that it fails. */
  readonly lacks: readonly { readonly requirement: string; readonly law: string }[]
  readonly until?: Instant
  readonly fields: LegalBasis['fields']
}

/** What became of a basis that was entered. */
export interface EnteredBasis {
  readonly effect: 'entered' | 'changed' | 'unchanged'
  readonly basis: BasisView
}

/** Who ends a restriction, which decides for which records it ends. @law 42 CFR 2.26(b) */
export const ENDERS = ['patient-in-writing', 'patient-orally', 'programme-notice'] as const

/** One legal basis as it stands now. */
export const basisView = (house: House, patient: string, basis: LegalBasis): BasisView => {
  const { faults, window } = readBasis(basis, calendarOf(house.settings.zone))
  const now = house.clock.now()
  const inTime = holdsAt(window, now) ? 'in-force' : now < window.from && window.from < window.until ? 'not-yet-in-force' : 'over'
  return {
    id: basis.id,
    version: basis.version,
    kind: basis.kind,
    ...(patient === NOBODY ? {} : { patient }),
    status: faults.length > 0 ? 'deficient' : inTime,
    lacks: faults.map(({ id, law }) => ({ requirement: id, law })),
    ...(window.until === FOREVER || window.until <= window.from ? {} : { until: window.until }),
    fields: basis.fields,
  }
}

/**
 * Enters a legal basis other than consent, or a new version of it; who may have what is decided again in the same transaction, or, when
 * it covers everybody, one after the other, and until then those whom it names see nothing that it could shut.
 * A deficient one is kept, with what it lacks, and opens nothing.
 * @param by who the ledger names: a partner's id, or `operator`
 * @law 42 CFR 2.12(c), 2.26, 2.51 to 2.54, 2.61 to 2.67
 */
export const enterBasis = async (house: House, file: unknown, by: string): Promise<Result<EnteredBasis>> => {
  const parsed = parseLegalBasis(file)
  if (!parsed.ok) return parsed
  const { patient, basis } = parsed.value
  const entered = await write(house, async (writing): Promise<Result<EnteredBasis>> => {
    if (patient === NOBODY) await lockPartners(writing.tx)
    await lockPatients(writing.tx, [NOBODY, patient])
    if (patient !== NOBODY && !(await isPatient(writing.tx, patient)))
      return fail(problem('not-found', 'patient-unknown', { detail: 'no patient has this id' }))
    const [before] = await basesById(writing.tx, basis.id)
    if (before !== undefined && (before.patient !== patient || before.kind !== basis.kind))
      return fail(problem('conflict', 'basis-id-taken', { detail: 'another legal basis has this id' }))
    if (before !== undefined && isDeepStrictEqual(before.fields, plain(basis.fields)))
      return ok({ effect: 'unchanged', basis: basisView(house, patient, before) })
    const effect = before === undefined ? 'entered' : 'changed'
    return ok({ effect, basis: await keep(house, writing, { ...basis, patient }, before, effect, by) })
  })
  if (entered.ok && patient === NOBODY && entered.value.effect !== 'unchanged') await decideDue(house)
  return entered
}

/**
 * Ends a basis from this moment on. A restriction needs to be told who ends it.
 * @param endedBy one of `ENDERS`; only for a restriction
 */
export const endBasis = async (house: House, id: string, endedBy: string | undefined, by: string): Promise<Result<BasisView>> => {
  const isForEverybody = (await basesById(house.db, id)).some(({ patient }) => patient === NOBODY)
  const ended = await write(house, async (writing): Promise<Result<BasisView>> => {
    if (isForEverybody) await lockPartners(writing.tx)
    await lockPatients(writing.tx, [NOBODY])
    const [before] = await basesById(writing.tx, id)
    if (before === undefined) return fail(problem('not-found', 'basis-unknown', { detail: 'no legal basis has this id' }))
    const ending = endingOf(before, endedBy)
    if (!ending.ok) return ending
    if (before.patient !== NOBODY) await lockPatients(writing.tx, [before.patient])
    return ok(await endIn(house, writing, before, ending.value, by))
  })
  if (ended.ok && ended.value.patient === undefined) await decideDue(house)
  return ended
}

/** Ends a basis in a transaction that holds the locks; one that has an end keeps it. */
export const endIn = async (
  house: House,
  writing: Writing,
  before: HeldBasis,
  how: Readonly<Record<string, unknown>>,
  by: string,
): Promise<BasisView> => {
  if ('endedAt' in before.fields) return basisView(house, before.patient, before)
  const fields = { ...before.fields, ...how, endedAt: house.clock.now() }
  return keep(house, writing, { id: before.id, kind: before.kind, fields, patient: before.patient }, before, 'ended', by)
}

/** The bases that cover one patient, those for everybody among them, each with what it lacks; the look is on the ledger. */
export const listBases = async (house: House, by: Operator, patient: string): Promise<readonly BasisView[]> => {
  const held = await basesAbout(house.db, patient)
  const patients = held.map((basis) => basis.patient)
  await looked(house, by, { place: 'legal-basis', asked: patient, patients, rows: held.length })
  return held.map((basis) => basisView(house, basis.patient, basis))
}

const endingOf = (basis: HeldBasis, endedBy: string | undefined): Result<Readonly<Record<string, unknown>>> => {
  if (basis.kind !== 'restriction')
    return endedBy === undefined
      ? ok({})
      : fail(problem('invalid', 'ended-by-unexpected', { detail: 'only a restriction is ended by somebody' }))
  if (!ENDERS.some((one) => one === endedBy))
    return fail(problem('invalid', 'ended-by-missing', { detail: `say who ends the restriction: ${ENDERS.join(', ')}` }))
  // the entry on the ledger is the document that an oral agreement needs
  return ok({ endedBy, ...(endedBy === 'patient-orally' ? { isDocumented: true } : {}) })
}

const isPatient = async (tx: Tx, patient: string): Promise<boolean> => {
  const record = await readRecord(tx, 'Patient', patient)
  return record !== undefined && !record.isDeleted
}

/** Fields as the store gives them back. */
const plain = (fields: LegalBasis['fields']): unknown => JSON.parse(JSON.stringify(fields))

const keep = async (
  house: House,
  { tx, note }: Writing,
  { patient, ...basis }: Omit<HeldBasis, 'version'>,
  before: LegalBasis | undefined,
  action: BasisEntry['action'],
  by: string,
): Promise<BasisView> => {
  const at = house.clock.now()
  const saved = await saveBasis(tx, patient, basis, at)
  if (patient === NOBODY) await noteBasisChange(tx, before, basis, at)
  else {
    await lockPatients(tx, [patient])
    await decideAgain(house, tx, patient)
  }
  note({
    kind: 'basis',
    at,
    action,
    basis: ON_LEDGER[basis.kind],
    reference: basis.id,
    version: String(saved.version),
    ...(patient === NOBODY ? {} : { patient: patientId(patient) }),
    by,
  })
  return basisView(house, patient, saved)
}

const ON_LEDGER: Readonly<Record<LegalBasis['kind'], BasisEntry['basis']>> = {
  restriction: 'restriction',
  'medical-emergency': 'medical-emergency',
  'qso-agreement': 'qso-agreement',
  'audit-agreement': 'audit-evaluation',
  'research-approval': 'research',
  'court-order': 'court-order',
  'crime-report': 'crime-on-premises',
  'child-abuse-report': 'child-abuse-report',
  'patient-access': 'patient-access',
  'public-health': 'public-health',
  'intermediary-membership': 'intermediary-membership',
  'internal-need': 'internal-need',
}
