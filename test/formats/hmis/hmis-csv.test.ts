import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseCsv, serializeCsv } from '../../../src/formats/csv.ts'
import { parseHmis, serializeHmis } from '../../../src/formats/hmis/hmis-csv.ts'
import type { HmisSpec } from '../../../src/formats/hmis/hmis-csv.ts'

const spec: HmisSpec = {
  version: 'test',
  files: {
    Client: [
      { name: 'PersonalID', type: 'string', maxLength: 32, isRequired: true },
      { name: 'DOB', type: 'date' },
      { name: 'VeteranStatus', type: 'integer', list: '1.8' },
    ],
  },
  lists: { '1.8': { name: 'NoYes', values: { '0': 'No', '1': 'Yes' } } },
}

test('CSV text goes out and comes back, whatever the cells hold', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 5 }), { maxLength: 8 }), (rows) => {
      const read = parseCsv(serializeCsv(rows))
      expect(read.ok && read.value.map((r) => r.cells)).toEqual(rows)
    }),
  )
})

test('any text is read or refused with a line, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', ' ', '\uFEFF') }), (text) => {
      const read = parseCsv(text)
      if (!read.ok) expect(read.error.line).toBeGreaterThan(0)
    }),
  )
})

test.each([
  ['a missing file', new Map(), ['Client.csv is missing']],
  [
    'a missing column',
    new Map([['Client.csv', 'PersonalID,DOB\r\nc1,\r\n']]),
    ['Client.csv:1:VeteranStatus the column is missing'],
  ],
  [
    'a byte-order mark and other column order',
    new Map([['Client.csv', '\uFEFFDOB,VeteranStatus,PersonalID\n2000-01-31,1,c1\n']]),
    [],
  ],
  [
    'a bad date',
    new Map([['Client.csv', 'PersonalID,DOB,VeteranStatus\nc1,2000-13-01,0\n']]),
    ['Client.csv:2:DOB is not a date'],
  ],
  [
    'a value off its list',
    new Map([['Client.csv', 'PersonalID,DOB,VeteranStatus\nc1,,7\n']]),
    ['Client.csv:2:VeteranStatus is not in list 1.8'],
  ],
  [
    'a key used twice',
    new Map([['Client.csv', 'PersonalID,DOB,VeteranStatus\nc1,,\nc1,,\n']]),
    ['Client.csv:3:PersonalID the key is used twice'],
  ],
  [
    'a long key',
    new Map([['Client.csv', `PersonalID,DOB,VeteranStatus\n${'x'.repeat(33)},,\n`]]),
    ['Client.csv:2:PersonalID is longer than 32 characters'],
  ],
  [
    'an empty key',
    new Map([['Client.csv', 'PersonalID,DOB,VeteranStatus\n"",2000-01-01,\n']]),
    ['Client.csv:2:PersonalID must not be empty'],
  ],
  [
    'an open quote',
    new Map([['Client.csv', 'PersonalID,DOB,VeteranStatus\n"c1,,\n']]),
    ['Client.csv:2 a quoted cell is not closed'],
  ],
])('%s', (_, files, issues) => {
  expect(parseHmis(spec, files).issues.map((i) => `${i.path} ${i.message}`)).toEqual(issues)
})

test('a file without rows still has its header', () => {
  expect(serializeHmis(spec, {}).get('Client.csv')).toBe('PersonalID,DOB,VeteranStatus\r\n')
})
