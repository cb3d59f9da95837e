import { describe, expect, test } from '@jest/globals'
import { readFileSync, readdirSync } from 'node:fs'
import type { Resource } from '@medplum/fhirtypes'
import { typeOfExample } from '../../mappings/mission/examples.ts'
import { cohort } from '../../mappings/mission/cohort.ts'
import { activityDefinitions, planDefinitions } from '../../mappings/mission/programme-plans.ts'
import { recordTypes } from '../../mappings/mission/record-types.ts'
import { drtSession } from '../../mappings/mission/tables.ts'
import { applyPlan } from '../../src/mapping/apply-plan.ts'
import { patientIdOf } from '../../src/mapping/context.ts'
import { fidelityOf, fidelityReport } from '../../src/mapping/fidelity.ts'
import { validate } from '../../src/validation/validate.ts'
import { allDefinitions } from '../validation/definitions.ts'
import { CONTEXT } from './context.ts'

const faultsOf = (resources: readonly Resource[]): string[] =>
  resources.flatMap((r) =>
    validate(r, allDefinitions, r.meta?.profile ?? [])
      .filter((i) => i.severity === 'error')
      .map((i) => `${i.path} ${i.message}`),
  )

describe.each(planDefinitions().map((p) => [p.id, p] as const))('%s', (_, plan) => {
  const applied = applyPlan(plan, { patient: 'htest-0001', start: '2026-01-12', isTest: true }, CONTEXT)
  if (!applied.ok) throw new Error(applied.error.code)
  const resources = applied.value

  test('becomes a CarePlan without details, with every service scheduled within its length', () => {
    const [carePlan, ...requests] = resources
    expect(carePlan.activity?.every((a) => a.detail === undefined && a.reference !== undefined)).toBe(true)
    const codes = requests.map((r) => r.code?.coding?.[0]?.code)
    for (const { code } of drtSession.rows) expect(codes.filter((c) => c === code)).toHaveLength(1)
    const last =
      requests
        .map((r) => r.occurrenceDateTime ?? '')
        .sort()
        .at(-1) ?? ''
    const days = { 'mission-2m': 61, 'mission-6m': 182, 'mission-12m': 365 }[plan.id ?? ''] ?? 0
    expect((Date.parse(last) - Date.parse('2026-01-12')) / 86_400_000).toBeLessThanOrEqual(days)
  })

  test('has the three phases, each beginning where the one before ends', () => {
    const [carePlan] = resources
    const periods = (carePlan.extension ?? []).map((phase) => phase.extension?.[1]?.valuePeriod)
    expect(periods.map((period) => period?.start)).toEqual(['2026-01-12', periods[0]?.end, periods[1]?.end])
    expect(periods[2]?.end).toBe(carePlan.period?.end)
  })

  test('applied twice gives the same, and all of it is valid', () => {
    expect(applyPlan(plan, { patient: 'htest-0001', start: '2026-01-12', isTest: true }, CONTEXT)).toEqual(applied)
    expect(faultsOf([...resources, plan])).toEqual([])
  })
})

test.each(['soon', '2026-02-30', '2026-1-1'])('a start that is no day is refused: %s', (start) => {
  const [plan] = planDefinitions()
  expect(plan && applyPlan(plan, { patient: 'p', start }, CONTEXT)).toMatchObject({
    ok: false,
    error: { code: 'start-is-no-day' },
  })
})

test('thirteen sessions have their workbook pages and the peer sessions no titles of their own', () => {
  const definitions = activityDefinitions()
  expect(definitions.filter((d) => d.relatedArtifact !== undefined)).toHaveLength(13)
  expect(definitions[0]).toMatchObject({
    title: 'Onset of Problems',
    relatedArtifact: [{ display: 'Participant Workbook, pages 62-64' }],
  })
  expect(definitions.filter((d) => d.title?.startsWith('Peer support session') === true)).toHaveLength(11)
  expect(faultsOf([...definitions])).toEqual([])
})

describe('the fidelity timeline', () => {
  const folder = new URL('../../mappings/mission/examples/', import.meta.url)
  const all = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap(
      (name) => recordTypes[typeOfExample(name)]?.toFhir(JSON.parse(readFileSync(new URL(name, folder), 'utf8')), CONTEXT) ?? [],
    )
  const fidelity = fidelityOf(all, '2026-02-12', drtSession.codes)

  test('of the shipped client shows one session held and the second to fourth overdue', () => {
    expect(fidelity).toMatchObject({ phase: 'transitionToCommunity', drtDone: ['drt-01'], boosters: 0, noShows: 1, outreach: 1 })
    expect(fidelity.drtDue.filter((d) => d.isOverdue)).toEqual([
      { code: 'drt-02', by: '2026-01-26', isOverdue: true },
      { code: 'drt-03', by: '2026-02-02', isOverdue: true },
      { code: 'drt-04', by: '2026-02-09', isOverdue: true },
    ])
    expect(fidelity.drtDue).toHaveLength(12)
    expect(fidelity.goals.map((g) => g.notes)).toEqual([0, 0, 0, 1])
    expect(fidelity.events.map((e) => e.at.slice(0, 10))).toEqual([...fidelity.events.map((e) => e.at.slice(0, 10))].sort())
  })

  test('is a valid MeasureReport', () => {
    const report = fidelityReport(
      fidelity,
      { clientId: 'htest-0001', patient: `Patient/${patientIdOf(CONTEXT, 'htest-0001')}`, isTest: true },
      '2026-01-12',
      '2026-02-12',
      CONTEXT,
    )
    expect(report.group?.find((g) => g.code?.text === 'drt-overdue')?.measureScore?.value).toBe(3)
    expect(faultsOf([report])).toEqual([])
  })

  test('counts add up for a cohort', () => {
    for (const client of cohort(3, 20)) {
      const resources = client.records.flatMap(({ type, record }) => recordTypes[type]?.toFhir(record, CONTEXT) ?? [])
      const seen = fidelityOf(resources, '2026-06-01', drtSession.codes)
      expect(seen.drtDone.length + seen.drtDue.length).toBe(13)
      expect(seen.noShows).toBe(client.records.filter((r) => r.type === 'appointment').length)
    }
  })
})
