import { readdirSync, readFileSync } from 'node:fs'
import type { Consent as FhirConsent, ConsentProvision, Resource } from '@medplum/fhirtypes'
import { parse } from 'yaml'
import { consentSchema } from '../../../mappings/consent/schema.ts'
import { toFhir } from '../../../mappings/consent/to-fhir.ts'
import { factsOf } from '../../../src/labelling/facts.ts'
import { partnerId, patientId } from '../../../src/model/ids.ts'
import type { Labels, RecordFacts } from '../../../src/model/label.ts'
import type { Partner } from '../../../src/model/partner.ts'
import type { LegalBasis, PatientFacts } from '../../../src/model/patient-facts.ts'
import { PARTNERS } from './world.ts'

/** A consent in a case: the native form with what differs, or a FHIR part where the form has no blank. */
export type GivenConsent = Readonly<Record<string, unknown>> & {
  readonly fhir?: Partial<FhirConsent>
  readonly provision?: ConsentProvision
}

/** A case as a privacy officer writes it; the same file drives the room and the API. */
export interface Case {
  readonly id: string
  readonly it: string
  readonly law: string
  /** `test/file.ts: words of the test`, when another file tests it. */
  readonly elsewhere?: string
  readonly given?: {
    readonly consents?: readonly GivenConsent[]
    readonly evidence?: readonly Resource[]
    readonly bases?: readonly LegalBasis[]
    readonly partners?: Readonly<Record<string, Partial<Partner>>>
    readonly labels?: Readonly<Record<string, Partial<Labels>>>
    readonly recordedAt?: Readonly<Record<string, string>>
    readonly facts?: Partial<PatientFacts>
  }
  readonly ask?: {
    readonly who: string
    readonly for: string | readonly string[]
    readonly at?: string
    readonly subject?: string
    readonly isDeidentified?: boolean
  }
  /** By record: what the answer is. */
  readonly expect?: Readonly<Record<string, 'permit' | 'deny'>>
  /** The reasons that the officer reads, the same for every denied record of the case. */
  readonly because?: readonly string[]
  /** On a permit. */
  readonly basis?: string
  readonly withheld?: readonly string[]
  readonly obliged?: readonly string[]
  readonly deficient?: readonly string[]
  readonly redisclose?: Readonly<Record<string, unknown>>
}

interface World {
  readonly patient: string
  readonly at: string
  readonly zone: string
  readonly jurisdiction: string
  readonly records: Readonly<
    Record<string, { readonly resource: Resource; readonly origin?: string; readonly labels?: Partial<Labels> }>
  >
  readonly consent: Readonly<Record<string, unknown>>
}

const FOLDER = new URL('../../cases/consent/', import.meta.url)
const load = (file: string): unknown => parse(readFileSync(new URL(file, FOLDER), 'utf8'), { schema: 'core' })

export const WORLD = load('world.yaml') as World

/** Every case of every file, in order. */
export const CASES: readonly (Case & { readonly file: string })[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.yaml') && file !== 'world.yaml')
  .sort()
  .flatMap((file) => (load(file) as readonly Case[]).map((one) => ({ ...one, file })))

const CONTEXT = {
  sourceSystem: 'mission',
  programme: 'mission',
  zone: WORLD.zone,
  derivedId: (_: string, __: string, key: string) => key.replace(/^(consent|client)\//, ''),
}

/** Fills the form, lays the differences over it, and puts in what only FHIR can say. */
export const consentOf = ({ fhir, provision, ...over }: GivenConsent): FhirConsent => {
  const filled = stripNulls({ ...WORLD.consent, ...over })
  const made = toFhir(consentSchema.parse(filled), CONTEXT)
  const { period, actor, purpose }: ConsentProvision = made.provision ?? {}
  const base = {
    ...(period === undefined ? {} : { period }),
    ...(actor === undefined ? {} : { actor }),
    ...(purpose === undefined ? {} : { purpose }),
  }
  const replaced = provision === undefined ? made : { ...made, provision: { ...base, ...provision } }
  return stripNulls({ ...replaced, meta: { versionId: '1' }, ...fhir }) as unknown as FhirConsent
}

const stripNulls = (tree: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(tree).filter(([, value]) => value !== null))

/** A record of the world with its labels, as the room sees it. */
export const recordOf = (name: string, over: Partial<Labels> = {}, recordedAt?: string): RecordFacts => {
  const found = WORLD.records[name]
  if (found === undefined) throw new Error(`no record ${name} in world.yaml`)
  const origin = partnerId(found.origin ?? 'mission')
  const isPart2 = PARTNERS.some(({ id, kinds }) => id === origin && kinds.includes('part2-program'))
  const labels: Labels = {
    status: 'labelled',
    origin: { partner: origin, isPart2 },
    confidentiality: isPart2 ? 'R' : 'N',
    sensitivity: [],
    policy: isPart2 ? ['42CFRPart2'] : [],
    parts: [],
    ...found.labels,
    ...over,
  }
  return { ...factsOf(found.resource, labels), ...(recordedAt === undefined ? {} : { recordedAt }) }
}

/** The facts of a case. */
export const factsOfCase = ({ given = {} }: Case): PatientFacts => ({
  patient: patientId(WORLD.patient),
  zone: WORLD.zone,
  jurisdiction: WORLD.jurisdiction,
  partners: PARTNERS.map((one) => ({ ...one, ...given.partners?.[one.id] })),
  records: Object.keys(WORLD.records).map((name) => recordOf(name, given.labels?.[name], given.recordedAt?.[name])),
  evidence: [...(given.consents ?? []).map(consentOf), ...(given.evidence ?? [])],
  bases: given.bases ?? [],
  ...given.facts,
})
