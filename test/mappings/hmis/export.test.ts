import { describe, expect, test } from '@jest/globals'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import type { Resource } from '@medplum/fhirtypes'
import sensitivity from '../../../mappings/hmis/sensitivity.json' with { type: 'json' }
import spec from '../../../mappings/hmis/fy2026.json' with { type: 'json' }
import { recordTypes } from '../../../mappings/mission/record-types.ts'
import { parseHmis, serializeHmis } from '../../../src/formats/hmis/hmis-csv.ts'
import { hmisKey, suppress, toHmis } from '../../../src/mapping/hmis.ts'
import type { HmisOptions } from '../../../src/mapping/hmis.ts'
import { referralResults } from '../../../src/mapping/hmis-results.ts'
import { instant } from '../../../src/model/time.ts'
import { CONTEXT } from '../../mapping/context.ts'

const folder = new URL('../../../mappings/mission/examples/', import.meta.url)
const fhirOf = (type: string, file: string): Resource[] =>
  recordTypes[type]?.toFhir(JSON.parse(readFileSync(new URL(file, folder), 'utf8')), CONTEXT) ?? []
const visible = [...fhirOf('client', 'client.json'), ...fhirOf('referral', 'referral-housing.json')]

const options: HmisOptions = {
  exportId: 'export1',
  at: instant('2026-02-03T03:00:00Z'),
  zone: 'America/Chicago',
  periodStart: '2026-01-01',
  periodEnd: '2026-02-02',
  sourceName: 'Community Services',
  contact: { first: 'Data', last: 'Desk', email: 'data@example.org' },
  organization: { id: 'org1', name: 'Community Services' },
  project: { id: 'p1', name: 'Community Services', type: '6', start: '2020-01-01' },
  receivingProjectType: '13',
  userId: 'gateway',
  maySee: new Set(),
  rules: sensitivity.rules,
}
const withTask = (change: object): Resource[] => visible.map((r) => (r.resourceType === 'Task' ? { ...r, ...change } : r))

test('all 24 files are there with their columns in the published order, and the reader finds no fault', () => {
  const files = serializeHmis(spec, toHmis(visible, options))
  expect([...files.keys()].sort()).toEqual(
    Object.keys(spec.files)
      .map((f) => `${f}.csv`)
      .sort(),
  )
  expect(files.size).toBe(24)
  expect(files.get('Event.csv')?.split('\r\n')[0]).toBe(spec.files.Event.map((c) => c.name).join(','))
  expect(parseHmis(spec, files).issues).toEqual([])
})

test('a housing referral is one client, one enrollment and one event in the local day', () => {
  const { Client, Enrollment, Event } = toHmis(visible, options)
  expect(Client).toEqual([
    expect.objectContaining({
      FirstName: 'Jordan',
      LastName: 'HTEST-Rivera',
      DOB: '1984-03-17',
      VeteranStatus: '0',
      SSNDataQuality: '99',
    }),
  ])
  expect(Enrollment).toEqual([
    expect.objectContaining({ LivingSituation: '99', DisablingCondition: '99', EntryDate: '2026-02-02', RelationshipToHoH: '1' }),
  ])
  expect(Event).toEqual([expect.objectContaining({ Event: '13', EventDate: '2026-02-02' })])
  expect(Event?.[0]).not.toHaveProperty('ReferralResult')
})

describe('nothing in the export says what the client is treated for, or by whom', () => {
  const all = readdirSync(folder)
    .filter((f) => f.endsWith('.json'))
    .flatMap((f) => fhirOf(Object.keys(recordTypes).find((name) => f.startsWith(name)) ?? '', f))
  const text = [...serializeHmis(spec, toHmis(all, options)).values()].join('\n')
  test.each(['MISSION', 'mission', 'substance', 'cocaine', 'abstinence', 'AA', 'probation', 'dealing', 'sober', '205', 'HIV'])(
    'not a word of %s',
    (word) => {
      // Column names are the format's own and the same for every sender.
      const body = text
        .split('\n')
        .filter((line) => !line.includes('ExportID'))
        .join('\n')
      expect(body).not.toContain(word)
    },
  )
})

test.each([
  ['requested', undefined],
  ['accepted', undefined],
  ['completed', '1'],
  ['failed', '2'],
  ['rejected', '3'],
])('a referral that is %s has result %s', (status, result) => {
  const [event] = toHmis(withTask({ status, lastModified: '2026-02-10T00:30:00Z' }), options)['Event'] ?? []
  expect(event?.['ReferralResult']).toBe(result)
  expect(event?.['ResultDate']).toBe(result === undefined ? undefined : '2026-02-09')
})

test('a cancelled referral is deleted by date, not by absence', () => {
  expect(toHmis(withTask({ status: 'cancelled' }), options)['Event']).toEqual([
    expect.objectContaining({ DateDeleted: '2026-02-02 21:00:00' }),
  ])
})

describe('what reveals is suppressed and never replaced by something untrue', () => {
  test.each(sensitivity.rules)('$file $columns $values', (rule) => {
    const value = typeof rule.values === 'string' ? '1' : (rule.values[0] ?? '')
    const row = Object.fromEntries(rule.columns.map((c) => [c, value]))
    const hidden = suppress({ [rule.file]: [row] }, { maySee: new Set(), rules: sensitivity.rules })[rule.file]
    if (rule.projection === 'omit-row') expect(hidden).toEqual([])
    else for (const column of rule.columns) expect(hidden?.[0]?.[column]).toBe(rule.projection === 'blank' ? '' : '99')
    const shown = suppress(
      { [rule.file]: [row] },
      { maySee: new Set(['SUD', 'HIV', 'PSY', 'JUSTICE']), rules: sensitivity.rules },
    )[rule.file]
    expect(shown).toEqual([row])
  })
})

test('a partner tells results by its next export', () => {
  const event = {
    EventID: 'e',
    EventDate: '2026-02-02',
    ReferralResult: '1',
    ResultDate: '2026-02-20',
    DateUpdated: '2026-02-21 08:00:00',
  }
  expect(referralResults({ Event: [event, { ...event, ReferralResult: '' }, { ...event, ResultDate: '2026-01-01' }] })).toEqual({
    results: [{ eventId: 'e', state: 'completed', resultDate: '2026-02-20', updated: '2026-02-21 08:00:00' }],
    issues: [expect.objectContaining({ path: 'Event.csv:4:ResultDate' })],
  })
  expect(hmisKey('4b4b0d5a-575c-58ed-ad3e-bf0951f33c4f')).toHaveLength(32)
})

test.each(['Export', 'Organization', 'Project', 'User', 'Client', 'Enrollment', 'Event'])(
  '%s.csv is what was reviewed',
  (file) => {
    const text = serializeHmis(spec, toHmis(visible, options)).get(`${file}.csv`) ?? ''
    const at = new URL(`./golden/${file}.csv`, import.meta.url)
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(at, text)
    expect(text).toBe(readFileSync(at, 'utf8'))
  },
)
