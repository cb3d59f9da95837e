import { z } from 'zod'
import { coding, concept } from '../../src/mapping/codes.ts'
import { extensionUrl } from '../../src/mapping/context.ts'
import { recordMap } from '../../src/mapping/record-map.ts'
import { each, give, minutes, object, refersTo, row } from '../../src/mapping/verbs.ts'
import { base, codeOf, id, minutesOfContact, moment, text } from './fields.ts'
import { laterBy, local, programme, staff } from './parts.ts'
import { cmFunction, contactPlace, contactType, drtSession, peerSession, staffRole } from './tables.ts'

/** One contact with a client: what it was, where, for how many minutes, and with whom of the team. */
export const encounterSchema = z
  .strictObject({
    ...base,
    enrolmentId: id.optional(),
    type: codeOf(contactType),
    status: z.enum(['planned', 'in-progress', 'finished', 'cancelled']),
    start: moment,
    minutes: minutesOfContact,
    place: codeOf(contactPlace),
    location: text.optional(),
    staff: z
      .array(z.strictObject({ role: codeOf(staffRole), staffId: id }))
      .min(1)
      .max(10),
    reason: text.optional(),
    function: codeOf(cmFunction).optional(),
    drtSession: codeOf(drtSession).optional(),
    peerSession: codeOf(peerSession).optional(),
    format: z.enum(['individual', 'group']).optional(),
    groupSize: z.int().min(2).max(50).optional(),
    worksheetsReviewed: z.boolean().optional(),
    homework: text.optional(),
    referralId: id.optional(),
    appointmentId: id.optional(),
  })
  .refine((e) => e.type !== 'drt-session' || e.drtSession !== undefined, {
    path: ['drtSession'],
    message: 'must name the session',
  })
  .refine((e) => e.groupSize === undefined || e.format === 'group', {
    path: ['groupSize'],
    message: 'belongs to a group session only',
  })

const procedure = (role: string, when: string, code: ReturnType<typeof row>, profile: string) => ({
  type: 'Procedure',
  role,
  when,
  profiles: [profile],
  subject: 'subject',
  fixed: {},
  rows: [
    code,
    give('status', (e) => PROCEDURE_STATUS.get(String(e['status'])) ?? 'unknown'),
    give('encounter', (_, run) => ({ reference: run.sibling('') })),
    give('performedPeriod', (e) => ({ start: e['start'], end: laterBy(e['start'], e['minutes']) })),
    give('performer', (e, run) => firstOf(e['staff']).map((s) => ({ actor: staff.to(s['staffId'], run) }))),
  ],
})

const PROCEDURE_STATUS = new Map([
  ['planned', 'preparation'],
  ['in-progress', 'in-progress'],
  ['finished', 'completed'],
  ['cancelled', 'not-done'],
])

const firstOf = (list: unknown): readonly Record<string, unknown>[] =>
  Array.isArray(list)
    ? list.filter((entry): entry is Record<string, unknown> => typeof entry === 'object' && entry !== null).slice(0, 1)
    : []

export const encounterMap = recordMap({
  name: 'encounter',
  resources: [
    {
      type: 'Encounter',
      profiles: ['contact'],
      subject: 'subject',
      fixed: {},
      rows: [
        row('', 'status', 'status'),
        row('E017 E052 E059 E060 E107 E111 E118 E120', 'type', 'type[0]', concept(contactType)),
        row('E123 E120', 'place', 'class', coding(contactPlace)),
        row('E017 E118', 'start', 'period.start'),
        give('period.end', (e) => laterBy(e['start'], e['minutes'])),
        row('E017 E118 E122', 'minutes', 'length', minutes),
        row('E111', 'location', 'location[0].location.display'),
        row(
          'E017 E118 E127',
          'staff',
          'participant',
          each(object([row('', 'role', 'type[0]', concept(staffRole)), row('', 'staffId', 'individual', staff)])),
        ),
        row('', 'reason', 'reasonCode[0].text'),
        row('', 'enrolmentId', 'episodeOfCare[0]', refersTo('EpisodeOfCare', 'enrolment')),
        row('', 'referralId', 'basedOn[0]', refersTo('ServiceRequest', 'referral')),
        row('', 'appointmentId', 'appointment[0]', refersTo('Appointment', 'appointment')),
        row('E065', 'format', `extension(${extensionUrl('session-format')}).valueCode`),
        row('E065', 'groupSize', `extension(${extensionUrl('group-size')}).valueInteger`),
        programme('serviceProvider'),
      ],
    },
    procedure('drt', 'drtSession', row('E063 E066', 'drtSession', 'code', concept(drtSession)), 'drt-session'),
    procedure('peer', 'peerSession', row('E079', 'peerSession', 'code', concept(peerSession)), 'peer-session'),
    procedure(
      'function',
      'function',
      row('E052 E081 E115 E117 E120 E121 E127 E128 E130', 'function', 'code', concept(cmFunction)),
      'cm-service',
    ),
    {
      type: 'Observation',
      role: 'worksheets',
      when: 'worksheetsReviewed',
      profiles: ['worksheets-reviewed'],
      subject: 'subject',
      fixed: { status: 'final', code: local('drt-worksheet', 'reviewed', 'Completed worksheets reviewed') },
      rows: [
        row('E067', 'worksheetsReviewed', 'valueBoolean'),
        give('effectiveDateTime', (e) => e['start']),
        give('encounter', (_, run) => ({ reference: run.sibling('') })),
      ],
    },
    {
      type: 'Task',
      role: 'homework',
      when: 'homework',
      profiles: ['homework'],
      subject: 'for',
      fixed: {
        status: 'requested',
        intent: 'order',
        code: local('task-code', 'homework', 'Something to try before the next session'),
      },
      rows: [
        row('E068', 'homework', 'description'),
        give('authoredOn', (e) => e['start']),
        give('encounter', (_, run) => ({ reference: run.sibling('') })),
        give('owner', (_, run) => (run.patient === undefined ? undefined : { reference: run.patient })),
      ],
    },
  ],
})
