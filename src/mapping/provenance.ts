import type { Provenance, Resource } from '@medplum/fhirtypes'
import { idOf, identifierSystem } from './context.ts'
import type { MapContext } from './context.ts'

const PARTICIPANT = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type'

/**
 * Who wrote and who sent what a record became, and of which record it is made: one Provenance for all of its resources. A second run
 * for the same record replaces it.
 * @param key record type and record id, `treatment-plan/plan-1`
 * @param recorded moment of receipt
 * @spec US Core Provenance: `target`, `recorded`, agent author and transmitter
 */
export const provenanceOf = (
  resources: readonly Resource[],
  key: string,
  recorded: string,
  context: MapContext,
): Provenance & { readonly id: string } => {
  const tag = resources.find((r) => r.meta?.tag !== undefined)?.meta?.tag
  const programme = { reference: `Organization/${context.programme}` }
  const agent = (code: string, display: string) => ({
    type: { coding: [{ system: PARTICIPANT, code, display }] },
    who: programme,
    onBehalfOf: programme,
  })
  return {
    resourceType: 'Provenance',
    id: idOf(context, 'Provenance', 'provenance', key),
    ...(tag !== undefined && { meta: { tag } }),
    target: resources.map((r) => ({ reference: `${r.resourceType}/${r.id ?? ''}` })),
    recorded,
    entity: [{ role: 'source', what: { identifier: { system: identifierSystem('record'), value: key } } }],
    agent: [
      agent('author', 'Author'),
      {
        type: {
          coding: [
            {
              system: 'http://hl7.org/fhir/us/core/CodeSystem/us-core-provenance-participant-type',
              code: 'transmitter',
              display: 'Transmitter',
            },
          ],
        },
        who: programme,
        onBehalfOf: programme,
      },
    ],
  }
}
