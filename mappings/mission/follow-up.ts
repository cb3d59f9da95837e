import { z } from 'zod'
import { concept } from '../../src/mapping/codes.ts'
import { extensionUrl, localSystem } from '../../src/mapping/context.ts'
import { recordMap } from '../../src/mapping/record-map.ts'
import { each, give, inside, refersTo, row } from '../../src/mapping/verbs.ts'
import { base, codeOf, day, id, minutesOfContact, moment, text } from './fields.ts'
import { HEALTH_CONCERN, ACTIVE, CONFIRMED, SDOH, laterBy, local, observation, programme, staff } from './parts.ts'
import { attemptOutcome, collateralKind, linkageStatus, medium, serviceNeed } from './tables.ts'

const enrolment = row(
  '',
  'enrolmentId',
  `extension(${extensionUrl('enrolment-reference')}).valueReference`,
  refersTo('EpisodeOfCare', 'enrolment'),
)

/** An appointment, kept or not. Seeds 000:130,136,463-469. */
export const appointmentSchema = z.strictObject({
  ...base,
  enrolmentId: id.optional(),
  status: z.enum(['booked', 'arrived', 'fulfilled', 'cancelled', 'noshow']),
  start: moment,
  minutes: minutesOfContact.min(1),
  staffId: id,
  reason: text.optional(),
  location: text.optional(),
  drtSession: id.optional(),
})

export const appointmentMap = recordMap({
  name: 'appointment',
  resources: [
    {
      type: 'Appointment',
      profiles: ['appointment'],
      subject: 'participant[0].actor',
      fixed: { participant: [{ status: 'accepted' }, { status: 'accepted' }] },
      rows: [
        row('E047 E058 E068', 'status', 'status'),
        row('E047 E068', 'start', 'start'),
        give('end', (a) => laterBy(a['start'], a['minutes'])),
        row('E047', 'minutes', 'minutesDuration'),
        row('E047', 'staffId', 'participant[1].actor', staff),
        row('E047', 'reason', 'reasonCode[0].text'),
        row('E047', 'location', `extension(${extensionUrl('appointment-location')}).valueString`),
        row('E068', 'drtSession', 'serviceType[0].text'),
        enrolment,
      ],
    },
  ],
})

/** An attempt to reach a client. Seeds 000:128,136; 003:19. */
export const outreachAttemptSchema = z.strictObject({
  ...base,
  enrolmentId: id.optional(),
  attemptedOn: moment,
  medium: codeOf(medium),
  outcome: codeOf(attemptOutcome),
  note: text.optional(),
  staffId: id,
  isReEngagement: z.boolean(),
})

const RE_ENGAGEMENT = local('task-code', 're-engage', 'Re-engage a client lost to care')

export const outreachAttemptMap = recordMap({
  name: 'outreach-attempt',
  resources: [
    {
      type: 'Communication',
      profiles: ['outreach-attempt'],
      subject: 'subject',
      fixed: { status: 'completed' },
      rows: [
        row('E059 E126', 'attemptedOn', 'sent'),
        row('E126', 'medium', 'medium[0]', concept(medium)),
        row('E126', 'outcome', 'topic', concept(attemptOutcome)),
        row('E126', 'note', 'payload[0].contentString'),
        row('E059 E126', 'staffId', 'sender', staff),
        row('E126', 'isReEngagement', 'reasonCode', {
          to: (value) => (value === true ? [RE_ENGAGEMENT] : [local('contact-type', 'outreach', 'Assertive outreach')]),
          from: (value) => JSON.stringify(value).includes('re-engage'),
        }),
        enrolment,
      ],
    },
  ],
})

/** A contact on behalf of a client with somebody else. Seeds 000:58-61,336; 001:26; 003:29,121,154. */
export const collateralContactSchema = z.strictObject({
  ...base,
  enrolmentId: id.optional(),
  on: moment,
  kind: codeOf(collateralKind),
  who: text,
  medium: codeOf(medium),
  subject: text,
  isAdvocacy: z.boolean().optional(),
  staffId: id,
})

export const collateralContactMap = recordMap({
  name: 'collateral-contact',
  resources: [
    {
      type: 'Communication',
      profiles: ['collateral-contact'],
      subject: 'subject',
      fixed: { status: 'completed' },
      rows: [
        row('E093 E121 E127', 'on', 'sent'),
        row('E093 E127', 'kind', 'category[0]', concept(collateralKind)),
        row('E093', 'who', 'recipient[0].display'),
        row('E121', 'isAdvocacy', `extension(${extensionUrl('is-advocacy')}).valueBoolean`),
        row('E093', 'medium', 'medium[0]', concept(medium)),
        row('E093 E121', 'subject', 'payload[0].contentString'),
        row('E093', 'staffId', 'sender', staff),
        enrolment,
      ],
    },
  ],
})

/** A slip or relapse, met with support. Seed 000:130,343. */
export const relapseSchema = z.strictObject({
  ...base,
  enrolmentId: id.optional(),
  noticedOn: day,
  noticedBy: id,
  description: text,
  support: text.optional(),
})

export const relapseMap = recordMap({
  name: 'relapse',
  resources: [
    observation({
      profile: 'relapse',
      code: local('observation', 'relapse', 'Slip or relapse'),
      rows: [
        row('E056', 'noticedOn', 'effectiveDateTime'),
        row('E056', 'noticedBy', 'performer[0]', staff),
        row('E056', 'description', 'valueString'),
        row('E056', 'support', 'note[0].text'),
        enrolment,
      ],
    }),
  ],
})

/** A client who has not come back and gave no news. Seed 003:19. */
export const lostToCareSchema = z.strictObject({
  ...base,
  enrolmentId: id.optional(),
  since: day,
  recordedBy: id,
  isLost: z.boolean(),
  missedAppointments: z.array(id).min(1).max(20).optional(),
  attempts: z.array(id).min(1).max(50).optional(),
  note: text.optional(),
})

export const lostToCareMap = recordMap({
  name: 'lost-to-care',
  resources: [
    observation({
      profile: 'lost-to-care',
      code: local('observation', 'lost-to-care', 'Lost to care'),
      rows: [
        row('E125', 'since', 'effectiveDateTime'),
        row('', 'recordedBy', 'performer[0]', staff),
        row('E125', 'isLost', 'valueBoolean'),
        row(
          'E125',
          'missedAppointments',
          `extension(${extensionUrl('missed-appointment')})*`,
          each(inside('valueReference', {}, refersTo('Appointment', 'appointment'))),
        ),
        row(
          'E126',
          'attempts',
          `extension(${extensionUrl('outreach-evidence')})*`,
          each(inside('valueReference', {}, refersTo('Communication', 'outreach-attempt'))),
        ),
        row('E125', 'note', 'note[0].text'),
        enrolment,
      ],
    }),
    {
      type: 'Flag',
      role: 'flag',
      profiles: ['lost-to-care-flag'],
      subject: 'subject',
      fixed: { code: local('observation', 'lost-to-care', 'Lost to care') },
      rows: [row('E125', 'since', 'period.start'), give('status', (r) => (r['isLost'] === true ? 'active' : 'inactive'))],
    },
    {
      type: 'Task',
      role: 're-engage',
      profiles: ['re-engagement-task'],
      subject: 'for',
      fixed: { intent: 'order', code: RE_ENGAGEMENT, description: 'Re-engage the client' },
      rows: [
        give('status', (r) => (r['isLost'] === true ? 'in-progress' : 'completed')),
        give('authoredOn', (r) => r['since']),
        row('E126', 'recordedBy', 'owner', staff),
        programme('requester'),
      ],
    },
  ],
})

/** A link to a community resource, how it is used, and what stands in the way. Seed 000:38,42,128-132. */
export const linkageSchema = z.strictObject({
  ...base,
  enrolmentId: id.optional(),
  resource: text,
  need: codeOf(serviceNeed),
  status: codeOf(linkageStatus),
  on: day,
  lastUsedOn: day.optional(),
  gap: text.optional(),
  recordedBy: id,
  referralId: id.optional(),
})

const LINKAGE_ITEM = localSystem('linkage-item')

export const linkageMap = recordMap({
  name: 'linkage',
  resources: [
    observation({
      profile: 'linkage',
      code: local('observation', 'linkage', 'Community linkage'),
      rows: [
        row('E053', 'on', 'effectiveDateTime'),
        row('E053 E054', 'status', 'valueCodeableConcept', concept(linkageStatus)),
        row('E053', 'resource', 'note[0].text'),
        row('E053', 'need', `component(${LINKAGE_ITEM}|need).valueCodeableConcept`, concept(serviceNeed)),
        row('E054', 'lastUsedOn', `component(${LINKAGE_ITEM}|last-used).valueDateTime`),
        row('', 'recordedBy', 'performer[0]', staff),
        row('E054', 'referralId', 'basedOn[0]', refersTo('ServiceRequest', 'referral')),
        enrolment,
      ],
    }),
    {
      type: 'Condition',
      role: 'gap',
      when: 'gap',
      profiles: ['barrier'],
      subject: 'subject',
      fixed: { clinicalStatus: ACTIVE, verificationStatus: CONFIRMED, category: [HEALTH_CONCERN, SDOH] },
      rows: [
        row('E055', 'gap', 'code.text'),
        give('recordedDate', (r) => r['on']),
        give('recorder', (r, run) => staff.to(r['recordedBy'], run)),
      ],
    },
  ],
})
