import { z } from 'zod'
import { concept } from '../../src/mapping/codes.ts'
import { recordMap } from '../../src/mapping/record-map.ts'
import { give, row } from '../../src/mapping/verbs.ts'
import { codeOf, id, text } from './fields.ts'
import { programme } from './parts.ts'
import { staffRole } from './tables.ts'

/** A member of the team, with the qualification that the contract asks for. Seed 003:46. */
export const staffSchema = z.strictObject({
  recordId: id,
  isTest: z.literal(true).optional(),
  prefix: text.optional(),
  given: text.optional(),
  family: text,
  npi: z
    .string()
    .regex(/^\d{10}$/, 'must be ten digits')
    .optional(),
  role: codeOf(staffRole),
  qualification: text.optional(),
  isActive: z.boolean(),
})

export const staffMap = recordMap({
  name: 'staff',
  resources: [
    {
      type: 'Practitioner',
      profiles: ['staff'],
      subject: 'none',
      fixed: {},
      rows: [
        row('E021', 'prefix', 'name[0].prefix[0]'),
        row('E021', 'given', 'name[0].given[0]'),
        row('E021', 'family', 'name[0].family'),
        row('E021', 'npi', 'identifier(http://hl7.org/fhir/sid/us-npi).value'),
        row('E021', 'qualification', 'qualification[0].code.text'),
        row('', 'isActive', 'active'),
      ],
    },
    {
      type: 'PractitionerRole',
      role: 'role',
      profiles: ['staff-role'],
      subject: 'none',
      fixed: {},
      rows: [
        row('E021', 'role', 'code[0]', concept(staffRole)),
        row('', 'isActive', 'active'),
        give('practitioner', (_, run) => ({ reference: run.sibling('') })),
        programme('organization'),
      ],
    },
  ],
})
