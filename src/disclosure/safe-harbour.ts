// In: one value of a record. Out: what 45 CFR 164.514(b)(2) leaves of it, or nothing.
// Never: keeps what no row names; a value of another form than the row expects is left out.
import { isObject, type Json, type JsonObject } from './json.ts'

/** One of the kinds of identifier that have to go, and what becomes of the elements in which FHIR has it. */
export interface Identifier {
  /** The item of 45 CFR 164.514(b)(2)(i). */
  readonly item: string
  readonly what: string
  readonly left: 'nothing' | 'year' | 'state-and-three-digits'
  /** Where FHIR has it: `Type.element`, or `*.element` in every type. */
  readonly elements: readonly string[]
}

/** The eighteen, in the order of the rule. @law 45 CFR 164.514(b)(2)(i)(A) to (R) */
export const IDENTIFIERS: readonly Identifier[] = [
  { item: 'A', what: 'names', left: 'nothing', elements: ['Patient.name', 'Patient.contact', '*.text', '*.note', '*.title', '*.description', '*.contained', '*.modifierExtension'] },
  { item: 'B', what: 'geography below the state', left: 'state-and-three-digits', elements: ['Patient.address'] },
  { item: 'B', what: 'places', left: 'nothing', elements: ['Encounter.location', 'Encounter.hospitalization', 'Encounter.serviceProvider', 'Procedure.location', 'ServiceRequest.locationCode', 'ServiceRequest.locationReference', 'Patient.managingOrganization', 'EpisodeOfCare.managingOrganization'] },
  { item: 'C', what: 'dates', left: 'year', elements: ['Patient.birthDate', 'Patient.deceasedDateTime', 'Condition.onsetDateTime', 'Condition.onsetPeriod', 'Condition.abatementDateTime', 'Condition.abatementPeriod', 'Condition.recordedDate', 'Observation.effectiveDateTime', 'Observation.effectivePeriod', 'Procedure.performedDateTime', 'Procedure.performedPeriod', 'Encounter.period', 'EpisodeOfCare.period', 'CarePlan.period', 'CarePlan.created', 'ServiceRequest.occurrenceDateTime', 'ServiceRequest.occurrencePeriod', 'ServiceRequest.authoredOn', 'Goal.startDate', 'Goal.statusDate'] },
  { item: 'C', what: 'dates of no less than a day', left: 'nothing', elements: ['Observation.issued', 'Observation.effectiveInstant', 'Observation.effectiveTiming', 'Encounter.statusHistory', 'Encounter.classHistory', 'EpisodeOfCare.statusHistory', 'ServiceRequest.occurrenceTiming', 'Encounter.length', 'Patient.multipleBirthInteger'] },
  { item: 'D', what: 'telephone numbers', left: 'nothing', elements: ['Patient.telecom'] },
  { item: 'E', what: 'fax numbers', left: 'nothing', elements: ['Patient.telecom'] },
  { item: 'F', what: 'e-mail addresses', left: 'nothing', elements: ['Patient.telecom'] },
  { item: 'G', what: 'social security numbers', left: 'nothing', elements: ['*.identifier'] },
  { item: 'H', what: 'medical record numbers', left: 'nothing', elements: ['*.identifier', '*.subject', '*.patient', '*.encounter'] },
  { item: 'I', what: 'health plan beneficiary numbers', left: 'nothing', elements: ['*.identifier', '*.insurance'] },
  { item: 'J', what: 'account numbers', left: 'nothing', elements: ['*.identifier', '*.account'] },
  { item: 'K', what: 'certificate and licence numbers', left: 'nothing', elements: ['*.identifier', '*.performer', '*.participant', '*.requester', '*.recorder', '*.asserter', '*.author', 'Patient.generalPractitioner'] },
  { item: 'L', what: 'vehicle identifiers', left: 'nothing', elements: ['*.identifier'] },
  { item: 'M', what: 'device identifiers', left: 'nothing', elements: ['*.identifier', '*.device', '*.focalDevice', '*.usedReference'] },
  { item: 'N', what: 'web addresses', left: 'nothing', elements: ['*.implicitRules', '*.instantiatesUri', '*.instantiatesCanonical'] },
  { item: 'O', what: 'IP addresses', left: 'nothing', elements: ['Patient.telecom'] },
  { item: 'P', what: 'biometric identifiers', left: 'nothing', elements: ['*.contained', '*.specimen', '*.bodyStructure'] },
  { item: 'Q', what: 'photographs', left: 'nothing', elements: ['Patient.photo', '*.derivedFrom', '*.supportingInfo'] },
  { item: 'R', what: 'any other unique number or code', left: 'nothing', elements: ['*.id', '*.link', '*.basedOn', '*.partOf', '*.replaces', '*.requisition', '*.groupIdentifier', '*.addresses', '*.goal', '*.evidence', '*.reasonReference', '*.hasMember', '*.careTeam', '*.diagnosis', '*.episodeOfCare', '*.appointment', '*.report'] },
] // prettier-ignore

/** Ages above this one are told of nobody, nor a year that would give one away. @law 45 CFR 164.514(b)(2)(i)(C) */
export const AGE_MAX = 89

/**
 * First three digits of the ZIP codes where 20,000 people or fewer live, by the Census of 2000: they become 000.
 * @law 45 CFR 164.514(b)(2)(i)(B)(2)
 */
export const SMALL_AREAS: ReadonlySet<string> = new Set(
  '036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893'.split(' '),
)

const STATES: ReadonlySet<string> = new Set(
  (
    'AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN ' +
    'TX UT VT VA WA WV WI WY AS GU MP PR VI'
  ).split(' '),
)

/** The year of a date; none of a year so long ago that who lived then is above the age. @param thisYear of the programme's zone */
export const yearOf = (value: Json, thisYear: number): string | undefined => {
  const year = typeof value === 'string' ? /^(\d{4})(-|$)/.exec(value)?.[1] : undefined
  return year !== undefined && thisYear - Number(year) <= AGE_MAX ? year : undefined
}

/** State and three digits of an address in the United States; of one elsewhere nothing. */
export const areaOf = (address: Json): JsonObject | undefined => {
  if (!isObject(address)) return undefined
  const { state, postalCode } = address
  const zip = typeof postalCode === 'string' ? /^(\d{3})\d{2}(-?\d{4})?$/.exec(postalCode)?.[1] : undefined
  const area = {
    ...(typeof state === 'string' && STATES.has(state) ? { state } : {}),
    ...(zip === undefined ? {} : { postalCode: SMALL_AREAS.has(zip) ? '000' : zip }),
  }
  return Object.keys(area).length === 0 ? undefined : area
}

/** A measure in three significant figures, in which no number by which somebody is known finds room. */
export const roughly = (value: number): number => Number(value.toPrecision(3))
