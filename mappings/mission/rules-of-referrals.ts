import { isTree, listOf } from '../../src/mapping/tree.ts'
import { recordsIn, text, type ProgrammeRule } from './programme-rule.ts'

/** Words by which a text makes a home depend on treatment or sobriety. */
const TREATMENT_STATUS =
  /\b(sober|sobriety|abstinen\w*|relaps\w*|clean|substance|drugs?|alcohol|treatment|rehab\w*|detox\w*|recovery|compliant|compliance|medication|12-?\s?steps?|AA|NA|DUI|urine|tox(icology)?\s+screen)\b/i

const CONDITION_OF_TREATMENT =
  /\b(condition|contingent|requires?d?|must|only if|provided that|unless)\b.*\b(treatment|rehab\w*|detox\w*|program)/i

/** Points of the PC-PTSD-5 from which trauma symptoms count as clinically significant; the seeds give no number. */
const PC_PTSD_5_POSITIVE = 3

/** What a referral may not carry or ask, whom it may go to, and when there has to be one. */
export const REFERRAL_RULES: readonly ProgrammeRule[] = [
  {
    id: 'housing-first',
    seed: '000:336-343',
    elements: ['E097'],
    on: ['referral'],
    blocks: true,
    path: '$.reason',
    says: 'a referral to housing must not carry treatment or sobriety',
    isBreached: (r) =>
      r['need'] === 'housing' &&
      [r['text'], r['reason'], r['statusReason'], r['outcome']].some((t) => TREATMENT_STATUS.test(text(t))),
  },
  {
    id: 'treatment-is-no-condition',
    seed: '003:31',
    elements: ['E129'],
    on: ['referral', 'treatment-plan'],
    blocks: true,
    path: '$',
    says: 'treatment must not be a condition of a service',
    isBreached: (r) =>
      [r['text'], r['reason'], ...listOf(r['services']).flatMap((s) => (isTree(s) ? [s['text'], s['note']] : []))].some((t) =>
        CONDITION_OF_TREATMENT.test(text(t)),
      ),
  },
  {
    id: 'relapse-stays-inside',
    seed: '000:130,343',
    elements: ['E056'],
    on: ['referral'],
    blocks: true,
    path: '$.recipient',
    says: 'a relapse is never told to housing or court',
    isBreached: (r, facts) => {
      const sector = facts.sectorOf?.(text(r['recipient']))
      return (
        (sector === 'housing' || sector === 'justice') &&
        [r['text'], r['reason'], r['statusReason'], r['outcome']].some((t) =>
          /\b(relaps\w*|slips?|slipped|lapsed?)\b/i.test(text(t)),
        )
      )
    },
  },
  {
    id: 'agreement-before-routing',
    seed: '003:41; 001:62-65',
    elements: ['E112', 'E134'],
    on: ['referral'],
    blocks: false,
    path: '$.recipient',
    says: 'there is no agreement with this partner',
    isBreached: (r, facts) => facts.agreedPartners?.has(text(r['recipient'])) === false,
  },
  {
    id: 'positive-trauma-screen-is-referred',
    seed: '000:383,391',
    elements: ['E030', 'E031'],
    on: ['assessment'],
    reads: ['referral'],
    blocks: false,
    path: '$.score',
    says: 'a positive trauma screen calls for a referral to a qualified assessor',
    isBreached: (a, facts) =>
      a['instrument'] === 'pc-ptsd-5' &&
      typeof a['score'] === 'number' &&
      a['score'] >= PC_PTSD_5_POSITIVE &&
      !recordsIn(facts, 'referral').some((r) => r['need'] === 'trauma-assessment'),
  },
]
