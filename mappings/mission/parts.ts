import { localSystem } from '../../src/mapping/context.ts'
import { codings, concept } from '../../src/mapping/codes.ts'
import type { CodeTable } from '../../src/mapping/codes.ts'
import { isTree, listOf } from '../../src/mapping/tree.ts'
import type { Tree } from '../../src/mapping/tree.ts'
import { each, give, object, refersTo, row, same, word } from '../../src/mapping/verbs.ts'
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
      ? { coding: [{ system, code: value, ...(display?.[value] && { display: display[value] }) }] }
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

/** References to all entries of a list of the same record. */
export const all = (to: string, list: string, role: string): Row =>
  give(to, (_, run) => {
    const references = listOf(run.record[list]).map((entry) => ({
      reference: run.sibling(role, isTree(entry) && typeof entry['key'] === 'string' ? entry['key'] : ''),
    }))
    return references.length === 0 ? undefined : references
  })

/** Native status words are the FHIR codes themselves. */
export const asCode: Verb = same

/** A boolean field as a FHIR code. */
export const flagAs = (yes: string, no: string): Verb => {
  const words = word({ true: yes, false: no })
  return {
    to: (value, run) => words.to(String(value), run),
    from: (value, run) => {
      const found = words.from(value, run)
      return found === undefined ? undefined : found === 'true'
    },
  }
}
