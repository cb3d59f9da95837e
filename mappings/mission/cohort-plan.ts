import { about, dayText } from './cohort-life.ts'
import type { CohortRecord, Life } from './cohort-life.ts'

const MOODS = [
  ['mdd-severe-without-psychotic', 'Major depressive disorder, severe, without psychotic symptoms', 3],
  ['depressive-disorder', 'Depressive disorder', 3],
  ['bipolar', 'Bipolar disorder', 2],
  ['schizoaffective', 'Schizoaffective disorder', 1],
  ['anxiety', 'Anxiety disorder', 2],
] as const
const DRUGS = [
  ['alcohol-dependence', 'Alcohol dependence', 4],
  ['cocaine-dependence', 'Cocaine dependence', 3],
  ['opioid-dependence', 'Opioid dependence', 3],
  ['amphetamine-dependence', 'Amphetamine dependence', 2],
  ['polysubstance-dependence', 'Polysubstance dependence', 1],
] as const

const HOW_OFTEN = [
  ['weekly', 6],
  ['bi-weekly', 3],
  ['monthly', 1],
] as const

const diagnosesOf = ({ chance, isTraumatised, isHiv }: Life): readonly object[] => {
  const mood = chance.weighted(
    MOODS.map((m) => [m, m[2]]),
    MOODS[0],
  )
  const drug = chance.weighted(
    DRUGS.map((d) => [d, d[2]]),
    DRUGS[0],
  )
  const other = (key: string, code: string, text: string): object => ({
    key,
    rank: 'other',
    code,
    text,
    clinicalStatus: 'active',
  })
  return [
    { key: '1', rank: 'primary', code: mood[0], text: mood[1], clinicalStatus: 'active' },
    { key: '2', rank: 'secondary', code: drug[0], text: drug[1], clinicalStatus: chance.often(0.4) ? 'remission' : 'active' },
    ...(isTraumatised ? [other('3', 'ptsd', 'Posttraumatic stress disorder')] : []),
    ...(isHiv ? [other('4', 'hiv', 'HIV infection')] : []),
  ]
}

/** The plan that client and case manager would have written. */
export const planOf = (life: Life): readonly CohortRecord[] => {
  const { chance, enrolled } = life
  const created = dayText(enrolled + chance.between(3, 14))
  const goal = (key: string, text: string, domain: string, more: object = {}): object => ({
    key,
    text,
    domain,
    status: 'active',
    start: created,
    ...more,
  })
  const service = (key: string, need: string, text: string, more: object = {}): object => ({
    key,
    need,
    text,
    status: 'active',
    ...more,
  })
  const wantsWork = chance.often(0.6)
  return [
    {
      type: 'treatment-plan',
      record: {
        ...about(life, 'plan'),
        enrolmentId: `${life.clientId}.enrolment`,
        status: 'active',
        created,
        author: 'cm-1',
        start: created,
        frequency: chance.weighted(HOW_OFTEN, 'weekly'),
        diagnoses: diagnosesOf(life),
        providers: [{ key: 'pcp', prefix: 'Dr.', family: 'HTEST-Physician', role: 'primary-care-provider' }],
        goals: [
          goal('1', 'Stay away from drugs and alcohol', 'recovery', { diagnosisKeys: ['2'] }),
          goal('2', 'Feel better in the mornings', 'mental-health', { diagnosisKeys: ['1'] }),
          goal('3', 'A home of my own', 'housing'),
          ...(wantsWork ? [goal('4', 'A job with regular hours', 'employment')] : []),
        ],
        objectives: [
          {
            key: 'o1',
            goalKey: '3',
            text: 'List what an apartment must have',
            status: 'active',
            start: created,
            due: dayText(enrolled + 45),
          },
        ],
        services: [
          service('s1', 'mission', 'Case management', { frequency: 'weekly' }),
          service('s2', 'housing', 'Housing search', { goalKeys: ['3'], objectiveKeys: ['o1'] }),
          service('s3', 'outpatient-mh-sud', 'Outpatient treatment', { goalKeys: ['1', '2'] }),
          service('s4', 'medical-care', 'Medical care', { providerKey: 'pcp' }),
          ...(wantsWork ? [service('s5', 'vocational', 'Vocational supports', { goalKeys: ['4'] })] : []),
        ],
      },
    },
  ]
}

/** The interview before a home is looked for, and the two screens that every client gets. */
export const screensOf = (life: Life): readonly CohortRecord[] => {
  const { chance, enrolled } = life
  const takenOn = dayText(enrolled + 5)
  return [
    {
      type: 'housing-interview',
      record: {
        ...about(life, 'interview'),
        interviewedOn: dayText(enrolled + 7),
        interviewedBy: 'cm-1',
        housingTypes: [chance.oneOf(['studio', 'one-bedroom', 'room', 'supported'])],
        neighborhoodPreferred: 'Near a bus line',
        ...(chance.often(0.3) ? { subsidyRestrictions: 'has a voucher' } : {}),
        budgetLow: 600,
        budgetHigh: chance.between(7, 12) * 100,
        needsWheelchairAccess: chance.often(0.07),
      },
    },
    {
      type: 'assessment',
      record: {
        ...about(life, 'phq9'),
        instrument: 'phq-9',
        takenOn,
        takenBy: 'cm-1',
        answers: [{ linkId: '44250-9', number: chance.between(0, 3) }],
        score: chance.between(5, 24),
        scaleMin: 0,
        scaleMax: 27,
      },
    },
    traumaScreen(life, takenOn),
  ]
}

/** The five symptoms that the trauma screen asks about after its first question. LOINC 102010-6. */
const SYMPTOMS = ['102012-2', '102013-0', '102014-8', '102015-5', '102016-3']

const traumaScreen = (life: Life, takenOn: string): CohortRecord => {
  const score = life.isTraumatised ? life.chance.between(3, 5) : life.chance.between(0, 2)
  const symptoms = SYMPTOMS.map((linkId, index) => ({ linkId, number: index < score ? 1 : 0 }))
  return {
    type: 'assessment',
    record: {
      ...about(life, 'ptsd'),
      instrument: 'pc-ptsd-5',
      takenOn,
      takenBy: 'cm-1',
      answers: [{ linkId: '102011-4', number: 1 }, ...symptoms],
      score,
      scaleMin: 0,
      scaleMax: 5,
    },
  }
}
