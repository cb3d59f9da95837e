import { bodyNames, bodySchema, type BodyName } from '../flow/door-bodies.ts'

interface Door {
  readonly method: 'get' | 'post'
  /** Below `/mission/v1`, as OpenAPI writes it. */
  readonly path: string
  readonly does: string
  readonly body?: BodyName
  /** Parameters of the query. */
  readonly query?: readonly string[]
  readonly success: '200' | '201'
}

const get = (path: string, does: string, query: readonly string[] = []): Door => ({
  method: 'get',
  path,
  does,
  query,
  success: '200',
})
const post = (path: string, does: string, body?: BodyName, success: Door['success'] = '200'): Door => ({
  method: 'post',
  path,
  does,
  success,
  ...(body === undefined ? {} : { body }),
})

/** Every door of the programme beside those of its records. */
export const DOORS: readonly Door[] = [
  post('/legal-basis', 'enters a legal basis other than consent', 'legal-basis', '201'),
  get('/legal-basis', 'lists the legal bases of a patient, with what each lacks', ['patient']),
  get('/legal-basis/unreviewed', 'lists medical emergencies that nobody has reviewed'),
  post('/legal-basis/{id}/review', 'reviews a medical emergency', 'review'),
  post('/legal-basis/{id}/report', 'makes the report of a crime or of child abuse'),
  post('/legal-basis/{id}/end', 'ends a legal basis', 'basis-end'),
  get('/held-texts', 'lists the texts that wait for a person', ['patient', '_count']),
  get('/held-texts/decided', 'lists what was decided about texts', ['patient', '_count']),
  post('/held-texts/{id}/decision', 'releases a text, labels it, or puts it back', 'text-decision'),
  get('/consents/waiting', 'lists consents that partners filed'),
  post('/consents/{id}/accept', 'accepts a consent in the version that was looked at', 'consent-decision'),
  post('/consents/{id}/refuse', 'refuses it', 'consent-decision'),
  post('/notices', 'enters a version of the notice to patients', 'notice', '201'),
  get('/notices', 'lists the versions of the notice, with their wordings'),
  post('/notices/given', 'writes down that a patient was given a version', 'notice-given', '201'),
  get('/notices/given', 'lists what a patient was given', ['patient']),
  get('/notices/missing', 'lists patients who were not given the version in force', ['after']),
  post('/patient-requests', 'enters what a patient asks for', 'patient-request', '201'),
  get('/patient-requests', 'lists what patients asked for', ['patient', 'open']),
  post('/patient-requests/{id}/extend', 'puts a request off once', 'extension'),
  post('/patient-requests/{id}/close', 'ends a request', 'closing'),
  post('/breaches', 'enters a breach', 'breach', '201'),
  get('/breaches', 'lists breaches, with who is to be told by when'),
  post('/breaches/{id}/assess', 'writes down the risk assessment', 'risk-assessment'),
  post('/breaches/{id}/told', 'writes down who was told', 'told'),
  post('/breaches/{id}/close', 'closes a breach of which everybody was told who is to be'),
  get('/patients/{id}/accounting', 'the accounting of disclosures', ['form', 'language']),
  get('/patients/{id}/intermediaries', 'disclosures through intermediaries', ['form', 'language']),
  get('/disclosures/{id}/proof', 'the proof of one disclosure'),
  get('/corrections/{id}', 'a record that was kept for correction'),
]

const parametersOf = ({ path, query = [] }: Door): readonly object[] => [
  ...(path.includes('{id}') ? [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }] : []),
  ...query.map((name) => ({ name, in: 'query', schema: { type: 'string' } })),
]

const operationOf = (door: Door): object => ({
  operationId: `${door.method}${door.path.replaceAll('/', '-').replace(/[{}]/g, '')}`,
  summary: door.does,
  ...(parametersOf(door).length === 0 ? {} : { parameters: parametersOf(door) }),
  ...(door.body === undefined
    ? {}
    : {
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: `#/components/schemas/${door.body}` } } },
        },
      }),
  responses: {
    [door.success]: { description: 'done' },
    '401': { description: 'no valid access token' },
    '403': { description: 'not the programme, or not covered by the access token' },
    ...(door.path.includes('{id}') ? { '404': { description: 'there is none' } } : {}),
    ...(door.method === 'post'
      ? { '409': { description: 'conflicts with what is stored' }, '422': { description: 'every fault' } }
      : {}),
  },
})

/** The doors as OpenAPI paths. @spec OpenAPI 3.1 */
export const doorPaths = (): Readonly<Record<string, object>> =>
  Object.fromEntries(
    [...Map.groupBy(DOORS, ({ path }) => path)].map(([path, doors]) => [
      `/mission/v1${path}`,
      Object.fromEntries(doors.map((door) => [door.method, operationOf(door)])),
    ]),
  )

/** The schemas of their bodies. */
export const doorSchemas = (): Readonly<Record<string, object>> =>
  Object.fromEntries(bodyNames.map((name) => [name, bodySchema(name)]))
