import { tellingOrganizations } from '../labelling/world.ts'
import type { Partner } from '../model/partner.ts'
import type { LegalBasis } from '../model/patient-facts.ts'
import type { Instant } from '../model/time.ts'
import { DbError, type Tx } from '../platform/db.ts'
import {
  countDue,
  membersThrough,
  noteConcerned,
  noteDirectory,
  noteEverybody,
  takeDirectoryDue,
  takeDue,
  withholdAll,
  withholdByConsent,
  withholdPatients,
} from '../store/decisions-due.ts'
import { listPartners } from '../store/partners.ts'
import { holdPartners, lockPatients } from '../store/records.ts'
import { labelAndDecideAgain } from './decide-again.ts'
import { NOBODY } from './nobody.ts'
import { decideSharedExactly } from './decide-shared.ts'
import type { House } from './house.ts'

/** All that decisions and renditions can see of a partner; its keys, scopes and addresses are not among it. */
const seenOf = ({ id, name, kinds, sector, purposes, identifiers, partOf, isActive }: Partner): string =>
  JSON.stringify([id, name, kinds, sector, purposes, identifiers, partOf ?? null, isActive])

/**
 * Notes about whom has to be decided again because a partner is new or has changed; in the transaction of the change, which holds the
 * lock of the partners. What the partner, its parts and its members saw of anybody until now they do not see until then.
 */
export const notePartnerChange = async (tx: Tx, before: Partner | undefined, partner: Partner, at: Instant): Promise<void> => {
  if (before !== undefined && seenOf(before) === seenOf(partner)) return
  const partners = await listPartners(tx)
  if (before !== undefined) await withholdAll(tx, [partner.id], at)
  const through = [...partsOf(partner, partners), ...(await membersThrough(tx, partner.id))]
  await withholdPatients(tx, through, at)
  await noteDirectory(tx, at)
  const both = [partner, ...(before === undefined ? [] : [before])]
  const isEverywhere = both.some((one) => one.kinds.includes('programme') || tellingOrganizations([one]).length > 0)
  if (isEverywhere) return noteEverybody(tx, at)
  for (const one of both) await noteConcerned(tx, one, wholesOf(one, partners), through, at)
}

/** The partners that this one is a part of, however far up. */
const wholesOf = (partner: Partner, partners: readonly Partner[]): readonly Partner[] => {
  const wholes = new Set<Partner>()
  for (let next = wholeOf(partner, partners); next !== undefined && !wholes.has(next); next = wholeOf(next, partners))
    wholes.add(next)
  return [...wholes]
}

const wholeOf = ({ partOf }: Partner, partners: readonly Partner[]): Partner | undefined =>
  partners.find(({ id }) => id === partOf)

const partsOf = (partner: Partner, partners: readonly Partner[]): readonly string[] =>
  partners
    .filter((one) => one.id !== partner.id && wholesOf(one, partners).some(({ id }) => id === partner.id))
    .map(({ id }) => id)

/** Kinds by which somebody becomes one of those whom consents mean: such a basis can shut as well as open. */
const MEANT_BY: ReadonlySet<LegalBasis['kind']> = new Set(['qso-agreement', 'intermediary-membership'])
/** A consent may last as long as a study does. */
const UNTIL_STUDY_ENDS = 'end-of-research-study'

/**
 * Notes that it has to be decided again about everybody, because a basis that covers everybody is new or has changed; in the
 * transaction of the change, which holds the lock of the partners. What may rest on it is not shown until then; what it opens opens
 * then.
 */
export const noteBasisChange = async (
  tx: Tx,
  before: LegalBasis | undefined,
  basis: Pick<LegalBasis, 'kind' | 'fields'>,
  at: Instant,
): Promise<void> => {
  const named = [basis, ...(before === undefined ? [] : [before])].flatMap(({ fields }) => [
    fields['recipient'],
    fields['member'],
  ])
  const recipients = [...new Set(named.filter((one) => typeof one === 'string').map((one) => one.trim()))]
  if (before !== undefined || MEANT_BY.has(basis.kind)) await withholdPatients(tx, recipients, at)
  if (before !== undefined && basis.kind === 'research-approval') await withholdByConsent(tx, UNTIL_STUDY_ENDS, at)
  await noteEverybody(tx, at)
}

/** Decides again for everybody, without an end of the world in between: what is left when this process dies is taken up later. */
export const decideForEverybody = async (house: House): Promise<void> => {
  await house.db.transact(async (tx) => {
    const at = house.clock.now()
    await noteDirectory(tx, at)
    await noteEverybody(tx, at)
  })
  await decideDue(house)
}

/** How many patients, and records of nobody, wait to be decided about. */
export const decisionsWaiting = (house: House): Promise<number> => countDue(house.db)

/** Records of nobody that are decided about in one transaction. */
const PIECE = 200
const TRIES_MAX = 4

/**
 * Decides about whatever belongs to nobody, in pieces, and then about whoever waits for it, each in a transaction of its own, beside
 * other gateways that do the same.
 * @param goesOn asked before each patient or piece; the rest stays on record
 * @returns how many patients, and records of nobody, were decided about
 */
export const decideDue = async (house: House, goesOn: () => boolean = () => true): Promise<number> => {
  let decided = 0
  let isDirectoryDone = false
  for (let tries = 1; goesOn();) {
    try {
      const records: number = isDirectoryDone ? 0 : await decidePiece(house)
      isDirectoryDone = records === 0
      const done = isDirectoryDone ? await decidePatient(house) : records
      if (done === 0) return decided
      decided += done
      tries = 1
    } catch (error) {
      if (!(error instanceof DbError) || !error.isRetryable || tries >= TRIES_MAX) throw error
      tries += 1
    }
  }
  return decided
}

const decidePiece = (house: House): Promise<number> =>
  house.db.transact(async (tx) => {
    await holdPartners(tx)
    await lockPatients(tx, [NOBODY])
    const keys = await takeDirectoryDue(tx, PIECE)
    if (keys.length > 0) await decideSharedExactly(house, tx, keys)
    return keys.length
  })

const decidePatient = (house: House): Promise<number> =>
  house.db.transact(async (tx) => {
    // before the row, which a change of a partner writes while it keeps everybody from deciding
    await holdPartners(tx)
    const patient = await takeDue(tx)
    if (patient === undefined) return 0
    await lockPatients(tx, [patient])
    // a name that has begun to tell something is a label on whatever bears it
    await labelAndDecideAgain(house, tx, patient)
    return 1
  })
