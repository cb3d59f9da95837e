import type {
  CodeableConcept,
  ContactPoint,
  Identifier,
  Organization,
  Practitioner,
  PractitionerRole,
  Resource,
} from '@medplum/fhirtypes'
import { isAtLeast } from '../../src/formats/hl7v2/acknowledge.ts'
import { segment } from '../../src/formats/hl7v2/build.ts'
import type { Segment } from '../../src/formats/hl7v2/message.ts'
import { idOf, refer, type V2Context } from './context.ts'
import {
  address,
  addressText,
  concept,
  conceptText,
  dateOf,
  humanName,
  humanNameText,
  present,
  some,
  timeText,
} from './datatypes.ts'
import type { SegmentReader } from './reader.ts'
import { IDENTIFIER_TYPE, v2Table } from './tables.ts'
import { contactPoint, contactPointText } from './telecom.ts'

/** One PRD: a person in a role, with the organisation. Roles of table 0286: RP refers, RT is referred to, PP and CP are the care team. */
export interface Provider {
  readonly roles: readonly string[]
  readonly role: PractitionerRole & { readonly id: string }
  readonly practitioner?: Practitioner & { readonly id: string }
  readonly organization?: Organization & { readonly id: string }
}

/** PRD as PractitionerRole, Practitioner and Organization. */
export const providerOfPrd = (prd: SegmentReader, context: V2Context, key: string): Provider => {
  const id = (type: string): string => idOf(context, type, `${key}/${prd.place}`)
  const name = humanName(prd.field(2), context.zone)
  const roleConcepts = some(prd.fields(1).map(concept))
  const identifiers = some(
    prd.fields(7).map((field) => licenceOf(field.text(1), field.text(2), field.text(3), dateOf(field, context.zone, 4))),
  )
  const organization = organizationOf(prd, context, id('Organization'))
  const practitioner: Provider['practitioner'] =
    name === undefined && identifiers.length === 0
      ? undefined
      : {
          resourceType: 'Practitioner',
          id: id('Practitioner'),
          ...present({
            identifier: identifiers,
            name: some([name]),
            address: some(prd.fields(3).map((field) => address(field, context.zone))),
          }),
        }
  return {
    roles: roleConcepts.flatMap((role) => some([role.coding?.[0]?.code])),
    role: {
      resourceType: 'PractitionerRole',
      id: id('PractitionerRole'),
      ...present({
        practitioner: practitioner === undefined ? undefined : refer(practitioner),
        organization: organization === undefined ? undefined : refer(organization),
        code: roleConcepts,
        telecom: some(prd.fields(5).map(contactPoint)),
        period: present({ start: dateOf(prd.field(8), context.zone), end: dateOf(prd.field(9), context.zone) }),
      }),
    },
    ...(practitioner === undefined ? {} : { practitioner }),
    ...(organization === undefined ? {} : { organization }),
  }
}

const licenceOf = (
  value: string | undefined,
  type: string | undefined,
  state: string | undefined,
  end: string | undefined,
): Identifier | undefined =>
  value === undefined
    ? undefined
    : present({
        type: type === undefined ? undefined : { coding: [{ system: IDENTIFIER_TYPE, code: type }] },
        value,
        assigner: state === undefined ? undefined : { display: state },
        period: present({ end }),
      })

const organizationOf = (prd: SegmentReader, context: V2Context, id: string): Provider['organization'] => {
  // before version 2.6 PRD has no organisation; its location is where senders write the name
  const name = prd.text(10) ?? prd.text(4, 4)
  if (name === undefined) return undefined
  return {
    resourceType: 'Organization',
    id,
    name,
    ...present({
      address: some(prd.fields(11).map((field) => address(field, context.zone))),
      telecom: some(prd.fields(13).map(contactPoint)),
    }),
  }
}

/** The resources of a provider. */
export const resourcesOfProvider = (provider: Provider): readonly Resource[] =>
  some([provider.role, provider.practitioner, provider.organization])

/** PRD from what is known of a provider: a role with person and organisation, or an organisation alone. */
export const prdOf = (
  codes: readonly CodeableConcept[],
  known: { readonly role?: PractitionerRole; readonly practitioner?: Practitioner; readonly organization?: Organization },
  version: string,
): Segment => {
  const { role, practitioner, organization } = known
  const telecom = (values: readonly ContactPoint[] | undefined) => ({
    repeat: (values ?? []).map((value) => contactPointText(value, version)),
  })
  return segment('PRD', {
    1: { repeat: codes.map(conceptText) },
    2: { repeat: (practitioner?.name ?? []).map(humanNameText) },
    3: { repeat: (practitioner?.address ?? []).map(addressText) },
    5: telecom(role?.telecom),
    7: {
      repeat: (practitioner?.identifier ?? []).map((each) => [
        each.value,
        each.type?.coding?.[0]?.code,
        each.assigner?.display,
        timeText(each.period?.end),
      ]),
    },
    8: timeText(role?.period?.start),
    9: timeText(role?.period?.end),
    ...(isAtLeast(version, '2.6')
      ? {
          10: organization?.name,
          11: { repeat: (organization?.address ?? []).map(addressText) },
          13: telecom(organization?.telecom),
        }
      : { 4: organization?.name === undefined ? undefined : [undefined, undefined, undefined, organization.name] }),
  })
}

/** A code of table 0286. */
export const providerRole = (code: 'RP' | 'RT' | 'PP' | 'CP', display: string): CodeableConcept => ({
  coding: [{ system: v2Table('0286'), code, display }],
})
