import { z } from 'zod'
import { concept } from '../../src/mapping/codes.ts'
import { extensionUrl, localSystem } from '../../src/mapping/context.ts'
import { recordMap } from '../../src/mapping/record-map.ts'
import { give, refersTo, row } from '../../src/mapping/verbs.ts'
import { base, codeOf, day, id, text } from './fields.ts'
import { LOINC, codeable, local, observation, staff } from './parts.ts'
import { employmentStatus } from './tables.ts'

const counts = z.strictObject({
  identified: z.int().min(0).max(1000),
  applied: z.int().min(0).max(1000),
  followUps: z.int().min(0).max(1000),
  interviews: z.int().min(0).max(1000),
  outcomes: text.optional(),
})

/** Work and school as the seeds count them. Seed 000:359-371. */
export const vocationalTrackingSchema = z.strictObject({
  ...base,
  enrolmentId: id.optional(),
  recordedOn: day,
  recordedBy: id,
  employment: codeOf(employmentStatus).optional(),
  jobs: counts.optional(),
  schools: counts.optional(),
  justiceBarrier: text.optional(),
  needsVocationalSpecialist: z.boolean().optional(),
  benefits: text.optional(),
})

const ITEM = localSystem('tracking-item')
const enrolment = row(
  '',
  'enrolmentId',
  `extension(${extensionUrl('enrolment-reference')}).valueReference`,
  refersTo('EpisodeOfCare', 'enrolment'),
)
const at = give('effectiveDateTime', (r) => r['recordedOn'])
const by = give('performer', (r, run) => [staff.to(r['recordedBy'], run)])

const counted = (field: 'jobs' | 'schools', code: 'voc' | 'edu', elements: readonly [string, string, string]) => [
  row(elements[0], `${field}.identified`, `component(${ITEM}|${code}-1).valueInteger`),
  row(elements[1], `${field}.applied`, `component(${ITEM}|${code}-2).valueInteger`),
  row(elements[1], `${field}.followUps`, `component(${ITEM}|${code}-3).valueInteger`),
  row(elements[2], `${field}.interviews`, `component(${ITEM}|${code}-4).valueInteger`),
  row(elements[2], `${field}.outcomes`, `component(${ITEM}|${code}-5).valueString`),
  at,
  by,
]

export const vocationalTrackingMap = recordMap({
  name: 'vocational-tracking',
  resources: [
    observation({
      profile: 'client-characteristic',
      code: local('observation', 'vocational-needs', 'Vocational and educational needs'),
      rows: [
        row('', 'recordedOn', 'effectiveDateTime'),
        row('', 'recordedBy', 'performer[0]', staff),
        give('valueString', () => 'Vocational and educational needs reviewed'),
        row('E107', 'benefits', 'note[0].text'),
        row('E104', 'needsVocationalSpecialist', `extension(${extensionUrl('needs-vocational-specialist')}).valueBoolean`),
        enrolment,
      ],
    }),
    observation({
      role: 'employment',
      when: 'employment',
      profile: 'employment',
      code: codeable(LOINC, '67875-5', 'Employment status - current'),
      rows: [row('E098', 'employment', 'valueCodeableConcept', concept(employmentStatus)), at, by],
    }),
    observation({
      role: 'jobs',
      when: 'jobs',
      profile: 'vocational-tracking',
      code: local('observation', 'vocational-tracking', 'Vocational tracking'),
      rows: counted('jobs', 'voc', ['E100', 'E101', 'E102']),
    }),
    observation({
      role: 'schools',
      when: 'schools',
      profile: 'education-tracking',
      code: local('observation', 'education-tracking', 'Educational tracking'),
      rows: counted('schools', 'edu', ['E103', 'E103', 'E103']),
    }),
    observation({
      role: 'justice-barrier',
      when: 'justiceBarrier',
      profile: 'client-characteristic',
      code: codeable('http://snomed.info/sct', '266944002', 'Has a prison record (finding)'),
      rows: [row('E106', 'justiceBarrier', 'valueString'), at, by],
    }),
  ],
})
