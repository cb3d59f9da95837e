import type { Chance } from './chance.ts'

/** One native record of a synthetic client, ready for `/mission/v1/<type>`. */
export interface CohortRecord {
  readonly type: string
  readonly record: Readonly<Record<string, unknown>>
}

/** What is decided about a synthetic client before anything is written. */
export interface Life {
  readonly clientId: string
  readonly chance: Chance
  /** Day number of the enrolment since 1970. */
  readonly enrolled: number
  readonly months: 2 | 6 | 12
  readonly isHiv: boolean
  readonly isTraumatised: boolean
  readonly isLost: boolean
  readonly hasEnded: boolean
  /** Days in the programme until its end, or until now. */
  readonly days: number
}

const MS_A_DAY = 86_400_000

/** A day number as a calendar day. */
export const dayText = (day: number): string => new Date(day * MS_A_DAY).toISOString().slice(0, 10)

/** The fields that every record of a client begins with. */
export const about = ({ clientId }: Life, name: string): { recordId: string; clientId: string; isTest: true } => ({
  recordId: `${clientId}.${name}`,
  clientId,
  isTest: true,
})
