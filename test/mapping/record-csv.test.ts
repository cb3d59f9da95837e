import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { consentRecordType } from '../../mappings/consent/record-type.ts'
import { consentSchema } from '../../mappings/consent/schema.ts'
import { recordTypes } from '../../mappings/mission/record-types.ts'
import { csvTemplate, parseRecordCsv, serializeRecordCsv } from '../../src/mapping/record-csv.ts'
import { isTree } from '../../src/mapping/tree.ts'
import { recordsOf } from './arbitrary.ts'
import { mend } from './mend.ts'

describe.each(Object.entries({ ...recordTypes, consent: consentRecordType }))('%s', (name, type) => {
  test('records go to CSV and come back', () => {
    fc.assert(
      fc.property(fc.array(recordsOf(type.schema, mend(name)), { minLength: 1, maxLength: 4 }), (made) => {
        const records = made.map((r, i) =>
          isTree(r) ? { ...r, recordId: `r${String(i)}`, ...(name === 'client' && { clientId: `r${String(i)}` }) } : r,
        )
        const read = parseRecordCsv(type.schema, 'x.csv', serializeRecordCsv(type.schema, records))
        expect(read.ok ? read.value.map((r) => r.record) : read.error).toEqual(records)
      }),
      { numRuns: 25 },
    )
  })

  test('its template is a header that is understood, with no record', () => {
    expect(parseRecordCsv(type.schema, 'x.csv', csvTemplate(type.schema))).toEqual({ ok: true, value: [] })
  })

  test('any text is answered and never thrown at', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', ',', '\n', 'recordId', 'clientId', 'a', '[1]', '.', '1') }), (text) => {
        const read = parseRecordCsv(type.schema, 'x.csv', text)
        if (!read.ok) expect(read.error.issues?.length).toBeGreaterThan(0)
      }),
      { numRuns: 60 },
    )
  })
})

test('faults name file, line and column, and nothing of the file is taken', () => {
  const staff = recordTypes['staff']
  if (staff === undefined) throw new Error('no staff')
  const text = 'recordId,family,role,isActive\r\ns1,HTEST-A,case-manager,true\r\ns1,,doctor,maybe\r\n'
  const read = parseRecordCsv(staff.schema, 'staff.csv', text)
  expect(read.ok ? [] : read.error.issues?.map((i) => `${i.path} ${i.message}`)).toEqual([
    'staff.csv:3:family must be string, and not empty',
    expect.stringMatching(/^staff\.csv:3:role must be one of case-manager, /),
    'staff.csv:3:isActive is not in the required form',
    'staff.csv:3:recordId is used on line 2 already',
  ])
})

test.each([
  ['recordId,nonsense', 'x.csv:1:column 2 is not a column of this record type'],
  ['recordId,recordId', 'x.csv:1:column 2 the column is there twice'],
  ['recordId,__proto__', 'x.csv:1:column 2 is not a column of this record type'],
  ['', 'x.csv:1 the file is empty'],
])('header %j', (header, fault) => {
  const client = recordTypes['client']
  const read = client === undefined ? undefined : parseRecordCsv(client.schema, 'x.csv', `${header}\n`)
  expect(read?.ok === false && read.error.issues?.map((i) => `${i.path} ${i.message}`)).toEqual([fault])
})

test.each(['=1+1', '+1-555-0100', '-x', '@sum', "'=1", "''+1", "'tis so", '\t=1', "'"])(
  'a formula is text in a spreadsheet and comes back as it was: %j',
  (family) => {
    const staff = recordTypes['staff']
    if (staff === undefined) throw new Error('no staff')
    const record = { recordId: 's1', isTest: true, given: 'A', family, role: 'case-manager', isActive: true }
    const text = serializeRecordCsv(staff.schema, [record])
    const cells = text.split('\r\n')[1]?.split(',') ?? []
    expect(cells.filter((cell) => /^"?[=+@\t\r-]/.test(cell))).toEqual([])
    const read = parseRecordCsv(staff.schema, 'staff.csv', text)
    expect(read.ok ? read.value.map((r) => r.record) : read.error).toEqual([record])
  },
)

describe('what a consent has and other records do not', () => {
  const blank = { recordId: 'c1', clientId: 'c1', status: 'active' }
  const there = (record: object): unknown => {
    const read = parseRecordCsv(consentSchema, 'consent.csv', serializeRecordCsv(consentSchema, [{ ...blank, ...record }]))
    return read.ok ? read.value.map((one) => one.record) : read.error
  }
  test.each<[string, object]>([
    ['an exception without limits, which shuts everything', { except: [{ labels: ['HIV'] }, {}] }],
    ['what is irrevocable without an end', { irrevocable: {} }],
    ['a class of members', { recipients: [{ partner: 'hie', members: 'treating-providers' }] }],
    [
      'named members beside a class of them',
      {
        recipients: [
          { partner: 'hie', members: ['a', 'b'] },
          { partner: 'hie-2', members: 'treating-providers' },
        ],
      },
    ],
    ['a day and a moment in one field', { validFrom: '2026-01-12', validUntil: '2026-12-31T23:59:59-06:00' }],
    ['a list of a hundred', { except: [{ labels: Array.from({ length: 100 }, (_, i) => `L${String(i)}`) }] }],
  ])('%s comes back', (_, record) => {
    expect(there(record)).toEqual([{ ...blank, ...record }])
  })

  test('only the lists that are long have many columns', () => {
    const except = [{ labels: Array.from({ length: 100 }, (_, i) => `L${String(i)}`), recipients: [{ partner: 'a' }] }]
    expect(
      serializeRecordCsv(consentSchema, [{ ...blank, except }])
        .split('\r\n')[0]
        ?.split(','),
    ).toHaveLength(3 + 100 + 1)
  })

  test.each([
    [
      'recipients[1].partner,recipients[1].members,recipients[1].members[1]',
      'hie,treating-providers,a',
      'recipients[1].members[1] is filled beside',
    ],
    [
      'recipients[1].partner,recipients[1].members[1],recipients[1].members',
      'hie,a,treating-providers',
      'recipients[1].members is filled beside',
    ],
    ['covers.from,covers', '2026-01-01,x', 'covers is filled beside'],
    ['covers', 'x', 'covers is not in the required form'],
    ['recipients[1].partner,recipients[1].npi', 'hie,1000000003', 'recipients[1] must name a partner, an NPI or a class'],
    ['recipients[1].partner,recipients[3].npi', ',one', 'recipients[3].npi must be ten digits'],
    ['except[2].recipients[1].partner,except[2].recipients[3].npi', 'hie,one', 'except[2].recipients[3].npi must be ten digits'],
    ['isKnownFalse', 'false', 'isKnownFalse is not in the required form'],
    ['validFrom', 'soon', 'validFrom is not in the required form'],
  ])('faulty: %s', (columns, cells, fault) => {
    const read = parseRecordCsv(consentSchema, 'x.csv', `recordId,clientId,status,${columns}\nc1,c1,active,${cells}\n`)
    expect(read.ok ? [] : read.error.issues?.map((i) => `${i.path} ${i.message}`)).toEqual([
      expect.stringContaining(`x.csv:2:${fault}`),
    ])
  })

  test('a part that is said to be bare, and has something in it, has it', () => {
    const cells = 'c1,c1,active,2026-01-01,{},2026-02-01'
    const read = parseRecordCsv(consentSchema, 'x.csv', `recordId,clientId,status,covers.from,covers,covers.until\n${cells}\n`)
    expect(read.ok ? read.value[0]?.record : read.error).toEqual({
      ...blank,
      covers: { from: '2026-01-01', until: '2026-02-01' },
    })
  })
})
