import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import type { Consent, ConsentProvision } from '@medplum/fhirtypes'
import { parse } from 'yaml'
import { z } from 'zod'
import { decide } from '../../src/consent/decide.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { RecordFacts } from '../../src/model/label.ts'
import type { Partner } from '../../src/model/partner.ts'
import { instant } from '../../src/model/time.ts'
import { actor, classes, consent, facts, labelled, labels, medical, PARTNERS, purposes, record } from './support/world.ts'

const Matrix = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.object({ who: z.string(), entity: z.string(), cells: z.array(z.enum(['permit', 'deny'])) })),
})
const { columns, rows } = Matrix.parse(parse(readFileSync(new URL('../cases/shift/carl.yaml', import.meta.url), 'utf8')))

/** One record of each kind. Carl's disputed personality disorder is a psychiatric condition of its own. */
const RECORDS: Readonly<Record<string, RecordFacts>> = {
  medical: record({ type: 'Condition', id: 'htn', labels: medical() }),
  bh: record({ type: 'Condition', id: 'depression', labels: medical({ sensitivity: ['MH'] }) }),
  personality: record({ type: 'Condition', id: 'ocpd', labels: medical({ sensitivity: ['PSY'] }) }),
  sud: record({ type: 'Condition', id: 'oud', labels: medical({ sensitivity: ['SUD'] }) }),
  sudPart2: record({ type: 'MedicationRequest', id: 'bup', labels: labels({ sensitivity: ['OPIOIDUD'] }) }),
}
const clinics = PARTNERS.filter(({ id }) => id === 'st-mary-hospital')
const partners: readonly Partner[] = rows.flatMap(({ who }) =>
  clinics.map((one) => ({ ...one, id: partnerId(who), identifiers: [] })),
)

/** What a row says, as its own consent: one refusal for each kind that it denies, and one consent under Part 2 when it permits that. */
const consentsOf = ({ who, cells }: (typeof rows)[number]): readonly Consent[] => {
  const says = (column: string): boolean => cells[columns.indexOf(column)] === 'permit'
  const refusal = (label: string): ConsentProvision => ({ type: 'deny', securityLabel: labelled(label) })
  const base = { actor: [actor(who)], purpose: purposes('TREAT', 'HPAYMT', 'HOPERAT') }
  const refused = [
    ...(says('bh') ? [] : [refusal('MH')]),
    ...(says('personality') ? [] : [refusal('PSY')]),
    ...(says('sud') ? [] : [refusal('SUD')]),
  ]
  const directive = consent(
    { id: `hipaa-${who}`, policyRule: { coding: [{ code: 'OPTIN' }] }, extension: [] },
    says('medical') ? { ...base, provision: refused } : { ...base, type: 'deny' },
  )
  return says('sudPart2')
    ? [directive, consent({ id: `part2-${who}` }, { ...base, class: classes('MedicationRequest') })]
    : [directive]
}

describe("Carl's wishes (SHIFT), 65 cells", () => {
  const world = facts(rows.flatMap(consentsOf), { partners: [...partners, ...PARTNERS], records: Object.values(RECORDS) })
  const cells = rows.flatMap((row) => columns.map((column, index) => [row.entity, column, row.who, row.cells[index]] as const))
  test('all there', () => {
    expect(cells).toHaveLength(65)
  })
  test.each(cells)('%s: %s', (_, column, who, expected) => {
    expect(
      decide(world, RECORDS[column] ?? record(), {
        recipient: partnerId(who),
        purpose: 'TREAT',
        at: instant('2026-06-01T12:00:00Z'),
      }).effect,
    ).toBe(expected)
  })
})
