import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { recordTypes } from '../../mappings/mission/record-types.ts'
import { csvTemplate, parseRecordCsv, serializeRecordCsv } from '../../src/mapping/record-csv.ts'
import { isTree } from '../../src/mapping/tree.ts'
import { recordsOf } from './arbitrary.ts'
import { mend } from './mend.ts'

describe.each(Object.entries(recordTypes))('%s', (name, type) => {
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
