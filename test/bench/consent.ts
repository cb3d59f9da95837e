// Times the consent room: one decision, and one patient with 50 consents of 10 nested rules, 500 records and 10 recipients.
// Run alone: `node test/bench/consent.ts`.

import type { Consent, ConsentProvision } from '@medplum/fhirtypes'
import { decide } from '../../src/consent/decide.ts'
import { decideAll } from '../../src/consent/decide-all.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { RecordFacts } from '../../src/model/label.ts'
import type { PatientFacts } from '../../src/model/patient-facts.ts'
import { instant, instantOfMs, msOf } from '../../src/model/time.ts'
import {
  actor,
  classes,
  consent,
  facts,
  labelled,
  labels,
  medical,
  PARTNERS,
  purposes,
  record,
} from '../consent/support/world.ts'

const NOW = instant('2026-06-01T12:00:00Z')
const WHO = PARTNERS.slice(0, 10).map(({ id }) => id)
const LABELS = ['SUD', 'HIV', 'MH', 'SDV', 'OPIOIDUD', 'ETHUD']
const TYPES = [
  'CarePlan',
  'Condition',
  'Observation',
  'Encounter',
  'Goal',
  'ServiceRequest',
  'Task',
  'Procedure',
  'Appointment',
  'DocumentReference',
]

const nested = (index: number): ConsentProvision => ({
  type: index % 3 === 0 ? 'deny' : 'permit',
  ...(index % 2 === 0
    ? { securityLabel: labelled(LABELS[index % LABELS.length] ?? 'SUD') }
    : { class: classes(TYPES[index % TYPES.length] ?? 'Goal') }),
  ...(index % 4 === 0 ? { period: { start: '2026-01-01', end: `2027-${String((index % 9) + 1).padStart(2, '0')}-15` } } : {}),
  ...(index % 5 === 0 ? { dataPeriod: { start: '2025-01-01', end: '2026-12-31' } } : {}),
})

/** 50 consents, each to one of ten recipients, with ten exceptions. */
const benchConsents = (): readonly Consent[] =>
  Array.from({ length: 50 }, (_, index) =>
    consent(
      { id: `c${String(index)}` },
      {
        period: { start: '2026-03-01', end: `2028-${String((index % 12) + 1).padStart(2, '0')}-28` },
        actor: [actor(WHO[index % WHO.length] ?? 'mission')],
        purpose: purposes('TREAT', 'HPAYMT', 'HOPERAT'),
        provision: Array.from({ length: 10 }, (__, inner) => nested(index + inner)),
      },
    ),
  )

/** 500 records of ten types, as varied as a patient's year is. */
const benchRecords = (): readonly RecordFacts[] =>
  Array.from({ length: 500 }, (_, index) => {
    const sensitivity = index % 3 === 0 ? [LABELS[index % LABELS.length] ?? 'SUD'] : []
    const dayBefore = (days: number): string => instantOfMs(msOf(NOW) - days * 86_400_000).slice(0, 10)
    return record({
      type: TYPES[index % TYPES.length] ?? 'Goal',
      id: `r${String(index)}`,
      labels:
        index % 4 === 0
          ? medical({ sensitivity })
          : labels({
              sensitivity,
              parts: index % 10 === 0 ? [{ pointer: '/note/0', sensitivity: ['SUD'], certainty: 'certain', rule: 'r' }] : [],
            }),
      codes: [{ system: 'http://loinc.org', code: String(index % 20) }],
      period: { from: dayBefore(index % 50), until: dayBefore((index % 50) - 1) },
    })
  })

/** The patient of the bench; a new object each time, so that nothing read before helps. */
export const benchFacts = (): PatientFacts =>
  facts(benchConsents(), {
    records: benchRecords(),
    partners: PARTNERS.slice(0, 10).map((one) => ({ ...one, purposes: ['TREAT'] })),
  })

const quantiles = (times: readonly number[]): { p50: number; p99: number } => {
  const sorted = [...times].sort((a, b) => a - b)
  return { p50: sorted[Math.floor(sorted.length / 2)] ?? 0, p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0 }
}

const time = (runs: number, work: (run: number) => unknown): { p50: number; p99: number } => {
  for (let run = 0; run < runs / 5; run += 1) work(run)
  return quantiles(
    Array.from({ length: runs }, (_, run) => {
      // Time of this process on the processor: what others do on the machine is not ours.
      const start = process.cpuUsage()
      const from = performance.now()
      work(run)
      const wallMs = performance.now() - from
      const { user, system } = process.cpuUsage(start)
      return wallMs < 1 ? wallMs : Math.min(wallMs, (user + system) / 1000)
    }),
  )
}

/** What the bench prints: milliseconds for the patient, microseconds for one decision. */
export const benchConsent = (): {
  allMs: { p50: number; p99: number }
  allowances: number
  oneUs: { p50: number; p99: number }
  oneColdUs: { p50: number; p99: number }
} => {
  const patients = Array.from({ length: 40 }, benchFacts)
  const allMs = time(30, (run) => decideAll({ ...(patients[run] ?? benchFacts()) }, NOW))
  const small = facts([consent(), consent({ id: 'c2' }, { provision: [nested(0), nested(1)] })], {
    records: benchRecords().slice(0, 20),
  })
  const ask = { recipient: partnerId('montrose-hiv'), purpose: 'TREAT', at: NOW }
  const one = time(2000, (run) => decide(small, small.records[run % 20] ?? record(), ask))
  const cold = time(2000, (run) =>
    decide(small, small.records[run % 20] ?? record(), { ...ask, at: instantOfMs(msOf(NOW) + run) }),
  )
  const us = ({ p50, p99 }: { p50: number; p99: number }) => ({ p50: p50 * 1000, p99: p99 * 1000 })
  return { allMs, allowances: decideAll(benchFacts(), NOW).length, oneUs: us(one), oneColdUs: us(cold) }
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(benchConsent(), null, 2)}\n`)
