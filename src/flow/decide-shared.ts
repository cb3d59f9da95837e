// In: records that belong to nobody. Out: who is shown them, decided together with all that they refer to.
// Never: an answer that depends on what else happened to be decided at the same time.
import { renderAll } from '../disclosure/render-all.ts'
import { identifiersNamedBy, identifiersOf } from '../disclosure/logical.ts'
import { identifierSystem } from '../mapping/context.ts'
import type { Allowance } from '../model/decision.ts'
import { patientId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import type { Instant } from '../model/time.ts'
import { FOREVER } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { sharedNaming, sharedReferringTo, type RecordKey } from '../store/directory.ts'
import { patientsNaming, patientsRestingOn } from '../store/facts.ts'
import { listPartners } from '../store/partners.ts'
import { lockPatients, versionKey, versionsOf, type StoredRecord } from '../store/records.ts'
import { setRenditions } from '../store/set-renditions.ts'
import { decideAgain, labelAndDecideAgain, renderingsOf, tellingOf, viewOf, withLogical } from './decide-again.ts'
import { NOBODY } from './nobody.ts'
import type { House } from './house.ts'

const nameOf = ({ type, id }: RecordKey): string => `${type}/${id}`

/**
 * Decides about records of nobody that have changed, and about those that refer to them; in the transaction of the change.
 * @law 42 CFR 2.13(c)(2)
 */
export const decideShared = async (house: House, tx: Tx, keys: readonly RecordKey[]): Promise<void> =>
  decideSharedExactly(house, tx, await withReferring(tx, keys))

/**
 * Decides about these records of nobody, and writes no others. What belongs to nobody and tells nothing is for every partner; what
 * tells something stays with the programme and its origin. The caller holds the lock of what belongs to nobody.
 * @law 42 CFR 2.13(c)(2)
 */
export const decideSharedExactly = async (house: House, tx: Tx, keys: readonly RecordKey[]): Promise<void> => {
  const partners = await listPartners(tx)
  const versions = await withReferred(tx, keys)
  const from = house.clock.now()
  const allowances = versions.flatMap((version) =>
    partners.flatMap((partner) => partner.purposes.flatMap((purpose) => sharedAllowance(version, partner, purpose, from))),
  )
  const records = versions.map((v) => ({ ...v.facts, id: versionKey(v), labels: v.labels }))
  const facts = withLogical({ patient: patientId(NOBODY), records, partners }, versions)
  const rendered = renderAll(facts, allowances, tellingOf(house, partners), viewOf(house, versions))
  const covered = new Set(keys.map(nameOf))
  const renderings = renderingsOf(versions, rendered).filter((rendering) => covered.has(nameOf(rendering)))
  await setRenditions(tx, house.readSearchValues, NOBODY, renderings, keys, from)
}

/**
 * Labels and decides about the patients whose records name these records of nobody, or rest on them; in the transaction of the change.
 * @param retold those of them that tell something else than before
 * @param except patients who are decided about anyway
 */
export const decideForNaming = async (
  house: House,
  tx: Tx,
  references: readonly string[],
  retold: readonly string[],
  except: ReadonlySet<string>,
): Promise<void> => {
  const naming = new Set(await patientsNaming(tx, retold))
  const patients = [...new Set([...naming, ...(await patientsRestingOn(tx, references))])]
    .filter((one) => !except.has(one))
    .sort()
  if (patients.length === 0) return
  await lockPatients(tx, patients)
  for (const patient of patients) await (naming.has(patient) ? labelAndDecideAgain : decideAgain)(house, tx, patient)
}

/** Every version of these records, and of all that they refer to among what belongs to nobody, as far as that leads. */
const withReferred = async (tx: Tx, keys: readonly RecordKey[]): Promise<readonly StoredRecord[]> => {
  const seen = new Set(keys.map(nameOf))
  const found: StoredRecord[] = []
  for (let next = keys; next.length > 0;) {
    const versions = await versionsOf(tx, NOBODY, next)
    found.push(...versions)
    const byId = versions.flatMap(({ facts }) => facts.references.flatMap(keyOfReference))
    const byIdentifier = await sharedNaming(tx, valuesOf(versions.flatMap(({ resource }) => identifiersNamedBy(resource))))
    next = unseen([...byId, ...byIdentifier], seen)
  }
  return found
}

/** These records, and all that refer to them among what belongs to nobody, as far as that leads; rather too many than too few. */
const withReferring = async (tx: Tx, keys: readonly RecordKey[]): Promise<readonly RecordKey[]> => {
  const seen = new Set(keys.map(nameOf))
  const found = [...keys]
  for (let next = keys; next.length > 0;) {
    const versions = await versionsOf(tx, NOBODY, next)
    const identifiers = valuesOf(versions.flatMap(({ resource }) => identifiersOf(resource)))
    next = unseen(await sharedReferringTo(tx, next.map(nameOf), identifiers), seen)
    found.push(...next)
  }
  return found
}

/** Those that were not met before; from now on they were. */
const unseen = (keys: readonly RecordKey[], seen: Set<string>): readonly RecordKey[] =>
  keys.filter((key) => {
    const isNew = !seen.has(nameOf(key))
    seen.add(nameOf(key))
    return isNew
  })

const keyOfReference = (reference: string): readonly RecordKey[] => {
  const [type, id, ...more] = reference.split('/')
  return type === undefined || id === undefined || more.length > 0 ? [] : [{ type, id }]
}

const valuesOf = (identifiers: readonly string[]): readonly string[] => [
  ...new Set(identifiers.map((identifier) => identifier.slice(identifier.indexOf('|') + 1))),
]

/**
 * A practitioner that only a patient's record tells of is as protected as that record: their name travels in it, not here.
 * The programme's own staff, organisations and forms come from no patient.
 */
const isFromRecord = (version: StoredRecord): boolean =>
  version.type === 'Provenance' ||
  (version.origin.isPart2 &&
    !['Organization', 'Questionnaire', 'Location', 'HealthcareService'].includes(version.type) &&
    !isStaff(version))

const isStaff = ({ resource }: StoredRecord): boolean =>
  'identifier' in resource &&
  Array.isArray(resource.identifier) &&
  resource.identifier.some(({ system }) => system?.startsWith(identifierSystem('staff')) === true)

const sharedAllowance = (version: StoredRecord, partner: Partner, purpose: string, from: Instant): readonly Allowance[] => {
  const isOwn = version.origin.partner === partner.id
  const isInternal = partner.kinds.includes('programme')
  const tells = version.labels.sensitivity.length > 0 || version.labels.status === 'pending' || isFromRecord(version)
  if (!partner.isActive || (!isOwn && !isInternal && tells)) return []
  const kind = isInternal ? 'internal' : isOwn ? 'origin' : 'directory'
  return [
    {
      type: version.type,
      id: versionKey(version),
      recipient: partner.id,
      purpose,
      from,
      until: FOREVER,
      basis: { kind },
      withheldParts: isOwn || isInternal ? [] : version.labels.parts.map((part) => part.pointer),
      obligations: [],
      because: [],
    },
  ]
}
