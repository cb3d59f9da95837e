import { isTree, listOf } from '../../src/mapping/tree.ts'
import type { Tree } from '../../src/mapping/tree.ts'
import { recordsIn, text, type ProgrammeFacts, type ProgrammeRule } from './programme-rule.ts'

const eligible = (s: Tree): boolean => s['decision'] === 'eligible'
const phasesOf = (enrolment: Tree): readonly Tree[] => listOf(enrolment['phases']).filter(isTree)

const PHASE_ORDER = ['transitionToCommunity', 'tryOut', 'transferOfCare']

const isOutOfOrder = (enrolment: Tree): boolean => {
  const phases = [...phasesOf(enrolment)].sort((a, b) => text(a['start']).localeCompare(text(b['start'])))
  const ranks = phases.map((p) => PHASE_ORDER.indexOf(text(p['phase'])))
  return ranks.some((rank, index) => index > 0 && rank < (ranks[index - 1] ?? 0))
}

const doOverlap = (enrolment: Tree): boolean => {
  const phases = [...phasesOf(enrolment)].sort((a, b) => text(a['start']).localeCompare(text(b['start'])))
  return phases.some((p, index) => {
    const before = phases[index - 1]
    return before !== undefined && (before['end'] === undefined || text(before['end']) > text(p['start']))
  })
}

/** The phase that a client is in on a day, by the enrolment that covers it. */
const phaseAt = (facts: ProgrammeFacts, day: string): string | undefined =>
  recordsIn(facts, 'enrolment')
    .flatMap(phasesOf)
    .filter((p) => text(p['start']) <= day && (p['end'] === undefined || day <= text(p['end'])))
    .map((p) => text(p['phase']))
    .sort((a, b) => PHASE_ORDER.indexOf(b) - PHASE_ORDER.indexOf(a))[0]

const isGroupDrt = (e: Tree): boolean => (e['type'] === 'drt-session' || e['type'] === 'drt-booster') && e['format'] === 'group'

const isReEngagement = (a: Tree): boolean => a['isReEngagement'] === true

/** Who is taken in, in which order the phases come, what a session is, and how a course ends. */
export const COURSE_RULES: readonly ProgrammeRule[] = [
  {
    id: 'both-disorders',
    seed: '000:99',
    elements: ['E010'],
    on: ['screening'],
    blocks: true,
    path: '$.decision',
    says: 'eligible needs both a substance use disorder and a mental illness',
    isBreached: (s) => eligible(s) && !(s['hasSubstanceUseDisorder'] === true && s['hasMentalIllness'] === true),
  },
  {
    id: 'homeless-or-at-risk',
    seed: '000:98',
    elements: ['E009'],
    on: ['screening'],
    blocks: true,
    path: '$.homelessStatus',
    says: 'eligible needs homelessness, the risk of it, or a recent exit from it',
    isBreached: (s) => eligible(s) && s['homelessStatus'] === 'housed',
  },
  {
    id: 'willing',
    seed: '000:100',
    elements: ['E011'],
    on: ['screening'],
    blocks: true,
    path: '$.isWilling',
    says: 'eligible needs a client who is willing, and able and willing to live in the community',
    isBreached: (s) => eligible(s) && !(s['isWilling'] === true && s['canLiveInCommunity'] === true),
  },
  {
    id: 'screened-before-enrolment',
    seed: '000:96-102',
    elements: ['E008', 'E012'],
    on: ['enrolment'],
    reads: ['screening'],
    blocks: false,
    path: '$.status',
    says: 'no screening of this client says eligible',
    isBreached: (e, facts) => e['status'] === 'active' && !recordsIn(facts, 'screening').some(eligible),
  },
  {
    id: 'phase-order',
    seed: '000:38-42,127-132',
    elements: ['E049', 'E050', 'E051'],
    on: ['enrolment'],
    blocks: true,
    path: '$.phases',
    says: 'the phases follow each other: transition to community, try-out, transfer of care',
    isBreached: isOutOfOrder,
  },
  {
    id: 'phase-overlap',
    seed: '000:127-132',
    elements: ['E049', 'E050', 'E051'],
    on: ['enrolment'],
    blocks: false,
    path: '$.phases',
    says: 'two phases overlap',
    isBreached: doOverlap,
  },
  {
    id: 'thirteen-weekly-sessions',
    seed: '000:111 against 000:49,140',
    elements: ['E018', 'E063'],
    on: ['enrolment'],
    blocks: false,
    path: '$.length',
    says: 'thirteen weekly sessions do not fit into two months: plan two a week or an incomplete course',
    isBreached: (e) => e['length'] === '2m',
  },
  {
    id: 'booster-after-first-phase',
    seed: '000:50,140',
    elements: ['E066'],
    on: ['encounter'],
    reads: ['enrolment'],
    blocks: false,
    path: '$.type',
    says: 'booster sessions belong to the second and third phase',
    isBreached: (e, facts) =>
      e['type'] === 'drt-booster' && phaseAt(facts, text(e['start']).slice(0, 10)) === 'transitionToCommunity',
  },
  {
    id: 'group-of-five-to-ten',
    seed: '000:49,157',
    elements: ['E065'],
    on: ['encounter'],
    blocks: false,
    path: '$.groupSize',
    says: 'a group has five to ten members',
    isBreached: (e) => isGroupDrt(e) && typeof e['groupSize'] === 'number' && (e['groupSize'] < 5 || e['groupSize'] > 10),
  },
  {
    id: 'group-length',
    seed: '000:157',
    elements: ['E065'],
    on: ['encounter'],
    blocks: false,
    path: '$.minutes',
    says: 'a group session lasts 45 to 60 minutes',
    isBreached: (e) =>
      isGroupDrt(e) && e['status'] === 'finished' && typeof e['minutes'] === 'number' && (e['minutes'] < 45 || e['minutes'] > 60),
  },
  {
    id: 're-engagement-before-closing',
    seed: '003:19',
    elements: ['E125', 'E126'],
    on: ['enrolment'],
    reads: ['outreach-attempt', 'transition-plan'],
    blocks: true,
    path: '$.status',
    says: 'a Ryan White client is closed only after documented efforts to re-engage, or a completed transition',
    isBreached: (e, facts) =>
      e['isRyanWhite'] === true &&
      e['status'] === 'finished' &&
      !recordsIn(facts, 'outreach-attempt').some(isReEngagement) &&
      !recordsIn(facts, 'transition-plan').some((p) => p['status'] === 'completed'),
  },
]
