import { REQUIRED_ELEMENTS } from './required-elements.ts'
import type { JsonObject } from './json.ts'

/** What one resource type asks for below each path, and which path repeats which. */
export interface TypeElements {
  /** Path of a parent (`''` is the root) to the names of the children that it must have. */
  readonly required: ReadonlyMap<string, readonly string[]>
  /** `item.item` to `item`. */
  readonly repeats: ReadonlyMap<string, string>
}

const known = new Map<string, TypeElements>()

/** The required elements of a type; of an unknown type nothing is known to be required. */
export const elementsOf = (type: string): TypeElements => {
  const have = known.get(type)
  if (have !== undefined) return have
  const made = parseRow(REQUIRED_ELEMENTS[type] ?? '')
  known.set(type, made)
  return made
}

const parseRow = (row: string): TypeElements => {
  const required = new Map<string, string[]>()
  const repeats = new Map<string, string>()
  for (const word of row.split(' ')) {
    const [path = '', repeated] = word.split('>')
    if (repeated !== undefined) repeats.set(path, repeated)
    else if (path !== '') {
      const cut = path.lastIndexOf('.')
      const parent = cut < 0 ? '' : path.slice(0, cut)
      required.set(parent, [...(required.get(parent) ?? []), path.slice(cut + 1)])
    }
  }
  return { required, repeats }
}

/**
 * Elements that stand for nothing once what they held is gone: path, and the children of which one must remain if one was there.
 * An unanswered question, a team member without a member or an observation without a value would show where something was.
 */
const HOLDERS: Readonly<Record<string, string>> = {
  'Appointment.participant': 'actor',
  'CarePlan.activity': 'reference detail',
  'CareTeam.participant': 'member',
  'Composition.section': 'entry section text',
  'Communication.payload': 'content[x]',
  'Condition.evidence': 'code detail',
  'Condition.stage': 'summary assessment',
  'DiagnosticReport.media': 'link',
  'DocumentReference.context': 'encounter event period facilityType practiceSetting sourcePatientInfo related',
  'Encounter.participant': 'individual',
  'Goal.target': 'detail[x] due[x]',
  HealthcareService: 'name',
  Location: 'name',
  Observation: 'value[x] component hasMember dataAbsentReason',
  'Observation.component': 'value[x] dataAbsentReason',
  Organization: 'name',
  'Patient.contact': 'name telecom address organization',
  Practitioner: 'name',
  QuestionnaireResponse: 'item',
  'QuestionnaireResponse.item': 'answer item',
  'QuestionnaireResponse.item.answer': 'value[x]',
  'ServiceRequest.orderDetail': 'coding text',
}

const holders = new Map(Object.entries(HOLDERS).map(([path, children]) => [path, children.split(' ')]))

/** One element that has no meaning without another, by where both stand. @spec FHIR R4 prr-1, gol-1 */
const NEEDS: Readonly<Record<string, readonly (readonly [element: string, needs: string])[]>> = {
  'Goal.target': [['detail[x]', 'measure']],
  ServiceRequest: [['orderDetail', 'code']],
}

/** Does an element hold a child, under its own name or as one of the forms of a choice? */
export const hasChild = (node: JsonObject, child: string): boolean => {
  if (!child.endsWith('[x]')) return node[child] !== undefined || node[`_${child}`] !== undefined
  const stem = child.slice(0, -3)
  return Object.keys(node).some((key) => isChoice(key.startsWith('_') ? key.slice(1) : key, stem))
}

/** `valueQuantity` is a form of `value[x]`. */
export const isChoice = (key: string, stem: string): boolean => key.startsWith(stem) && /^[A-Z]/.test(key.slice(stem.length))

/**
 * Can an element stand as it is left?
 * @param before the element as it was
 */
export const stands = (type: string, path: string, before: JsonObject, after: JsonObject): boolean => {
  if (Object.keys(after).every((key) => key === 'id')) return false
  const required = elementsOf(type).required.get(path) ?? []
  if (required.some((child) => !hasChild(after, child) && hasChild(before, child))) return false
  const place = path === '' ? type : `${type}.${path}`
  if (
    (NEEDS[place] ?? []).some(
      ([element, needs]) => hasChild(after, element) && !hasChild(after, needs) && hasChild(before, needs),
    )
  )
    return false
  const held = holders.get(place)
  return held === undefined || !held.some((child) => hasChild(before, child)) || held.some((child) => hasChild(after, child))
}
