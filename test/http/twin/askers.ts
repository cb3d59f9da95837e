import type { PartnerName } from '../partners.ts'

/** What a record is about, as far as it decides who may have it. */
export type Topic = 'health' | 'sud' | 'hiv' | 'housing'

/** One who asks, the consent by which it sees something, and what that lets it see. */
export interface Asker {
  readonly partner: Exclude<PartnerName, 'mission'>
  /** Example of `mappings/consent` and what is different in this story. */
  readonly consent: readonly [example: string, more: object]
  readonly topics: ReadonlySet<Topic>
  /** The consent for somebody else, about the same patient, which says what this one must not know. */
  readonly other: string
}

const LABELS = ['SUD', 'ETH', 'MH', 'PSY', 'HIV', 'STD', 'SEX', 'SDV', 'VIO', 'GDIS', 'JUSTICE']
const allBut = (...named: readonly string[]): object => ({
  except: [{ labels: LABELS.filter((label) => !named.includes(label)) }],
  expirationEvent: undefined,
  validUntil: '2026-12-31',
})

/** A hospital that may have ordinary health records. */
export const HOSPITAL: Asker = {
  partner: 'st-mary-hospital',
  consent: ['consent-hospital', allBut()],
  topics: new Set(['health', 'housing']),
  other: 'consent-hiv',
}

/** Four partners of different kinds, each with a world of its own that never held what it may not have. */
export const ASKERS: readonly Asker[] = [
  HOSPITAL,
  {
    partner: 'montrose-hiv',
    consent: ['consent-hiv', allBut('HIV')],
    topics: new Set(['health', 'hiv', 'housing']),
    other: 'consent-clinic',
  },
  {
    partner: 'bayou-bh',
    consent: ['consent-clinic', allBut('SUD', 'ETH', 'MH', 'PSY')],
    topics: new Set(['health', 'sud', 'housing']),
    other: 'consent-hiv',
  },
  { partner: 'harbor-housing', consent: ['consent-housing', {}], topics: new Set(['housing']), other: 'consent-hospital' },
]
