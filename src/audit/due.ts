// In: what a patient asked for, or a breach that was found, and the day. Out: by when what must be done.
// Never: reads the clock.
import type { PatientRequestEntry } from '../model/ledger.ts'
import type { Day } from '../model/time.ts'
import { day } from '../model/time.ts'

/** By when a request is to be answered, and by how much that may be put off once, in writing. */
export interface Term {
  readonly days: number
  readonly extensionDays: number
  readonly law: string
}

/** The rows. A restriction has no term of its own: it is answered when it is asked. */
export const TERMS = {
  accounting: { days: 60, extensionDays: 30, law: '45 CFR 164.528(c)(1), applied by 42 CFR 2.25(a)' },
  'intermediary-list': { days: 30, extensionDays: 0, law: '42 CFR 2.24(b)(1)' },
  restriction: { days: 30, extensionDays: 0, law: '42 CFR 2.26; a term of the house' },
  access: { days: 30, extensionDays: 30, law: '45 CFR 164.524(b)(2)' },
  amendment: { days: 60, extensionDays: 30, law: '45 CFR 164.526(b)(2)' },
} as const satisfies Record<PatientRequestEntry['right'], Term>

/** The last day on which a request is answered in time. @param receivedOn day on which the written request came in */
export const dueOn = (right: PatientRequestEntry['right'], receivedOn: Day, isExtended = false): Day => {
  const { days, extensionDays } = TERMS[right]
  return plusDays(receivedOn, days + (isExtended ? extensionDays : 0))
}

/** Requests must be in writing to be due at all. @law 42 CFR 2.24(a)(1) */
export const needsWriting = (right: PatientRequestEntry['right']): boolean =>
  right === 'intermediary-list' || right === 'accounting'

/** One breach of unsecured records, as far as the clocks need it. */
export interface Breach {
  readonly discoveredOn: Day
  readonly individuals: number
  /** Individuals of the state or jurisdiction that has most of them. */
  readonly mostInOneState: number
  /** Low probability of compromise after the four factors: then nobody is to be told, and the assessment is kept. */
  readonly isLowProbability: boolean
}

/** Who is to be told by when. */
export interface BreachDuty {
  readonly whom: 'individuals' | 'secretary' | 'media'
  readonly by: Day
  readonly law: string
}

const MANY = 500

/**
 * What a breach asks for: each person within 60 days of discovery; the Secretary with them when it concerns 500 or more, else
 * within 60 days of the end of the year; the media when more than 500 of one state are concerned.
 * @law 42 CFR 2.16(b), 45 CFR 164.404, 164.406, 164.408
 */
export const dutiesOf = (breach: Breach): readonly BreachDuty[] => {
  if (breach.isLowProbability || breach.individuals === 0) return []
  const soon = plusDays(breach.discoveredOn, 60)
  const isLarge = breach.individuals >= MANY
  const yearly = plusDays(day(`${breach.discoveredOn.slice(0, 4)}-12-31`), 60)
  return [
    { whom: 'individuals', by: soon, law: '45 CFR 164.404(b)' },
    { whom: 'secretary', by: isLarge ? soon : yearly, law: isLarge ? '45 CFR 164.408(b)' : '45 CFR 164.408(c)' },
    ...(breach.mostInOneState > MANY ? [{ whom: 'media', by: soon, law: '45 CFR 164.406' } as const] : []),
  ]
}

const plusDays = (from: Day, days: number): Day =>
  day(new Date(Date.parse(`${from}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10))
