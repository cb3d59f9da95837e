import { about, dayText } from './cohort-life.ts'
import type { CohortRecord, Life } from './cohort-life.ts'

const CM = [{ role: 'case-manager', staffId: 'cm-1' }]
const PSS = [{ role: 'peer-support-specialist', staffId: 'pss-1' }]
const WEEKS_BETWEEN_CONTACTS_AFTER_TAPER = 2

/** The contacts of a synthetic client: orientation, weekly sessions that thin out, no-shows, and the outreach they call for. */
export const contactsOf = (life: Life): readonly CohortRecord[] => {
  const records: CohortRecord[] = [
    contact(life, 'orientation', 0, {
      type: 'orientation',
      minutes: 45,
      place: 'office',
      staff: [...CM, ...PSS],
      function: 'orientation',
    }),
  ]
  const taper = life.days * 0.6
  let drt = 0
  let peer = 0
  for (let week = 1; week * 7 <= life.days; week += week * 7 > taper ? WEEKS_BETWEEN_CONTACTS_AFTER_TAPER : 1) {
    const on = week * 7 + life.chance.between(0, 2)
    const name = `w${String(week)}`
    if (life.chance.often(0.15)) {
      records.push(...noShow(life, name, on))
      continue
    }
    records.push(weekly(life, name, on))
    if (drt < 13 && life.chance.often(0.85)) {
      drt += 1
      records.push(...drtSession(life, drt, on))
    } else if (drt === 13 && life.chance.often(0.2)) records.push(booster(life, name, on))
    if (peer < 11 && life.chance.often(0.5)) {
      peer += 1
      records.push(
        contact(life, `peer${String(peer)}`, on, {
          type: 'peer-session',
          minutes: life.chance.between(30, 60),
          place: 'field',
          staff: PSS,
          peerSession: code('peer', peer),
        }),
      )
    }
  }
  return [...records, ...troubles(life)]
}

const code = (prefix: string, number: number): string => `${prefix}-${String(number).padStart(2, '0')}`
const at = (life: Life, day: number, hour: number): string =>
  `${dayText(life.enrolled + Math.min(day, life.days))}T${String(hour).padStart(2, '0')}:30:00Z`

const contact = (life: Life, name: string, day: number, more: object): CohortRecord => ({
  type: 'encounter',
  record: {
    ...about(life, name),
    enrolmentId: `${life.clientId}.enrolment`,
    status: 'finished',
    start: at(life, day, 15),
    ...more,
  },
})

const weekly = (life: Life, name: string, day: number): CohortRecord => {
  const isHome = life.chance.often(0.25)
  return contact(life, name, day, {
    type: isHome ? 'home-visit' : 'case-management',
    minutes: life.chance.between(4, 12) * 5,
    place: isHome
      ? 'home'
      : life.chance.weighted(
          [
            ['office', 6],
            ['field', 2],
            ['telehealth', 2],
          ],
          'office',
        ),
    staff: CM,
    function: life.chance.weighted(
      [
        ['linkage', 4],
        ['monitoring', 4],
        ['planning', 1],
        ['advocacy', 1],
      ],
      'monitoring',
    ),
  })
}

const drtSession = (life: Life, number: number, day: number): readonly CohortRecord[] => {
  const name = `drt${String(number)}`
  const isGroup = life.chance.often(0.8)
  return [
    contact(life, name, day, {
      type: 'drt-session',
      minutes: isGroup ? life.chance.between(45, 60) : life.chance.between(30, 60),
      place: 'office',
      staff: CM,
      drtSession: code('drt', number),
      format: isGroup ? 'group' : 'individual',
      ...(isGroup ? { groupSize: life.chance.between(5, 10) } : {}),
      worksheetsReviewed: life.chance.often(0.7),
    }),
    {
      type: 'drt-status-exam',
      record: {
        ...about(life, `${name}-exam`),
        encounterId: `${life.clientId}.${name}`,
        examinedOn: dayText(life.enrolled + Math.min(day, life.days)),
        examinedBy: 'cm-1',
        isAgendaSet: true,
        hasUsedSubstances: life.chance.often(0.12),
        motivation: life.chance.between(3, 10),
        symptoms: life.chance.between(1, 10),
        medicationCompliance: life.chance.weighted(
          [
            ['yes', 6],
            ['partly', 2],
            ['no', 1],
            ['none-prescribed', 1],
          ],
          'yes',
        ),
      },
    },
  ]
}

const booster = (life: Life, name: string, day: number): CohortRecord =>
  contact(life, `booster-${name}`, day, {
    type: 'drt-booster',
    minutes: 45,
    place: 'office',
    staff: CM,
    drtSession: code('drt', life.chance.between(1, 13)),
    format: 'individual',
  })

const noShow = (life: Life, name: string, day: number): readonly CohortRecord[] => [
  {
    type: 'appointment',
    record: {
      ...about(life, `${name}-missed`),
      enrolmentId: `${life.clientId}.enrolment`,
      status: 'noshow',
      start: at(life, day, 15),
      minutes: 60,
      staffId: 'cm-1',
    },
  },
  attempt(life, `${name}-call`, day + 1, life.chance.often(0.7) ? 'reached' : 'no-answer', false),
]

const attempt = (life: Life, name: string, day: number, outcome: string, isReEngagement: boolean): CohortRecord => ({
  type: 'outreach-attempt',
  record: {
    ...about(life, name),
    attemptedOn: at(life, day, 20),
    medium: life.chance.oneOf(['phone', 'text-message', 'in-person']),
    outcome,
    staffId: 'pss-1',
    isReEngagement,
  },
})

const troubles = (life: Life): readonly CohortRecord[] => {
  const records: CohortRecord[] = []
  const last = dayText(life.enrolled + life.days)
  if (life.chance.often(0.25))
    records.push({
      type: 'relapse',
      record: {
        ...about(life, 'relapse'),
        noticedOn: last,
        noticedBy: 'pss-1',
        description: 'Client told of one use',
        support: 'Plan reviewed together',
      },
    })
  if (life.isLost)
    records.push(attempt(life, 'lost-1', life.days, 'no-answer', true), attempt(life, 'lost-2', life.days, 'not-found', true), {
      type: 'lost-to-care',
      record: {
        ...about(life, 'lost'),
        since: last,
        recordedBy: 'cm-1',
        isLost: true,
        attempts: [`${life.clientId}.lost-1`, `${life.clientId}.lost-2`],
      },
    })
  if (life.hasEnded && !life.isLost)
    records.push({
      type: 'transition-plan',
      record: {
        ...about(life, 'transition'),
        status: 'completed',
        created: last,
        author: 'cm-1',
        start: last,
        handovers: [
          {
            key: '1',
            need: 'outpatient-mh-sud',
            text: 'Outpatient treatment goes on',
            provider: 'Bayou Behavioral Health',
            isAccepted: true,
          },
        ],
        team: CM,
      },
    })
  if (life.isHiv) records.push(attempt(life, 're-engage', life.days, 'returned', true))
  return records
}
