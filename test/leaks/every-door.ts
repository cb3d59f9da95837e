import { TERMINOLOGY_OPERATIONS } from '../../src/flow/terminology.ts'
import { FHIR_ROUTES } from '../../src/http/fhir/routes.ts'
import { PROGRAMME_ROUTES } from '../../src/http/fhir/programme-routes.ts'
import { SUBSCRIPTION_ROUTES } from '../../src/http/fhir/subscription-routes.ts'
import { DOORS } from '../../src/http/openapi-doors.ts'

/** Every door of the street, `get /fhir/:type/:id`, from the tables that the routers themselves are made of. */
export const STREET_DOORS: readonly string[] = [
  'get /fhir/metadata',
  'get /fhir/.well-known/smart-configuration',
  'get /openapi.json',
  ...TERMINOLOGY_OPERATIONS.map(({ type, name }) => `get /fhir/${type}/$${name}`),
  ...[...PROGRAMME_ROUTES, ...SUBSCRIPTION_ROUTES, ...FHIR_ROUTES].map(({ method, path }) => `${method} /fhir${path}`),
  ...DOORS.map(({ method, path }) => `${method} /mission/v1${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  'get /cds-services',
  'post /cds-services/patient-consent-consult',
  'get /audit/fhir/AuditEvent',
  'get /audit/fhir/AuditEvent/:id',
  'post /mission/v1/:record',
]

const patternOf = (door: string): RegExp => {
  const [method = '', path = ''] = door.split(' ')
  const steps = path
    .replace(/\/$/, '')
    .split('/')
    .map((step) => (step.startsWith(':') ? '[^/]+' : step.replace(/[$.]/g, '\\$&')))
  return new RegExp(`^${method} ${steps.join('/')}/?$`, 'i')
}

/** The doors at which nobody asked; a request is one of the first door that it fits, as the router has it. */
export const notAsked = (asked: ReadonlySet<string>): readonly string[] => {
  const doors = STREET_DOORS.map((door) => ({ door, pattern: patternOf(door) }))
  const found = new Set([...asked].map((one) => doors.find(({ pattern }) => pattern.test(one))?.door))
  return STREET_DOORS.filter((door) => !found.has(door))
}

/** An address for a door, about a record that is withheld. @param id of it, and @param patient of whom it is */
export const addressOf = (
  door: string,
  type: string,
  id: string,
  patient: string,
): { readonly method: string; readonly path: string } => {
  const [method = '', path = ''] = door.split(' ')
  const ids = path.includes('/Patient/:id') ? patient.slice('Patient/'.length) : id
  return {
    method: method.toUpperCase(),
    path: path
      .replace(':type', type)
      .replace(':within', type)
      .replace(':versionId', '1')
      .replace(':record', 'enrolment')
      .replace(/:id\b/g, ids),
  }
}
