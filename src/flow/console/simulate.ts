// In: a client, and two partners, two moments, or one partner with and without a consent. Out: record by record what each would be shown.
// Never: shows anything to a partner, or changes anything; the answer is the decision itself, not a copy of it.
import type { Simulation, SimulatedRecord, Sight } from '../../model/console-simulator.ts'
import type { StaffMember } from '../../model/staff.ts'
import { instant } from '../../model/time.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import { isClient } from '../../store/client-names.ts'
import { listPartners } from '../../store/partners.ts'
import { explainFor, type ExplainedRecord, type ExplainQuestion } from '../explain.ts'
import type { House } from '../house.ts'
import { look, type Place } from './look.ts'

const SIMULATE: Place = { name: 'simulator', permission: 'simulate' }

/** One side of the comparison. */
export interface Side {
  readonly partner: string
  /** RFC 3339; now when absent. */
  readonly at?: string | undefined
  /** Logical id of a consent that the client might revoke. */
  readonly afterRevoking?: string | undefined
  /** The person behind the partner's system, by logical id of the Practitioner; the system by itself when absent. */
  readonly person?: string | undefined
}

/** What two sides would see, side by side. */
export const simulate = (
  house: House,
  who: StaffMember,
  { patient, left, right }: { readonly patient: string; readonly left: Side; readonly right: Side },
): Promise<Result<Simulation>> =>
  look(house, who, SIMULATE, async () => {
    if (!(await isClient(house.db, patient)))
      return fail(problem('not-found', 'client-unknown', { detail: 'no client has this id' }))
    const names = new Map((await listPartners(house.db)).map(({ id, name }) => [String(id), name]))
    const seen = [
      await explainFor(house, questionOf(patient, left)),
      await explainFor(house, questionOf(patient, right)),
    ] as const
    if (!seen[0].ok) return seen[0]
    if (!seen[1].ok) return seen[1]
    const page: Simulation = {
      leftTitle: titleOf(left, names),
      rightTitle: titleOf(right, names),
      records: merged(seen[0].value.records, seen[1].value.records),
      consents: seen[0].value.consents.map(({ consent, status, version }) => ({
        id: consent.replace(/^Consent\//, ''),
        words: `${status}, version ${version}`,
      })),
    }
    return ok({ page, patients: [patient] })
  })

const questionOf = (patient: string, { partner, at, afterRevoking, person }: Side): ExplainQuestion => ({
  patient,
  partner,
  ...(at === undefined ? {} : { at: instant(at) }),
  ...(afterRevoking === undefined ? {} : { afterRevoking }),
  ...(person === undefined ? {} : { person: `Practitioner/${person}` }),
})

const titleOf = ({ partner, at, afterRevoking, person }: Side, names: ReadonlyMap<string, string>): string =>
  [
    names.get(partner) ?? partner,
    ...(person === undefined ? [] : [`as ${person}`]),
    ...(at === undefined ? [] : ['at that moment']),
    ...(afterRevoking === undefined ? [] : ['after the revocation']),
  ].join(', ')

const merged = (left: readonly ExplainedRecord[], right: readonly ExplainedRecord[]): readonly SimulatedRecord[] => {
  const rows = new Map<string, SimulatedRecord>()
  for (const [side, records] of [
    ['left', left],
    ['right', right],
  ] as const)
    for (const one of best(records)) {
      const labels = [...one.policy, ...one.sensitivity]
      const former = rows.get(one.record) ?? { record: one.record, purpose: one.purpose, labels }
      rows.set(one.record, { ...former, [side]: sightOf(one) })
    }
  // what one of them is shown stands first
  const isSeen = (row: SimulatedRecord): boolean => row.left?.isShown === true || row.right?.isShown === true
  return [...rows.values()].sort((a, b) => Number(isSeen(b)) - Number(isSeen(a)) || (a.record < b.record ? -1 : 1))
}

/** A partner that may ask for several purposes sees a record when one of them shows it. */
const best = (records: readonly ExplainedRecord[]): readonly ExplainedRecord[] => {
  const kept = new Map<string, ExplainedRecord>()
  for (const one of records) if (kept.get(one.record)?.isShown !== true) kept.set(one.record, one)
  return [...kept.values()]
}

const sightOf = ({ isShown, decision }: ExplainedRecord): Sight => {
  const [reason] = decision.because
  const why = decision.effect === 'permit' && !isShown ? 'not needed for what this partner does' : (reason?.rule ?? 'no basis')
  return {
    isShown,
    effect: decision.effect,
    why: why.replaceAll('-', ' '),
    law: reason?.law ?? '42 CFR 2.13(a)',
    withheldParts: isShown ? decision.withheldParts.length : 0,
  }
}
