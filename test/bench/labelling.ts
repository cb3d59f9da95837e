// Times the labelling room on a bundle of 100 resources, warm: p50 and p99 of one `labelAll`. Run alone: `node test/bench/labelling.ts`.

import type { Resource } from '@medplum/fhirtypes'
import { labelAll } from '../../src/labelling/label.ts'
import type { SensitivityRules } from '../../src/labelling/rules.ts'
import { partnerId } from '../../src/model/ids.ts'
import { shippedRules } from '../labelling/rules-files.ts'

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const SCT = 'http://snomed.info/sct'
const LOINC = 'http://loinc.org'
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm'

/** Twenty encounters with a condition, two observations and a prescription each; one in five is about something sensitive. */
export const benchBundle = (): readonly Resource[] =>
  Array.from({ length: 20 }, (_, i): readonly Resource[] => {
    const subject = { reference: 'Patient/bench' }
    const encounter = { reference: `Encounter/e${String(i)}` }
    const isSensitive = i % 5 === 0
    return [
      {
        resourceType: 'Encounter',
        id: `e${String(i)}`,
        status: 'finished',
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
        subject,
        type: [{ coding: [{ system: SCT, code: '185349003', display: 'Encounter for check up' }], text: 'Office visit' }],
        period: { start: '2026-02-03T10:00:00-06:00', end: '2026-02-03T10:30:00-06:00' },
        diagnosis: [{ condition: { reference: `Condition/c${String(i)}` } }],
      },
      {
        resourceType: 'Condition',
        id: `c${String(i)}`,
        subject,
        encounter,
        clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
        code: {
          coding: [
            {
              system: ICD,
              code: isSensitive ? 'F11.20' : 'E11.9',
              display: isSensitive ? 'Opioid dependence, uncomplicated' : 'Type 2 diabetes mellitus without complications',
            },
          ],
        },
        onsetDateTime: '2025-11-01',
        note: [
          {
            text: 'Reviewed the results with the patient, who will come back in three months for another check of the blood sugar.',
          },
        ],
      },
      {
        resourceType: 'Observation',
        id: `o${String(i)}`,
        status: 'final',
        subject,
        encounter,
        category: [
          {
            coding: [
              { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory', display: 'Laboratory' },
            ],
          },
        ],
        code: { coding: [{ system: LOINC, code: '4548-4', display: 'Hemoglobin A1c/Hemoglobin.total in Blood' }] },
        effectiveDateTime: '2026-02-03',
        valueQuantity: { value: 6.8, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
      },
      {
        resourceType: 'Observation',
        id: `p${String(i)}`,
        status: 'final',
        subject,
        encounter,
        category: [
          {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/observation-category',
                code: 'vital-signs',
                display: 'Vital Signs',
              },
            ],
          },
        ],
        code: { coding: [{ system: LOINC, code: '85354-9', display: 'Blood pressure panel with all children optional' }] },
        effectiveDateTime: '2026-02-03',
        component: [
          {
            code: { coding: [{ system: LOINC, code: '8480-6', display: 'Systolic blood pressure' }] },
            valueQuantity: { value: 128, unit: 'mmHg' },
          },
          {
            code: { coding: [{ system: LOINC, code: '8462-4', display: 'Diastolic blood pressure' }] },
            valueQuantity: { value: 82, unit: 'mmHg' },
          },
        ],
      },
      {
        resourceType: 'MedicationRequest',
        id: `m${String(i)}`,
        status: 'active',
        intent: 'order',
        subject,
        encounter,
        authoredOn: '2026-02-03',
        medicationCodeableConcept: {
          coding: [{ system: RXNORM, code: isSensitive ? '1819' : '6809', display: isSensitive ? 'Buprenorphine' : 'Metformin' }],
        },
        dosageInstruction: [{ text: 'Take one tablet by mouth twice a day with meals.' }],
      },
    ]
  }).flat()

/** One line of the bench: p50 and p99 in milliseconds over many runs. */
export const benchLabelling = (
  rules: SensitivityRules,
  runs = 2000,
): { readonly p50Ms: number; readonly p99Ms: number; readonly resources: number } => {
  const resources = benchBundle()
  const times: number[] = []
  for (let run = 0; run < runs; run += 1) {
    // fresh objects, as they come from a parser
    const records = (JSON.parse(JSON.stringify(resources)) as Resource[]).map((resource) => ({
      resource,
      origin: { partner: partnerId('ehr'), isPart2: false },
    }))
    const start = performance.now()
    labelAll(records, rules)
    times.push(performance.now() - start)
  }
  const warm = times.slice(Math.floor(runs / 4)).sort((a, b) => a - b)
  const at = (share: number): number => warm[Math.floor(warm.length * share)] ?? Number.NaN
  return { p50Ms: at(0.5), p99Ms: at(0.99), resources: resources.length }
}

if (import.meta.main) {
  const { p50Ms, p99Ms, resources } = benchLabelling(shippedRules())
  process.stdout.write(`labelling ${String(resources)} resources, warm: p50 ${p50Ms.toFixed(3)} ms, p99 ${p99Ms.toFixed(3)} ms\n`)
}
