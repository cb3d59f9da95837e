import { z } from 'zod'
import { extensionUrl } from '../../src/mapping/context.ts'
import { recordMap } from '../../src/mapping/record-map.ts'
import { give, inside, partner, refersTo, row } from '../../src/mapping/verbs.ts'
import { base, codeOf, day, id, moment, partnerKey, text } from './fields.ts'
import { SDOH_CODES, SNOMED, codeable, codedText, programme, staff } from './parts.ts'
import { serviceNeed } from './tables.ts'

/** States of a referral: those that the Task profile of SDOH Clinical Care allows. */
export const REFERRAL_STATES = [
  'draft',
  'requested',
  'accepted',
  'rejected',
  'in-progress',
  'on-hold',
  'completed',
  'cancelled',
  'failed',
  'entered-in-error',
] as const

const NEEDS_REASON: ReadonlySet<string> = new Set(['rejected', 'cancelled', 'on-hold', 'failed'])

/** A referral out to a partner of the gateway. Seeds 000:24,71,84,391; 003:31; 001:84-86. */
export const referralSchema = z
  .strictObject({
    ...base,
    need: codeOf(serviceNeed),
    text,
    recipient: partnerKey,
    authoredOn: moment,
    requestedBy: id,
    priority: z.enum(['routine', 'urgent', 'asap', 'stat']),
    reason: text.optional(),
    start: day.optional(),
    end: day.optional(),
    status: z.enum(REFERRAL_STATES),
    statusReason: text.optional(),
    outcome: text.optional(),
    doNotContactClient: z.literal(true).optional(),
    consentId: id.optional(),
    housingInterviewId: id.optional(),
  })
  .refine((r) => !NEEDS_REASON.has(r.status) || r.statusReason !== undefined, {
    path: ['statusReason'],
    message: 'must be there in this state',
  })
  .refine((r) => r.status !== 'completed' || r.outcome !== undefined, {
    path: ['outcome'],
    message: 'must be there when completed',
  })
  .refine((r) => r.end === undefined || (r.start !== undefined && r.start <= r.end), {
    path: ['end'],
    message: 'must not be before the start',
  })

const REQUEST_STATUS = new Map<unknown, string>([
  ['draft', 'draft'],
  ['completed', 'completed'],
  ['rejected', 'revoked'],
  ['cancelled', 'revoked'],
  ['failed', 'revoked'],
  ['entered-in-error', 'entered-in-error'],
  ['on-hold', 'on-hold'],
])

const SDOH_CATEGORY: ReadonlyMap<unknown, readonly [string, string]> = new Map([
  ['housing', ['homelessness', 'Homelessness']],
  ['transportation', ['transportation-insecurity', 'Transportation Insecurity']],
  ['meals', ['food-insecurity', 'Food Insecurity']],
  ['benefits', ['financial-insecurity', 'Financial Insecurity']],
  ['vocational', ['employment-status', 'Employment Status']],
  ['education', ['educational-attainment', 'Educational Attainment']],
  ['academic-assessment', ['educational-attainment', 'Educational Attainment']],
])

const TREATMENT = codeable(SNOMED, '3457005', 'Patient referral (procedure)')
const SOCIAL = codeable(SNOMED, '410606002', 'Social service procedure')
const CONTACTING_PROHIBITED = codeable(SDOH_CODES, 'contacting-subject-prohibited', 'Contacting Subject Prohibited')

export const referralMap = recordMap({
  name: 'referral',
  resources: [
    {
      type: 'ServiceRequest',
      profiles: ['referral'],
      subject: 'subject',
      fixed: { intent: 'order' },
      rows: [
        give('status', (r) => REQUEST_STATUS.get(r['status']) ?? 'active'),
        give('category', (r) => {
          const category = SDOH_CATEGORY.get(r['need'])
          return category === undefined ? [TREATMENT] : [SOCIAL, codeable(SDOH_CODES, ...category)]
        }),
        ...codedText('E031 E033 E104 E108', 'need', 'text', 'code', serviceNeed),
        row('E108', 'priority', 'priority'),
        row('E108', 'authoredOn', 'authoredOn'),
        row('E108', 'reason', 'reasonCode[0].text'),
        row('E108', 'start', 'occurrencePeriod.start'),
        row('E108', 'end', 'occurrencePeriod.end'),
        row('E108', 'recipient', 'performer[0]', partner),
        row('', 'requestedBy', `extension(${extensionUrl('requested-by')}).valueReference`, staff),
        row(
          'E108',
          'consentId',
          `extension(${extensionUrl('consent-reference')}).valueReference`,
          refersTo('Consent', 'consent'),
        ),
        row('E091', 'housingInterviewId', 'supportingInfo[0]', refersTo('QuestionnaireResponse', 'housing-interview')),
        row('E108', 'doNotContactClient', 'orderDetail', { to: () => [CONTACTING_PROHIBITED], from: () => true }),
        programme('requester'),
      ],
    },
    {
      type: 'Task',
      role: 'task',
      profiles: ['referral-task'],
      subject: 'for',
      fixed: {
        intent: 'order',
        code: codeable('http://hl7.org/fhir/CodeSystem/task-code', 'fulfill', 'Fulfill the focal request'),
      },
      rows: [
        row('E109 E012', 'status', 'status'),
        row('E109 E012', 'statusReason', 'statusReason.text'),
        row('', 'priority', 'priority'),
        row('', 'authoredOn', 'authoredOn'),
        row('E109', 'recipient', 'owner', partner),
        row(
          'E109',
          'outcome',
          'output[0]',
          inside('valueString', { type: codeable(SDOH_CODES, 'additional-content', 'Additional Content') }),
        ),
        give('focus', (_, run) => ({ reference: run.sibling('') })),
        programme('requester'),
      ],
    },
  ],
})
