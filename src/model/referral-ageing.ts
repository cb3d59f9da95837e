import type { ReferralState } from './referral.ts'

/** What is done when nothing was heard: the one whose move it is, is asked; a person is told; the referral counts as unknown. */
export const AGEING_STEPS = ['asked', 'unanswered', 'unknown'] as const
export type AgeingStep = (typeof AGEING_STEPS)[number]

/** One row: in this state, after so many whole days without word from the one whose move it is. */
export interface AgeingRow {
  readonly state: ReferralState
  readonly days: number
  readonly step: AgeingStep
}

const rows = (state: ReferralState, asked: number, unanswered: number, unknown: number): readonly AgeingRow[] => [
  { state, days: asked, step: 'asked' },
  { state, days: unanswered, step: 'unanswered' },
  { state, days: unknown, step: 'unknown' },
]

/** When silence is too long. No standard sets these days: they are the programme's, and short where a person waits for a first answer. */
export const AGEING: readonly AgeingRow[] = [
  { state: 'draft', days: 7, step: 'unanswered' },
  ...rows('requested', 2, 5, 14),
  ...rows('accepted', 7, 14, 30),
  ...rows('in-progress', 30, 45, 90),
  ...rows('on-hold', 14, 30, 60),
]

/** The rows of a state in their order; none for one that has ended. */
export const ageingOf = (state: string): readonly AgeingRow[] => AGEING.filter((row) => row.state === state)

/** What waits for a person in a referral. */
export const ATTENTION_KINDS = [
  'unanswered',
  'unknown',
  'disagreement',
  'duplicate',
  'conflict',
  'screening',
  'capacity',
] as const
export type AttentionKind = (typeof ATTENTION_KINDS)[number]
