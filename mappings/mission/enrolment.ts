import { z } from 'zod'
import { concept } from '../../src/mapping/codes.ts'
import { extensionUrl, localSystem } from '../../src/mapping/context.ts'
import { recordMap } from '../../src/mapping/record-map.ts'
import { each, give, object, row } from '../../src/mapping/verbs.ts'
import { base, codeOf, day, id, text } from './fields.ts'
import { LOINC, codeable, programme, staff, teamMembers } from './parts.ts'
import { cmModel, ctiPhase, missionVersion, programLength, staffRole } from './tables.ts'

const period = z
  .strictObject({ phase: codeOf(ctiPhase), start: day, end: day.optional() })
  .refine((p) => p.end === undefined || p.start <= p.end, { path: ['end'], message: 'must not be before the start' })

/** The stay of a client in the programme: version, length, phases with their history, and the team. */
export const enrolmentSchema = z
  .strictObject({
    ...base,
    status: z.enum(['planned', 'active', 'onhold', 'finished', 'cancelled']),
    version: codeOf(missionVersion),
    length: codeOf(programLength),
    start: day,
    end: day.optional(),
    endReason: text.optional(),
    accomplishments: text.optional(),
    cmModel: codeOf(cmModel).optional(),
    isRyanWhite: z.boolean().optional(),
    phases: z.array(period).min(1).max(12),
    caseManager: id,
    team: z
      .array(z.strictObject({ role: codeOf(staffRole), staffId: id }))
      .min(1)
      .max(20),
    contractSignedOn: day.optional(),
    confidentialityExplainedOn: day.optional(),
  })
  .refine((e) => e.end === undefined || e.start <= e.end, { path: ['end'], message: 'must not be before the start' })
  .refine((e) => e.phases.every((p) => p.start >= e.start), { path: ['phases'], message: 'must not begin before the enrolment' })
  .refine((e) => e.phases.filter((p) => p.end === undefined).length <= 1, {
    path: ['phases'],
    message: 'must have at most one without an end',
  })
  .refine((e) => e.status !== 'finished' || e.end !== undefined, {
    path: ['end'],
    message: 'must be there when the stay is finished',
  })

const attachment = (title: string, on: unknown): object => ({
  contentType: 'text/plain',
  title,
  data: btoa(`${title}: ${typeof on === 'string' ? on : ''}`),
})

export const enrolmentMap = recordMap({
  name: 'enrolment',
  resources: [
    {
      type: 'EpisodeOfCare',
      profiles: ['enrolment'],
      subject: 'patient',
      fixed: {},
      rows: [
        row('', 'status', 'status'),
        row('E003', 'version', 'type[0]', concept(missionVersion)),
        row('E116', 'cmModel', `extension(${extensionUrl('cm-model')}).valueCodeableConcept`, concept(cmModel)),
        row('E018 E040', 'length', `extension(${extensionUrl('program-length')}).valueCodeableConcept`, concept(programLength)),
        row('', 'isRyanWhite', `extension(${extensionUrl('ryan-white')}).valueBoolean`),
        row('E018', 'start', 'period.start'),
        row('E062', 'end', 'period.end'),
        row('E062', 'endReason', `extension(${extensionUrl('end-reason')}).valueString`),
        row('E062', 'accomplishments', `extension(${extensionUrl('accomplishments')}).valueString`),
        row(
          'E049 E050 E051',
          'phases',
          `extension(${extensionUrl('cti-phase')})*`,
          each(
            object([
              row('E049 E050 E051', 'phase', 'extension(phase).valueCodeableConcept', concept(ctiPhase)),
              row('E049 E050 E051', 'start', 'extension(period).valuePeriod.start'),
              row('E049 E050 E051', 'end', 'extension(period).valuePeriod.end'),
            ]),
          ),
        ),
        row('E020', 'caseManager', 'careManager', staff),
        give('team', (_, run) => [{ reference: run.sibling('team') }]),
        programme('managingOrganization'),
      ],
    },
    {
      type: 'CareTeam',
      role: 'team',
      profiles: ['care-team'],
      subject: 'subject',
      fixed: { name: 'Care team' },
      rows: [
        give('status', (entry) => (entry['status'] === 'finished' || entry['status'] === 'cancelled' ? 'inactive' : 'active')),
        row('E020', 'team', 'participant', teamMembers),
        row('', 'start', 'period.start'),
        row('', 'end', 'period.end'),
        give('managingOrganization', (_, run) => [{ reference: `Organization/${run.context.programme}` }]),
      ],
    },
    {
      type: 'DocumentReference',
      role: 'contract',
      when: 'contractSignedOn',
      profiles: ['document'],
      subject: 'subject',
      fixed: {
        status: 'current',
        type: codeable(LOINC, '59284-0', 'Consent Document'),
        category: [codeable(LOINC, '59284-0', 'Consent Document')],
      },
      rows: [
        row('E014', 'contractSignedOn', `extension(${extensionUrl('signed-on')}).valueDate`),
        give('content', (entry) => [{ attachment: attachment('Treatment contract signed', entry['contractSignedOn']) }]),
        programme('custodian'),
      ],
    },
    {
      type: 'Procedure',
      role: 'confidentiality',
      when: 'confidentialityExplainedOn',
      profiles: ['cm-service'],
      subject: 'subject',
      fixed: {
        status: 'completed',
        code: codeable(
          localSystem('cm-function'),
          'confidentiality-explained',
          'Confidentiality and mandatory reporting explained',
        ),
      },
      rows: [row('E016', 'confidentialityExplainedOn', 'performedDateTime'), row('', 'caseManager', 'performer[0].actor', staff)],
    },
  ],
})
