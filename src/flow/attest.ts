import type { Provenance, Resource } from '@medplum/fhirtypes'
import { patientOf } from '../formats/fhir/compartment.ts'
import type { Tx } from '../platform/db.ts'
import { ownersOf } from '../store/records.ts'

type Kept = Resource & { readonly id: string }
type Keyed = Provenance & { readonly id: string }

const keyOf = (of: { readonly resourceType: string; readonly id: string }): string => `${of.resourceType}/${of.id}`

const isProvenance = (resource: Kept): resource is Keyed => resource.resourceType === 'Provenance'

/** What a Provenance is about, as `Type/id`, as far as it says so by a reference to this server. */
const targetsOf = ({ target }: Keyed): readonly string[] =>
  target.flatMap(({ reference }) => /(?:^|\/)([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})$/.exec(reference ?? '')?.[1] ?? [])

/**
 * Whose record each Provenance is: where it stands already, else the one patient whom its targets are about. One about several
 * patients, or about nobody known, belongs to nobody, and goes to nobody but the programme and its origin.
 */
export const ownersOfProvenance = async (
  tx: Tx,
  incoming: readonly { readonly resource: Kept }[],
): Promise<ReadonlyMap<string, string>> => {
  const here = new Map(incoming.map(({ resource }) => [keyOf(resource), patientOf({ ...resource })]))
  const provenances = incoming.map(({ resource }) => resource).filter(isProvenance)
  const unknown = provenances.filter((one) => targetsOf(one).some((target) => !here.has(target)))
  const stored = await ownersOf(tx, [...new Set(unknown.flatMap((one) => [keyOf(one), ...targetsOf(one)]))])
  const owners = new Map<string, string>()
  for (const one of provenances) {
    const patients = new Set(targetsOf(one).map((target) => here.get(target) ?? stored.get(target) ?? ''))
    patients.delete('')
    const [only = ''] = patients
    owners.set(keyOf(one), stored.get(keyOf(one)) ?? (patients.size === 1 ? only : ''))
  }
  return owners
}

/** Whether a Provenance that the gateway itself writes has something new to tell: one of its targets has changed, or it is the first. */
export const hasNews = (attestation: Kept, changed: ReadonlySet<string>, isFirst: boolean): boolean =>
  isFirst || (isProvenance(attestation) && targetsOf(attestation).some((target) => changed.has(target)))

const DATA_OPERATION = 'http://terminology.hl7.org/CodeSystem/v3-DataOperation'
const ACTIVITY = {
  create: { system: DATA_OPERATION, code: 'CREATE', display: 'create' },
  update: { system: DATA_OPERATION, code: 'UPDATE', display: 'revise' },
} as const

/** The Provenance with what was done to its targets. @spec FHIR R4 Provenance.activity */
export const withActivity = <R extends Kept>(attestation: R, isFirst: boolean): R => ({
  ...attestation,
  activity: { coding: [isFirst ? ACTIVITY.create : ACTIVITY.update] },
})
