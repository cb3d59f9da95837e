// In: the facts about one patient (or about none), a partner, and the person who asks behind its system. Out: whether that person may.
// Never: says what the partner itself may have; a person narrows that and widens nothing.
import type { Partner } from '../model/partner.ts'
import type { RecordFacts } from '../model/label.ts'
import type { PatientFacts } from '../model/patient-facts.ts'
import type { Instant } from '../model/time.ts'
import { decide, worldFor, type RecordAsk } from './decide.ts'
import { hasNeed } from './need.ts'

/** Whether the person holds a role at the partner at this moment. @param person `Practitioner/…` @law 42 CFR 2.31(a)(4) */
export const isAtPartner = (facts: PatientFacts, partner: Partner, person: string, at: Instant): boolean =>
  worldFor(facts).isAt(person, partner, at)

/** Whether a person of the programme works with this patient, or has a recorded need to know. @law 42 CFR 2.12(c)(3) */
export const needsToKnow = (facts: PatientFacts, person: string, at: Instant): boolean => hasNeed(worldFor(facts), person, at)

/**
 * Whether the partner may have a record, but not by way of this person: the consent that opens it means others who work there.
 * @law 42 CFR 2.31(a)(4)(i)
 */
export const isForAnother = (
  facts: PatientFacts,
  record: RecordFacts,
  { recipient, purpose, at, person }: Omit<RecordAsk, 'subject'> & { readonly person: string },
): boolean => {
  const ask = { recipient, purpose, at }
  return decide(facts, record, ask).effect === 'permit' && decide(facts, record, { ...ask, subject: person }).effect === 'deny'
}
