import { z } from 'zod'
import { parseIntake } from '../intake/parse-intake.ts'
import { patientId } from '../model/ids.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { basesById, type HeldBasis } from '../store/bases.ts'
import { saveReview, unreviewed, versionsOfBasis } from '../store/basis-reviews.ts'
import { lockPatient } from '../store/records.ts'
import type { House } from './house.ts'
import { looked, type Operator } from './looks.ts'
import { basisView, endIn, type BasisView } from './legal-bases.ts'
import { write } from './writing.ts'

/** Who looked, and what was found. */
export const reviewFile = z.strictObject({
  reviewedBy: z.string().trim().min(1).max(200),
  finding: z.enum(['justified', 'not-justified']),
})

/** Emergencies that nobody has looked at afterwards; the look at them is on the ledger. @law 42 CFR 2.51(c) */
export const unreviewedEmergencies = async (house: House, by: Operator): Promise<readonly BasisView[]> => {
  const found = await unreviewed(house.db)
  await looked(house, by, { place: 'legal-basis/unreviewed', patients: found.map(({ patient }) => patient), rows: found.length })
  return found.map((basis) => basisView(house, basis.patient, basis))
}

/**
 * Somebody who had no part in an emergency looks at it afterwards; one that is found not to have been one ends at once.
 * @param by who the ledger names: a partner's id, or `operator`
 * @law 42 CFR 2.51, 2.16(a)
 */
export const reviewEmergency = async (house: House, id: string, file: unknown, by: string): Promise<Result<BasisView>> => {
  const read = parseIntake(reviewFile, file)
  if (!read.ok) return read
  const { reviewedBy, finding } = read.value
  return write(house, async (writing): Promise<Result<BasisView>> => {
    const { tx, note } = writing
    const [basis] = await basesById(tx, id)
    if (basis === undefined) return fail(problem('not-found', 'basis-unknown', { detail: 'no legal basis has this id' }))
    if (basis.kind !== 'medical-emergency')
      return fail(problem('conflict', 'not-an-emergency', { detail: 'only a medical emergency is reviewed' }))
    await lockPatient(tx, basis.patient)
    if ((await versionsOfBasis(tx, basis.patient, id)).some((version) => hasPart(version, reviewedBy)))
      return fail(problem('conflict', 'reviewer-had-a-part', { detail: 'somebody else reviews what this person did' }))
    const at = house.clock.now()
    if (!(await saveReview(tx, basis, { finding, reviewedBy, reviewedAt: at })))
      return fail(problem('conflict', 'reviewed-already', { detail: 'this emergency has been reviewed' }))
    note({
      kind: 'basis',
      at,
      action: 'reviewed',
      basis: 'medical-emergency',
      reference: id,
      version: String(basis.version),
      patient: patientId(basis.patient),
      finding,
      by,
    })
    return ok(finding === 'justified' ? basisView(house, basis.patient, basis) : await endIn(house, writing, basis, {}, by))
  })
}

const folded = (text: unknown): string => (typeof text === 'string' ? text.trim().replace(/\s+/g, ' ').toLowerCase() : '')

const hasPart = ({ fields }: HeldBasis, person: string): boolean =>
  ['disclosedBy', 'personnelName'].some((name) => folded(fields[name]) === folded(person))
