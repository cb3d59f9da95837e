import type { ClientName } from './console.ts'

/** One request of a patient, with how it stands today. */
export interface RequestLine {
  readonly id: string
  readonly client: ClientName
  readonly right: 'accounting' | 'intermediary-list' | 'restriction' | 'access' | 'amendment'
  /** The rule that sets the date. */
  readonly law: string
  readonly receivedOn: string
  readonly isInWriting: boolean
  readonly dueOn: string
  readonly standing: 'open' | 'late' | 'closed'
  /** Days that are left; less than none when it is late. */
  readonly daysLeft?: number
  readonly mayBePutOff: boolean
  /** Answered with a list of disclosures, which the gateway writes. */
  readonly hasLetter: boolean
  readonly extendedOn?: string
  readonly closedOn?: string
  readonly closedAs?: 'answered' | 'refused'
  /** Words are for roles that know names: a patient's words name people. */
  readonly words?: string
  readonly extendedBecause?: string
  readonly closedWith?: string
}

/** One breach, with who is to be told by when. */
export interface BreachLine {
  readonly id: string
  readonly discoveredOn: string
  readonly what: string
  readonly individuals: number
  readonly mostInOneState: number
  readonly factors?: {
    readonly nature: string
    readonly whoUsedIt: string
    readonly wasItSeen: string
    readonly mitigation: string
  }
  readonly isLowProbability: boolean
  readonly closedOn?: string
  readonly duties: readonly {
    readonly whom: 'individuals' | 'secretary' | 'media'
    readonly by: string
    readonly law: string
    readonly doneOn?: string
    readonly isLate: boolean
  }[]
}
