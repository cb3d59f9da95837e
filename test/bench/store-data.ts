import type { Resource } from '@medplum/fhirtypes'

type Kept = Resource & { readonly id: string }

/** What fills a store for measuring: the same for the same numbers. All people are synthetic. */
export const TAG = { tag: [{ system: 'urn:mission:test', code: 'HTEST' }] }

const loinc = (code: string) => ({
  coding: [{ system: 'http://loinc.org', code, display: `HTEST measurement ${code}` }],
  text: `HTEST measurement ${code}`,
})
const day = (n: number): string => new Date(Date.UTC(2026, 0, 1) + (n % 365) * 86_400_000).toISOString().slice(0, 10)

/** One patient with 99 records: half observations, the rest conditions, encounters, goals and a care plan; about 1 kB each. */
export const recordOf = (n: number): readonly Kept[] => {
  const id = `p${String(n).padStart(7, '0')}`
  const subject = { reference: `Patient/${id}`, display: `HTEST-${id}` }
  const extra = {
    text: {
      status: 'generated' as const,
      div: `<div xmlns="http://www.w3.org/1999/xhtml">${'HTEST words of a note. '.repeat(12)}</div>`,
    },
    meta: TAG,
  }
  const rest = Array.from({ length: 99 }, (_, k): Kept => {
    const own = { id: `${id}-${String(k)}`, subject, ...extra }
    if (k === 0)
      return {
        resourceType: 'CarePlan',
        status: 'active',
        intent: 'plan',
        period: { start: day(n) },
        category: [loinc('38717003')],
        ...own,
      }
    if (k < 5)
      return {
        resourceType: 'Goal',
        lifecycleStatus: 'active',
        description: { text: 'HTEST goal' },
        startDate: day(n + k),
        ...own,
      }
    if (k < 25)
      return {
        resourceType: 'Encounter',
        status: 'finished',
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: k % 3 === 0 ? 'HH' : 'AMB' },
        period: { start: `${day(n + k)}T10:00:00Z`, end: `${day(n + k)}T10:45:00Z` },
        serviceProvider: { reference: 'Organization/mission' },
        ...own,
      }
    if (k < 49)
      return {
        resourceType: 'Condition',
        clinicalStatus: {
          coding: [
            { system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: k % 4 === 0 ? 'resolved' : 'active' },
          ],
        },
        code: { coding: [{ system: 'http://snomed.info/sct', code: `c${String((n + k) % 200)}` }] },
        onsetDateTime: day(n + k),
        encounter: { reference: `Encounter/${id}-${String(5 + (k % 20))}` },
        ...own,
      }
    return {
      resourceType: 'Observation',
      status: 'final',
      code: loinc(`l${String((n * 7 + k) % 500)}`),
      effectiveDateTime: day(n + k),
      valueQuantity: { value: (k * 13) % 97, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' },
      encounter: { reference: `Encounter/${id}-${String(5 + (k % 20))}` },
      ...own,
    }
  })
  return [
    {
      resourceType: 'Patient',
      id,
      meta: TAG,
      name: [{ family: `HTEST-${id}`, given: ['Jordan'] }],
      birthDate: day(n),
      gender: n % 2 === 0 ? 'male' : 'female',
      identifier: [{ system: 'urn:mission', value: id }],
    },
    ...rest,
  ]
}
