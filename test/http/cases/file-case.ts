import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes'
import { consentOf, WORLD, type Case } from '../../consent/support/cases.ts'

/** What a case is made of, under names of its own, so that every case has a patient of its own on one gateway. */
export interface Filing {
  readonly patient: string
  /** By the programme, in one transaction. */
  readonly own: Bundle
  /** Each by itself, for one that cannot be kept is a result. */
  readonly consents: readonly Resource[]
  /** By other partners, under the id that the gateway gives. */
  readonly brought: readonly { readonly name: string; readonly origin: string; readonly resource: Resource }[]
  readonly bases: readonly (Readonly<Record<string, unknown>> & { readonly id: string })[]
  /** When the programme's records were taken, where the case says it. */
  readonly later: readonly { readonly at: string; readonly resource: Resource }[]
}

/** What FHIR asks of each type and the cases leave out. */
const NEEDED: Readonly<Record<string, object>> = {
  Appointment: { end: '2026-05-05T15:30:00Z', participant: [{ actor: { reference: 'Patient/jordan' }, status: 'accepted' }] },
  Consent: {},
  Coverage: { status: 'active', beneficiary: { reference: 'Patient/jordan' } },
  DocumentReference: { content: [{ attachment: { contentType: 'application/pdf', title: 'a scan' } }] },
  Encounter: { class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' } },
  EpisodeOfCare: { patient: { reference: 'Patient/jordan' } },
  Goal: { description: { text: 'a goal' } },
  Observation: { code: { text: 'a finding' } },
}
const NO_SUBJECT = new Set(['Appointment', 'Coverage', 'EpisodeOfCare', 'Group', 'Organization', 'Patient', 'PractitionerRole'])

const SYSTEM = (code: string): string =>
  ['U', 'L', 'M', 'N', 'R', 'V'].includes(code)
    ? 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
    : code === 'SUD-COUNSELING-NOTE'
      ? 'https://mission-gateway.example/fhir/CodeSystem/sensitivity'
      : 'http://terminology.hl7.org/CodeSystem/v3-ActCode'

/** Labels that the case states, as the ones that came with the record. */
const security = (name: string): object => {
  const { sensitivity = [], policy = [], confidentiality, noteKind } = WORLD.records[name]?.labels ?? {}
  const note = noteKind === 'sud-counseling-note' ? ['SUD-COUNSELING-NOTE'] : []
  const codes = [...sensitivity, ...policy, ...note, ...(confidentiality === undefined ? [] : [confidentiality])]
  return codes.length === 0 ? {} : { meta: { security: codes.map((code) => ({ system: SYSTEM(code), code })) } }
}

const filled = (resource: Resource, more: object = {}): Resource =>
  ({
    ...NEEDED[resource.resourceType],
    ...(NO_SUBJECT.has(resource.resourceType) ? {} : { subject: { reference: 'Patient/jordan' } }),
    ...more,
    ...resource,
  }) as Resource

/** A referral to housing is addressed to the housing provider that asks for it: another's is not what it needs. */
const addressed = ({ ask }: Case): object =>
  ask?.who.startsWith('harbor-') === true ? { performer: [{ reference: `Organization/${ask.who}` }] } : {}

/** Every id of the case's own world gets the case's prefix; partners keep their names. */
const renamed = <R>(value: R, prefix: string, ids: ReadonlySet<string>): R => {
  const walk = (node: unknown, key: string): unknown => {
    if (Array.isArray(node)) return node.map((one) => walk(one, key))
    if (typeof node === 'object' && node !== null)
      return Object.fromEntries(Object.entries(node).map(([name, inner]) => [name, walk(inner, name)]))
    if (typeof node !== 'string') return node
    if (key === 'id') return ids.has(node) ? `${prefix}-${node}` : node
    const [, type, id] = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]+)$/.exec(node) ?? []
    return type !== undefined && id !== undefined && ids.has(id) ? `${type}/${prefix}-${id}` : node
  }
  return walk(value, '') as R
}

const entry = (resource: Resource): BundleEntry => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id ?? ''}` },
})

/** Ids that the case's own resources have. */
const idsOf = ({ given = {} }: Case): ReadonlySet<string> =>
  new Set([
    'jordan',
    'jordan-2',
    ...Object.values(WORLD.records).flatMap(({ resource: { id } }) => (id === undefined ? [] : [id])),
    ...(given.consents ?? []).map(({ recordId }) => (typeof recordId === 'string' ? recordId : 'c1')),
    ...(given.evidence ?? []).flatMap(({ resourceType, id }) =>
      id === undefined || resourceType === 'Organization' ? [] : [id],
    ),
    ...(given.bases ?? []).map(({ id }) => id),
    ...(given.evidence ?? []).flatMap((one) =>
      one.resourceType === 'PractitionerRole' ? (one.practitioner?.reference?.replace('Practitioner/', '') ?? []) : [],
    ),
  ])

/** The person who asks, under the case's prefix: a role in one case is none in another. */
export const personOf = (one: Case, prefix: string, person: string): string => renamed(person, prefix, idsOf(one))

/** The facts of a case, to be filed. */
export const filingOf = (one: Case, prefix: string): Filing => {
  const { given = {} } = one
  const ids = idsOf(one)
  const named = Object.keys(one.expect ?? {}).filter((name) => name !== 'patient')
  const records = named.flatMap((name) => {
    const found = WORLD.records[name]
    const more = { ...security(name), ...(name === 'srH' ? addressed(one) : {}) }
    return found === undefined ? [] : [{ name, origin: found.origin, resource: filled(found.resource, more) }]
  })
  const own = records.filter(({ origin }) => origin === undefined)
  const isLater = (name: string): boolean => given.recordedAt?.[name] !== undefined
  const evidence = (given.evidence ?? []).filter(({ resourceType }) => resourceType !== 'Organization').map((r) => filled(r))
  const person = evidence.some(({ resourceType }) => resourceType === 'Patient')
    ? []
    : [WORLD.records['patient']?.resource ?? { resourceType: 'Patient' as const, id: 'jordan' }]
  const filing = {
    patient: 'Patient/jordan',
    entries: [...person, ...evidence, ...own.filter(({ name }) => !isLater(name)).map(({ resource }) => resource)],
    consents: (given.consents ?? []).map(consentOf) as readonly Resource[],
    brought: records.flatMap(({ name, origin, resource }) => (origin === undefined ? [] : [{ name, origin, resource }])),
    bases: (given.bases ?? []).map(({ id, kind, fields }) => ({ id, kind, patient: 'Patient/jordan', ...fields })),
    later: own.flatMap(({ name, resource }) => {
      const at = given.recordedAt?.[name]
      return at === undefined ? [] : [{ at: `${at}T12:00:00Z`, resource }]
    }),
  }
  const { entries, ...rest } = renamed(filing, prefix, ids)
  return { ...rest, own: { resourceType: 'Bundle', type: 'transaction', entry: entries.map(entry) } }
}

/** Where a record of the world is, under the case's prefix. */
export const placeOf = (one: Case, prefix: string, name: string): string => {
  const resource = name === 'patient' ? WORLD.records['patient']?.resource : WORLD.records[name]?.resource
  return renamed(`${resource?.resourceType ?? ''}/${resource?.id ?? ''}`, prefix, idsOf(one))
}
