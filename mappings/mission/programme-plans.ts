import type { ActivityDefinition, PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import { BASE, localSystem } from '../../src/mapping/context.ts'
import { ctiPhase, DRT_SESSIONS, drtSession, peerSession, programLength } from './tables.ts'

/** Days of each length of the programme, and how often things are done in it. Seeds 000:111,128-132,140; 004:26. */
export const LENGTHS = {
  '2m': { days: 61, drtEveryDays: 4, phaseEnds: [20, 42, 61] },
  '6m': { days: 182, drtEveryDays: 7, phaseEnds: [61, 122, 182] },
  '12m': { days: 365, drtEveryDays: 7, phaseEnds: [91, 243, 365] },
} as const
export type ProgrammeLength = keyof typeof LENGTHS

const planUrl = (length: string): string => `${BASE}/PlanDefinition/mission-${length}`
const activityUrl = (code: string): string => `${BASE}/ActivityDefinition/mission-${code}`

/** Each Dual Recovery Therapy session with its workbook pages, and each peer session without a title that nobody gave it. */
export const activityDefinitions = (): readonly ActivityDefinition[] => [
  ...drtSession.rows.map((r, index): ActivityDefinition => ({
    resourceType: 'ActivityDefinition',
    id: `mission-${r.code}`,
    url: activityUrl(r.code),
    status: 'active',
    title: r.display,
    kind: 'ServiceRequest',
    intent: 'plan',
    code: { coding: [{ system: localSystem('drt-session'), code: r.code, display: r.display }] },
    relatedArtifact: [{ type: 'documentation', display: `Participant Workbook, pages ${DRT_SESSIONS[index]?.pages ?? ''}` }],
  })),
  ...peerSession.rows.map((r): ActivityDefinition => ({
    resourceType: 'ActivityDefinition',
    id: `mission-${r.code}`,
    url: activityUrl(r.code),
    status: 'active',
    title: r.display,
    kind: 'ServiceRequest',
    intent: 'plan',
    code: { coding: [{ system: localSystem('peer-session'), code: r.code, display: r.display }] },
  })),
]

const action = (
  id: string,
  title: string,
  day: number,
  code: { system: string; code: string; display: string },
  definition?: string,
): PlanDefinitionAction => ({
  id,
  title,
  code: [{ coding: [code] }],
  ...(id === 'enrolment'
    ? {}
    : {
        relatedAction: [
          {
            actionId: 'enrolment',
            relationship: 'after-start',
            offsetDuration: { value: day, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' },
          },
        ],
      }),
  ...(definition !== undefined && { definitionCanonical: definition }),
})

const contact = (code: string, display: string) => ({ system: localSystem('contact-type'), code, display })

/** The three phases one after the other; the last ends with the programme. Seeds 000:38-42 and 127-132. */
const phaseActions = (phaseEnds: readonly number[]): PlanDefinitionAction[] =>
  ctiPhase.rows.map((r, index) => {
    const from = phaseEnds[index - 1] ?? 0
    const days = (phaseEnds[index] ?? from) - from
    return {
      ...action(`phase-${String(index + 1)}`, r.display, from, {
        system: localSystem('cti-phase'),
        code: r.code,
        display: r.display,
      }),
      timingDuration: { value: days, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' },
    }
  })

const actionsOf = (length: ProgrammeLength): PlanDefinitionAction[] => {
  const { days, drtEveryDays, phaseEnds } = LENGTHS[length]
  const actions = [
    action('enrolment', 'Enrolment', 0, contact('orientation', 'Orientation meeting')),
    ...phaseActions(phaseEnds),
    action('orientation', 'Orientation meeting', 0, contact('orientation', 'Orientation meeting')),
    action('housing-interview', 'Pre-housing interview', 7, contact('pre-housing-interview', 'Pre-housing interview')),
  ]
  for (const [index, r] of drtSession.rows.entries())
    actions.push(
      action(
        r.code,
        r.display,
        (index + 1) * drtEveryDays,
        { system: localSystem('drt-session'), code: r.code, display: r.display },
        activityUrl(r.code),
      ),
    )
  const peerEvery = Math.max(3, Math.floor((phaseEnds[1] - 7) / peerSession.rows.length))
  for (const [index, r] of peerSession.rows.entries())
    actions.push(
      action(
        r.code,
        r.display,
        5 + index * peerEvery,
        { system: localSystem('peer-session'), code: r.code, display: r.display },
        activityUrl(r.code),
      ),
    )
  // Weekly in the first phase, every second week in the second, monthly in the third: the taper.
  for (let day = 7, number = 1; day < days; day += day < phaseEnds[0] ? 7 : day < phaseEnds[1] ? 14 : 28, number += 1)
    actions.push(
      action(
        `cm-${String(number).padStart(2, '0')}`,
        'Case management session',
        day,
        contact('case-management', 'Case management session'),
      ),
    )
  actions.push(
    action(
      'transfer',
      'Transfer meeting with providers',
      phaseEnds[2] - 14,
      contact('transfer-meeting', 'Transfer meeting with providers'),
    ),
  )
  return actions
}

/** One plan for each length of the programme. */
export const planDefinitions = (): readonly PlanDefinition[] =>
  programLength.rows.flatMap((r) =>
    r.code === '2m' || r.code === '6m' || r.code === '12m'
      ? [
          {
            resourceType: 'PlanDefinition',
            id: `mission-${r.code}`,
            url: planUrl(r.code),
            status: 'active',
            title: `Programme of ${r.display}`,
            type: {
              coding: [{ system: 'http://terminology.hl7.org/CodeSystem/plan-definition-type', code: 'clinical-protocol' }],
            },
            action: actionsOf(r.code),
          } satisfies PlanDefinition,
        ]
      : [],
  )
