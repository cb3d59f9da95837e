// In: a partner that asks what the law lets it have without names. Out: records by which nobody can be found, sealed and on the ledger.
// Never: a record that the decision does not permit de-identified, or more than the picture that this partner may have of them.
import { deidentifiedEntryOf } from '../audit/entry-of.ts'
import { decide } from '../consent/decide.ts'
import { deIdentify, type DeIdentified } from '../disclosure/de-identify.ts'
import { sealDeIdentified, type Disclosure } from '../disclosure/seal.ts'
import type { Ask, Asker } from '../model/ask.ts'
import type { Basis } from '../model/decision.ts'
import { disclosureId } from '../model/ids.ts'
import type { Instant } from '../model/time.ts'
import { dayIn } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { patientsWith, pictureOf, publicHealthReach, takePicture } from '../store/deidentified-picture.ts'
import { factsForUpdate } from '../store/facts.ts'
import { listPartners } from '../store/partners.ts'
import { versionKey, type StoredRecord } from '../store/records.ts'
import { isPublished } from '../validation/published-codes.ts'
import { isValid, validate } from '../validation/validate.ts'
import type { House } from './house.ts'
import { speaksFor } from './person-behind.ts'
import { withReliedEvidence } from './relied-evidence.ts'

export { DEIDENTIFIED_TYPES } from '../disclosure/de-identify.ts'

/** What is asked for. */
export interface DeidentifiedQuestion {
  /** Some of `DEIDENTIFIED_TYPES`. */
  readonly types: readonly string[]
  /** Only records that have a year no earlier than this one. */
  readonly since?: number
  /** Names of the parameters, for the ledger. */
  readonly parameters: readonly (readonly [string, string])[]
}

/** Records in one answer; who has more to ask for asks type by type. */
const RECORDS_MAX = 20_000
/** Patients looked for at once. */
const STRETCH = 200

interface Gathered {
  readonly records: DeIdentified[]
  readonly bases: Map<string, Basis>
  readonly count: Map<string, number>
  patients: number
}

/**
 * Records for public health, without a sign of whose they are. Each is decided about as it stands at this moment, for every purpose that
 * is asserted; told is what was on record when the partner's picture was taken, and a new picture may be taken after a year. Whoever
 * has no basis, and a person without a role at the partner, gets what there is when there is nothing.
 * @returns `search-too-costly` when there is too much for one answer
 * @law 42 CFR 2.54, 2.16(a)(1)(v), 2.16(a)(2)(iv); 45 CFR 164.514(b)(2)
 */
export const discloseDeidentified = async (
  house: House,
  asker: Asker,
  question: DeidentifiedQuestion,
): Promise<Result<Disclosure>> => {
  const { partner: recipient, purposes, subject } = asker
  const [type, ...more] = question.types
  const ask: Ask = {
    recipient,
    purposes,
    at: house.clock.now(),
    wanted: { interaction: 'search', query: { type: more.length === 0 ? (type ?? '') : '', parameters: question.parameters } },
    ...(subject === undefined ? {} : { subject }),
  }
  const gathered = (await mayHaveSome(house, asker)) ? await pictured(house, ask, question) : ok(nothing())
  if (!gathered.ok) return gathered
  const { records, bases, count, patients } = gathered.value
  const sealed = sealDeIdentified(records, disclosureId(house.newId()))
  const given = { patients, records: Object.fromEntries([...count].toSorted(([a], [b]) => a.localeCompare(b))) }
  await house.ledger.append(deidentifiedEntryOf(ask, sealed, [...bases.values()], given))
  return ok(sealed)
}

const nothing = (): Gathered => ({ records: [], bases: new Map(), count: new Map(), patients: 0 })

const mayHaveSome = async (house: House, asker: Asker): Promise<boolean> =>
  asker.purposes.length > 0 &&
  (await house.partners.byId(asker.partner))?.sector === 'public-health' &&
  (await speaksFor(house, asker))

/** What the picture holds that stands for this partner; with the first answer that holds something, one is taken. */
const pictured = async (house: House, ask: Ask, question: DeidentifiedQuestion): Promise<Result<Gathered>> => {
  const standing = await pictureOf(house.db, ask.recipient, ask.at)
  const found = await gather(house, ask, question, standing ?? ask.at)
  if (standing !== undefined || !found.ok || found.value.records.length === 0) return found
  const taken = await takePicture(house.db, ask.recipient, ask.at)
  return taken === ask.at ? found : gather(house, ask, question, taken)
}

const gather = async (
  house: House,
  ask: Ask,
  { types, since }: DeidentifiedQuestion,
  picture: Instant,
): Promise<Result<Gathered>> => {
  const gathered = nothing()
  const among = await publicHealthReach(house.db)
  for (let after = ''; ;) {
    const patients = await patientsWith(house.db, types, among, after, STRETCH)
    for (const patient of patients) {
      const own = await house.db.transact((tx) => recordsOf(house, tx, ask, patient, types, picture))
      const told = own.filter(({ record: { year } }) => since === undefined || (year !== undefined && year >= since))
      if (told.length > 0) gathered.patients += 1
      for (const { type, record, basis } of told) {
        gathered.records.push(record)
        gathered.bases.set(`${basis.reference ?? ''}|${basis.version ?? ''}`, basis)
        gathered.count.set(type, (gathered.count.get(type) ?? 0) + 1)
      }
      if (gathered.records.length > RECORDS_MAX)
        return fail(problem('invalid', 'search-too-costly', { detail: 'there is too much for one answer: ask for fewer types' }))
    }
    const last = patients.at(-1)
    if (last === undefined || patients.length < STRETCH) return ok(gathered)
    after = last
  }
}

interface Told {
  readonly type: string
  readonly record: DeIdentified
  readonly basis: Basis
}

/** One patient's records as they stood when the picture was taken, each permitted in that version and in today's. */
const recordsOf = async (
  house: House,
  tx: Tx,
  ask: Ask,
  patient: string,
  types: readonly string[],
  picture: Instant,
): Promise<readonly Told[]> => {
  const partners = await listPartners(tx)
  const held = await factsForUpdate(tx, patient, partners, house.settings.zone)
  const relied = await withReliedEvidence(tx, held, partners)
  const facts = house.settings.jurisdiction === undefined ? relied : { ...relied, jurisdiction: house.settings.jurisdiction }
  const at = house.clock.now()
  const around = {
    thisYear: Number(dayIn(at, house.settings.zone).slice(0, 4)),
    isPublished: (system: string, code: string) => isPublished(house.definitions.terminology, system, code),
  }
  const byKey = new Map(facts.records.map((record) => [`${record.type}/${record.id}`, record]))
  /** The basis of a version for every purpose; undefined when one of them has none. */
  const basisOf = (version: StoredRecord): Basis | undefined => {
    const record = byKey.get(`${version.type}/${versionKey(version)}`)
    const decisions = ask.purposes.map((purpose) =>
      record === undefined ? undefined : decide(facts, record, { recipient: ask.recipient, purpose, at, isDeidentified: true }),
    )
    const isPermitted = decisions.every(
      (one) => one?.effect === 'permit' && one.basis?.kind === 'public-health' && one.withheldParts.length === 0,
    )
    return isPermitted ? decisions[0]?.basis : undefined
  }
  return picturedOf(held.versions, types, picture).flatMap(({ then, now }): readonly Told[] => {
    const basis = basisOf(then) === undefined ? undefined : basisOf(now)
    const record = basis === undefined ? undefined : deIdentify(then.resource, around)
    if (basis === undefined || record === undefined || !isValid(validate(record.json, house.definitions))) return []
    return [{ type: then.type, record, basis }]
  })
}

interface Pictured {
  readonly then: StoredRecord
  readonly now: StoredRecord
}

/** What was on record then and is still. */
const picturedOf = (versions: readonly StoredRecord[], types: readonly string[], picture: Instant): readonly Pictured[] =>
  [...Map.groupBy(versions, ({ type, id }) => `${type}/${id}`).values()].flatMap((own) => {
    const now = own.find(({ isCurrent }) => isCurrent)
    const then = own.findLast(({ updated }) => updated <= picture)
    if (now === undefined || then === undefined || now.isDeleted || then.isDeleted || !types.includes(now.type)) return []
    return [{ then, now }]
  })
