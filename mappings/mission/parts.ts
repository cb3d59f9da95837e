import { localSystem } from '../../src/mapping/context.ts'
import { codings, concept } from '../../src/mapping/codes.ts'
import type { CodeTable } from '../../src/mapping/codes.ts'
import { isTree, listOf } from '../../src/mapping/tree.ts'
import type { Tree } from '../../src/mapping/tree.ts'
import type { ResourceRows } from '../../src/mapping/record-map.ts'
import { each, give, inside, object, refersTo, row, same } from '../../src/mapping/verbs.ts'
import type { Row, Verb } from '../../src/mapping/verbs.ts'
import { staffRole } from './tables.ts'

const HL7 = 'http://terminology.hl7.org/CodeSystem'
export const SNOMED = 'http://snomed.info/sct'
export const LOINC = 'http://loinc.org'
export const SDOH_CODES = 'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes'
export const US_CORE_CATEGORY = 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category'

/** A CodeableConcept with one coding. */
export const codeable = (system: string, code: string, display: string): Tree => ({
  coding: [{ system, code, display }],
  text: display,
})

/** A CodeableConcept from one of the house's own code systems. */
export const local = (name: string, code: string, display: string): Tree => codeable(localSystem(name), code, display)

/** A narrative that says what kind of resource it is and nothing about the person, so that nothing has to be taken out of it. */
export const narrative = (kind: string): Tree => ({
  status: 'generated',
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${kind}</div>`,
})

export const observationCategory = (code: 'social-history' | 'survey' | 'therapy' | 'activity', display: string): Tree =>
  codeable(`${HL7}/observation-category`, code, display)
export const SURVEY = observationCategory('survey', 'Survey')
export const SOCIAL_HISTORY = observationCategory('social-history', 'Social History')
export const SDOH: Tree = codeable(US_CORE_CATEGORY, 'sdoh', 'SDOH')
export const PROBLEM_LIST: Tree = codeable(`${HL7}/condition-category`, 'problem-list-item', 'Problem List Item')
export const HEALTH_CONCERN: Tree = codeable(
  'http://hl7.org/fhir/us/core/CodeSystem/condition-category',
  'health-concern',
  'Health Concern',
)
export const CONDITION_CLINICAL = `${HL7}/condition-clinical`
export const CONFIRMED: Tree = { coding: [{ system: `${HL7}/condition-ver-status`, code: 'confirmed', display: 'Confirmed' }] }

export const ACTIVE: Tree = { coding: [{ system: CONDITION_CLINICAL, code: 'active', display: 'Active' }] }

/** A status word as a CodeableConcept of a fixed code system. */
export const codeIn = (system: string, display?: Readonly<Record<string, string>>): Verb => ({
  to: (value) =>
    typeof value === 'string'
      ? { coding: [{ system, code: value, ...(display?.[value] !== undefined && { display: display[value] }) }] }
      : undefined,
  from: (value) => {
    const first = isTree(value) ? listOf(value['coding'])[0] : undefined
    return isTree(first) ? same.from(first['code'], { keys: new Map() }) : undefined
  },
})

/** A yes or no as a LOINC answer. */
export const yesNo: Verb = {
  to: (value) => ({
    coding: [
      value === true ? { system: LOINC, code: 'LA33-6', display: 'Yes' } : { system: LOINC, code: 'LA32-8', display: 'No' },
    ],
  }),
  from: (value) => {
    const first = isTree(value) ? listOf(value['coding'])[0] : undefined
    return isTree(first) ? first['code'] === 'LA33-6' : undefined
  },
}

/** A coded field with the sender's own words beside it. */
export const codedText = (elements: string, code: string, words: string, to: string, table: CodeTable): readonly Row[] => [
  row(elements, code, `${to}.coding`, codings(table)),
  row(elements, words, `${to}.text`),
]

export const staff = refersTo('Practitioner', 'staff')

/** The programme as the responsible organisation. */
export const programme = (to: string): Row => give(to, (_, run) => ({ reference: `Organization/${run.context.programme}` }))

/** The client as the one who says or does. */
export const client = (to: string): Row =>
  give(to, (_, run) => (run.patient === undefined ? undefined : { reference: run.patient }))

/** Members of the team as CareTeam participants. */
export const teamMembers: Verb = each(
  object([row('E020', 'role', 'role[0]', concept(staffRole)), row('E020', 'staffId', 'member', staff)]),
)

/** How often something is done, as a Timing. Seed 000:453. */
export const FREQUENCIES = {
  weekly: { period: 1, periodUnit: 'wk' },
  'bi-weekly': { period: 2, periodUnit: 'wk' },
  monthly: { period: 1, periodUnit: 'mo' },
} as const

export const timing: Verb = {
  to: (value) => {
    const found = Object.entries(FREQUENCIES).find(([name]) => name === value)?.[1]
    return found === undefined ? undefined : { repeat: { frequency: 1, ...found } }
  },
  from: (value) => {
    const repeat = isTree(value) ? value['repeat'] : undefined
    if (!isTree(repeat)) return undefined
    return Object.entries(FREQUENCIES).find(
      ([, t]) => t.period === repeat['period'] && t.periodUnit === repeat['periodUnit'],
    )?.[0]
  },
}

/** A moment some minutes later. */
export const laterBy = (start: unknown, minutes: unknown): string | undefined =>
  typeof start === 'string' && typeof minutes === 'number'
    ? new Date(Date.parse(start) + minutes * 60_000).toISOString().replace('.000Z', 'Z')
    : undefined

/** References to all entries of lists of the same record, each list with the role that its entries have; they keep the order. */
export const all = (to: string, ...lists: readonly (readonly [list: string, role: string])[]): Row =>
  give(to, (_, run) => {
    const references = lists.flatMap(([list, role]) =>
      listOf(run.record[list]).map((entry) => ({
        reference: run.sibling(role, isTree(entry) && typeof entry['key'] === 'string' ? entry['key'] : ''),
      })),
    )
    return references.length === 0 ? undefined : references
  })

/** What one Observation of a record is made of; the rest is the same for all. */
export interface ObservationParts {
  readonly role?: string
  readonly when?: string
  readonly each?: string
  readonly profile: string
  /** Absent where a row writes the code. */
  readonly code?: Tree
  readonly category?: readonly Tree[]
  readonly rows: readonly Row[]
}

export const observation = (o: ObservationParts): ResourceRows => ({
  type: 'Observation',
  ...(o.role !== undefined && { role: o.role }),
  ...(o.when !== undefined && { when: o.when }),
  ...(o.each !== undefined && { each: o.each }),
  profiles: [o.profile],
  subject: 'subject',
  fixed: { status: 'final', category: o.category ?? [SOCIAL_HISTORY], ...(o.code !== undefined && { code: o.code }) },
  rows: o.rows,
})

/** A goal of a plan: the plan by its id and the goal by its key. Made apart, for the two together name one resource. */
export const goalOfPlan: Verb = {
  to: (value, run) => {
    if (!isTree(value)) return undefined
    const name = `${String(value['planId'])}/${String(value['goalKey'])}`
    return refersTo('Goal', 'treatment-plan-goal').to(name, run)
  },
  from: (value, run) => {
    const name = refersTo('Goal', 'treatment-plan-goal').from(value, run)
    const [planId, goalKey] = typeof name === 'string' ? name.split('/') : []
    return planId === undefined || goalKey === undefined ? undefined : { planId, goalKey }
  },
}

/** Goals that a record is linked to, by the standard extension. */
export const pertainsToGoals = (elements: string, from: string): Row =>
  row(
    elements,
    from,
    'extension(http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal)*',
    each(inside('valueReference', {}, goalOfPlan)),
  )

/** Plain text as the only attachment of a document. */
export const textContent: Verb = {
  to: (value) =>
    typeof value === 'string' ? { attachment: { contentType: 'text/plain; charset=utf-8', data: base64Of(value) } } : undefined,
  from: (value) => {
    const data = isTree(value) && isTree(value['attachment']) ? value['attachment']['data'] : undefined
    return typeof data === 'string' ? textOf(data) : undefined
  },
}

const base64Of = (text: string): string =>
  btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''))
const textOf = (data: string): string => new TextDecoder().decode(Uint8Array.from(atob(data), (c) => c.charCodeAt(0)))
