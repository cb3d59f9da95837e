import { z } from 'zod'
import { concept } from '../../src/mapping/codes.ts'
import { BASE, extensionUrl } from '../../src/mapping/context.ts'
import { recordMap } from '../../src/mapping/record-map.ts'
import { isTree, listOf } from '../../src/mapping/tree.ts'
import type { Tree } from '../../src/mapping/tree.ts'
import { unitsOf } from '../../src/mapping/units.ts'
import { give, refersTo, row } from '../../src/mapping/verbs.ts'
import type { Verb } from '../../src/mapping/verbs.ts'
import { CONTRACTS } from './contracts.ts'
import { base, codeOf, count, day, id, minutesOfContact, moment, text } from './fields.ts'
import { laterBy, programme, staff } from './parts.ts'
import { cmFunction, contactPlace, measure } from './tables.ts'

/**
 * A service under the Ryan White contract. Minutes are the truth; units of 15 minutes and visits are derived from them by the
 * contract's rule of rounding. Seed 003:13,19,38.
 */
export const ryanWhiteServiceSchema = z.strictObject({
  ...base,
  encounterId: id,
  contract: id,
  start: moment,
  minutes: minutesOfContact,
  function: codeOf(cmFunction),
  place: codeOf(contactPlace),
  isDirect: z.boolean(),
  isAdministrative: z.boolean().optional(),
  staffId: id,
  /** Units as the contract counts them, when the sender states them; reconciled against the minutes. */
  units: z.int().min(0).max(200).optional(),
})

const DERIVED = { url: extensionUrl('units-derived'), valueBoolean: true }

/** Units of a service whose sender states none; a contract that counts a day is not counted from one service. */
const derivedUnits = ({ contract: name, minutes, units }: Tree): number | undefined => {
  const contract = CONTRACTS.find(({ id, per }) => id === name && per === 'service')
  return units === undefined && contract !== undefined && typeof minutes === 'number' ? unitsOf(minutes, contract) : undefined
}

const chargeWords: Readonly<Record<string, string>> = {
  T1016: 'Case management, each 15 minutes',
  T1017: 'Targeted case management, each 15 minutes',
}

const chargeCode = (code: string): object => ({
  coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code }],
  text: chargeWords[code],
})

/** What a service under this contract is billed as; T1016 where the contract says nothing. */
const chargeOf = (contract: unknown): object => chargeCode(CONTRACTS.find(({ id }) => id === contract)?.code ?? 'T1016')

/** Units that the sender states; those that were derived here are no part of the record. */
const statedUnits: Verb = {
  to: (value) => ({ value }),
  from: (quantity) => {
    const isDerived = isTree(quantity) && listOf(quantity['extension']).some((e) => isTree(e) && e['url'] === DERIVED.url)
    return isTree(quantity) && !isDerived ? quantity['value'] : undefined
  },
}

export const ryanWhiteServiceMap = recordMap({
  name: 'ryan-white-service',
  resources: [
    {
      type: 'Procedure',
      profiles: ['ryan-white-service'],
      subject: 'subject',
      fixed: { status: 'completed' },
      rows: [
        row('E122 E128 E130', 'function', 'code', concept(cmFunction)),
        row('E122', 'start', 'performedPeriod.start'),
        give('performedPeriod.end', (s) => laterBy(s['start'], s['minutes'])),
        row('E122', 'minutes', `extension(${extensionUrl('minutes')}).valueInteger`),
        row('E123', 'place', `extension(${extensionUrl('contact-place')}).valueCodeableConcept`, concept(contactPlace)),
        row('E122', 'isDirect', `extension(${extensionUrl('direct-service')}).valueBoolean`),
        row('E132', 'isAdministrative', `extension(${extensionUrl('administrative')}).valueBoolean`),
        row('E122', 'encounterId', 'encounter', refersTo('Encounter', 'encounter')),
        row('', 'staffId', 'performer[0].actor', staff),
        row('E122', 'contract', `extension(${extensionUrl('contract')}).valueString`),
      ],
    },
    {
      type: 'ChargeItem',
      role: 'charge',
      when: (s) => s['units'] !== undefined || derivedUnits(s) !== undefined,
      profiles: ['ryan-white-charge'],
      subject: 'subject',
      fixed: { status: 'billable' },
      rows: [
        row('E122 E132', 'units', 'quantity', statedUnits),
        give('quantity', (s) => {
          const value = derivedUnits(s)
          return value === undefined ? undefined : { extension: [DERIVED], value }
        }),
        give('code', (s) => chargeOf(s['contract'])),
        give('status', (s) => (derivedUnits(s) === 0 ? 'not-billable' : undefined)),
        give('occurrenceDateTime', (s) => s['start']),
        give('context', (s, run) => refersTo('Encounter', 'encounter').to(s['encounterId'], run)),
        give('service', (_, run) => [{ reference: run.sibling('') }]),
        programme('performingOrganization'),
      ],
    },
  ],
})

/** What the programme, or one client, is measured by over a period. Seeds 001:90-97; 000:112-114; 003:21. */
export const outcomeReportSchema = z
  .strictObject({
    ...base,
    measure: codeOf(measure),
    reportedOn: day,
    start: day,
    end: day,
    count: count.optional(),
    score: z.int().min(0).max(1_000_000).optional(),
    note: text.optional(),
  })
  .refine((r) => r.start <= r.end, { path: ['end'], message: 'must not be before the start' })

const outcomeRows = [
  row('E135 E136 E137 E138', 'measure', 'group[0].code', concept(measure)),
  give('measure', (r) => `${BASE}/Measure/mission-${String(r['measure'])}`),
  row('', 'reportedOn', 'date'),
  row('', 'start', 'period.start'),
  row('', 'end', 'period.end'),
  row('E135 E136 E137 E138', 'count', 'group[0].population[0].count'),
  give('group[0].population[0].code', (r) =>
    r['count'] === undefined
      ? undefined
      : {
          coding: [
            { system: 'http://terminology.hl7.org/CodeSystem/measure-population', code: 'numerator', display: 'Numerator' },
          ],
        },
  ),
  row('E135 E136 E137 E138', 'score', 'group[0].measureScore.value'),
  row('', 'note', `extension(${extensionUrl('report-note')}).valueString`),
  programme('reporter'),
]

export const outcomeReportMap = recordMap({
  name: 'outcome-report',
  resources: [
    {
      type: 'MeasureReport',
      profiles: ['outcome-report'],
      subject: 'subject',
      fixed: { status: 'complete', type: 'individual' },
      rows: outcomeRows,
    },
  ],
})

/** The same for the programme as a whole, about no client. Seed 003:21 for the caseload. */
export const programmeReportSchema = z
  .strictObject({
    recordId: id,
    isTest: z.literal(true).optional(),
    measure: codeOf(measure),
    reportedOn: day,
    start: day,
    end: day,
    count: count.optional(),
    score: z.int().min(0).max(1_000_000).optional(),
    note: text.optional(),
  })
  .refine((r) => r.start <= r.end, { path: ['end'], message: 'must not be before the start' })

export const programmeReportMap = recordMap({
  name: 'programme-report',
  resources: [
    {
      type: 'MeasureReport',
      profiles: ['outcome-report'],
      subject: 'none',
      fixed: { status: 'complete', type: 'summary' },
      rows: outcomeRows.map((r) => (r.from === 'measure' ? { ...r, elements: ['E131', 'E135'] } : r)),
    },
  ],
})
