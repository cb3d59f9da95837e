import type { Consent, ConsentProvision, ConsentProvisionActor, Extension, Resource } from '@medplum/fhirtypes'
import { identifierSystem } from '../../src/mapping/context.ts'
import { problem } from '../../src/platform/problem.ts'
import type { Issue } from '../../src/platform/problem.ts'
import { fail, ok } from '../../src/platform/result.ts'
import type { Result } from '../../src/platform/result.ts'
import { consentSchema } from './schema.ts'
import type { ConsentRecord } from './schema.ts'
import { EXT, SYSTEM } from './urls.ts'

/**
 * The form that a Consent came from. A consent that the form has no blank for (rules three deep, data rules) is not bent to fit.
 * @param resources with the client's Patient among them
 */
export const fromFhir = (resources: readonly Resource[]): Result<ConsentRecord> => {
  const consent = resources.find((resource) => resource.resourceType === 'Consent' && keyOf(resource) !== undefined)
  if (consent?.resourceType !== 'Consent')
    return fail(problem('not-found', 'record-absent', { detail: 'no consent among the resources' }))
  const patient = resources.find(
    (resource) => resource.resourceType === 'Patient' && `Patient/${resource.id ?? ''}` === consent.patient?.reference,
  )
  const clientId = patient === undefined ? undefined : keyOf(patient)
  if (clientId === undefined)
    return fail(problem('not-found', 'patient-absent', { detail: 'the patient is not among the resources' }))
  const odd = oddities(consent)
  if (odd.length > 0) return fail(problem('unsupported', 'consent-beyond-form', { issues: odd }))
  const parsed = consentSchema.safeParse(
    drop({ recordId: keyOf(consent), clientId, ...headOf(consent), ...elementsOf(consent), ...rulesOf(consent.provision) }),
  )
  if (parsed.success) return ok(parsed.data)
  const issues = parsed.error.issues.map(({ path, message }): Issue => ({
    path: path.map(String).join('.'),
    message,
    severity: 'error',
    code: 'invalid',
  }))
  return fail(problem('unsupported', 'consent-beyond-form', { issues }))
}

const keyOf = (resource: Resource): string | undefined => {
  const system = identifierSystem(resource.resourceType === 'Patient' ? 'client' : 'consent')
  if (resource.resourceType !== 'Patient' && resource.resourceType !== 'Consent') return undefined
  return resource.identifier?.find((identifier) => identifier.system === system)?.value
}

/** Leaves out what is undefined or empty, so that absent stays absent. */
const drop = (tree: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(tree).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  )

const SUPPORTED: ReadonlySet<string> = new Set([
  'type',
  'period',
  'actor',
  'purpose',
  'securityLabel',
  'class',
  'code',
  'dataPeriod',
  'provision',
  'id',
])

const oddities = ({ provision }: Consent): readonly Issue[] => {
  const issues: Issue[] = []
  const look = (rule: ConsentProvision | undefined, path: string, depth: number): void => {
    for (const name of Object.keys(rule ?? {}))
      if (!SUPPORTED.has(name) || (name === 'provision' && depth > 0))
        issues.push({
          path: `${path}.${name}`,
          message: 'the form has no blank for this',
          severity: 'error',
          code: 'not-supported',
        })
    if (rule?.type === 'permit' && depth > 0 && !isNaming(rule))
      issues.push({ path, message: 'the form has no blank for this', severity: 'error', code: 'not-supported' })
    rule?.provision?.forEach((inner, index) => {
      if (depth === 0) look(inner, `${path}.provision[${String(index)}]`, depth + 1)
    })
  }
  look(provision, 'Consent.provision', 0)
  return issues
}

const isNaming = (rule: ConsentProvision): boolean =>
  Object.keys(rule).every((name) => name === 'type' || name === 'securityLabel') && rule.securityLabel?.length === 1

const headOf = (consent: Consent): Record<string, unknown> => {
  const kinds = consent.category.flatMap(({ coding }) =>
    (coding ?? []).filter(({ system }) => system === SYSTEM.consentType).map(({ code }) => code),
  )
  return {
    status: consent.status,
    isTest: consent.meta?.tag?.some(({ code }) => code === 'HTEST') === true ? true : undefined,
    kinds,
  }
}

const elementsOf = (consent: Consent): Record<string, unknown> => {
  const all = (url: string): readonly Extension[] => (consent.extension ?? []).filter((extension) => extension.url === url)
  const first = (url: string): Extension | undefined => all(url)[0]
  return {
    form: first(EXT.form)?.valueUri,
    patientName: first(EXT.patientName)?.valueString,
    disclosers: all(EXT.discloser).map(({ valueString, valueReference }) =>
      drop({ partner: partnerOf(valueReference?.reference), class: valueString }),
    ),
    description: first(EXT.description)?.valueString,
    purposeText: first(EXT.purposeText)?.valueString,
    isPatientInitiated: first(EXT.patientInitiated)?.valueBoolean,
    statements: all(EXT.statement).map((extension) => part(extension, 'code')?.valueCode),
    expirationEvent: partsOf(first(EXT.expirationEvent), (extension) => ({
      event: part(extension, 'event')?.valueCode,
      text: part(extension, 'text')?.valueString,
      occurredAt: part(extension, 'occurredAt')?.valueDateTime,
    })),
    signatures: all(EXT.signature).map((extension) =>
      drop({
        capacity: part(extension, 'capacity')?.valueCode,
        method: part(extension, 'method')?.valueCode,
        signedOn: part(extension, 'when')?.valueDateTime,
        evidence: part(extension, 'evidence')?.valueString,
      }),
    ),
    signedOn: first(EXT.signedAt)?.valueDateTime,
    revokedAt: first(EXT.revokedAt)?.valueDateTime,
    replaces: first(EXT.replaces)?.valueReference?.identifier?.value,
    isKnownFalse: first(EXT.knownFalse)?.valueBoolean,
    irrevocable: partsOf(first(EXT.irrevocable), (extension) => ({
      event: part(extension, 'event')?.valueString,
      until: part(extension, 'until')?.valueDateTime,
    })),
    monitoringDuty: first(EXT.monitoringDuty)?.valueString,
    isConditionOfService: first(EXT.conditionOfService)?.valueBoolean,
  }
}

const part = (extension: Extension, url: string): Extension | undefined => extension.extension?.find((inner) => inner.url === url)

const partsOf = (
  extension: Extension | undefined,
  read: (extension: Extension) => Record<string, unknown>,
): Record<string, unknown> | undefined => (extension === undefined ? undefined : drop(read(extension)))

const partnerOf = (reference: string | undefined): string | undefined => /^Organization\/(.+)$/.exec(reference ?? '')?.[1]

const rulesOf = (root: ConsentProvision | undefined): Record<string, unknown> => {
  const inner = root?.provision ?? []
  const covers = limitsFrom(root)
  return {
    recipients: root?.actor?.map(recipientFrom),
    purposes: root?.purpose?.map(({ code }) => code),
    covers: Object.keys(covers).length === 0 ? undefined : covers,
    validFrom: root?.period?.start,
    validUntil: root?.period?.end,
    namesExplicitly: inner.filter(({ type }) => type === 'permit').map(({ securityLabel }) => securityLabel?.[0]?.code),
    except: inner
      .filter(({ type }) => type === 'deny')
      .map((rule) =>
        drop({
          ...limitsFrom(rule),
          recipients: rule.actor?.map(recipientFrom),
          purposes: rule.purpose?.map(({ code }) => code),
        }),
      ),
  }
}

const limitsFrom = (rule: ConsentProvision | undefined): Record<string, unknown> =>
  drop({
    types: rule?.class?.map(({ code }) => code),
    labels: rule?.securityLabel?.map(({ code }) => code),
    codes: rule?.code?.flatMap(({ coding }) => (coding ?? []).map(({ system, code }) => drop({ system, code }))),
    from: rule?.dataPeriod?.start,
    until: rule?.dataPeriod?.end,
  })

const recipientFrom = ({ extension, reference }: ConsentProvisionActor): Record<string, unknown> => {
  const members = extension?.find(({ url }) => url === EXT.members)?.extension
  const named = members?.flatMap(({ url, valueReference }) =>
    url === 'member' ? (partnerOf(valueReference?.reference) ?? []) : [],
  )
  return drop({
    partner: partnerOf(reference.reference),
    npi: reference.identifier?.system === SYSTEM.npi ? reference.identifier.value : undefined,
    class: extension?.find(({ url }) => url === EXT.recipientClass)?.valueCode,
    includesProgrammes: extension?.find(({ url }) => url === EXT.includesParts)?.valueBoolean,
    members: named === undefined ? undefined : named.length > 0 ? named : 'treating-providers',
  })
}
