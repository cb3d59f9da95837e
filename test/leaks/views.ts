import type { Consent as FhirConsent, Resource } from '@medplum/fhirtypes'
import { decideAll } from '../../src/consent/decide-all.ts'
import { houseOf } from '../../src/disclosure/house.ts'
import { keepSafe } from '../../src/disclosure/keep-safe.ts'
import { logicalOf } from '../../src/disclosure/logical.ts'
import { minimise } from '../../src/disclosure/minimise.ts'
import { renderAll } from '../../src/disclosure/render-all.ts'
import { render } from '../../src/disclosure/render.ts'
import { factsOf } from '../../src/labelling/facts.ts'
import { labelAll, type Unlabelled } from '../../src/labelling/label.ts'
import { stamp } from '../../src/labelling/stamp.ts'
import { tellingOrganizations } from '../../src/labelling/world.ts'
import type { Labels } from '../../src/model/label.ts'
import { instant } from '../../src/model/time.ts'
import { facts, PARTNERS, PATIENT_RESOURCE } from '../consent/support/world.ts'
import { shippedRules } from '../labelling/rules-files.ts'

/** The whole street without its database: labels, store, consent, view. */
const rules = shippedRules()
const NOW = instant('2026-06-01T12:00:00Z')
const HOUSE = houseOf(
  tellingOrganizations(PARTNERS).map(({ reference, sensitivity }) => ({
    what: 'reference',
    value: reference,
    tells: sensitivity,
    source: 'test',
  })),
)

/** A record with the labels that it has in the store. */
export type Stored = Unlabelled & { readonly labels: Labels }

const parsed = (resource: Resource): Resource => JSON.parse(JSON.stringify(resource)) as Resource

/** `Type/id` */
export const keyOf = ({ resourceType, id }: Resource): string => `${resourceType}/${id ?? ''}`

/** Labels the records of the one patient together. */
export const stored = (given: readonly Unlabelled[]): readonly Stored[] => {
  const read = given.map((one) => ({ ...one, resource: parsed(one.resource) }))
  const all = labelAll(read, rules, { partners: PARTNERS })
  return read.map((one) => {
    const labels = all.get(keyOf(one.resource))
    if (labels === undefined) throw new Error('every record is labelled')
    return { ...one, labels }
  })
}

/** What each partner is shown under the consents, as resources. */
export const shownTo = (given: readonly Stored[], consents: readonly FhirConsent[]): ReadonlyMap<string, readonly Resource[]> => {
  const about = facts([...consents, PATIENT_RESOURCE, ...given.map((one) => one.resource)], {
    records: given.map((one) => factsOf(one.resource, one.labels)),
  })
  const byKey = new Map(given.map((one) => [keyOf(one.resource), one]))
  const named = given.map(({ resource: one }) => ({ type: one.resourceType, id: one.id ?? '', resource: one }))
  const needed = minimise(decideAll(about, NOW), about.records, PARTNERS)
  const rendered = renderAll({ ...about, ...logicalOf(named) }, needed, HOUSE, ({ type, id, shape }) => {
    const one = byKey.get(`${type}/${id}`)
    if (one === undefined) return undefined
    const safe = keepSafe(stamp(one.resource, one.labels), one.labels.parts, shape.withheldParts)
    return render(safe.resource, { ...shape, withheldParts: safe.withheldParts })
  })
  const shown = new Map<string, Resource[]>()
  for (const one of rendered)
    for (const recipient of new Set(one.allowances.map((allowance) => allowance.recipient as string)))
      shown.set(recipient, [...(shown.get(recipient) ?? []), one.resource])
  return shown
}
