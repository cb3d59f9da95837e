import type { CapabilityStatement, CapabilityStatementRestResource } from '@medplum/fhirtypes'
import type { House } from '../../flow/house.ts'
import { DEFINITION_TYPES, type DefinitionType } from '../../flow/programme-time.ts'
import { SERVED_TYPES } from '../../flow/served-types.ts'
import { subscriptionTopics } from '../../flow/subscriptions.ts'
import { TERMINOLOGY_OPERATIONS } from '../../flow/terminology.ts'
import { includesOf, operationsOf, systemOperations } from './declared.ts'
import { DEFINITION_SEARCHES, PROGRAMME_ROUTES } from './programme-routes.ts'
import { FHIR_ROUTES } from './routes.ts'

type TypeInteraction = NonNullable<CapabilityStatementRestResource['interaction']>[number]['code']
type SearchParameter = NonNullable<CapabilityStatementRestResource['searchParam']>[number]

/** Interactions of a type, read off the route table, so that what is claimed is what is served. */
const TYPE_INTERACTIONS = [
  'read',
  'vread',
  'update',
  'patch',
  'delete',
  'history-instance',
  'history-type',
  'create',
  'search-type',
] as const

const servedInteractions: readonly TypeInteraction[] = TYPE_INTERACTIONS.filter((code) =>
  FHIR_ROUTES.some((r) => r.interaction === code),
)

const searchParam = (house: House, type: string): SearchParameter[] =>
  house.searches.ofType(type).map(({ code, kind }) => ({ name: code, type: kind === 'composite' ? 'composite' : kind }))

const restResource = (house: House, type: (typeof SERVED_TYPES)[number]): CapabilityStatementRestResource => ({
  type,
  profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
  supportedProfile: house.definitions.profiles.filter((url) => house.definitions.profileOf(url)?.type === type),
  interaction: servedInteractions.map((code) => ({ code })),
  versioning: 'versioned-update',
  readHistory: true,
  updateCreate: true,
  conditionalCreate: true,
  conditionalRead: 'full-support',
  conditionalUpdate: true,
  conditionalDelete: 'single',
  searchParam: [{ name: '_id', type: 'token' }, { name: '_lastUpdated', type: 'date' }, ...searchParam(house, type)],
  ...includesOf(house.searches, type),
  operation: [...operationsOf(type)],
})

/** What the programme defines, read off its routes. */
const definitionResource = (type: DefinitionType): CapabilityStatementRestResource => ({
  type,
  profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
  interaction: TYPE_INTERACTIONS.filter((code) =>
    PROGRAMME_ROUTES.some(({ path, interaction }) => interaction === code && path.split('/')[1] === type),
  ).map((code) => ({ code })),
  searchParam: [...DEFINITION_SEARCHES],
  operation: [...operationsOf(type)],
})

const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/'

/** @spec Subscriptions R5 Backport 1.1.0, topic discovery in R4 */
const subscriptionResource: CapabilityStatementRestResource = {
  type: 'Subscription',
  extension: subscriptionTopics.map(({ url }) => ({
    url: `${BACKPORT}StructureDefinition/capabilitystatement-subscriptiontopic-canonical`,
    valueCanonical: url,
  })),
  profile: 'http://hl7.org/fhir/StructureDefinition/Subscription',
  supportedProfile: [`${BACKPORT}StructureDefinition/backport-subscription`],
  interaction: (['create', 'read', 'update', 'delete', 'search-type'] as const).map((code) => ({ code })),
  operation: ['status', 'events'].map((name) => ({
    name,
    definition: `${BACKPORT}OperationDefinition/backport-subscription-${name}`,
  })),
}

/** What this server does, generated from what it serves. @spec FHIR R4 CapabilityStatement */
export const capabilityStatement = (house: House): CapabilityStatement => ({
  resourceType: 'CapabilityStatement',
  status: 'active',
  date: house.startedAt,
  kind: 'instance',
  software: { name: 'MISSION Gateway', version: house.settings.version },
  implementation: { description: 'Consent-aware gateway of a MISSION programme', url: house.settings.fhirBase },
  fhirVersion: '4.0.1',
  format: ['json'],
  patchFormat: ['application/json-patch+json'],
  rest: [
    {
      mode: 'server',
      security: {
        cors: false,
        service: [
          { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' }] },
        ],
        description: 'SMART Backend Services; the purpose of use travels in the hl7-b2b extension of the client assertion.',
      },
      interaction: [{ code: 'transaction' }, { code: 'batch' }, { code: 'history-system' }, { code: 'search-system' }],
      searchParam: [
        { name: '_id', type: 'token' },
        { name: '_lastUpdated', type: 'date' },
        { name: '_security', type: 'token' },
        { name: '_tag', type: 'token' },
        { name: '_profile', type: 'uri' },
        { name: '_source', type: 'uri' },
      ],
      compartment: ['http://hl7.org/fhir/CompartmentDefinition/patient'],
      operation: [
        ...TERMINOLOGY_OPERATIONS.map(({ type, name }) => ({
          name,
          definition: `http://hl7.org/fhir/OperationDefinition/${type}-${name}`,
        })),
        ...systemOperations(),
      ],
      resource: [
        ...SERVED_TYPES.map((type) => restResource(house, type)),
        ...DEFINITION_TYPES.map(definitionResource),
        subscriptionResource,
      ],
    },
  ],
})
