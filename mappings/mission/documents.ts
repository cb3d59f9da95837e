import { z } from 'zod'
import { concept } from '../../src/mapping/codes.ts'
import { extensionUrl } from '../../src/mapping/context.ts'
import { recordMap } from '../../src/mapping/record-map.ts'
import { each, give, object, refersTo, row } from '../../src/mapping/verbs.ts'
import { isTree, listOf } from '../../src/mapping/tree.ts'
import { base, codeOf, day, duplicateKeys, id, moment, text } from './fields.ts'
import { SNOMED, client, codeable, narrative, pertainsToGoals, programme, staff, textContent } from './parts.ts'
import { documentKind, serviceNeed, staffRole } from './tables.ts'

const NOTE_CATEGORY = codeable(
  'http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category',
  'clinical-note',
  'Clinical Note',
)

const sections = { serviceProvided: 'Service provided', response: 'Response', followUp: 'Follow-up' } as const

const section = (name: keyof typeof sections) => ({
  to: (value: unknown, run: Parameters<typeof textContent.to>[1]) => {
    const content = textContent.to(value, run)
    return isTree(content) && isTree(content['attachment'])
      ? { attachment: { ...content['attachment'], title: sections[name] } }
      : undefined
  },
  from: textContent.from,
})

/** A progress note: what was done, how the client answered, what follows, and the goals it belongs to. Seed 002:333,409-414. */
export const progressNoteSchema = z.strictObject({
  ...base,
  encounterId: id.optional(),
  writtenOn: moment,
  author: id,
  isMentalHealth: z.boolean().optional(),
  serviceProvided: text,
  response: text,
  followUp: text,
  goals: z
    .array(z.strictObject({ planId: id, goalKey: id }))
    .min(1)
    .max(20),
})

const NOTE_TYPES = {
  plain: codeable('http://loinc.org', '11506-3', 'Progress note'),
  mental: codeable('http://loinc.org', '34904-3', 'Mental health Progress note'),
}

export const progressNoteMap = recordMap({
  name: 'progress-note',
  resources: [
    {
      type: 'DocumentReference',
      profiles: ['progress-note'],
      subject: 'subject',
      fixed: { status: 'current', category: [NOTE_CATEGORY] },
      rows: [
        give('type', (n) => (n['isMentalHealth'] === true ? NOTE_TYPES.mental : NOTE_TYPES.plain)),
        row('E119', 'isMentalHealth', `extension(${extensionUrl('mental-health-note')}).valueBoolean`),
        row('E119', 'writtenOn', 'date'),
        row('E119', 'author', 'author[0]', staff),
        row('E119', 'serviceProvided', 'content[0]', section('serviceProvided')),
        row('E119', 'response', 'content[1]', section('response')),
        row('E119', 'followUp', 'content[2]', section('followUp')),
        row('E119', 'encounterId', 'context.encounter[0]', refersTo('Encounter', 'encounter')),
        give('context.related', (n, run) => listOf(n['goals']).map((g) => goalReference(g, run))),
        pertainsToGoals('E119', 'goals'),
        programme('custodian'),
      ],
    },
  ],
})

const goalReference = (goal: unknown, run: Parameters<typeof textContent.to>[1]): unknown =>
  isTree(goal)
    ? refersTo('Goal', 'treatment-plan-goal').to(`${String(goal['planId'])}/${String(goal['goalKey'])}`, run)
    : undefined

/** A document of the client: its text where the gateway may hold it, or the fact that it is there. Seeds 000:102,197,274,360-362. */
export const documentSchema = z.strictObject({
  ...base,
  kind: codeOf(documentKind),
  recordedOn: moment,
  recordedBy: id,
  signedOn: day.optional(),
  body: text,
  isForClientOnly: z.boolean().optional(),
})

export const documentMap = recordMap({
  name: 'document',
  resources: [
    {
      type: 'DocumentReference',
      profiles: ['document'],
      subject: 'subject',
      fixed: { status: 'current', category: [NOTE_CATEGORY] },
      rows: [
        row('E014 E016 E034 E048 E105', 'kind', 'type', concept(documentKind)),
        row('E048 E105', 'recordedOn', 'date'),
        row('', 'recordedBy', 'author[0]', staff),
        row('E014', 'signedOn', `extension(${extensionUrl('signed-on')}).valueDate`),
        row('E048', 'isForClientOnly', `extension(${extensionUrl('client-owned')}).valueBoolean`),
        row('E048 E105', 'body', 'content[0]', textContent),
        programme('custodian'),
      ],
    },
  ],
})

/** The discharge and transition plan of the third phase: to whom care goes, and what is still open. Seed 000:131-132. */
export const transitionPlanSchema = z
  .strictObject({
    ...base,
    enrolmentId: id.optional(),
    status: z.enum(['draft', 'active', 'completed', 'revoked']),
    created: day,
    author: id,
    start: day,
    end: day.optional(),
    summary: text.optional(),
    accomplishments: text.optional(),
    handovers: z
      .array(z.strictObject({ key: id, need: codeOf(serviceNeed), text, provider: text, isAccepted: z.boolean() }))
      .max(30),
    team: z
      .array(z.strictObject({ role: codeOf(staffRole), staffId: id }))
      .min(1)
      .max(20),
  })
  .superRefine((plan, ctx) => {
    for (const at of duplicateKeys({ handovers: plan.handovers }))
      ctx.addIssue({ code: 'custom', path: at.split('.'), message: 'must be used once only' })
    if (plan.end !== undefined && plan.end < plan.start)
      ctx.addIssue({ code: 'custom', path: ['end'], message: 'must not be before the start' })
    if (plan.status === 'completed')
      for (const [i, h] of plan.handovers.entries())
        if (!h.isAccepted)
          ctx.addIssue({
            code: 'custom',
            path: ['handovers', i, 'isAccepted'],
            message: 'must be accepted before the plan is completed',
          })
  })

export const transitionPlanMap = recordMap({
  name: 'transition-plan',
  resources: [
    {
      type: 'CarePlan',
      profiles: ['transition-plan'],
      subject: 'subject',
      fixed: {
        text: narrative('Transition plan'),
        intent: 'plan',
        title: 'Transition plan',
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
          codeable(SNOMED, '371754007', 'Discharge planning (procedure)'),
        ],
      },
      rows: [
        row('E061', 'status', 'status'),
        row('E061', 'created', 'created'),
        row('E061', 'author', 'contributor[0]', staff),
        client('contributor[1]'),
        row('E061', 'start', 'period.start'),
        row('E061', 'end', 'period.end'),
        row('E061', 'summary', 'description'),
        row('E062', 'accomplishments', 'note[0].text'),
        row(
          '',
          'enrolmentId',
          `extension(${extensionUrl('enrolment-reference')}).valueReference`,
          refersTo('EpisodeOfCare', 'enrolment'),
        ),
        give('careTeam', (_, run) => [{ reference: run.sibling('team') }]),
        give('activity', (_, run) => {
          const handovers = listOf(run.record['handovers'])
          return handovers.length === 0
            ? undefined
            : handovers.map((h) => ({ reference: { reference: run.sibling('handover', isTree(h) ? String(h['key']) : '') } }))
        }),
      ],
    },
    {
      type: 'CareTeam',
      role: 'team',
      profiles: ['care-team'],
      subject: 'subject',
      fixed: { status: 'active', name: 'Team of the transition' },
      rows: [
        row(
          'E060',
          'team',
          'participant',
          each(object([row('', 'role', 'role[0]', concept(staffRole)), row('', 'staffId', 'member', staff)])),
        ),
      ],
    },
    {
      type: 'ServiceRequest',
      role: 'handover',
      each: 'handovers',
      profiles: ['service'],
      subject: 'subject',
      fixed: { intent: 'plan', category: [codeable(SNOMED, '371754007', 'Discharge planning (procedure)')] },
      rows: [
        row('E061 E130', 'need', 'code', concept(serviceNeed)),
        row('E061', 'text', 'note[0].text'),
        row('E060 E061', 'provider', 'performer[0].display'),
        row('E060', 'isAccepted', 'status', { to: (v) => (v === true ? 'active' : 'draft'), from: (v) => v === 'active' }),
        give('authoredOn', (_, run) => run.record['created']),
        give('requester', (_, run) => staff.to(run.record['author'], run)),
      ],
    },
  ],
})
