import { z } from 'zod'
import { concept, localTable } from '../../src/mapping/codes.ts'
import { BASE, localSystem } from '../../src/mapping/context.ts'
import { recordMap } from '../../src/mapping/record-map.ts'
import { give, refersTo, row } from '../../src/mapping/verbs.ts'
import { base, codeOf, day, id, text } from './fields.ts'
import { SURVEY, codeable, client, observation, staff } from './parts.ts'

const compliance = localTable('medication-compliance', {
  yes: 'Takes medication as prescribed',
  partly: 'Takes some of it',
  no: 'Does not take it',
  'none-prescribed': 'None prescribed',
})

/** The checklist that opens every Dual Recovery Therapy session. Seed 000:403-417; the 1 to 10 scale is of the group check-in, 000:164. */
export const drtStatusExamSchema = z.strictObject({
  ...base,
  encounterId: id,
  examinedOn: day,
  examinedBy: id,
  isAgendaSet: z.boolean(),
  substancesUsed: text.optional(),
  hasUsedSubstances: z.boolean(),
  motivation: z.int().min(0).max(10).optional(),
  symptoms: z.int().min(1).max(10).optional(),
  symptomsText: text.optional(),
  medicationCompliance: codeOf(compliance).optional(),
  topics: text.optional(),
  twelveStepAttendance: text.optional(),
  additionalNotes: text.optional(),
})

const EXAM = localSystem('drt-status-item')
const effective = give('effectiveDateTime', (e) => e['examinedOn'])
const from = give('derivedFrom', (_, run) => [{ reference: run.sibling('') }])

export const drtStatusExamMap = recordMap({
  name: 'drt-status-exam',
  resources: [
    {
      type: 'QuestionnaireResponse',
      profiles: ['drt-status-exam'],
      subject: 'subject',
      fixed: { status: 'completed', questionnaire: `${BASE}/Questionnaire/mission-drt-status-exam` },
      rows: [
        row('', 'encounterId', 'encounter', refersTo('Encounter', 'encounter')),
        row('', 'examinedOn', 'authored'),
        row('', 'examinedBy', 'author', staff),
        client('source'),
        row('E069', 'isAgendaSet', 'item(1|Agenda set by client and case manager).answer[0].valueBoolean'),
        row('E070', 'substancesUsed', 'item(2.1|Substances used since last session).answer[0].valueString'),
        row('E070', 'hasUsedSubstances', 'item(2|Any substance used since last session).answer[0].valueBoolean'),
        row('E072', 'symptomsText', 'item(4.1|Symptoms of depression or anxiety).answer[0].valueString'),
        row('E074', 'topics', 'item(6|Primary agenda topics).answer[0].valueString'),
        row('E075', 'twelveStepAttendance', 'item(7|Attendance at 12-step groups and other treatment).answer[0].valueString'),
        row('E076', 'additionalNotes', 'item(8|Additional notes).answer[0].valueString'),
      ],
    },
    observation({
      role: 'motivation',
      when: 'motivation',
      profile: 'drt-status-finding',
      category: [SURVEY],
      code: codeable(EXAM, '3', 'Substance use motivational level'),
      rows: [
        row('E071', 'motivation', 'valueInteger'),
        give('referenceRange', () => [{ low: { value: 0 }, high: { value: 10 } }]),
        effective,
        from,
      ],
    }),
    observation({
      role: 'symptoms',
      when: 'symptoms',
      profile: 'drt-status-finding',
      category: [SURVEY],
      code: codeable(EXAM, '4', 'Symptoms of depression or anxiety, 1 to 10'),
      rows: [
        row('E072', 'symptoms', 'valueInteger'),
        give('referenceRange', () => [{ low: { value: 1 }, high: { value: 10 } }]),
        effective,
        from,
      ],
    }),
    observation({
      role: 'medication',
      when: 'medicationCompliance',
      profile: 'drt-status-finding',
      category: [SURVEY],
      code: codeable('http://snomed.info/sct', '410122002', 'Assessment of compliance with medication regimen (procedure)'),
      rows: [row('E073', 'medicationCompliance', 'valueCodeableConcept', concept(compliance)), effective, from],
    }),
  ],
})
