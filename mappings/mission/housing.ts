import { z } from 'zod'
import { concept } from '../../src/mapping/codes.ts'
import { extensionUrl, localSystem } from '../../src/mapping/context.ts'
import { recordMap } from '../../src/mapping/record-map.ts'
import { each, object, refersTo, row } from '../../src/mapping/verbs.ts'
import { base, codeOf, day, id, text } from './fields.ts'
import { local, observation, staff } from './parts.ts'
import { relationship, unitStatus } from './tables.ts'

const enrolment = row(
  '',
  'enrolmentId',
  `extension(${extensionUrl('enrolment-reference')}).valueReference`,
  refersTo('EpisodeOfCare', 'enrolment'),
)
const ITEM = localSystem('housing-item')

/** The search for a home: dwellings located, applied for, refused, leased. Seed 000:58-61,336,347. */
export const housingSearchSchema = z.strictObject({
  ...base,
  enrolmentId: id.optional(),
  status: z.enum(['in-progress', 'completed', 'cancelled']),
  startedOn: day,
  staffId: id,
  referralId: id.optional(),
  authority: text.optional(),
  entitlement: text.optional(),
  units: z
    .array(z.strictObject({ unit: text, status: codeOf(unitStatus) }))
    .min(1)
    .max(50)
    .optional(),
})

export const housingSearchMap = recordMap({
  name: 'housing-search',
  resources: [
    {
      type: 'Task',
      profiles: ['housing-search'],
      subject: 'for',
      fixed: { intent: 'order', code: local('task-code', 'housing-search', 'Housing search') },
      rows: [
        row('E091', 'status', 'status'),
        row('E091', 'startedOn', 'authoredOn'),
        row('E091', 'staffId', 'owner', staff),
        row('E091', 'referralId', 'focus', refersTo('ServiceRequest', 'referral')),
        row('E093', 'authority', `extension(${extensionUrl('housing-authority')}).valueString`),
        row('E092', 'entitlement', `extension(${extensionUrl('entitlement')}).valueString`),
        row(
          'E091 E093',
          'units',
          'output',
          each(object([row('', 'status', 'type', concept(unitStatus)), row('', 'unit', 'valueString')])),
        ),
        enrolment,
      ],
    },
  ],
})

/** How it goes in the home: since when, rent, utilities, conflicts, worry. Seed 000:63,192,349. */
export const housingStabilitySchema = z.strictObject({
  ...base,
  enrolmentId: id.optional(),
  observedOn: day,
  observedBy: id,
  housedOn: day.optional(),
  address: text.optional(),
  isRentPaid: z.boolean().optional(),
  areUtilitiesPaid: z.boolean().optional(),
  hasConflict: z.boolean().optional(),
  isWorried: z.boolean().optional(),
  budget: text.optional(),
  payee: text.optional(),
  entitlement: text.optional(),
  note: text.optional(),
})

const part = (elements: string, from: string, code: string, value: string) =>
  row(elements, from, `component(${ITEM}|${code}).${value}`)

export const housingStabilityMap = recordMap({
  name: 'housing-stability',
  resources: [
    observation({
      profile: 'housing-stability',
      code: local('observation', 'housing-stability', 'Housing stability'),
      rows: [
        row('E096', 'observedOn', 'effectiveDateTime'),
        row('E096', 'observedBy', 'performer[0]', staff),
        part('E095', 'housedOn', 'housed-on', 'valueDateTime'),
        part('E095', 'address', 'address', 'valueString'),
        part('E096', 'isRentPaid', 'rent-paid', 'valueBoolean'),
        part('E096', 'areUtilitiesPaid', 'utilities-paid', 'valueBoolean'),
        part('E096', 'hasConflict', 'conflict', 'valueBoolean'),
        row('E096', 'isWorried', 'component(http://loinc.org|93033-9).valueBoolean'),
        part('E094', 'budget', 'budget', 'valueString'),
        part('E094', 'payee', 'payee', 'valueString'),
        part('E092', 'entitlement', 'entitlement', 'valueString'),
        row('E096', 'note', 'note[0].text'),
        enrolment,
      ],
    }),
  ],
})

/** Family, supports and payees of a client. Seeds 000:60,106,489; 002:434-436. */
export const relatedPersonSchema = z.strictObject({
  ...base,
  recordedOn: day,
  name: text,
  relationship: codeOf(relationship),
  phone: text.optional(),
  livesWithClient: z.boolean().optional(),
})

export const relatedPersonMap = recordMap({
  name: 'related-person',
  resources: [
    {
      type: 'RelatedPerson',
      profiles: ['related-person'],
      subject: 'patient',
      fixed: { active: true },
      rows: [
        row('E026 E087', 'name', 'name[0].text'),
        row('E087 E094', 'relationship', 'relationship[0]', concept(relationship)),
        row('E026', 'phone', 'telecom(phone).value'),
        row('E087', 'livesWithClient', `extension(${extensionUrl('lives-with-client')}).valueBoolean`),
        row('', 'recordedOn', 'period.start'),
      ],
    },
  ],
})
