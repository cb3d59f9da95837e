import type { CapabilityStatementRestResource } from '@medplum/fhirtypes'
import type { SearchDefinitions } from '../../formats/fhir/search-definitions.ts'
import { SERVED_TYPES } from '../../flow/served-types.ts'
import { PROGRAMME_ROUTES } from './programme-routes.ts'
import { FHIR_ROUTES } from './routes.ts'

type Operation = NonNullable<CapabilityStatementRestResource['operation']>[number]

const OURS = 'https://mission-gateway.example/fhir/OperationDefinition'
const FAST = 'http://hl7.org/fhir/us/fast-scalable-consent/OperationDefinition'

/** Where the definition of each operation is. */
const DEFINED_AT: Readonly<Record<string, string>> = {
  everything: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
  validate: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
  meta: 'http://hl7.org/fhir/OperationDefinition/Resource-meta',
  docref: 'http://hl7.org/fhir/us/core/OperationDefinition/docref',
  'consent-explain': `${OURS}/Patient-consent-explain`,
  fileConsent: `${FAST}/fileConsent`,
  revokeConsent: `${FAST}/revokeConsent`,
  recordDisclosure: `${FAST}/recordDisclosure`,
  apply: 'http://hl7.org/fhir/OperationDefinition/PlanDefinition-apply',
  'de-identified': `${OURS}/de-identified`,
  'mission-timeline': `${OURS}/Patient-mission-timeline`,
}

/** The operations that the route tables serve for a type. */
export const operationsOf = (type: string): readonly Operation[] => {
  const names = [...FHIR_ROUTES, ...PROGRAMME_ROUTES].flatMap(({ path }) => {
    const [, owner, name] = /^\/([^/]+)\/.*?\$([\w-]+)$/.exec(path) ?? []
    return name !== undefined && (owner === ':type' || owner === type) ? [name] : []
  })
  return [...new Set(names)].map((name) => ({ name, definition: DEFINED_AT[name] ?? `${OURS}/${name}` }))
}

/** The operations that the route table serves for no type in particular. */
export const systemOperations = (): readonly Operation[] =>
  FHIR_ROUTES.flatMap(({ path }) => {
    const name = /^\/\$([\w-]+)$/.exec(path)?.[1]
    return name === undefined ? [] : [{ name, definition: DEFINED_AT[name] ?? `${OURS}/${name}` }]
  })

const references = (searches: SearchDefinitions, type: string): readonly { code: string; targets: readonly string[] }[] =>
  searches.ofType(type).filter(({ kind, of }) => kind === 'reference' && of.length === 0)

/** What `_include` and `_revinclude` take for a type, among the types that are served. */
export const includesOf = (
  searches: SearchDefinitions,
  type: string,
): { searchInclude: string[]; searchRevInclude: string[] } => ({
  searchInclude: ['*', ...references(searches, type).map(({ code }) => `${type}:${code}`)],
  searchRevInclude: SERVED_TYPES.flatMap((source) =>
    references(searches, source)
      .filter(({ targets }) => targets.includes('*') || targets.includes(type))
      .map(({ code }) => `${source}:${code}`),
  ),
})
