import { z } from 'zod'
import { concept, conceptTable } from '../../src/mapping/codes.ts'
import { extensionUrl, identifierSystem } from '../../src/mapping/context.ts'
import { recordMap } from '../../src/mapping/record-map.ts'
import { each, object, row, same } from '../../src/mapping/verbs.ts'
import genderIdentityMap from './concept-maps/gender-identity.json' with { type: 'json' }
import sexualOrientationMap from './concept-maps/sexual-orientation.json' with { type: 'json' }
import { base, codeOf, day, text } from './fields.ts'
import { SDOH, SOCIAL_HISTORY, codeable, LOINC, yesNo } from './parts.ts'

const genderIdentity = conceptTable(genderIdentityMap)
const sexualOrientation = conceptTable(sexualOrientationMap)

const foreignSystem = z
  .url('must be a URI')
  .max(200)
  .refine((system) => !system.startsWith(identifierSystem('')), "must not be one of the gateway's own systems")

/** A client of the programme, and how to reach them. */
export const clientSchema = z
  .strictObject({
    ...base,
    recordedOn: day,
    family: text,
    given: z.array(text).min(1).max(5),
    birthDate: day,
    gender: z.enum(['male', 'female', 'other', 'unknown']),
    otherIdentifiers: z
      .array(z.strictObject({ system: foreignSystem, value: text }))
      .min(1)
      .max(20)
      .optional(),
    phone: text.optional(),
    email: z.email().max(200).optional(),
    address: z
      .strictObject({
        use: z.enum(['home', 'temp']),
        text: text.optional(),
        line: text.optional(),
        city: text.optional(),
        state: text.optional(),
        postalCode: text.optional(),
        verifiedOn: day.optional(),
      })
      .optional(),
    contact: z.strictObject({ name: text, relationship: text.optional(), phone: text.optional() }).optional(),
    preferredLanguage: z
      .string()
      .regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, 'must be a language tag such as en or es-MX')
      .optional(),
    genderIdentity: codeOf(genderIdentity).optional(),
    sexualOrientation: codeOf(sexualOrientation).optional(),
    isVeteran: z.boolean().optional(),
    recentlyReleased: z.boolean().optional(),
  })
  .refine((c) => c.recordId === c.clientId, {
    path: ['recordId'],
    message: 'must be the clientId: a client record is about itself',
  })

const observation = (
  role: string,
  field: string,
  code: ReturnType<typeof codeable>,
  elements: string,
  as = yesNo,
  sdoh = true,
) => ({
  type: 'Observation',
  role,
  when: field,
  profiles: ['client-characteristic'],
  subject: 'subject',
  fixed: { status: 'final', category: sdoh ? [SOCIAL_HISTORY, SDOH] : [SOCIAL_HISTORY], code },
  rows: [row('', 'recordedOn', 'effectiveDateTime'), row(elements, field, 'valueCodeableConcept', as)],
})

export const clientMap = recordMap({
  name: 'client',
  resources: [
    {
      type: 'Patient',
      profiles: ['client'],
      subject: 'self',
      fixed: { active: true },
      rows: [
        row('', 'clientId', 'identifier[0].value'),
        row('E001', 'family', 'name[0].family'),
        row('E001', 'given', 'name[0].given', each(same)),
        row('E001', 'birthDate', 'birthDate'),
        row('E001', 'gender', 'gender'),
        row(
          'E001',
          'otherIdentifiers',
          `identifier(!${identifierSystem('')})*`,
          each(object([row('', 'system', 'system'), row('', 'value', 'value')])),
        ),
        row('E002', 'phone', 'telecom(phone).value'),
        row('E002', 'email', 'telecom(email).value'),
        row('E002', 'address.use', 'address[0].use'),
        row('E002', 'address.text', 'address[0].text'),
        row('E002', 'address.line', 'address[0].line[0]'),
        row('E002', 'address.city', 'address[0].city'),
        row('E002', 'address.state', 'address[0].state'),
        row('E002', 'address.postalCode', 'address[0].postalCode'),
        row('E002', 'address.verifiedOn', `address[0].extension(${extensionUrl('address-verified')}).valueDate`),
        row('E002', 'contact.name', 'contact[0].name.text'),
        row('E002', 'contact.relationship', 'contact[0].relationship[0].text'),
        row('E002', 'contact.phone', 'contact[0].telecom(phone).value'),
        row('E002', 'preferredLanguage', 'communication[0].language.coding(urn:ietf:bcp:47).code'),
        row('', 'recordedOn', `extension(${extensionUrl('recorded-on')}).valueDate`),
        row(
          'E005',
          'genderIdentity',
          'extension(http://hl7.org/fhir/us/core/StructureDefinition/us-core-genderIdentity).valueCodeableConcept',
          concept(genderIdentity),
        ),
      ],
    },
    observation('veteran', 'isVeteran', codeable(LOINC, '93034-7', 'Discharged from the U.S. Armed Forces'), 'E004'),
    observation(
      'sexual-orientation',
      'sexualOrientation',
      codeable(LOINC, '76690-7', 'Sexual orientation'),
      'E005',
      concept(sexualOrientation),
      false,
    ),
    observation(
      'recently-released',
      'recentlyReleased',
      codeable('http://snomed.info/sct', '278838006', 'Released from prison (finding)'),
      'E005 E007',
    ),
  ],
})
