import type { Resource } from '@medplum/fhirtypes'
import type { PartnerSector } from '../../src/model/partner.ts'
import { isTree, listOf } from '../../src/mapping/tree.ts'
import type { Tree } from '../../src/mapping/tree.ts'
import { profileUrl } from '../../src/mapping/context.ts'
import { unitsOf } from '../../src/mapping/units.ts'
import { CONTRACTS } from './contracts.ts'

/** What is known of a client when a record about them is held against the rules. */
export interface ProgrammeFacts {
  /** The client's records that are already there, by record type. */
  readonly records: Readonly<Record<string, readonly Tree[] | undefined>>
  /** Ids of other clients, none of which may stand in this client's records. */
  readonly otherClients?: ReadonlySet<string>
  /** Sector of a partner by its id. */
  readonly sectorOf?: (partner: string) => PartnerSector | undefined
  /** Partners that the programme has an agreement with; absent where agreements are not kept here. */
  readonly agreedPartners?: ReadonlySet<string>
}

/** One rule of the programme. `blocks` refuses the record; otherwise the sender is warned and the record is taken. */
export interface ProgrammeRule {
  readonly id: string
  /** Where the seeds say so. */
  readonly seed: string
  readonly elements: readonly string[]
  readonly on: readonly string[]
  /** The types of the client's other records that it looks at. */
  readonly reads?: readonly string[]
  readonly blocks: boolean
  readonly path: string
  /** What is wrong, in words that name nobody. */
  readonly says: string
  readonly isBreached: (record: Tree, facts: ProgrammeFacts) => boolean
}

const eligible = (s: Tree): boolean => s['decision'] === 'eligible'
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const recordsIn = (facts: ProgrammeFacts, type: string): readonly Tree[] => facts.records[type] ?? []
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

/** Words by which a text makes a home depend on treatment or sobriety. */
const TREATMENT_STATUS =
  /\b(sober|sobriety|abstinen\w*|relaps\w*|clean|substance|drugs?|alcohol|treatment|rehab\w*|detox\w*|recovery|compliant|compliance|medication|12-?\s?steps?|AA|NA|DUI|urine|tox(icology)?\s+screen)\b/i

const CONDITION_OF_TREATMENT =
  /\b(condition|contingent|requires?d?|must|only if|provided that|unless)\b.*\b(treatment|rehab\w*|detox\w*|program)/i

const isReEngagement = (a: Tree): boolean => a['isReEngagement'] === true

/** A word without the full stop of its sentence. */
export const withoutEndMarks = (word: string): string => word.replace(/[.-]+$/, '')

const namesAnother = (record: Tree, others: ReadonlySet<string> | undefined): boolean => {
  if (others === undefined || others.size === 0) return false
  const words = (
    JSON.stringify(record)
      .replaceAll(/\\[a-z]/g, ' ')
      .match(/[A-Za-z0-9._-]+/g) ?? []
  ).map(withoutEndMarks)
  return words.some((word) => word !== record['clientId'] && others.has(word))
}

const goalsKnown = (facts: ProgrammeFacts): ReadonlySet<string> =>
  new Set(
    recordsIn(facts, 'treatment-plan').flatMap((plan) =>
      listOf(plan['goals']).map((g) => `${text(plan['recordId'])}/${isTree(g) ? text(g['key']) : ''}`),
    ),
  )

/** Whether one service by itself comes to other units than were sent; of a contract that counts a day nothing can be said here. */
const areUnitsOfOtherMinutes = (service: Tree): boolean => {
  const { contract: id, minutes, units } = service
  const contract = CONTRACTS.find((c) => c.id === id && c.per === 'service')
  return (
    contract !== undefined && typeof minutes === 'number' && typeof units === 'number' && unitsOf(minutes, contract) !== units
  )
}

/** Points of the PC-PTSD-5 from which trauma symptoms count as clinically significant; the seeds give no number. */
const PC_PTSD_5_POSITIVE = 3

/** The rules of the programme, each with its place in the seeds. */
export const PROGRAMME_RULES: readonly ProgrammeRule[] = [
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
    id: 'no-other-member',
    seed: '000:157-160',
    elements: ['E065'],
    on: ['encounter', 'progress-note', 'drt-status-exam', 'assessment', 'document'],
    blocks: true,
    path: '$',
    says: 'another client is named in the record',
    isBreached: (record, facts) => namesAnother(record, facts.otherClients),
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
  {
    id: 'note-linked-to-goal',
    seed: '002:409-414',
    elements: ['E119'],
    on: ['progress-note'],
    reads: ['treatment-plan'],
    blocks: false,
    path: '$.goals',
    says: 'the note names a goal that is in no plan of this client',
    isBreached: (note, facts) => {
      const known = goalsKnown(facts)
      return listOf(note['goals']).some((g) => isTree(g) && !known.has(`${text(g['planId'])}/${text(g['goalKey'])}`))
    },
  },
  {
    id: 'units-of-minutes',
    seed: '003:38',
    elements: ['E122'],
    on: ['ryan-white-service'],
    blocks: false,
    path: '$.units',
    says: 'the units are not those of the minutes by the contract; the minutes count',
    isBreached: areUnitsOfOtherMinutes,
  },
  {
    id: 'objective-has-a-day',
    seed: '002:349-354,418-422',
    elements: ['E043'],
    on: ['treatment-plan'],
    blocks: false,
    path: '$.objectives',
    says: 'an objective is bound to a time',
    isBreached: (plan) => listOf(plan['objectives']).some((o) => isTree(o) && o['due'] === undefined),
  },
]

/** What must never reach a sector, whatever a consent says of other things. Seed 000:130,343. */
export const NEVER_TO: readonly {
  readonly profile: string
  readonly sectors: readonly PartnerSector[]
  readonly seed: string
}[] = [{ profile: profileUrl('relapse'), sectors: ['housing', 'justice'], seed: '000:130,343' }]

/** Whether a resource is one that this sector never gets: a relapse, by its profile or by a diagnosis that says so. */
export const isKeptFrom = (resource: Resource, sector: PartnerSector): boolean =>
  NEVER_TO.some((never) => never.sectors.includes(sector) && resource.meta?.profile?.includes(never.profile) === true) ||
  ((sector === 'housing' || sector === 'justice') &&
    resource.resourceType === 'Condition' &&
    resource.clinicalStatus?.coding?.some((c) => c.code === 'relapse') === true)
