import { describe, expect, test } from '@jest/globals'
import { loadDefinitions, validate } from '../../src/validation/validate.ts'
import { CORPUS, plain } from './corpus.ts'
import { allDefinitions, BASE, OURS, TERMINOLOGY } from './definitions.ts'

const MISSION = 'https://mission-gateway.example/fhir/StructureDefinition/mission-'
const US_CORE = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-'

const aPlan = {
  resourceType: 'CarePlan',
  id: 'plan-1',
  meta: { profile: [`${MISSION}treatment-plan`] },
  identifier: [{ system: 'urn:example:plan', value: '1' }],
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Care plan</div>' },
  status: 'active',
  intent: 'plan',
  category: [{ coding: [{ system: 'http://hl7.org/fhir/us/core/CodeSystem/careplan-category', code: 'assess-plan' }] }],
  subject: { reference: 'Patient/p1' },
  period: { start: '2026-01-05' },
  contributor: [{ reference: 'Patient/p1' }],
  careTeam: [{ reference: 'CareTeam/t1' }],
  goal: [{ reference: 'Goal/g1' }],
  activity: [{ reference: { reference: 'ServiceRequest/s1' } }],
}
const phase = (start: string, end?: string, code = 'tryOut'): object => ({
  url: `${MISSION}cti-phase`,
  extension: [
    {
      url: 'phase',
      valueCodeableConcept: { coding: [{ system: 'https://mission-gateway.example/fhir/CodeSystem/mission-cti-phase', code }] },
    },
    { url: 'period', valuePeriod: { start, ...(end === undefined ? {} : { end }) } },
  ],
})
const LENGTH = {
  url: `${MISSION}program-length`,
  valueCodeableConcept: {
    coding: [{ system: 'https://mission-gateway.example/fhir/CodeSystem/mission-program-length', code: '6m' }],
  },
}
const anEnrolment = {
  resourceType: 'EpisodeOfCare',
  id: 'e1',
  meta: { profile: [`${MISSION}enrolment`] },
  identifier: [{ system: 'urn:example:enrolment', value: '1' }],
  extension: [LENGTH, phase('2026-01-05', '2026-03-01', 'transitionToCommunity'), phase('2026-03-01')],
  status: 'active',
  type: [{ coding: [{ system: 'https://mission-gateway.example/fhir/CodeSystem/mission-mission-version', code: 'vet' }] }],
  patient: { reference: 'Patient/p1' },
  managingOrganization: { reference: 'Organization/mission' },
  period: { start: '2026-01-05' },
  careManager: { reference: 'Practitioner/s1' },
}
const aCorePatient = {
  resourceType: 'Patient',
  id: 'p1',
  meta: { profile: [`${US_CORE}patient|7.0.0`] },
  identifier: [{ system: 'urn:example:mrn', value: '1' }],
  name: [{ family: 'HTEST-Rivera' }],
  gender: 'other',
}
const aCoreCondition = {
  resourceType: 'Condition',
  id: 'c1',
  meta: { profile: [`${US_CORE}condition-problems-health-concerns|6.1.0`] },
  clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: 'problem-list-item' }] }],
  code: { text: 'x' },
  subject: { reference: 'Patient/p1' },
}

const errorsOf = (resource: object): readonly string[] =>
  validate(plain(resource), allDefinitions)
    .filter((issue) => issue.severity === 'error')
    .map((issue) => `${issue.path}: ${issue.message}`)

describe('profiles', () => {
  test.each([
    ['a treatment plan', aPlan],
    ['an enrolment', anEnrolment],
    ['a US Core patient', aCorePatient],
    ['a US Core problem', aCoreCondition],
    [
      'a patient whose race has its parts',
      { ...aCorePatient, extension: [{ url: `${US_CORE}race`, extension: [{ url: 'text', valueString: 'x' }] }] },
    ],
    ['a profile that nobody holds', { ...aPlan, meta: { profile: ['urn:example:unknown'] } }],
  ])('%s is valid', (_, resource) => {
    expect(errorsOf(resource)).toEqual([])
  })

  test.each([
    ['a slice left out', { ...aPlan, category: [{ text: 'x' }] }, 'CarePlan.category'],
    ['a slice twice', { ...aPlan, category: [...aPlan.category, ...aPlan.category] }, 'CarePlan.category'],
    ['a pattern not fitted', { ...aPlan, intent: 'order' }, 'CarePlan.intent'],
    [
      'an element that the profile takes away',
      { ...aPlan, activity: [{ detail: { status: 'scheduled' } }] },
      'CarePlan.activity[0].detail',
    ],
    ['an element that the profile asks for', { ...aPlan, text: undefined }, 'CarePlan.text'],
    ['a nested element that the profile asks for', { ...aPlan, period: { end: '2026-02-01' } }, 'CarePlan.period.start'],
    ['a target narrowed by the profile', { ...aPlan, subject: { reference: 'Group/g' } }, 'CarePlan.subject'],
    [
      'an extension of the wrong type',
      { ...aPlan, extension: [{ url: `${MISSION}agreed-on`, valueString: 'x' }] },
      'CarePlan.extension[0].value',
    ],
    [
      'an extension twice',
      { ...aPlan, extension: ['2026-01-05', '2026-01-06'].map((d) => ({ url: `${MISSION}agreed-on`, valueDate: d })) },
      'CarePlan.extension',
    ],
    ['an extension that is required', { ...anEnrolment, extension: [] }, 'EpisodeOfCare.extension'],
    ['a code outside of a required binding of ours', { ...anEnrolment, type: [{ text: 'x' }] }, 'EpisodeOfCare.type[0]'],
    [
      'a code inside an extension',
      { ...anEnrolment, extension: [LENGTH, phase('2026-01-05', undefined, 'zz')] },
      'EpisodeOfCare.extension[1].extension[0].value',
    ],
    [
      'a part of an extension',
      {
        ...anEnrolment,
        extension: [LENGTH, { url: `${MISSION}cti-phase`, extension: [{ url: 'phase', valueCodeableConcept: { text: 'x' } }] }],
      },
      'EpisodeOfCare.extension[1].extension',
    ],
    ['two phases at once', { ...anEnrolment, extension: [LENGTH, phase('2026-01-05'), phase('2026-03-01')] }, 'EpisodeOfCare'],
    ['a phase before the enrolment', { ...anEnrolment, extension: [LENGTH, phase('2025-12-05')] }, 'EpisodeOfCare'],
    ['a finished enrolment without an end', { ...anEnrolment, status: 'finished' }, 'EpisodeOfCare'],
    [
      'an extension in the wrong place',
      { ...aPlan, extension: [{ url: `${MISSION}recorded-on`, valueDate: '2026-01-05' }] },
      'CarePlan.extension[0]',
    ],
    [
      'an extension of R4 with the wrong content',
      {
        ...aPlan,
        extension: [
          { url: 'http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal', valueReference: { reference: 'Task/t' } },
        ],
      },
      'CarePlan.extension[0].value',
    ],
    ['a US Core invariant', { ...aCorePatient, name: [{ use: 'official' }] }, 'Patient.name[0]'],
    [
      'a US Core extension without its text',
      {
        ...aCorePatient,
        extension: [{ url: `${US_CORE}race`, extension: [{ url: 'ombCategory', valueCoding: { code: 'x' } }] }],
      },
      'Patient.extension[0].extension',
    ],
    ['a US Core category', { ...aCoreCondition, category: [{ text: 'x' }] }, 'Condition.category'],
    ['the profile of another type', { ...aCorePatient, meta: { profile: [`${MISSION}goal`] } }, 'Patient'],
  ])('%s is found', (_, resource, path) => {
    expect(errorsOf(resource).map((error) => error.replace(/: .*/, ''))).toContain(path)
  })

  test('a claim of a MISSION profile is a claim of US Core in three versions', () => {
    const imposed = ['6.1.0', '7.0.0', '8.0.0'].map((version) => `${US_CORE}procedure|${version}`)
    expect(allDefinitions.profileOf(`${MISSION}cm-service`)?.imposes).toEqual(imposed)
    const service = CORPUS.find((resource) => JSON.stringify(resource).includes(`${MISSION}cm-service"`)) ?? {}
    const withoutTime = plain({ ...service, status: 'completed', performedPeriod: undefined, performedDateTime: undefined })
    expect(validate(withoutTime, loadDefinitions([...BASE, ...TERMINOLOGY, OURS]))).toEqual([])
    expect(errorsOf(withoutTime)).toEqual([expect.stringContaining('us-core-7')])
  })

  test('a profile asked for is checked though it is not claimed', () => {
    expect(validate({ ...aPlan, meta: undefined }, allDefinitions, [`${US_CORE}careplan`])).not.toEqual([])
    expect(validate(aPlan, allDefinitions, ['urn:example:unknown'])).toContainEqual(
      expect.objectContaining({ code: 'not-found' }),
    )
  })

  test('a profile that nobody holds is said to be unchecked', () => {
    const issues = validate({ ...aPlan, meta: { profile: ['urn:example:unknown'] } }, allDefinitions)
    expect(issues).toContainEqual(expect.objectContaining({ severity: 'information', path: 'CarePlan.meta.profile[0]' }))
  })

  test('no invariant of any profile is left unchecked', () => {
    allDefinitions.compileAll()
    expect(allDefinitions.unchecked).toEqual([])
  })
})
