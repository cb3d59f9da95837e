import type { Actor } from '../model/consent.ts'
import type { Reason } from '../model/decision.ts'
import type { Sensitivity } from '../model/label.ts'
import { isPurpose, purposeCovers, sensitivityCovers } from './codes.ts'
import { meansAt } from './reach.ts'
import type { Content, Facet, Question } from './tree.ts'
import type { Node } from './walk.ts'
import type { ConsentFile, World } from './world.ts'

/** A permit found in a consent, before the law is asked whether it may be relied on for this. */
export interface Reliance {
  readonly file: ConsentFile
  readonly trail: readonly Node[]
  readonly content: Content
  readonly facet: Facet
  readonly question: Question
}

/** Why a consent's permit does not carry this disclosure. */
export interface RelianceRule {
  readonly id: string
  readonly law: string
  readonly bars: (reliance: Reliance) => boolean
}

const NOTE_TYPE = { 'sud-counseling-note': 'sud-counseling-notes', 'psychotherapy-note': 'psychotherapy-notes' } as const
const NOTES_ONLY: ReadonlySet<string> = new Set(Object.values(NOTE_TYPE))

const isPart2Form = ({ file, question }: Reliance): boolean =>
  file.consent.regime === 'part2' ||
  (file.consent.form !== undefined && question.world.facts.forms?.mappedToPart2.includes(file.consent.form) === true)

const lacks = ({ file: { deficiencies } }: Reliance, affects: string): boolean =>
  deficiencies.some((one) => one.affects === affects)

/** Each row alone keeps a permit from being relied on. */
export const RELIANCE: readonly RelianceRule[] = [
  { id: 'general-release', law: '42 CFR 2.31(c)(2); 2.32(a)(1)', bars: (r) => r.content.isPart2 && !isPart2Form(r) },
  {
    id: 'mapped-form-deficient',
    law: '42 CFR 2.31(c)(2)',
    bars: (r) => r.content.isPart2 && r.file.consent.regime === 'other' && isPart2Form(r) && lacks(r, 'everything'),
  },
  {
    id: 'recipient-not-named',
    law: '42 CFR 2.31(a)(4)',
    bars: (r) => r.content.isPart2 && !r.trail.some(({ rule }) => rule.recipients.length > 0),
  },
  { id: 'names-another-person', law: '42 CFR 2.31(a)(4)(i)', bars: namesAnother },
  { id: 'purpose-not-stated', law: '42 CFR 2.31(a)(5)', bars: statesNoPurpose },
  {
    id: 'notes-need-own-consent',
    law: '42 CFR 2.31(b)(1)',
    bars: ({ content: { labels }, file }) =>
      labels.noteKind !== undefined && !file.consent.types.includes(NOTE_TYPE[labels.noteKind]),
  },
  {
    id: 'notes-consent-deficient',
    law: '42 CFR 2.31(b)(2), (3)',
    bars: (r) => r.content.labels.noteKind !== undefined && lacks(r, NOTE_TYPE[r.content.labels.noteKind]),
  },
  {
    id: 'consent-is-for-notes',
    law: '42 CFR 2.31(b)(2)',
    bars: ({ content, file }) =>
      content.labels.noteKind === undefined && file.consent.types.every((type) => NOTES_ONLY.has(type)),
  },
  {
    id: 'proceedings-need-own-consent',
    law: '42 CFR 2.12(d)(1); 2.31(d)',
    bars: ({ question, file }) => question.purpose === 'HLEGAL' && !file.consent.types.includes('proceedings'),
  },
  {
    id: 'proceedings-consent-combined',
    law: '42 CFR 2.31(d)',
    bars: (r) => r.question.purpose === 'HLEGAL' && r.file.consent.types.includes('proceedings') && lacks(r, 'proceedings'),
  },
  {
    id: 'justice-needs-own-consent',
    law: '42 CFR 2.35(a)(2)',
    bars: ({ question, content, file }) =>
      question.partner.sector === 'justice' &&
      question.purpose !== 'HLEGAL' &&
      content.isPart2 &&
      !file.consent.types.includes('criminal-justice'),
  },
  {
    id: 'fundraising-opt-out-missing',
    law: '42 CFR 2.31(a)(5)(iii)',
    bars: (r) => r.question.purpose === 'FUNDRAISING' && lacks(r, 'fundraising'),
  },
  { id: 'sensitivity-not-named', law: 'Tex. Health & Safety Code 81.103(b), (d)', bars: lacksNamedSensitivity },
]

/** Where the partner is meant only by persons who work there, and somebody else of it is known to ask. */
function namesAnother({ trail, question: { world, partner, subject, at } }: Reliance): boolean {
  if (subject === undefined) return false
  const admits = (actor: Actor): boolean => {
    const person = personOf(actor, world)
    return meansAt(world.reach(actor, partner), at) === true && (person === undefined || person === subject)
  }
  return trail.some(({ rule: { recipients } }) => recipients.length > 0 && !recipients.some(admits))
}

/** `Practitioner/…`, when a recipient is named as a person and as nothing else. */
const personOf = ({ reference, classes, members }: Actor, { directory }: World): string | undefined => {
  if (classes.length > 0 || members !== undefined) return undefined
  const named = directory.resources.get(reference ?? '')
  if (named?.resourceType === 'PractitionerRole') return named.practitioner?.reference
  return reference?.startsWith('Practitioner/') === true ? reference : undefined
}

function statesNoPurpose({ content, trail, question, file }: Reliance): boolean {
  if (!content.isPart2 || trail.some(({ rule }) => rule.purposes.length > 0)) return false
  return !(file.consent.elements.isPatientInitiated && purposeCovers('PATRQT', question.purpose))
}

/** A state's rule that some information is released only by a consent that names it; rows only narrow. */
export interface Overlay {
  readonly states: readonly string[]
  readonly label: Sensitivity
  readonly law: string
}

/** @law 42 CFR 2.20 */
export const OVERLAYS: readonly Overlay[] = [{ states: ['US-TX'], label: 'HIV', law: 'Tex. Health & Safety Code 81.103(b), (d)' }]

/** Overlays of the programme's state that speak of this facet. @law 42 CFR 2.20 */
export const overlaysFor = (facet: Facet, jurisdiction: string | undefined): readonly Overlay[] =>
  facet === undefined
    ? []
    : OVERLAYS.filter(
        ({ states, label }) => jurisdiction !== undefined && states.includes(jurisdiction) && sensitivityCovers(label, facet),
      )

function lacksNamedSensitivity({ facet, trail, question }: Reliance): boolean {
  return overlaysFor(facet, question.world.facts.jurisdiction).some(
    ({ label }) =>
      !trail.some(({ isPermit, rule }) => isPermit && rule.sensitivities.some((named) => sensitivityCovers(label, named))),
  )
}

/** A gate that stands before every basis. */
export interface Gate {
  readonly id: string
  readonly law: string
  readonly bars: (question: Question, content: Content) => boolean
}

/** What no basis helps over. */
export const GATES: readonly Gate[] = [
  { id: 'recipient-inactive', law: '42 CFR 2.13(a)', bars: ({ partner }) => !partner.isActive },
  { id: 'purpose-unknown', law: '42 CFR 2.31(a)(5)', bars: ({ purpose }) => !isPurpose(purpose) },
  {
    id: 'purpose-not-registered',
    law: '42 CFR 2.13(a)',
    bars: ({ partner, purpose }) => isPurpose(purpose) && !partner.purposes.includes(purpose),
  },
  {
    id: 'subject-not-at-recipient',
    law: '42 CFR 2.31(a)(4)',
    bars: ({ world, subject, partner, at }) => subject !== undefined && !world.isAt(subject, partner, at),
  },
  {
    id: 'not-yet-labelled',
    law: '42 CFR 2.11 "Records"',
    bars: ({ partner }, { labels }) => labels.status === 'pending' && !partner.kinds.includes('programme'),
  },
]

/** What a field of work may have at all, whatever the consent covers. @law 42 CFR 2.13(a) */
export interface SectorProfile {
  readonly id: string
  readonly sector: string
  readonly law: string
  readonly excludes: (content: Content) => boolean
  /** A labelled part of this kind is taken out, though the rest may go. */
  readonly excludesFacet: (facet: Facet) => boolean
}

const DIAGNOSTIC: ReadonlySet<string> = new Set([
  'AllergyIntolerance',
  'ClinicalImpression',
  'DetectedIssue',
  'DiagnosticReport',
  'FamilyMemberHistory',
  'Immunization',
  'Media',
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationRequest',
  'MedicationStatement',
  'Specimen',
])
const MONITORED: ReadonlySet<string> = new Set([
  'Appointment',
  'AppointmentResponse',
  'Encounter',
  'EpisodeOfCare',
  'Patient',
  'ServiceRequest',
  'Task',
])
const CLINICAL = ['SPI', 'HIV', 'STD', 'SEX', 'GDIS', 'PREGNANT', 'PROGRAM-IDENTITY']

const isClinicalFacet = (facet: Facet): boolean =>
  facet !== undefined && CLINICAL.some((named) => sensitivityCovers(named, facet))
const isClinical = ({ labels: { sensitivity } }: Content): boolean => sensitivity.some(isClinicalFacet)
/** A problem of housing, work or income, by its ICD-10-CM code. */
export const isSocialNeed = ({ codes }: Content): boolean => codes.some(({ code }) => /^Z(5[5-9]|6[0-5])/.test(code))

/** Housing never gets a diagnosis; justice gets attendance and progress only. */
export const SECTOR_PROFILES: readonly SectorProfile[] = [
  {
    id: 'housing-no-diagnosis',
    sector: 'housing',
    law: '42 CFR 2.13(a)',
    excludes: (content) =>
      DIAGNOSTIC.has(content.type) || (content.type === 'Condition' && !isSocialNeed(content)) || isClinical(content),
    excludesFacet: isClinicalFacet,
  },
  {
    id: 'justice-attendance-only',
    sector: 'justice',
    law: '42 CFR 2.35(a)(1), (d)',
    excludes: (content) => !MONITORED.has(content.type),
    excludesFacet: isClinicalFacet,
  },
]

/** Why the recipient's field of work does not take this record at all. @law 42 CFR 2.13(a) */
export const profileBars = ({ partner }: Question, content: Content): readonly Reason[] =>
  SECTOR_PROFILES.filter(({ sector, excludes }) => sector === partner.sector && excludes(content)).map(({ id, law }) => ({
    rule: id,
    law,
  }))
