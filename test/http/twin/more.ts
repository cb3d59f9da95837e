import fc from 'fast-check'
import { identifierSystem } from '../../../src/mapping/context.ts'
import type { Probe, Words } from './requests.ts'
import { TOKENS, type Request } from './worlds.ts'

const FHIR_JSON = { 'content-type': 'application/fhir+json' }

const get = (path: string, headers?: Record<string, string>): Request => ({
  method: 'GET',
  path,
  ...(headers === undefined ? {} : { headers }),
})

/** Headers by which a caller might try to choose who it is, what it does, or what it is shown. */
const TRICKS: readonly Readonly<Record<string, string>>[] = [
  { 'x-http-method-override': 'DELETE' },
  { 'x-forwarded-user': 'mission', 'x-partner': 'mission' },
  { 'x-forwarded-host': 'evil.test', forwarded: 'host=evil.test' },
  { 'x-purpose-of-use': 'HOPERAT', 'x-gateway-recipient': 'mission' },
  { 'x-original-url': '/fhir/_history', 'x-rewrite-url': '/fhir/_history' },
  { cookie: 'session=mission' },
]

/** What a cache or another reader of the same bytes asks for. */
const MANNERS = (versions: readonly string[]): fc.Arbitrary<Record<string, string>> =>
  fc.oneof(
    fc.constantFrom<Record<string, string>>(
      { accept: 'application/fhir+xml' },
      { accept: 'text/html' },
      { 'if-modified-since': 'Mon, 01 Jun 2026 00:00:06 GMT' },
      { 'if-modified-since': 'Sat, 01 Jan 2000 00:00:00 GMT' },
      { 'if-none-match': '*' },
      { range: 'bytes=0-20' },
      { 'accept-encoding': 'gzip' },
    ),
    fc.constantFrom(...versions).map((version) => ({ 'if-none-match': `W/"${version}"` })),
  )

const SHAPES = ['_elements=id', '_elements=subject,code', '_summary=true', '_summary=text', '_summary=data', '_format=xml', '_format=application/fhir%2Bxml', '_pretty=true'] // prettier-ignore

const consult = (client: string, actor: string): Request => ({
  method: 'POST',
  path: '/cds-services/patient-consent-consult',
  isOutside: true,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    hook: 'patient-consent-consult',
    hookInstance: '0b5c3a2e-0000-4000-8000-00000000000c',
    context: {
      patientId: [{ system: identifierSystem('client'), value: client }],
      actor: [{ value: actor }],
      purposeOfUse: ['TREAT'],
    },
  }),
})

const operations = (references: fc.Arbitrary<string>, subjects: fc.Arbitrary<string>): fc.Arbitrary<Probe> => {
  const parameters = JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'resource', resource: { resourceType: 'Goal' } }] }) // prettier-ignore
  const post = (path: string, body: string): Request => ({ method: 'POST', path, headers: FHIR_JSON, body })
  return fc
    .oneof(
      references.map((one) => get(`/${one}/$meta`)),
      fc.constantFrom('/$meta', '/Condition/$meta', '/Patient/$meta').map((path) => get(path)),
      references.map((one) => post(`/${one}/$validate`, parameters)),
      fc.constantFrom('/Goal/$validate', '/Condition/$validate').map((path) => post(path, parameters)),
      references.map((one) => post(`/${one}/$meta-add`, parameters)),
      subjects.map((one) => get(`/${one}/$consent-explain`)),
      subjects.map((one) => get(`/${one}/$export`)),
      fc.constantFrom('/$export', '/Patient/$export', '/Group/x/$export').map((path) => get(path, { prefer: 'respond-async' })),
      subjects.map((one) => get(`/$graphql?query=${encodeURIComponent(`{Patient(id:"${one.slice(8)}"){name{family}}}`)}`)),
      subjects.map((one) => post('/Patient/$match', JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'resource', resource: { resourceType: 'Patient', id: one.slice(8) } }] }))),
      references.map((one) => get(`/${one}/$everything`)),
    )
    .map((request): Probe => ({ kind: 'operation', request })) // prettier-ignore
}

const outside = (subjects: fc.Arbitrary<string>): fc.Arbitrary<Probe> =>
  fc
    .oneof(
      fc.tuple(fc.constantFrom('htest-open', 'htest-hidden', 'nobody'), fc.constantFrom('st-mary-hospital', 'montrose-hiv', 'bayou-bh', 'harbor-housing', 'mission')).map(([client, actor]) => consult(client, actor)),
      subjects.map((one) => ({ ...get(`/mission/v1/legal-basis?patient=${one.slice(8)}`), isOutside: true })),
      fc.constantFrom('/cds-services', '/cds-services/', '/mission/v1/corrections/x', '/metrics', '/ready', '/console', '/openapi.json').map((path) => ({ ...get(path), isOutside: true })),
    )
    .map((request): Probe => ({ kind: 'outside', request })) // prettier-ignore

/** What the grammar holds beside plain reads, searches and writes: operations, other doors, other tokens, other manners. */
export const moreProbes = (
  words: Words,
  paths: fc.Arbitrary<{ kind: Probe['kind']; path: string }>,
  references: fc.Arbitrary<string>,
): fc.Arbitrary<Probe> => {
  const subjects = fc.constantFrom(words.story.patient, words.story.hidden, 'Patient/nobody')
  const inManner = fc
    .tuple(paths, fc.oneof(MANNERS(words.versions), fc.constantFrom(...TRICKS)))
    .map(([{ kind, path }, headers]): Probe => ({ kind, request: { ...get(path), headers } }))
  const head = paths.map(({ kind, path }): Probe => ({ kind, request: { method: 'HEAD', path } }))
  const asOther = fc
    .tuple(paths, fc.constantFrom(...TOKENS.slice(1)))
    .map(([{ kind, path }, token]): Probe => ({ kind, request: { ...get(path), token } }))
  const shaped = fc
    .tuple(references, fc.constantFrom(...SHAPES))
    .map(([one, shape]): Probe => ({ kind: 'read', request: get(`/${one}?${shape}`) }))
  return fc.oneof(
    { weight: 3, arbitrary: inManner },
    { weight: 2, arbitrary: head },
    { weight: 2, arbitrary: asOther },
    { weight: 2, arbitrary: shaped },
    { weight: 2, arbitrary: operations(references, subjects) },
    { weight: 1, arbitrary: outside(subjects) },
  )
}
