import { concept } from '../../src/mapping/codes.ts'
import { extensionUrl } from '../../src/mapping/context.ts'
import { recordMap } from '../../src/mapping/record-map.ts'
import { isTree, listOf } from '../../src/mapping/tree.ts'
import { each, entryOf, give, inside, refersTo, row } from '../../src/mapping/verbs.ts'
import type { Row } from '../../src/mapping/verbs.ts'
import {
  CONDITION_CLINICAL,
  CONFIRMED,
  PROBLEM_LIST,
  US_CORE_CATEGORY,
  all,
  client,
  codeIn,
  codeable,
  codedText,
  narrative,
  programme,
  staff,
  timing,
} from './parts.ts'
import { diagnosis, goalDomain, serviceNeed, staffRole } from './tables.ts'

const role = concept(staffRole)
const ACHIEVEMENT = 'http://terminology.hl7.org/CodeSystem/goal-achievement'
const PERTAINS_TO_GOAL = 'http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal'
const GOAL_RELATIONSHIP = 'http://hl7.org/fhir/StructureDefinition/goal-relationship'
const MILESTONE = { coding: [{ system: 'http://hl7.org/fhir/goal-relationship-type', code: 'milestone', display: 'Milestone' }] }

/** The parent names its objectives by the standard extension, so that an EHR sees the tree. */
const milestones: Row = give(`extension(${GOAL_RELATIONSHIP})*`, (goal, run) => {
  const own = listOf(run.record['objectives']).filter((o) => isTree(o) && o['goalKey'] === goal['key'])
  if (own.length === 0) return undefined
  return own.map((o) => ({
    extension: [
      { url: 'type', valueCodeableConcept: MILESTONE },
      { url: 'target', valueReference: { reference: run.sibling('objective', isTree(o) ? String(o['key']) : '') } },
    ],
  }))
})

export const treatmentPlanMap = recordMap({
  name: 'treatment-plan',
  resources: [
    {
      type: 'CarePlan',
      profiles: ['treatment-plan'],
      subject: 'subject',
      fixed: {
        text: narrative('Care plan'),
        intent: 'plan',
        title: 'Care plan',
        category: [
          {
            coding: [
              {
                system: 'http://hl7.org/fhir/us/core/CodeSystem/careplan-category',
                code: 'assess-plan',
                display: 'Assessment and Plan of Treatment',
              },
            ],
          },
        ],
      },
      rows: [
        row('E034', 'status', 'status'),
        row('E034', 'created', 'created'),
        row('E045', 'author', 'contributor[0]', staff),
        // Not read back: a plan of before has the case manager among the contributors only.
        give('author', (_, run) => staff.to(run.record['author'], run)),
        client('contributor[1]'),
        programme('extension(http://hl7.org/fhir/us/mcc/StructureDefinition/custodian).valueReference'),
        row('E018 E040', 'start', 'period.start'),
        row('E040', 'end', 'period.end'),
        row('E034', 'summary', 'description'),
        row('E019 E057', 'frequency', `extension(${extensionUrl('frequency')}).valueTiming`, timing),
        row('E019', 'location', `extension(${extensionUrl('service-location')}).valueString`),
        row('E045', 'agreedByClientOn', `extension(${extensionUrl('agreed-on')}).valueDate`),
        row('E046', 'reviewedOn', `extension(${extensionUrl('reviewed-on')}).valueDate`),
        row('E080', 'peerFeedback', 'note[0].text'),
        row('E046', 'replaces', 'replaces[0]', refersTo('CarePlan', 'treatment-plan')),
        row('E029', 'informationSources', 'supportingInfo', each(inside('display'))),
        row(
          '',
          'enrolmentId',
          `extension(${extensionUrl('enrolment-reference')}).valueReference`,
          refersTo('EpisodeOfCare', 'enrolment'),
        ),
        give('careTeam', (_, run) => [{ reference: run.sibling('team') }]),
        all('addresses', ['diagnoses', 'diagnosis']),
        all('goal', ['goals', 'goal'], ['objectives', 'objective']),
        give('activity', (_, run) => {
          const services = listOf(run.record['services'])
          return services.length === 0
            ? undefined
            : services.map((s) => ({ reference: { reference: run.sibling('service', isTree(s) ? String(s['key']) : '') } }))
        }),
      ],
    },
    {
      type: 'CareTeam',
      role: 'team',
      profiles: ['care-team'],
      subject: 'subject',
      fixed: { status: 'active', name: 'Care plan team' },
      rows: [
        give('participant', (_, run) => [
          { role: [role.to('case-manager', run)], member: staff.to(run.record['author'], run) },
          ...listOf(run.record['providers']).map((p) => ({
            role: [role.to(isTree(p) ? p['role'] : undefined, run)],
            member: { reference: run.sibling('provider', isTree(p) ? String(p['key']) : '') },
          })),
        ]),
      ],
    },
    {
      type: 'Condition',
      role: 'diagnosis',
      each: 'diagnoses',
      profiles: ['diagnosis'],
      subject: 'subject',
      fixed: { verificationStatus: CONFIRMED, category: [PROBLEM_LIST] },
      rows: [
        row('E035 E036', 'rank', `extension(${extensionUrl('diagnosis-rank')}).valueCode`),
        ...codedText('E010 E032 E035 E036', 'code', 'text', 'code', diagnosis),
        row('E036', 'clinicalStatus', 'clinicalStatus', codeIn(CONDITION_CLINICAL)),
        row('', 'onset', 'onsetDateTime'),
        give('recordedDate', (_, run) => run.record['created']),
        give('recorder', (_, run) => staff.to(run.record['author'], run)),
      ],
    },
    {
      type: 'Practitioner',
      role: 'provider',
      each: 'providers',
      profiles: ['provider'],
      subject: 'none',
      fixed: {},
      rows: [
        row('E037', 'prefix', 'name[0].prefix[0]'),
        row('E037', 'given', 'name[0].given[0]'),
        row('E037', 'family', 'name[0].family'),
      ],
    },
    {
      type: 'PractitionerRole',
      role: 'provider-role',
      each: 'providers',
      profiles: ['provider-role'],
      subject: 'none',
      fixed: {},
      rows: [
        row('E037', 'role', 'code[0]', concept(staffRole)),
        row('E037', 'organization', 'organization.display'),
        give('practitioner', (entry, run) => ({ reference: run.sibling('provider', String(entry['key'])) })),
      ],
    },
    {
      type: 'Goal',
      role: 'goal',
      each: 'goals',
      profiles: ['goal'],
      subject: 'subject',
      fixed: {},
      rows: [
        row('E041 E099', 'text', 'description.text'),
        row('E042', 'verbatim', `extension(${extensionUrl('goal-verbatim')}).valueString`),
        row('E041', 'domain', 'category[0]', concept(goalDomain)),
        row('E041', 'status', 'lifecycleStatus'),
        row('E137', 'achievement', 'achievementStatus', codeIn(ACHIEVEMENT)),
        row('E041', 'start', 'startDate'),
        row('E041', 'due', 'target[0].dueDate'),
        row('E041', 'diagnosisKeys', 'addresses', each(entryOf('diagnosis'))),
        client('expressedBy'),
        milestones,
      ],
    },
    {
      type: 'Goal',
      role: 'objective',
      each: 'objectives',
      profiles: ['objective'],
      subject: 'subject',
      fixed: {},
      rows: [
        row('E043', 'text', 'description.text'),
        row('E043', 'goalKey', `extension(${extensionUrl('objective-of')}).valueReference`, entryOf('goal')),
        row('E043', 'status', 'lifecycleStatus'),
        row('E043', 'achievement', 'achievementStatus', codeIn(ACHIEVEMENT)),
        row('E043', 'start', 'startDate'),
        row('E043', 'measure', 'target[0].measure.text'),
        row('E043', 'due', 'target[0].dueDate'),
        client('expressedBy'),
      ],
    },
    {
      type: 'ServiceRequest',
      role: 'service',
      each: 'services',
      profiles: ['service'],
      subject: 'subject',
      fixed: { intent: 'plan' },
      rows: [
        row('E038', 'status', 'status'),
        ...codedText('E038 E044', 'need', 'text', 'code', serviceNeed),
        give('category', (entry) => [categoryOf(entry['need'])]),
        row('E044', 'goalKeys', `extension(${PERTAINS_TO_GOAL})*`, each(inside('valueReference', {}, entryOf('goal')))),
        row(
          'E044',
          'objectiveKeys',
          `extension(${extensionUrl('pertains-to-objective')})*`,
          each(inside('valueReference', {}, entryOf('objective'))),
        ),
        row('E038', 'providerKey', 'performer[0]', entryOf('provider')),
        row('E039', 'frequency', 'occurrenceTiming', timing),
        row('E038', 'note', 'note[0].text'),
        give('authoredOn', (_, run) => run.record['created']),
        give('requester', (_, run) => staff.to(run.record['author'], run)),
      ],
    },
    {
      type: 'Appointment',
      role: 'next-appointment',
      when: 'nextAppointment',
      profiles: ['appointment'],
      subject: 'participant[0].actor',
      fixed: { status: 'proposed', participant: [{ status: 'needs-action' }] },
      rows: [
        row('E047', 'nextAppointment.weekday', `extension(${extensionUrl('weekday')}).valueCode`),
        row('E047', 'nextAppointment.time', `extension(${extensionUrl('time-of-day')}).valueString`),
        row('E047', 'nextAppointment.provider', `extension(${extensionUrl('appointment-provider')}).valueString`),
        row('E047', 'nextAppointment.location', `extension(${extensionUrl('appointment-location')}).valueString`),
      ],
    },
  ],
})

const SOCIAL_NEEDS = new Set([
  'housing',
  'benefits',
  'transportation',
  'meals',
  'legal',
  'community',
  'education',
  'vocational',
  'social-work',
])

/** US Core asks a category of every request: social needs apart from treatment. */
const categoryOf = (need: unknown): object =>
  typeof need === 'string' && SOCIAL_NEEDS.has(need)
    ? codeable(US_CORE_CATEGORY, 'sdoh', 'SDOH')
    : codeable('http://snomed.info/sct', '386053000', 'Evaluation procedure (procedure)')
