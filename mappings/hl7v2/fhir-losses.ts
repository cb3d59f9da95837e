import type { Resource } from '@medplum/fhirtypes'

/** An element of a resource that a v2 message has no field for. */
export interface FhirLoss {
  readonly type: string
  /** FHIRPath without indices: `code.coding.display`. */
  readonly path: string
  readonly count: number
}

/** Elements with a home in a referral message, by resource type; a path covers everything below it. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  Patient: [
    'identifier',
    'name.family',
    'name.given',
    'name.prefix',
    'name.suffix',
    'name.use',
    'name.period',
    'telecom.value',
    'telecom.system',
    'telecom.use',
    'telecom.extension',
    'gender',
    'birthDate',
    'address.line',
    'address.city',
    'address.state',
    'address.postalCode',
    'address.country',
    'address.use',
    'address.type',
    'address.district',
    'address.period',
    'maritalStatus',
    'communication',
    'extension',
    'deceasedDateTime',
    'deceasedBoolean',
    'multipleBirthInteger',
    'multipleBirthBoolean',
  ],
  ServiceRequest: [
    'identifier',
    'status',
    'priority',
    'category',
    'orderDetail',
    'occurrencePeriod',
    'authoredOn',
    'reasonCode',
    'reasonReference',
    'note.text',
    'subject',
    'requester',
    'performer',
    'supportingInfo',
    'insurance',
    'encounter',
    'code.text',
    'code.coding.display',
  ],
  Task: [
    'identifier',
    'status',
    'focus',
    'for',
    'requester',
    'owner',
    'restriction.period.end',
    'statusReason.text',
    'intent',
    'code',
    'authoredOn',
    'priority',
  ],
  Condition: ['code', 'verificationStatus', 'onsetDateTime', 'recordedDate', 'identifier', 'subject'],
  AllergyIntolerance: ['category', 'code', 'reaction.manifestation.text', 'reaction.severity', 'onsetDateTime', 'patient'],
  Procedure: ['code', 'note.text', 'performedDateTime', 'category', 'reasonCode', 'identifier', 'subject'],
  RelatedPerson: ['name', 'relationship', 'address', 'telecom', 'period', 'gender', 'birthDate', 'identifier', 'patient'],
  Coverage: ['identifier', 'payor.display', 'period', 'type', 'relationship', 'subscriberId', 'class', 'beneficiary'],
  Encounter: [
    'class',
    'identifier',
    'type',
    'serviceType',
    'participant',
    'period',
    'hospitalization.dischargeDisposition',
    'location',
    'subject',
  ],
  Observation: [
    'code',
    'status',
    'identifier',
    'valueQuantity',
    'valueCodeableConcept',
    'valueDateTime',
    'valueString',
    'valueBoolean',
    'referenceRange.text',
    'interpretation',
    'effectiveDateTime',
    'method',
    'note.text',
    'subject',
  ],
  DiagnosticReport: ['identifier', 'code', 'status', 'effectiveDateTime', 'issued', 'result', 'subject'],
  Organization: ['name', 'address', 'telecom'],
  Practitioner: ['name', 'identifier', 'address'],
  PractitionerRole: ['practitioner', 'organization', 'code', 'telecom', 'period'],
  CareTeam: ['participant', 'subject'],
}

/** Every element of these resources that the message cannot carry; ids and meta are the gateway's own and no loss. */
export const lossesOf = (resources: readonly Resource[]): readonly FhirLoss[] => {
  const counts = new Map<string, FhirLoss>()
  for (const resource of resources) {
    const homes = HOMES[resource.resourceType] ?? []
    for (const path of leaves(resource)) {
      if (/^(resourceType|id|meta|text)(\.|$)/.test(path) || homes.some((home) => path === home || path.startsWith(`${home}.`)))
        continue
      const key = `${resource.resourceType}.${path}`
      counts.set(key, { type: resource.resourceType, path, count: (counts.get(key)?.count ?? 0) + 1 })
    }
  }
  return [...counts.values()]
}

const leaves = (value: unknown, path = ''): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap((each) => leaves(each, path))
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([name, member]) => leaves(member, path === '' ? name : `${path}.${name}`))
}
