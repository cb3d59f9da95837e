import type { ConsentRecord } from '../consent/schema.ts'
import { chanceOf } from './chance.ts'
import { contactsOf } from './cohort-contacts.ts'
import { about, dayText } from './cohort-life.ts'
import type { CohortRecord, Life } from './cohort-life.ts'

/** One synthetic client, with everything that the team would have written about them. */
export interface SyntheticClient {
  readonly clientId: string
  readonly records: readonly CohortRecord[]
}

/** Day on which every synthetic story is told; no record lies after it. */
const TODAY = 20_605
const GIVEN = ['Jordan', 'Casey', 'Riley', 'Morgan', 'Avery', 'Quinn', 'Rowan', 'Dana', 'Jamie', 'Alex'] as const
const FAMILY = ['Rivera', 'Nguyen', 'Johnson', 'Garcia', 'Brown', 'Okafor', 'Smith', 'Martinez', 'Lee', 'Davis'] as const
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

/**
 * Synthetic clients with plausible stories: who they are, what ails them, how far they came, what they missed, to whom they consented.
 * The same seed gives the same clients in the same order. @param count how many
 */
export function* cohort(seed: number, count: number): Generator<SyntheticClient> {
  for (let index = 0; index < count; index += 1) yield clientOf(seed, index)
}

const clientOf = (seed: number, index: number): SyntheticClient => {
  const chance = chanceOf(Math.imul(seed, 2_654_435_761) + index * 40_503)
  const clientId = `htest-${String(seed)}-${String(index + 1).padStart(6, '0')}`
  const months = chance.weighted<2 | 6 | 12>(
    [
      [2, 2],
      [6, 5],
      [12, 3],
    ],
    6,
  )
  const enrolled = TODAY - chance.between(5, 400)
  const isLost = chance.often(0.08)
  const planned = Math.round(months * 30.4)
  const days = Math.min(isLost ? chance.between(20, planned) : planned, TODAY - enrolled)
  const life: Life = {
    clientId,
    chance,
    enrolled,
    months,
    isHiv: chance.often(0.12),
    isTraumatised: chance.often(0.45),
    isLost,
    hasEnded: enrolled + planned <= TODAY,
    days,
  }
  return {
    clientId,
    records: [...beginningOf(life, index), ...planOf(life), ...screensOf(life), ...contactsOf(life), ...outsideOf(life)],
  }
}

const beginningOf = (life: Life, index: number): readonly CohortRecord[] => {
  const { chance, clientId, enrolled } = life
  const screened = dayText(enrolled - chance.between(1, 10))
  const family = `HTEST-${chance.oneOf(FAMILY)}${String(index + 1)}`
  const gender = chance.weighted(
    [
      ['male', 62],
      ['female', 36],
      ['other', 2],
    ],
    'unknown',
  )
  return [
    {
      type: 'client',
      record: {
        recordId: clientId,
        clientId,
        isTest: true,
        recordedOn: screened,
        family,
        given: [chance.oneOf(GIVEN)],
        birthDate: dayText(TODAY - chance.between(21 * 365, 68 * 365)),
        gender,
        ...(chance.often(0.6) ? { phone: `+1-555-01${String(chance.between(0, 99)).padStart(2, '0')}` } : {}),
        address: { use: 'temp', text: 'no fixed address', city: 'Houston', state: 'TX', verifiedOn: screened },
        isVeteran: chance.often(0.11),
        ...(chance.often(0.3) ? { recentlyReleased: true } : {}),
      },
    },
    {
      type: 'screening',
      record: {
        ...about(life, 'screening'),
        screenedOn: screened,
        screenedBy: 'cm-1',
        homelessStatus: chance.weighted(
          [
            ['homeless', 6],
            ['at-risk', 2],
            ['recently-exited', 2],
          ],
          'homeless',
        ),
        hasSubstanceUseDisorder: true,
        hasMentalIllness: true,
        isWilling: true,
        canLiveInCommunity: true,
        ...(life.isHiv ? { isHivPositive: true, isServiceAreaResident: true, povertyLevelPercent: chance.between(0, 300) } : {}),
        decision: 'eligible',
      },
    },
    { type: 'enrolment', record: enrolmentOf(life) },
  ]
}

/** The first phase takes a third of the time, the second a good third, the third the rest. */
const enrolmentOf = (life: Life): Readonly<Record<string, unknown>> => {
  const { chance, enrolled, months, days, hasEnded, isLost } = life
  const planned = Math.round(months * 30.4)
  const ends = [Math.round(planned / 3), Math.round(planned * 0.7), planned]
  const phases = ['transitionToCommunity', 'tryOut', 'transferOfCare'].flatMap((phase, i) => {
    const start = i === 0 ? 0 : (ends[i - 1] ?? 0)
    const end = ends[i] ?? planned
    if (start > days) return []
    return [{ phase, start: dayText(enrolled + start), ...(end <= days ? { end: dayText(enrolled + end) } : {}) }]
  })
  return {
    ...about(life, 'enrolment'),
    status: hasEnded && !isLost ? 'finished' : isLost ? 'onhold' : 'active',
    version: chance.weighted(
      [
        ['homeless', 6],
        ['cj', 2],
        ['vet', 2],
      ],
      'homeless',
    ),
    length: `${String(months)}m`,
    start: dayText(enrolled),
    ...(hasEnded && !isLost ? { end: dayText(enrolled + planned), endReason: 'Completed' } : {}),
    ...(life.isHiv ? { isRyanWhite: true } : {}),
    phases,
    caseManager: 'cm-1',
    team: [
      { role: 'case-manager', staffId: 'cm-1' },
      { role: 'peer-support-specialist', staffId: 'pss-1' },
    ],
    contractSignedOn: dayText(enrolled),
    confidentialityExplainedOn: dayText(enrolled),
  }
}

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

const planOf = (life: Life): readonly CohortRecord[] => {
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
const screensOf = (life: Life): readonly CohortRecord[] => {
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
    {
      type: 'assessment',
      record: {
        ...about(life, 'ptsd'),
        instrument: 'pc-ptsd-5',
        takenOn,
        takenBy: 'cm-1',
        answers: [{ linkId: '102011-4', number: 1 }],
        score: life.isTraumatised ? chance.between(3, 5) : chance.between(0, 2),
        scaleMin: 0,
        scaleMax: 5,
      },
    },
  ]
}

const outsideOf = (life: Life): readonly CohortRecord[] => {
  const { chance, enrolled, days } = life
  const referral = (name: string, need: string, text: string, recipient: string): CohortRecord => {
    const status = chance.weighted(
      [
        ['requested', 2],
        ['accepted', 3],
        ['in-progress', 2],
        ['completed', 3],
        ['rejected', 1],
      ],
      'requested',
    )
    return {
      type: 'referral',
      record: {
        ...about(life, name),
        need,
        text,
        recipient,
        authoredOn: `${dayText(enrolled + Math.min(days, chance.between(10, 40)))}T15:00:00Z`,
        requestedBy: 'cm-1',
        priority: chance.weighted(
          [
            ['routine', 8],
            ['urgent', 2],
          ],
          'routine',
        ),
        status,
        ...(status === 'rejected' ? { statusReason: 'no capacity' } : {}),
        ...(status === 'completed' ? { outcome: 'service begun' } : {}),
      },
    }
  }
  const records: CohortRecord[] = [referral('referral-housing', 'housing', 'Permanent housing search', 'harbor-housing')]
  if (chance.often(0.7)) records.push(referral('referral-bh', 'outpatient-mh-sud', 'Outpatient treatment', 'bayou-bh'))
  if (life.isHiv) records.push(referral('referral-hiv', 'hiv-care', 'HIV primary medical care', 'montrose-hiv'))
  if (life.isTraumatised) records.push(referral('referral-trauma', 'trauma-assessment', 'Formal trauma assessment', 'bayou-bh'))
  if (chance.often(0.75)) records.push(consent(life, 'consent-treatment', 'st-mary-hospital', ['TREAT', 'HPAYMT', 'HOPERAT'], {}))
  if (chance.often(0.65))
    records.push(
      consent(life, 'consent-housing', 'harbor-housing', ['COC'], {
        covers: { types: ['ServiceRequest', 'Task', 'QuestionnaireResponse'] },
      }),
    )
  if (life.isHiv && chance.often(0.8))
    records.push(consent(life, 'consent-hiv', 'montrose-hiv', ['TREAT'], { namesExplicitly: ['HIV'] }))
  return records
}

const consent = (life: Life, name: string, recipient: string, purposes: string[], more: Partial<ConsentRecord>): CohortRecord => {
  const signedOn = dayText(life.enrolled)
  const record: ConsentRecord = {
    ...about(life, name),
    status: 'active',
    kinds: ['general'],
    patientName: 'HTEST client',
    disclosers: [{ partner: 'mission' }],
    description: 'My records of the programme as far as this form says',
    recipients: [{ partner: recipient }],
    purposes,
    statements: ['right-to-revoke', 'how-to-revoke', 'hipaa-redisclosure', 'redisclosure-potential', 'consequences-of-refusal'],
    validFrom: signedOn,
    validUntil: dayText(life.enrolled + 365),
    signatures: [{ capacity: 'patient', method: 'wet', signedOn }],
    signedOn,
    ...(life.chance.often(0.1) ? { revokedAt: `${dayText(life.enrolled + Math.min(life.days, 60))}T17:00:00Z` } : {}),
    ...more,
  }
  return { type: 'consent', record }
}
