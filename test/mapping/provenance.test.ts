import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { recordTypes } from '../../mappings/mission/record-types.ts'
import { provenanceOf } from '../../src/mapping/provenance.ts'
import { validate } from '../../src/validation/validate.ts'
import { allDefinitions } from '../validation/definitions.ts'
import { CONTEXT } from './context.ts'

test('one Provenance names every resource of a record, and is the same on a second run', () => {
  const plan: unknown = JSON.parse(
    readFileSync(new URL('../../mappings/mission/examples/treatment-plan.json', import.meta.url), 'utf8'),
  )
  const resources = recordTypes['treatment-plan']?.toFhir(plan, CONTEXT) ?? []
  const made = provenanceOf(resources, 'treatment-plan/plan-1', '2026-01-19T16:00:00Z', CONTEXT)
  expect(made.target.map((t) => t.reference)).toEqual(resources.map((r) => `${r.resourceType}/${r.id ?? ''}`))
  expect(made.id).toBe(provenanceOf([], 'treatment-plan/plan-1', '2026-01-20T16:00:00Z', CONTEXT).id)
  for (const version of ['6.1.0', '7.0.0', '8.0.0'])
    expect(
      validate(made, allDefinitions, [`http://hl7.org/fhir/us/core/StructureDefinition/us-core-provenance|${version}`]).filter(
        (i) => i.severity === 'error',
      ),
    ).toEqual([])
})
