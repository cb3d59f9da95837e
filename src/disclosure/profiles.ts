// In: nothing. Out: per sector, which resource types and elements a disclosure is reduced to, as rows.
// Never: decides whether somebody may have a record; that is consent's.
import type { PartnerSector } from '../model/partner.ts'

/** What a disclosure is reduced to; `internal` and `whole` take nothing out beyond what was withheld. */
export type ProfileName = 'internal' | 'whole' | 'payment' | 'housing' | 'justice'

/** What is kept of one resource type. */
export interface TypeRow {
  /** Elements of the top level, by spaces; `value[x]` stands for every `valueX`. */
  readonly keep: string
  /** Paths below them that go all the same, by spaces. */
  readonly without?: string
  /** The resource is shown only when one of its categories has one of these codes. */
  readonly onlyCategories?: readonly string[]
}

export interface Profile {
  readonly name: ProfileName
  readonly law: string
  /** `all`, or the only types that are shown. */
  readonly types: 'all' | Readonly<Record<string, TypeRow>>
  /** Top-level elements that go from every type, by spaces. */
  readonly withoutEverywhere: string
  /** `handling`: confidentiality, policy, obligations and refrains. */
  readonly labels: 'all' | 'handling' | 'confidentiality'
  /** Extensions that stay: all of them, or those whose URL starts with one of these. */
  readonly extensions: 'all' | readonly string[]
  /** Do names, systems and references that tell go even when nothing else is withheld? */
  readonly isProgrammeHidden: boolean
}

const HARMLESS_EXTENSIONS = [
  'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
  'http://hl7.org/fhir/StructureDefinition/iso21090-',
  'http://hl7.org/fhir/StructureDefinition/translation',
  'http://hl7.org/fhir/StructureDefinition/goal-acceptance',
]

const CONTACT = 'identifier active name telecom address'

/** A housing partner places somebody: no diagnosis, no treatment, no programme. */
const HOUSING: Readonly<Record<string, TypeRow>> = {
  Patient: { keep: 'identifier active name telecom gender birthDate address contact communication deceased[x]' },
  RelatedPerson: { keep: 'identifier active patient relationship name telecom gender birthDate address period communication' },
  ServiceRequest: {
    keep:
      'identifier requisition status intent category priority doNotPerform code orderDetail quantity[x] subject occurrence[x] ' +
      'authoredOn requester performerType performer locationCode locationReference supportingInfo note patientInstruction',
  },
  Task: {
    keep:
      'identifier basedOn groupIdentifier partOf status statusReason businessStatus intent priority code description focus for ' +
      'executionPeriod authoredOn lastModified requester performerType owner location note restriction input output',
  },
  Goal: {
    keep: 'identifier lifecycleStatus achievementStatus category priority description subject start[x] target statusDate statusReason expressedBy note',
  },
  CarePlan: {
    keep: 'identifier status intent category subject period created goal activity',
    without:
      'activity.outcomeCodeableConcept activity.outcomeReference activity.progress activity.detail.reasonCode activity.detail.reasonReference ' +
      'activity.detail.instantiatesCanonical activity.detail.instantiatesUri activity.detail.product[x] activity.detail.dailyAmount',
  },
  QuestionnaireResponse: { keep: 'identifier questionnaire status subject authored author source item' },
  Observation: {
    keep: 'identifier status category code subject effective[x] issued performer value[x] dataAbsentReason note component',
    onlyCategories: ['sdoh'],
  },
  Appointment: {
    keep: 'identifier status cancelationReason appointmentType start end minutesDuration slot created comment patientInstruction participant requestedPeriod',
  },
  Communication: {
    keep: 'identifier basedOn partOf inResponseTo status statusReason priority medium subject sent received recipient sender payload note',
  },
  Organization: { keep: CONTACT },
  Location: { keep: 'identifier status name telecom address position hoursOfOperation' },
  Practitioner: { keep: 'identifier active name telecom' },
  PractitionerRole: { keep: 'identifier active period practitioner organization telecom' },
  HealthcareService: { keep: 'identifier active name telecom comment eligibility' },
}

/** A court or probation officer monitors: attendance and progress, nothing of the content. */
const JUSTICE: Readonly<Record<string, TypeRow>> = {
  Patient: { keep: 'identifier active name gender birthDate' },
  Encounter: {
    keep: 'identifier status statusHistory class classHistory subject period length',
    without: 'classHistory.extension',
  },
  Appointment: { keep: 'identifier status start end minutesDuration participant' },
  Procedure: { keep: 'identifier status subject performed[x]' },
  EpisodeOfCare: { keep: 'identifier status statusHistory patient period' },
  CarePlan: { keep: 'identifier status intent subject period created' },
  Goal: { keep: 'identifier lifecycleStatus achievementStatus description subject start[x] statusDate' },
  ServiceRequest: { keep: 'identifier status intent subject occurrence[x] authoredOn requester performer' },
  Task: {
    keep: 'identifier status intent code focus for executionPeriod authoredOn lastModified requester owner businessStatus',
  },
  Organization: { keep: CONTACT },
  Practitioner: { keep: 'identifier active name telecom' },
  PractitionerRole: { keep: 'identifier active period practitioner organization telecom' },
}

function everything(name: ProfileName, law: string): Profile {
  return { name, law, types: 'all', withoutEverywhere: '', labels: 'all', extensions: 'all', isProgrammeHidden: false }
}

/** The rows. @law 42 CFR 2.13(a), 2.35(a)(1), 2.31(a)(3) */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  internal: everything('internal', '42 CFR 2.12(c)(3)'),
  whole: everything('whole', '42 CFR 2.31(a)(3), 2.33(a)'),
  payment: { ...everything('payment', '42 CFR 2.13(a)'), withoutEverywhere: 'note' },
  housing: {
    name: 'housing',
    law: '42 CFR 2.13(a), 2.13(c)',
    types: HOUSING,
    withoutEverywhere: '',
    labels: 'confidentiality',
    extensions: HARMLESS_EXTENSIONS,
    isProgrammeHidden: true,
  },
  justice: {
    name: 'justice',
    law: '42 CFR 2.35(a)(1)',
    types: JUSTICE,
    withoutEverywhere: '',
    labels: 'handling',
    extensions: HARMLESS_EXTENSIONS,
    isProgrammeHidden: false,
  },
}

/**
 * Which profile a sector gets. Research, public health and others get what their own basis describes (§§ 2.52, 2.54, a named
 * consent): the decision has cut it to that.
 */
export const PROFILE_OF_SECTOR = {
  mission: 'internal',
  hospital: 'whole',
  'behavioural-health': 'whole',
  hiv: 'whole',
  payer: 'payment',
  housing: 'housing',
  justice: 'justice',
  'public-health': 'whole',
  research: 'whole',
  other: 'whole',
} as const satisfies Record<PartnerSector, ProfileName>

/**
 * Types whose content belongs to no one patient: a reference to one is not withheld for want of a decision about it.
 * @spec FHIR R4 CompartmentDefinition/patient, the types that are not in it
 */
export const DIRECTORY_TYPES: ReadonlySet<string> = new Set([
  'Organization',
  'OrganizationAffiliation',
  'Practitioner',
  'PractitionerRole',
  'Location',
  'HealthcareService',
  'Endpoint',
  'Schedule',
  'Slot',
  'Medication',
  'Substance',
  'Questionnaire',
  'PlanDefinition',
  'ActivityDefinition',
  'Measure',
  'Library',
  'CodeSystem',
  'ValueSet',
  'ConceptMap',
  'StructureDefinition',
])

/** Containers of whole resources, which no one has judged one by one: they go to the programme alone. */
export const UNJUDGED_CONTAINERS: ReadonlySet<string> = new Set(['Bundle', 'Parameters'])

/** Is this type shown under a profile at all? */
export const showsType = (profile: Profile, type: string): boolean =>
  profile.types === 'all' ? profile.name === 'internal' || !UNJUDGED_CONTAINERS.has(type) : profile.types[type] !== undefined
