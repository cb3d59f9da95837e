import { recordNames, recordSchema } from '../flow/records.ts'
import { doorPaths, doorSchemas } from './openapi-doors.ts'

const faults = {
  type: 'object',
  required: ['status'],
  properties: {
    status: { enum: ['kept-for-correction', 'refused'] },
    keptAs: { type: 'string', description: 'id under which GET /mission/v1/corrections/{id} shows it again' },
    faults: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message', 'severity'],
        properties: {
          path: { type: 'string' },
          message: { type: 'string' },
          severity: { enum: ['error', 'warning', 'information'] },
        },
      },
    },
    detail: { type: 'string' },
  },
} as const

const stored = {
  type: 'object',
  required: ['status', 'resources'],
  properties: {
    status: { enum: ['stored', 'unchanged'] },
    resources: {
      type: 'array',
      items: { type: 'string' },
      description: 'references of the FHIR resources that came of the record',
    },
    warnings: {
      type: 'array',
      description: 'rules of the programme that the record breaches; it is taken nevertheless',
      items: {
        type: 'object',
        required: ['path', 'message', 'rule'],
        properties: { path: { type: 'string' }, message: { type: 'string' }, rule: { type: 'string' } },
      },
    },
  },
} as const

const json = (schema: object, description: string): object => ({ description, content: { 'application/json': { schema } } })

const recordPaths = (): Readonly<Record<string, object>> =>
  Object.fromEntries(
    recordNames.map((name) => [
      `/mission/v1/${name}`,
      {
        post: {
          operationId: `post-${name}`,
          requestBody: { required: true, content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } } },
          responses: {
            '200': json(stored, 'the same record was here before; nothing changed'),
            '201': json(stored, 'stored'),
            '401': { description: 'no valid access token' },
            '403': { description: 'the access token does not cover writing' },
            '422': json(faults, 'every fault of the record; it is kept for correction'),
          },
        },
      },
    ]),
  )

/** OpenAPI 3.1 of the programme's door, made from the same schemas that check what comes in. */
export const openApi = (origin: string): object => ({
  openapi: '3.1.0',
  info: { title: 'MISSION Gateway: records of the programme', version: '1' },
  servers: [{ url: origin }],
  security: [{ backendServices: [] }],
  paths: { ...recordPaths(), ...doorPaths() },
  components: {
    schemas: { ...Object.fromEntries(recordNames.map((name) => [name, recordSchema(name)])), ...doorSchemas() },
    securitySchemes: {
      backendServices: {
        type: 'oauth2',
        description: 'SMART Backend Services: private_key_jwt, RS384 or ES384',
        flows: {
          clientCredentials: { tokenUrl: `${origin}/auth/token`, scopes: { 'system/*.cruds': 'everything of the programme' } },
        },
      },
    },
  },
})
