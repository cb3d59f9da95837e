import { z } from 'zod'
import { concept } from '../../src/mapping/codes.ts'
import { extensionUrl } from '../../src/mapping/context.ts'
import { recordMap } from '../../src/mapping/record-map.ts'
import { each, give, partner, row } from '../../src/mapping/verbs.ts'
import { base, codeOf, day, id, moment, partnerKey, text } from './fields.ts'
import { SNOMED, codeable, codedText, programme } from './parts.ts'
import { REFERRAL_STATES } from './referral.ts'
import { agreementKind, referralSource, serviceNeed } from './tables.ts'

/** A referral to the programme from outside, by whatever way it came. Seeds 000:96,119; 003:19,27. */
export const inboundReferralSchema = z
  .strictObject({
    ...base,
    need: codeOf(serviceNeed),
    text,
    source: codeOf(referralSource),
    sourceName: text,
    sourcePartner: partnerKey.optional(),
    receivedOn: moment,
    status: z.enum(REFERRAL_STATES),
    statusReason: text.optional(),
    isNewlyDiagnosed: z.boolean().optional(),
    isNotInCare: z.boolean().optional(),
  })
  .refine((r) => !['rejected', 'cancelled', 'on-hold', 'failed'].includes(r.status) || r.statusReason !== undefined, {
    path: ['statusReason'],
    message: 'must be there in this state',
  })

export const inboundReferralMap = recordMap({
  name: 'inbound-referral',
  resources: [
    {
      type: 'ServiceRequest',
      profiles: ['referral'],
      subject: 'subject',
      fixed: { status: 'active', intent: 'order', category: [codeable(SNOMED, '3457005', 'Patient referral (procedure)')] },
      rows: [
        ...codedText('E008 E110', 'need', 'text', 'code', serviceNeed),
        row('E110 E124', 'source', `extension(${extensionUrl('referral-source')}).valueCodeableConcept`, concept(referralSource)),
        row('E110 E124', 'sourceName', 'requester.display'),
        row('E110', 'sourcePartner', `extension(${extensionUrl('referring-partner')}).valueReference`, partner),
        row('E008 E110', 'receivedOn', 'authoredOn'),
        row('E124', 'isNewlyDiagnosed', `extension(${extensionUrl('newly-diagnosed')}).valueBoolean`),
        row('E124', 'isNotInCare', `extension(${extensionUrl('not-in-care')}).valueBoolean`),
        give('performer', (_, run) => [{ reference: `Organization/${run.context.programme}` }]),
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
        row('E008 E012', 'status', 'status'),
        row('E012', 'statusReason', 'statusReason.text'),
        give('authoredOn', (r) => r['receivedOn']),
        give('requester', (r) => ({ display: r['sourceName'] })),
        give('focus', (_, run) => ({ reference: run.sibling('') })),
        give('output', (r) =>
          r['status'] === 'completed' ? [{ type: { text: 'Screened' }, valueString: 'Screened' }] : undefined,
        ),
        programme('owner'),
      ],
    },
  ],
})

/** What the programme has agreed with a partner; without it nothing is routed by itself. Seeds 003:41; 001:62-65. */
export const partnerAgreementSchema = z
  .strictObject({
    recordId: id,
    isTest: z.literal(true).optional(),
    partner: partnerKey,
    kinds: z.array(codeOf(agreementKind)).min(1).max(7),
    start: day,
    end: day.optional(),
    isActive: z.boolean(),
  })
  .refine((a) => a.end === undefined || a.start <= a.end, { path: ['end'], message: 'must not be before the start' })

export const partnerAgreementMap = recordMap({
  name: 'partner-agreement',
  resources: [
    {
      type: 'OrganizationAffiliation',
      profiles: ['agreement'],
      subject: 'none',
      fixed: {},
      rows: [
        row('E112 E134', 'partner', 'participatingOrganization', partner),
        row('E112 E113', 'kinds', 'code', each(concept(agreementKind))),
        row('E112', 'start', 'period.start'),
        row('E112', 'end', 'period.end'),
        row('E134', 'isActive', 'active'),
        programme('organization'),
      ],
    },
  ],
})

/** A service that clients can be referred to, and when somebody last made sure. Seeds 001:66; 000:38. */
export const directoryEntrySchema = z.strictObject({
  recordId: id,
  isTest: z.literal(true).optional(),
  name: text,
  organization: text,
  needs: z.array(codeOf(serviceNeed)).min(1).max(10),
  phone: text.optional(),
  address: text.optional(),
  verifiedOn: day,
  isActive: z.boolean(),
})

export const directoryEntryMap = recordMap({
  name: 'directory-entry',
  resources: [
    {
      type: 'HealthcareService',
      profiles: ['community-resource'],
      subject: 'none',
      fixed: {},
      rows: [
        row('E114', 'name', 'name'),
        row('E114', 'needs', 'type', each(concept(serviceNeed))),
        row('E114', 'phone', 'telecom(phone).value'),
        row('E114', 'verifiedOn', `extension(${extensionUrl('assured-on')}).valueDate`),
        row('E114', 'isActive', 'active'),
        give('providedBy', (_, run) => ({ reference: run.sibling('organization') })),
        give('location', (r, run) => (r['address'] === undefined ? undefined : [{ reference: run.sibling('location') }])),
      ],
    },
    {
      type: 'Organization',
      role: 'organization',
      profiles: ['directory-organization'],
      subject: 'none',
      fixed: {},
      rows: [row('E114', 'organization', 'name'), row('', 'isActive', 'active')],
    },
    {
      type: 'Location',
      role: 'location',
      when: 'address',
      profiles: ['directory-location'],
      subject: 'none',
      fixed: { status: 'active' },
      rows: [row('E114', 'address', 'address.text'), give('name', (r) => r['name'])],
    },
  ],
})
