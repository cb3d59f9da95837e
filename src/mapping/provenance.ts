import type { Provenance, Resource } from '@medplum/fhirtypes'
import { idOf } from './context.ts'
import type { MapContext } from './context.ts'

const PARTICIPANT = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type'

/**
 * Who wrote and who sent what a record became: one Provenance for all of its resources. A second run for the same record
 * replaces it.
 * @param key record type and record id, `treatment-plan/plan-1`
 * @param recorded moment of receipt
 * @spec US Core Provenance: `target`, `recorded`, agent author and transmitter
 */
export const provenanceOf = (resources: readonly Resource[], key: string, recorded: string, context: MapContext): Provenance => {
  const programme = { reference: `Organization/${context.programme}` }
  const agent = (code: string, display: string) => ({
    type: { coding: [{ system: PARTICIPANT, code, display }] },
    who: programme,
    onBehalfOf: programme,
  })
  return {
    resourceType: 'Provenance',
    id: idOf(context, 'Provenance', 'provenance', key),
    ...(resources[0]?.meta?.tag !== undefined && { meta: { tag: resources[0].meta.tag } }),
    target: resources.map((r) => ({ reference: `${r.resourceType}/${r.id ?? ''}` })),
    recorded,
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
