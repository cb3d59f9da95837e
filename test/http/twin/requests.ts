import fc from 'fast-check'
import { SERVED_TYPES } from '../../../src/flow/served-types.ts'
import { definitions } from '../../store/world.ts'
import { moreProbes } from './more.ts'
import { CANARY, type Story } from './story.ts'
import type { Request } from './worlds.ts'

/** One probe of both worlds: a request, and whether to follow the links to its further pages. */
export interface Probe {
  readonly kind: 'read' | 'search' | 'history' | 'everything' | 'batch' | 'write' | 'operation' | 'outside' | 'strange'
  readonly request: Request
  /** The read of the same thing, for a request that would change something: what a careless server would look at. */
  readonly looksAt?: string
}

/** What requests are made of: what both worlds hold, what only one holds, and what neither does. */
export interface Words {
  readonly story: Story
  /** The consent that lets the asker see what it sees, as the programme has it. */
  readonly grant: Readonly<Record<string, unknown>>
  /** `Type/id` of everything that the asker may have. */
  readonly visible: readonly string[]
  /** Versions of those, and of what it may not have. */
  readonly versions: readonly string[]
}

const TYPES = ['Patient', 'Condition', 'Encounter', 'Observation', 'CarePlan', 'Goal', 'Communication', 'Provenance', 'Practitioner', 'Consent', 'ServiceRequest', 'DocumentReference', 'Procedure'] as const // prettier-ignore
const FHIR_JSON = { 'content-type': 'application/fhir+json' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const CODES = ['F11.20', 'B20', 'E11.9', 'J45.909', '29463-7', '20447-9', 'http://hl7.org/fhir/sid/icd-10-cm|F11.20', 'active', 'finished', 'SUD', 'HIV', 'R', '42CFRPart2', 'AMB', 'x'] // prettier-ignore
const DATES = ['2026', 'gt2026-05', '2026-01-05', 'ne2026-01-05', 'le2026-06-01T00:00:03Z', 'sa2026-02', 'eb2026-02', 'ap2026-03-01', 'nonsense'] // prettier-ignore
const NUMBERS = ['80', 'gt70', 'lt10', '7||kg', '81|http://unitsofmeasure.org|kg', 'ne9', 'x']
const STRINGS = [CANARY, 'HTEST', 'HTEST-Rivera', 'jordan', 'diabetes', 'Morgan', '']
const URIS = ['http://x', 'https://mission-gateway.example/fhir/StructureDefinition/mission-goal']

const idOf = (reference: string): string => reference.split('/')[1] ?? ''

const shuffled = (words: Words): { readonly references: fc.Arbitrary<string>; readonly ids: fc.Arbitrary<string> } => {
  const references = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...words.visible) },
    { weight: 4, arbitrary: fc.constantFrom(...words.story.secrets) },
    { weight: 1, arbitrary: fc.constantFrom('Condition/nobody', 'Patient/nobody', 'Nonsense/x', 'Patient/a%20b') },
  )
  return { references, ids: references.map(idOf) }
}

const ofReference = (reference: string): readonly string[] => [reference, idOf(reference), `http://twin.test/fhir/${reference}`]

const valueOf = (kind: string, references: fc.Arbitrary<string>): fc.Arbitrary<string> => {
  switch (kind) {
    case 'date':
      return fc.constantFrom(...DATES)
    case 'number':
    case 'quantity':
      return fc.constantFrom(...NUMBERS)
    case 'reference':
      return references.chain((one) => fc.constantFrom(...ofReference(one)))
    case 'string':
      return fc.constantFrom(...STRINGS)
    case 'uri':
      return fc.constantFrom(...URIS)
    case 'composite':
      return fc.constantFrom('29463-7$gt70', '20447-9$7', 'F11.20$x')
    default:
      return fc.constantFrom(...CODES, 'F11.20,E11.9')
  }
}

const MODIFIERS: Readonly<Record<string, readonly string[]>> = {
  token: ['', '', ':not', ':missing', ':text', ':in', ':of-type', ':not-in', ':above', ':below'],
  string: ['', '', ':exact', ':contains', ':missing'],
  reference: ['', '', '', ':missing', ':Patient', ':identifier'],
  uri: ['', ':below', ':above'],
  date: ['', '', ':missing'],
}

type Pair = readonly [name: string, value: string]

const plain = (type: string, references: fc.Arbitrary<string>): fc.Arbitrary<Pair> => {
  const own = [...definitions.ofType(type), { code: '_id', kind: 'token' }, { code: '_lastUpdated', kind: 'date' }]
  return fc
    .constantFrom(...own)
    .chain(({ code, kind }) =>
      fc
        .tuple(fc.constantFrom(...(MODIFIERS[kind] ?? [''])), code === '_id' ? references.map(idOf) : valueOf(kind, references))
        .map(([modifier, value]): Pair => [code + modifier, modifier === ':missing' ? 'true' : value]),
    )
}

const LINKED: readonly Pair[] = [
  ['CarePlan', 'condition.code'], ['CarePlan', 'condition:Condition._id'], ['CarePlan', 'goal.lifecycle-status'], ['CarePlan', 'subject:Patient.name'],
  ['CarePlan', '_has:Provenance:target:recorded'], ['Condition', 'encounter.reason-code'], ['Condition', 'subject:Patient.family'], ['Condition', 'patient.name'],
  ['Condition', '_has:CarePlan:condition:_id'], ['Condition', '_has:Provenance:target:recorded'], ['Goal', '_has:CarePlan:goal:condition'], ['Goal', '_has:CarePlan:goal:_id'],
  ['Encounter', '_has:Condition:encounter:code'], ['Encounter', '_has:Observation:encounter:code'], ['Observation', 'encounter.status'],
  ['Patient', '_has:Condition:subject:code'], ['Patient', '_has:Observation:patient:code'], ['Patient', '_has:Condition:patient:encounter.reason-code'],
  ['Patient', '_has:Consent:patient:status'], ['Practitioner', '_has:PractitionerRole:practitioner:role'], ['Communication', 'subject:Patient.birthdate'],
] // prettier-ignore

const linked = (type: string, references: fc.Arbitrary<string>): fc.Arbitrary<Pair> => {
  const names = LINKED.filter(([of]) => of === type).map(([, name]) => name)
  if (names.length === 0) return plain(type, references)
  const value = fc.oneof(fc.constantFrom(...CODES, ...STRINGS, '2026'), references, references.map(idOf))
  return fc.tuple(fc.constantFrom(...names), value)
}

const INCLUDES: readonly Pair[] = [
  ['_include', 'Condition:encounter'], ['_include', 'CarePlan:condition'], ['_include', 'CarePlan:*'], ['_include', '*'], ['_include', 'Observation:patient'],
  ['_include:iterate', 'Condition:patient'], ['_revinclude', 'Provenance:target'], ['_revinclude', 'Condition:encounter'], ['_revinclude', 'Observation:encounter'],
  ['_revinclude', 'CarePlan:goal'], ['_revinclude', 'CarePlan:condition'], ['_revinclude', 'Consent:patient'], ['_revinclude:iterate', 'Provenance:target'],
  ['_revinclude', 'Condition:patient'], ['_revinclude', 'PractitionerRole:practitioner'],
] // prettier-ignore
const SHAPING: readonly Pair[] = [
  ['_sort', '-_lastUpdated'], ['_sort', '_lastUpdated'], ['_sort', 'code'], ['_sort', '-_id'], ['_sort', 'patient'], ['_sort', '-date'], ['_sort', 'condition'],
  ['_count', '1'], ['_count', '2'], ['_count', '0'], ['_total', 'accurate'], ['_total', 'none'], ['_summary', 'count'], ['_summary', 'true'], ['_elements', 'id,code'],
  ['_summary', 'text'], ['_summary', 'data'], ['_elements', 'note'], ['clinical-status:in', 'http://hl7.org/fhir/ValueSet/condition-clinical'], ['clinical-status:below', 'http://terminology.hl7.org/CodeSystem/condition-clinical|active'],
  ['_format', 'json'], ['_format', 'xml'], ['nonsense', CANARY], ['_filter', `code eq ${CANARY}`], ['_cursor', 'nonsense'], ['_page', 'nonsense'],
] // prettier-ignore

const parametersOf = (type: string, references: fc.Arbitrary<string>): fc.Arbitrary<readonly Pair[]> =>
  fc.array(
    fc.oneof(
      { weight: 5, arbitrary: plain(type, references) },
      { weight: 4, arbitrary: linked(type, references) },
      { weight: 2, arbitrary: fc.constantFrom(...INCLUDES) },
      { weight: 4, arbitrary: fc.constantFrom(...SHAPING) },
    ),
    { maxLength: 3 },
  )

const queryOf = (parameters: readonly Pair[]): string =>
  new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value])).toString()

const get = (path: string): Request => ({ method: 'GET', path })
const anyType = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...TYPES) }, { weight: 1, arbitrary: fc.constantFrom(...SERVED_TYPES, 'Nonsense') }) // prettier-ignore

const searchPath = (references: fc.Arbitrary<string>): fc.Arbitrary<{ type: string; query: string }> =>
  anyType.chain((type) => parametersOf(type, references).map((parameters) => ({ type, query: queryOf(parameters) })))

const HISTORY = ['', '?_count=1', '?_count=3', '?_since=2026-06-01T00:00:04Z', '?_since=2026-06-01T00:00:05.200Z', '?_total=accurate', '?nonsense=1'] // prettier-ignore

const patients = ({ story }: Words): fc.Arbitrary<string> => fc.constantFrom(story.patient, story.hidden, 'Patient/nobody')

/** Reads of every kind; each is a path, for batches take them too. */
const readPaths = (words: Words): fc.Arbitrary<{ kind: Probe['kind']; path: string }> => {
  const { references } = shuffled(words)
  const version = fc.constantFrom(...words.versions, '1', '2', 'nonsense')
  const history = fc.constantFrom(...HISTORY)
  return fc.oneof(
    { weight: 4, arbitrary: references.map((one) => ({ kind: 'read' as const, path: `/${one}` })) },
    { weight: 2, arbitrary: fc.tuple(references, version).map(([one, v]) => ({ kind: 'read' as const, path: `/${one}/_history/${v}` })) },
    { weight: 3, arbitrary: fc.tuple(references, history).map(([one, more]) => ({ kind: 'history' as const, path: `/${one}/_history${more}` })) },
    { weight: 1, arbitrary: fc.tuple(anyType, history).map(([type, more]) => ({ kind: 'history' as const, path: `/${type}/_history${more}` })) },
    { weight: 1, arbitrary: history.map((more) => ({ kind: 'history' as const, path: `/_history${more}` })) },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom(words.story.patient, words.story.hidden, 'Patient/nobody'), fc.constantFrom('', '?_count=2', '?_type=Condition,CarePlan', '?_since=2026-06-01T00:00:04Z')).map(([one, more]) => ({ kind: 'everything' as const, path: `/${one}/$everything${more}` })) },
    { weight: 14, arbitrary: searchPath(references).map(({ type, query }) => ({ kind: 'search' as const, path: `/${type}?${query}` })) },
    { weight: 2, arbitrary: fc.tuple(patients(words), searchPath(references)).map(([one, { type, query }]) => ({ kind: 'search' as const, path: `/${one}/${type}?${query}` })) },
    { weight: 1, arbitrary: fc.tuple(references, fc.constantFrom('_id', '_security', '_lastUpdated')).map(([one, name]) => ({ kind: 'search' as const, path: `/?_type=Condition,CarePlan,Encounter&${name}=${name === '_id' ? idOf(one) : name === '_security' ? 'SUD' : 'gt2026-05'}` })) },
    { weight: 2, arbitrary: fc.tuple(references, fc.constantFrom('_elements=code', '_summary=true', '_summary=text', '_summary=data', '_summary=count')).map(([one, more]) => ({ kind: 'read' as const, path: `/${one}?${more}` })) },
    { weight: 1, arbitrary: fc.tuple(references, fc.constantFrom('$meta', '$validate')).map(([one, name]) => ({ kind: 'read' as const, path: `/${one}/${name}` })) },
    { weight: 1, arbitrary: patients(words).map((one) => ({ kind: 'search' as const, path: `/DocumentReference/$docref?patient=${one}` })) },
  ) // prettier-ignore
}

const readHeaders = (words: Words): fc.Arbitrary<Record<string, string>> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.constantFrom({ prefer: 'handling=lenient' }, { accept: 'application/xml' }) },
    { weight: 1, arbitrary: fc.constantFrom(...words.versions).map((version) => ({ 'if-none-match': `W/"${version}"` })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        { 'if-none-match': '*' },
        { 'if-modified-since': 'Mon, 01 Jun 2026 00:00:03 GMT' },
        { 'if-modified-since': 'Thu, 01 Jan 2099 00:00:00 GMT' },
      ),
    },
  )

const observation = (subject: string, more: object): object => ({
  resourceType: 'Observation', status: 'final', code: { text: 'seen at the hospital' }, subject: { reference: subject }, ...more,
}) // prettier-ignore

const CRITERIA = ['Condition?code=F11.20', 'Condition?code=B20', 'Condition?code=E11.9', 'Observation?code=20447-9', 'Observation?code=29463-7', 'CarePlan?condition.code=F11.20', `Patient?family=HTEST-${CANARY}`, 'Observation?identifier=urn:twin|1', 'Encounter?_id=e-secret', 'Encounter?_id=e-open', 'Condition?nonsense=1'] // prettier-ignore

/** Changes that a partner may ask for: of its own records, of those it sees, and of those that it must not know of. */
const changes = (words: Words): fc.Arbitrary<Probe> => {
  const { references } = shuffled(words)
  const subject = fc.constantFrom(words.story.patient, words.story.hidden, 'Patient/nobody')
  const etag = fc.option(fc.constantFrom(...words.versions, 'nonsense').map((version) => `W/"${version}"`))
  const headersOf = (match: string | null): Record<string, string> =>
    match === null ? FHIR_JSON : { ...FHIR_JSON, 'if-match': match }
  const write = (method: string, path: string, headers: Record<string, string>, body: unknown, looksAt: string): Probe => ({
    kind: 'write', looksAt, request: { method, path, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) },
  }) // prettier-ignore
  const patch = [{ op: 'add', path: '/language', value: 'en' }]
  const known = (one: string): object => ({
    resourceType: one.split('/')[0],
    id: idOf(one),
    status: 'final',
    code: { text: 'x' },
  })
  const conditional = fc.constantFrom(...CRITERIA)
  return fc.oneof(
    fc.tuple(references, etag).map(([one, match]) => write('PUT', `/${one}`, headersOf(match), known(one), `/${one}`)),
    fc.tuple(references, etag).map(([one, match]) => write('PATCH', `/${one}`, { ...headersOf(match), 'content-type': 'application/json-patch+json' }, patch, `/${one}`)),
    fc.tuple(references, etag).map(([one, match]) => write('DELETE', `/${one}`, headersOf(match), undefined, `/${one}`)),
    fc.tuple(conditional, subject).map(([criteria, whom]) =>
      write('POST', '/Observation', { ...FHIR_JSON, 'if-none-exist': criteria.split('?')[1] ?? '' }, observation(whom, { identifier: [{ system: 'urn:twin', value: '1' }] }), `/Observation?${criteria.split('?')[1] ?? ''}`)),
    conditional.map((criteria) => write('PUT', `/${criteria}`, FHIR_JSON, { resourceType: criteria.split('?')[0], status: 'final', code: { text: 'x' } }, `/${criteria}`)),
    conditional.map((criteria) => write('PATCH', `/${criteria}`, { 'content-type': 'application/json-patch+json' }, patch, `/${criteria}`)),
    conditional.map((criteria) => write('DELETE', `/${criteria}`, {}, undefined, `/${criteria}`)),
    fc.tuple(subject, references).map(([whom, one]) => write('POST', '/Observation', FHIR_JSON, observation(whom, { derivedFrom: [{ reference: one }] }), `/${one}`)),
    fc.tuple(subject, conditional, fc.constantFrom('minimal', 'representation', 'OperationOutcome')).map(([whom, criteria, wish]) =>
      write('POST', '/Observation', { ...FHIR_JSON, prefer: `return=${wish}` }, observation(whom, { derivedFrom: [{ reference: criteria }] }), `/${criteria}`)),
    fc.tuple(references, conditional).map(([one, criteria]) =>
      write('POST', '', FHIR_JSON, { resourceType: 'Bundle', type: 'transaction', entry: [
        { resource: observation(words.story.patient, { focus: [{ reference: criteria }] }), request: { method: 'POST', url: 'Observation' } },
        { request: { method: 'GET', url: one } }, { request: { method: 'GET', url: criteria } },
      ] }, `/${one}`)),
    fc.tuple(references, fc.constantFrom('create', 'update', 'delete')).map(([one, mode]) =>
      write('POST', `/${one}/$validate?mode=${mode}`, FHIR_JSON, known(one), `/${one}`)),
    fc.tuple(subject, fc.array(references, { maxLength: 3 }), fc.constantFrom('batch', 'transaction')).map(([whom, some, type]) =>
      write('POST', '', FHIR_JSON, { resourceType: 'Bundle', type, entry: [
        { resource: observation(whom, {}), request: { method: 'POST', url: 'Observation', ifNoneExist: 'code=20447-9' } },
        ...some.map((one) => ({ request: { method: 'DELETE', url: one } })),
      ] }, `/${some[0] ?? 'Observation'}`)),
  ) // prettier-ignore
}

/** The consent that holds, written anew by the one who gains by it: about whom it likes, and without an exception. */
const selfGrant = ({ grant }: Words, patient: string): object => {
  const { id: _id, meta: _meta, identifier: _identifier, provision, ...rest } = grant
  const { provision: _exceptions, ...whole } = (provision ?? {}) as Readonly<Record<string, unknown>>
  return { ...rest, patient: { reference: patient }, provision: whole }
}

/** Requests that go straight for what is withheld, one or more for each channel; tried first in every run. */
export const pointedProbes = (words: Words): readonly Probe[] => [
  ...['/CarePlan?condition=Condition/c-secret', '/CarePlan?condition.code=F11.20', '/Goal?_has:CarePlan:goal:condition=Condition/c-secret', '/CarePlan?_include=CarePlan:condition', '/Condition?_count=2', '/Condition?_total=accurate', '/Condition?_security=SUD&_summary=count', '/Condition?_security=SUD', '/Condition?_sort=_id', '/Encounter?_revinclude=Condition:encounter', '/CarePlan?_sort=condition', '/Condition?code=J45.909', '/Condition?_sort=-_lastUpdated', '/AuditEvent', '/AuditEvent?_summary=count'].map((path): Probe => ({ kind: 'search', request: get(path) })),
  ...['/Condition/c-gone', '/Condition/c-secret', '/CarePlan/p-open', '/Encounter/e-secret', `/${words.story.hidden}`].map((path): Probe => ({ kind: 'read', request: get(path) })),
  ...['/CarePlan/p-open/_history', '/Condition/c-secret/_history', '/_history?_count=2'].map((path): Probe => ({ kind: 'history', request: get(path) })),
  ...[words.story.patient, words.story.hidden].map((one): Probe => ({ kind: 'everything', request: get(`/${one}/$everything`) })),
  { kind: 'write', looksAt: '/Observation?code=20447-9', request: { method: 'POST', path: '/Observation', headers: { ...FHIR_JSON, 'if-none-exist': 'code=20447-9' }, body: JSON.stringify(observation(words.story.patient, {})) } },
  { kind: 'write', looksAt: '/Condition?code=F11.20', request: { method: 'DELETE', path: '/Condition?code=F11.20' } },
  ...['/Condition/c-secret', '/Condition/c-open'].map((path): Probe => ({ kind: 'write', looksAt: path, request: { method: 'PUT', path, headers: FHIR_JSON, body: JSON.stringify({ resourceType: 'Condition', id: idOf(path.slice(1)) }) } })),
  ...[{ derivedFrom: [{ reference: 'Observation/o-secret' }] }, { partOf: [{ reference: 'Procedure/m-secret' }] }, { encounter: { reference: 'Encounter/e-secret' } }, { focus: [{ reference: 'Condition/c-secret' }] }].map((more): Probe => ({ kind: 'write', looksAt: '/Observation/o-secret', request: { method: 'POST', path: '/Observation', headers: FHIR_JSON, body: JSON.stringify(observation(words.story.patient, more)) } })),
  { kind: 'write', looksAt: '/Observation/o-secret', request: { method: 'POST', path: '', headers: FHIR_JSON, body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: [
    { fullUrl: 'urn:uuid:0b5c3a2e-0000-4000-8000-000000000001', resource: observation(words.story.patient, { partOf: [{ reference: 'Procedure/m-secret' }] }), request: { method: 'POST', url: 'Observation' } },
    { fullUrl: 'urn:uuid:0b5c3a2e-0000-4000-8000-000000000002', resource: observation(words.story.patient, { derivedFrom: [{ reference: 'urn:uuid:0b5c3a2e-0000-4000-8000-000000000001' }] }), request: { method: 'POST', url: 'Observation' } },
  ] }) } },
  ...['/$export', '/Patient/$export', '/$graphql?query=%7BPatientList%7Bid%7D%7D'].map((path): Probe => ({ kind: 'operation', request: get(path) })),
  ...['/Patient/htest-open', '/Condition/c-secret', `/${words.story.hidden}`].flatMap((path) => (['patients', 'other-purpose', 'none', 'forged'] as const).map((token): Probe => ({ kind: 'read', request: { ...get(path), token } }))),
  { kind: 'read', request: { ...get('/Condition/c-secret'), headers: { 'x-gateway-recipient': 'mission' } } },
  { kind: 'read', request: get('/DocumentReference/d-secret') },
  ...['POST'].map((method): Probe => ({ kind: 'search', request: { method, path: '/Condition/_search', headers: FORM, body: 'code=F11.20' } })),
  ...[words.story.patient, words.story.hidden].map((one): Probe => ({ kind: 'write', looksAt: `/Consent?patient=${one}`, request: { method: 'POST', path: '/Consent', headers: FHIR_JSON, body: JSON.stringify(selfGrant(words, one)) } })),
  ...[words.story.patient, words.story.hidden].map((one): Probe => ({ kind: 'everything', request: get(`/${one}/$everything`) })),
] // prettier-ignore

const strange = fc.constantFrom<Request>(
  get('/Nonsense'), get('/Patient/a%00b'), get('/Patient/%E0%A4%A'), get('/Condition/c-secret/'), get('/Condition/c-secret/x/y'), get('/Condition/$nonsense'),
  get('/Patient/$export'), get('/$graphql'), get('/condition/c-secret'), get('/metadata'), { method: 'HEAD', path: '/Condition/c-secret' }, { method: 'HEAD', path: '/Condition/c-open' },
  { method: 'HEAD', path: '/Condition?code=F11.20' }, { method: 'OPTIONS', path: '/Condition/c-secret' }, { method: 'POST', path: '/Condition', headers: FHIR_JSON, body: '{' },
  { method: 'POST', path: '', headers: FHIR_JSON, body: '{"resourceType":"Bundle","type":"batch","entry":[{}]}' },
) // prettier-ignore

/** Any request over the whole grammar of the API. */
export const anyProbe = (words: Words): fc.Arbitrary<Probe> => {
  const paths = readPaths(words)
  const { references } = shuffled(words)
  const batch = fc.array(paths, { minLength: 1, maxLength: 5 }).map((some): Probe => {
    const entry = some.map(({ path }) => ({ request: { method: 'GET', url: path.slice(1) } }))
    return { kind: 'batch', request: { method: 'POST', path: '', headers: FHIR_JSON, body: JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry }) } }
  }) // prettier-ignore
  return fc.oneof(
    { weight: 14, arbitrary: fc.tuple(paths, readHeaders(words)).map(([{ kind, path }, headers]): Probe => ({ kind, request: { ...get(path), headers } })) },
    { weight: 2, arbitrary: searchPath(references).map(({ type, query }): Probe => ({ kind: 'search', request: { method: 'POST', path: `/${type}/_search`, headers: FORM, body: query } })) },
    { weight: 2, arbitrary: batch },
    { weight: 6, arbitrary: moreProbes(words, paths, references) },
    { weight: 3, arbitrary: changes(words) },
    { weight: 1, arbitrary: strange.map((request): Probe => ({ kind: 'strange', request })) },
  ) // prettier-ignore
}
