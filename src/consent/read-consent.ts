// In: a Consent resource as it came. Out: the Consent model, with the paths of what is wrong in it.
// Never: a repair. What cannot be understood is named in `faults` and nothing is permitted by it.
import type { Consent as FhirConsent, ConsentProvision, ConsentProvisionActor, Extension, Resource } from '@medplum/fhirtypes'
import type { Actor, Code, Consent, ConsentType, DataRule, Provision, RecipientClass, WrittenPeriod } from '../model/consent.ts'
import { readElements } from './read-elements.ts'
import { CONSENT_TYPE_SYSTEM, EXTENSION, R4_REPLACES } from './extensions.ts'
import { isWritten } from './windows.ts'
import type { Loose } from './loose.ts'

const STATUS = new Set(['draft', 'proposed', 'active', 'rejected', 'inactive', 'entered-in-error'])
const MEANING = new Set(['instance', 'related', 'dependents', 'authoredby'])
const TYPES: ReadonlySet<string> = new Set([
  'general',
  'sud-counseling-notes',
  'psychotherapy-notes',
  'proceedings',
  'criminal-justice',
  'research',
])
const CLASSES: ReadonlySet<string> = new Set(['treating-providers', 'health-plans', 'third-party-payers', 'program-operations'])
/** Deeper than any form; a tree beyond it is not understood. */
const DEPTH_MAX = 64

/**
 * Understands a Consent resource; total, so that a broken one is kept and shown, and relied on by nobody.
 * @spec FHIR R4 Consent   @law 42 CFR 2.31
 */
export const readConsent = (resource: Loose<FhirConsent>): Consent => {
  const faults: string[] = []
  const contained = new Map((resource.contained ?? []).map((inner) => [`#${inner.id ?? ''}`, inner]))
  const categories = (resource.category ?? []).flatMap((concept) => codesOf(concept.coding))
  const base = readBase(resource, { faults, contained })
  checkResource(resource, faults)
  const revokedAt = extensionOf(resource, EXTENSION.revokedAt)?.valueDateTime
  const form = extensionOf(resource, EXTENSION.form)?.valueUri
  return {
    id: resource.id ?? '',
    version: resource.meta?.versionId ?? '',
    status: resource.status ?? '',
    scope: codesOf(resource.scope?.coding),
    categories,
    ...(resource.patient?.reference === undefined ? {} : { patient: resource.patient.reference }),
    regime: isPart2(resource, categories) ? 'part2' : 'other',
    ...(form === undefined ? {} : { form }),
    types: typesOf(categories),
    faults,
    base,
    elements: readElements(resource, base),
    replaces: replacedBy(resource),
    isKnownFalse: isKnownFalse(resource),
    ...(revokedAt === undefined ? {} : { revokedAt }),
  }
}

/** The first extension with this URL. */
export const extensionOf = (
  element: { extension?: readonly Loose<Extension>[] | undefined },
  url: string,
): Loose<Extension> | undefined => element.extension?.find((extension) => extension.url === url)

const codesOf = (codings: readonly { system?: string | undefined; code?: string | undefined }[] | undefined): readonly Code[] =>
  (codings ?? []).flatMap(({ system, code }) => (code === undefined ? [] : [system === undefined ? { code } : { system, code }]))

const periodOf = (period: { start?: string | undefined; end?: string | undefined } | undefined): WrittenPeriod | undefined =>
  period === undefined
    ? undefined
    : { ...(period.start === undefined ? {} : { start: period.start }), ...(period.end === undefined ? {} : { end: period.end }) }

const PART2_URI = /title-42\/.*part-2\b|42[\s_-]*cfr[\s_-]*part[\s_-]*2\b/i

const isPart2 = (resource: Loose<FhirConsent>, categories: readonly Code[]): boolean =>
  [...categories, ...codesOf(resource.policyRule?.coding)].some(({ code }) => code === '42CFRPart2' || code === '42CFRPart2CD') ||
  (resource.policy ?? []).some(({ uri }) => uri !== undefined && PART2_URI.test(uri))

const typesOf = (categories: readonly Code[]): readonly ConsentType[] => {
  const isType = (code: string): code is ConsentType => TYPES.has(code)
  const named = categories.filter(({ system }) => system === CONSENT_TYPE_SYSTEM).map(({ code }) => code)
  const types = [...new Set(named.filter(isType))]
  return types.length === 0 ? ['general'] : types
}

const replacedBy = (resource: Loose<FhirConsent>): readonly string[] => {
  const own = (resource.extension ?? []).flatMap(({ url, valueReference, valueUri, valueCanonical }) => {
    if (url === EXTENSION.replaces) return [valueReference?.reference]
    return url === R4_REPLACES ? [valueUri ?? valueCanonical] : []
  })
  return [...own, resource.sourceReference?.reference].flatMap((reference) => {
    const last = /(?:^|\/)(Consent\/[A-Za-z0-9.-]+)(?:\/_history\/.*)?$/.exec(reference ?? '')?.[1]
    return last === undefined ? [] : [last]
  })
}

const isKnownFalse = (resource: Loose<FhirConsent>): boolean =>
  extensionOf(resource, EXTENSION.knownFalse)?.valueBoolean === true || resource.verification?.at(-1)?.verified === false

const checkResource = (resource: Loose<FhirConsent>, faults: string[]): void => {
  const claims = (resource.policy?.length ?? 0) > 0 || resource.policyRule !== undefined
  if (resource.scope === undefined) faults.push('Consent.scope')
  if ((resource.category?.length ?? 0) === 0) faults.push('Consent.category')
  if (!claims) faults.push('Consent.policy')
  if (!STATUS.has(resource.status ?? '')) faults.push('Consent.status')
  for (const [path, text] of [
    ['Consent.dateTime', resource.dateTime],
    ['Consent.extension(revoked-at)', extensionOf(resource, EXTENSION.revokedAt)?.valueDateTime],
  ] as const)
    if (text !== undefined && !isWritten(text)) faults.push(path)
}

interface Reading {
  readonly faults: string[]
  readonly contained: ReadonlyMap<string, Loose<Resource>>
}

/** What the policy rule says when the root rule does not. @spec HL7 v3-ActCode, ActConsentDirective */
const BASE_OF_RULE: ReadonlyMap<string, 'permit' | 'deny'> = new Map([
  ['OPTIN', 'permit'],
  ['OPTINR', 'permit'],
  ['IMPLIED', 'permit'],
  ['IMPLIEDD', 'permit'],
  ['OPTOUT', 'deny'],
  ['OPTOUTE', 'deny'],
  ['EMRGONLY', 'deny'],
  ['NOCONSENT', 'deny'],
])

const isEffect = (text: string | undefined): text is 'permit' | 'deny' => text === 'permit' || text === 'deny'

const readBase = (resource: Loose<FhirConsent>, reading: Reading): Provision => {
  const rule = codesOf(resource.policyRule?.coding).find(({ code }) => BASE_OF_RULE.has(code))?.code
  const written: string | undefined = resource.provision?.type
  if (written !== undefined && !isEffect(written)) reading.faults.push('Consent.provision.type')
  const stated = isEffect(written) ? written : rule === undefined || written !== undefined ? undefined : BASE_OF_RULE.get(rule)
  const root = readProvision(resource.provision ?? {}, 'provision', stated === 'permit' ? 'permit' : 'deny', reading, 0)
  const emergency = rule === 'EMRGONLY' ? [{ ...BLANK, path: 'policyRule', purposes: [{ code: 'ETREAT' }] }] : []
  const exceptions = [...root.exceptions, ...emergency]
  const listsPermits = exceptions.some(({ effect }) => effect === 'permit')
  return { ...root, exceptions, isExpress: stated === 'deny' && !(listsPermits && isUnconstrained(root)) }
}

const BLANK: Provision = {
  path: '',
  effect: 'permit',
  isExpress: true,
  actors: [],
  actions: [],
  labels: [],
  purposes: [],
  classes: [],
  codes: [],
  data: [],
  exceptions: [],
}

/** A root deny that selects no content only says "what is not listed is not permitted"; it refuses nothing by itself. */
const isUnconstrained = (provision: Provision): boolean =>
  provision.labels.length + provision.classes.length + provision.codes.length + provision.data.length === 0 &&
  provision.dataPeriod === undefined

const readProvision = (
  from: Loose<ConsentProvision>,
  path: string,
  effect: 'permit' | 'deny',
  reading: Reading,
  depth: number,
): Provision => {
  const period = periodOf(from.period)
  const dataPeriod = periodOf(from.dataPeriod)
  for (const [name, written] of [
    ['period', period],
    ['dataPeriod', dataPeriod],
  ] as const)
    for (const text of [written?.start, written?.end])
      if (text !== undefined && !isWritten(text)) reading.faults.push(`Consent.${path}.${name}`)
  if (depth >= DEPTH_MAX) reading.faults.push(`Consent.${path}.provision`)
  const nested = depth >= DEPTH_MAX ? [] : (from.provision ?? [])
  return {
    path,
    effect,
    isExpress: true,
    ...(period === undefined ? {} : { period }),
    actors: (from.actor ?? []).map((actor) => readActor(actor, reading)),
    actions: (from.action ?? []).flatMap((concept) => atLeastOne(codesOf(concept.coding))),
    labels: (from.securityLabel ?? []).flatMap((coding) => atLeastOne(codesOf([coding]))),
    purposes: (from.purpose ?? []).flatMap((coding) => atLeastOne(codesOf([coding]))),
    classes: (from.class ?? []).flatMap((coding) => atLeastOne(codesOf([coding]))),
    codes: (from.code ?? []).map((concept) => codesOf(concept.coding)),
    ...(dataPeriod === undefined ? {} : { dataPeriod }),
    data: (from.data ?? []).map((data) => readData(data, path, reading)),
    exceptions: nested.map((inner, index) => {
      const innerPath = `${path}.provision[${String(index)}]`
      if (!isEffect(inner.type)) reading.faults.push(`Consent.${innerPath}.type`)
      return readProvision(inner, innerPath, inner.type === 'permit' ? 'permit' : 'deny', reading, depth + 1)
    }),
  }
}

/** A constraint whose code is missing still constrains: it can match nothing. */
const atLeastOne = (codes: readonly Code[]): readonly Code[] => (codes.length === 0 ? [{ code: '' }] : codes)

const readData = (
  data: { meaning?: string | undefined; reference?: { reference?: string | undefined } | undefined },
  path: string,
  { faults }: Reading,
): DataRule => {
  const isMeaning = (text: string | undefined): text is DataRule['meaning'] => text !== undefined && MEANING.has(text)
  if (!isMeaning(data.meaning) || data.reference?.reference === undefined) faults.push(`Consent.${path}.data`)
  return { meaning: isMeaning(data.meaning) ? data.meaning : 'instance', reference: data.reference?.reference ?? '' }
}

const readActor = (actor: Loose<ConsentProvisionActor>, { contained }: Reading): Actor => {
  const reference = actor.reference?.reference
  const inner = reference?.startsWith('#') === true ? contained.get(reference) : undefined
  const isClass = (code: string | undefined): code is RecipientClass => code !== undefined && CLASSES.has(code)
  const identifiers = [actor.reference?.identifier, ...identifiersOf(inner)].flatMap((identifier) =>
    identifier?.value === undefined
      ? []
      : [{ ...(identifier.system === undefined ? {} : { system: identifier.system }), value: identifier.value }],
  )
  const members = membersOf(actor)
  return {
    roles: codesOf(actor.role?.coding),
    ...(reference === undefined ? {} : { reference }),
    identifiers,
    classes: (actor.extension ?? [])
      .filter(({ url }) => url === EXTENSION.recipientClass)
      .map(({ valueCode }) => valueCode)
      .filter(isClass),
    isBroken: reference?.startsWith('#') === true && inner === undefined,
    includesParts: extensionOf(actor, EXTENSION.includesParts)?.valueBoolean === true,
    ...(members === undefined ? {} : { members }),
  }
}

const membersOf = (actor: Loose<ConsentProvisionActor>): Actor['members'] => {
  const inner = extensionOf(actor, EXTENSION.intermediaryMembers)?.extension
  if (inner === undefined) return undefined
  const references = inner
    .flatMap(({ url, valueReference }) => (url === 'member' ? [valueReference?.reference ?? ''] : []))
    .filter((text) => text !== '')
  if (references.length > 0) return { kind: 'named', references }
  return inner.some(({ url, valueCode }) => url === 'class' && valueCode === 'treating-providers')
    ? { kind: 'treating-providers', references }
    : undefined
}

const identifiersOf = (resource: Loose<Resource> | undefined): Actor['identifiers'] => {
  if (resource === undefined || !('identifier' in resource)) return []
  const given: unknown = resource.identifier
  return (Array.isArray(given) ? given : [given]).flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null || !('value' in one) || typeof one.value !== 'string') return []
    return 'system' in one && typeof one.system === 'string' ? [{ system: one.system, value: one.value }] : [{ value: one.value }]
  })
}
