import type { ConsentRecord } from '../consent/schema.ts'
import { chanceOf } from './chance.ts'
import { contactsOf } from './cohort-contacts.ts'
import { planOf, screensOf } from './cohort-plan.ts'
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
