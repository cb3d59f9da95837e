import type { Consent, ConsentProvision, ConsentProvisionActor, Extension } from '@medplum/fhirtypes'
import { idOf, identifierSystem, patientIdOf, profileUrl } from '../../src/mapping/context.ts'
import type { MapContext } from '../../src/mapping/context.ts'
import type { ConsentRecord, LimitsOf, RecipientOf } from './schema.ts'
import { EXT, PART2, SYSTEM } from './urls.ts'

const TEST_TAG = { system: SYSTEM.actReason, code: 'HTEST', display: 'test health data' }

/**
 * The form as a FHIR Consent with every element of § 2.31(a).
 * What it covers is the root rule; what the patient named or excepted are the rules below it.
 * @spec FHIR R4 Consent   @law 42 CFR 2.31
 */
export const toFhir = (record: ConsentRecord, context: MapContext): Consent => ({
  resourceType: 'Consent',
  id: idOf(context, 'Consent', 'consent', record.recordId),
  meta: { profile: [profileUrl('consent')], ...(record.isTest === true ? { tag: [TEST_TAG] } : {}) },
  identifier: [{ system: identifierSystem('consent'), value: record.recordId }],
  status: record.status,
  scope: {
    coding: [
      {
        system: SYSTEM.scope,
        code: record.kinds?.every((kind) => kind === 'research') === true ? 'research' : 'patient-privacy',
      },
    ],
  },
  category: [
    { coding: [{ system: SYSTEM.loinc, code: '59284-0' }] },
    ...(record.kinds ?? []).map((code) => ({ coding: [{ system: SYSTEM.consentType, code }] })),
  ],
  patient: { reference: `Patient/${patientIdOf(context, record.clientId)}` },
  ...(record.signedOn === undefined ? {} : { dateTime: record.signedOn }),
  organization: [{ reference: `Organization/${context.programme}` }],
  policy: [{ uri: PART2 }],
  policyRule: { coding: [{ system: SYSTEM.actCode, code: '42CFRPart2' }] },
  extension: extensionsOf(record, context),
  provision: rootOf(record),
})

const rootOf = (record: ConsentRecord): ConsentProvision => ({
  type: 'permit',
  ...periodOf(record.validFrom, record.validUntil, 'period'),
  ...whoAndWhy(record.recipients, record.purposes),
  ...limitsOf(record.covers),
  ...nested([
    ...(record.namesExplicitly ?? []).map((code): ConsentProvision => ({ type: 'permit', securityLabel: [labelOf(code)] })),
    ...(record.except ?? []).map((one): ConsentProvision => ({
      type: 'deny',
      ...whoAndWhy(one.recipients, one.purposes),
      ...limitsOf(one),
    })),
  ]),
})

const nested = (provision: ConsentProvision[]): Pick<ConsentProvision, 'provision'> =>
  provision.length === 0 ? {} : { provision }

const whoAndWhy = (
  recipients: readonly RecipientOf[] | undefined,
  purposes: readonly string[] | undefined,
): ConsentProvision => ({
  ...(recipients === undefined ? {} : { actor: recipients.map(actorOf) }),
  ...(purposes === undefined
    ? {}
    : { purpose: purposes.map((code) => ({ system: code === 'FUNDRAISING' ? SYSTEM.purpose : SYSTEM.actReason, code })) }),
})

const limitsOf = (limits: LimitsOf | undefined): ConsentProvision => ({
  ...(limits?.labels === undefined ? {} : { securityLabel: limits.labels.map(labelOf) }),
  ...(limits?.types === undefined ? {} : { class: limits.types.map((code) => ({ system: SYSTEM.types, code })) }),
  ...(limits?.codes === undefined
    ? {}
    : { code: limits.codes.map(({ system, code }) => ({ coding: [system === undefined ? { code } : { system, code }] })) }),
  ...periodOf(limits?.from, limits?.until, 'dataPeriod'),
})

const periodOf = (start: string | undefined, end: string | undefined, name: 'period' | 'dataPeriod'): ConsentProvision =>
  start === undefined && end === undefined
    ? {}
    : { [name]: { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) } }

const LEVELS = ['U', 'L', 'M', 'N', 'R', 'V']
const OWN_LABELS = ['JUSTICE', 'PROGRAM-IDENTITY', 'SUD-COUNSELING-NOTE', 'UNREAD']

const labelOf = (code: string): { system: string; code: string } => ({
  system: LEVELS.includes(code) ? SYSTEM.confidentiality : OWN_LABELS.includes(code) ? SYSTEM.sensitivity : SYSTEM.actCode,
  code,
})

const actorOf = (recipient: RecipientOf): ConsentProvisionActor => {
  const extension: Extension[] = [
    ...(recipient.class === undefined ? [] : [{ url: EXT.recipientClass, valueCode: recipient.class }]),
    ...(recipient.includesProgrammes === undefined ? [] : [{ url: EXT.includesParts, valueBoolean: true }]),
    ...(recipient.members === undefined ? [] : [{ url: EXT.members, extension: membersOf(recipient.members) }]),
  ]
  return {
    ...(extension.length === 0 ? {} : { extension }),
    role: { coding: [{ system: SYSTEM.participation, code: 'IRCP' }] },
    reference:
      recipient.partner !== undefined
        ? { reference: `Organization/${recipient.partner}` }
        : recipient.npi !== undefined
          ? { identifier: { system: SYSTEM.npi, value: recipient.npi } }
          : { display: recipient.class ?? '' },
  }
}

const membersOf = (members: NonNullable<RecipientOf['members']>): Extension[] =>
  members === 'treating-providers'
    ? [{ url: 'class', valueCode: 'treating-providers' }]
    : members.map((partner) => ({ url: 'member', valueReference: { reference: `Organization/${partner}` } }))

const text = (url: string, valueString: string | undefined): Extension[] =>
  valueString === undefined ? [] : [{ url, valueString }]
const flag = (url: string, valueBoolean: true | undefined): Extension[] =>
  valueBoolean === undefined ? [] : [{ url, valueBoolean }]
const time = (url: string, valueDateTime: string | undefined): Extension[] =>
  valueDateTime === undefined ? [] : [{ url, valueDateTime }]

const extensionsOf = (record: ConsentRecord, context: MapContext): Extension[] => [
  ...text(EXT.patientName, record.patientName),
  ...(record.disclosers ?? []).map(({ partner, class: named }): Extension =>
    partner === undefined
      ? { url: EXT.discloser, valueString: named ?? '' }
      : { url: EXT.discloser, valueReference: { reference: `Organization/${partner}` } },
  ),
  ...text(EXT.description, record.description),
  ...text(EXT.purposeText, record.purposeText),
  ...flag(EXT.patientInitiated, record.isPatientInitiated),
  ...(record.statements ?? []).map((code): Extension => ({ url: EXT.statement, extension: [{ url: 'code', valueCode: code }] })),
  ...(record.expirationEvent === undefined
    ? []
    : [
        {
          url: EXT.expirationEvent,
          extension: [
            { url: 'event', valueCode: record.expirationEvent.event },
            ...text('text', record.expirationEvent.text),
            ...time('occurredAt', record.expirationEvent.occurredAt),
          ],
        },
      ]),
  ...(record.signatures ?? []).map(({ capacity, method, signedOn, evidence }): Extension => ({
    url: EXT.signature,
    extension: [
      { url: 'capacity', valueCode: capacity },
      { url: 'method', valueCode: method },
      ...time('when', signedOn),
      ...text('evidence', evidence),
    ],
  })),
  ...time(EXT.signedAt, record.signedOn),
  ...time(EXT.revokedAt, record.revokedAt),
  ...(record.replaces === undefined ? [] : [{ url: EXT.replaces, valueReference: replacedOf(record.replaces, context) }]),
  ...(record.irrevocable === undefined
    ? []
    : [
        {
          url: EXT.irrevocable,
          extension: [...text('event', record.irrevocable.event), ...time('until', record.irrevocable.until)],
        },
      ]),
  ...text(EXT.monitoringDuty, record.monitoringDuty),
  ...flag(EXT.conditionOfService, record.isConditionOfService),
  ...flag(EXT.knownFalse, record.isKnownFalse),
  ...(record.form === undefined ? [] : [{ url: EXT.form, valueUri: record.form }]),
]

const replacedOf = (recordId: string, context: MapContext): NonNullable<Extension['valueReference']> => ({
  reference: `Consent/${idOf(context, 'Consent', 'consent', recordId)}`,
  identifier: { system: identifierSystem('consent'), value: recordId },
})
