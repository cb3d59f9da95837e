// In: the Parameters of a FAST consent operation. Out: the resources to store, or what is wrong with them.
// Never: stores, and never believes a consent because it was filed; the validator and the decision judge it like any other.
import type {
  AuditEvent,
  Consent,
  DocumentReference,
  OperationOutcome,
  OperationOutcomeIssue,
  Parameters,
  Patient,
  QuestionnaireResponse,
  Resource,
} from '@medplum/fhirtypes'
import type { Deficiency } from '../model/consent.ts'
import type { PartnerId } from '../model/ids.ts'
import type { Instant } from '../model/time.ts'
import { problem } from '../platform/problem.ts'
import type { Issue } from '../platform/problem.ts'
import { fail, ok } from '../platform/result.ts'
import type { Result } from '../platform/result.ts'
import { deficiencies } from './deficiencies.ts'
import type { DeficiencyContext } from './examined.ts'
import { EXTENSION } from './extensions.ts'
import { readConsent } from './read-consent.ts'

/** Input parameters of the three operations, and how often each may come. @spec FAST Consent $fileConsent, $revokeConsent, $recordDisclosure */
export const OPERATIONS = {
  fileConsent: { on: 'Consent', consent: '1', document: '1' },
  revokeConsent: { on: 'Consent', consent: '1', patient: '1', document: '?' },
  recordDisclosure: { on: 'AuditEvent', disclosure: '1', consent: '1' },
} as const

const TYPES: Readonly<Record<string, readonly string[]>> = {
  consent: ['Consent'],
  document: ['DocumentReference', 'QuestionnaireResponse'],
  patient: ['Patient'],
  disclosure: ['AuditEvent'],
}

/** What to store for a filed consent, and what the officer should know of it. */
export interface FiledConsent {
  readonly consent: Consent
  readonly document: DocumentReference | QuestionnaireResponse
  /** A deficient consent is kept, shown, and relied on by nobody. @law 42 CFR 2.31(c)(2) */
  readonly deficiencies: readonly Deficiency[]
}

const issue = (path: string, message: string, code = 'invalid'): Issue => ({ path, message, severity: 'error', code })

const readParameters = (body: unknown, operation: keyof typeof OPERATIONS): Result<ReadonlyMap<string, Resource>> => {
  const wanted: Readonly<Record<string, string>> = OPERATIONS[operation]
  if (!isParameters(body))
    return fail(
      problem('invalid', 'parameters-expected', {
        issues: [issue('Parameters', 'a Parameters resource is expected', 'structure')],
      }),
    )
  const given = body.parameter ?? []
  const issues: Issue[] = []
  const found = new Map<string, Resource>()
  for (const [name, cardinality] of Object.entries(wanted)) {
    if (name === 'on') continue
    const named = given.filter((parameter) => parameter.name === name)
    if (named.length > 1 || (named.length === 0 && cardinality === '1'))
      issues.push(
        issue(
          `Parameters.parameter(${name})`,
          `${name} is expected ${cardinality === '1' ? 'once' : 'at most once'}`,
          'required',
        ),
      )
    const resource = named[0]?.resource
    if (named.length === 0) continue
    if (resource === undefined || TYPES[name]?.includes(resource.resourceType) !== true)
      issues.push(
        issue(`Parameters.parameter(${name}).resource`, `${name} is a ${(TYPES[name] ?? []).join(' or ')}`, 'structure'),
      )
    else found.set(name, resource)
  }
  for (const { name } of given)
    if (name === 'on' || !Object.hasOwn(wanted, name))
      issues.push(issue(`Parameters.parameter(${name})`, 'this parameter is not known', 'not-supported'))
  return issues.length > 0 ? fail(problem('invalid', 'parameters-invalid', { issues })) : ok(found)
}

const isParameters = (body: unknown): body is Parameters =>
  typeof body === 'object' &&
  body !== null &&
  'resourceType' in body &&
  body.resourceType === 'Parameters' &&
  (!('parameter' in body) ||
    (Array.isArray(body.parameter) &&
      body.parameter.every(
        (one: unknown) => typeof one === 'object' && one !== null && 'name' in one && typeof one.name === 'string',
      )))

/** The resource of a parameter, before anybody has checked the rest. */
export const named = (body: unknown, name: string): Resource | undefined =>
  isParameters(body) ? body.parameter?.find((parameter) => parameter.name === name)?.resource : undefined

/**
 * `Consent/$fileConsent`: a consent and the document that shows it, together.
 * The consent must be in force or proposed; the answer carries its deficiencies as warnings, for it is filed all the same.
 * @spec FAST Consent FileConsent
 */
export const fileConsent = (body: unknown, at: Instant, context: DeficiencyContext): Result<FiledConsent> => {
  const read = readParameters(body, 'fileConsent')
  if (!read.ok) return read
  const consent = read.value.get('consent')
  const document = read.value.get('document')
  if (
    consent?.resourceType !== 'Consent' ||
    (document?.resourceType !== 'DocumentReference' && document?.resourceType !== 'QuestionnaireResponse')
  )
    return fail(problem('invalid', 'parameters-invalid'))
  const understood = readConsent(consent)
  if (understood.faults.length > 0)
    return fail(
      problem('invalid', 'consent-invalid', {
        issues: understood.faults.map((path) => issue(path, 'is missing or cannot be understood')),
      }),
    )
  return ok({ consent, document, deficiencies: understood.regime === 'part2' ? deficiencies(understood, at, context) : [] })
}

/** What a revocation changes. */
export interface RevokedConsent {
  readonly consent: Consent
  readonly document?: Resource
}

/**
 * `Consent/$revokeConsent`: the stored consent of that patient, ended at the moment.
 * Asked twice it changes nothing the second time. A criminal-justice consent keeps standing until its event, and says so.
 * @param stored the consent on file that the request means, found by id or identifier; absent when there is none
 * @spec FAST Consent RevokeConsent   @law 42 CFR 2.31(a)(6), 2.35(c)
 */
export const revokeConsent = (
  body: unknown,
  stored: Consent | undefined,
  isSamePatient: (patient: Patient) => boolean,
  at: Instant,
): Result<RevokedConsent> => {
  const read = readParameters(body, 'revokeConsent')
  if (!read.ok) return read
  const patient = read.value.get('patient')
  const document = read.value.get('document')
  // A consent that is not there, and one that is another patient's, are answered alike.
  if (stored === undefined || patient?.resourceType !== 'Patient' || !isSamePatient(patient))
    return fail(problem('not-found', 'consent-unknown'))
  const more = document === undefined ? {} : { document }
  if (stored.extension?.some(({ url }) => url === EXTENSION.revokedAt) === true) return ok({ consent: stored, ...more })
  if (stored.status !== 'active' && stored.status !== 'proposed' && stored.status !== 'draft')
    return fail(problem('conflict', 'consent-not-active'))
  const isHeld = readConsent(stored).types.includes('criminal-justice')
  return ok({
    consent: {
      ...stored,
      status: isHeld ? stored.status : 'inactive',
      extension: [...(stored.extension ?? []), { url: EXTENSION.revokedAt, valueDateTime: at }],
    },
    ...more,
  })
}

/** A disclosure that somebody made elsewhere on a consent that is filed here. */
export interface RecordedDisclosure {
  readonly disclosure: AuditEvent
  readonly consent: string
}

/**
 * `AuditEvent/$recordDisclosure`: a disclosure made elsewhere, bound to the consent that it rested on.
 * @param reporter who reports; the event has to name it as an agent
 * @param agents the references and identifiers by which the reporter may be named
 * @spec FAST Consent RecordDisclosure   @law 42 CFR 2.24, 2.25
 */
export const recordDisclosure = (
  body: unknown,
  stored: Consent | undefined,
  reporter: PartnerId,
  agents: readonly string[],
): Result<RecordedDisclosure> => {
  const read = readParameters(body, 'recordDisclosure')
  if (!read.ok) return read
  const disclosure = read.value.get('disclosure')
  if (disclosure?.resourceType !== 'AuditEvent') return fail(problem('invalid', 'parameters-invalid'))
  if (stored?.id === undefined) return fail(problem('not-found', 'consent-unknown'))
  const isNamed = disclosure.agent.some(
    ({ who }) =>
      who?.reference === `Organization/${reporter}` ||
      agents.includes(who?.reference ?? '') ||
      agents.includes(who?.identifier?.value ?? ''),
  )
  if (!isNamed)
    return fail(
      problem('forbidden', 'reporter-not-agent', {
        issues: [issue('Parameters.parameter(disclosure).resource.agent', 'the reporter is one of the agents')],
      }),
    )
  const reference = `Consent/${stored.id}` as const
  const isBound = disclosure.entity?.some(({ what }) => what?.reference === reference) === true
  const bound = isBound ? disclosure : { ...disclosure, entity: [...(disclosure.entity ?? []), { what: { reference } }] }
  return ok({ disclosure: bound, consent: reference })
}

/** The answer of an operation: what was done, and a warning for each deficiency. @spec FHIR R4 OperationOutcome */
export const outcomeOf = (found: readonly Deficiency[], says: string): OperationOutcome => ({
  resourceType: 'OperationOutcome',
  issue: [
    { severity: 'information', code: 'informational', diagnostics: says },
    ...found.map(({ law, message }): OperationOutcomeIssue => ({
      severity: 'warning',
      code: 'business-rule',
      diagnostics: `the consent lacks ${message} (${law}); it is kept and not relied on`,
    })),
  ],
})
