import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { PERMISSIONS, RIGHTS, type Permission, type Role } from '../../src/model/staff.ts'

/** Rows of the page, each with the right to look and those to do something. */
const ROWS: Readonly<Record<string, readonly [look: Permission, ...deeds: Permission[]]>> = {
  today: ['overview'],
  'clients by name': ['clients.name'],
  'consents; what would they see?': ['consents.read'],
  'disclosures, and their export': ['disclosures.read'],
  'proof of a disclosure': ['disclosures.prove'],
  'patient requests, breaches': ['requests.read', 'requests.handle'],
  'withheld and doubtful': ['withheld.read', 'withheld.decide'],
  emergencies: ['emergencies.read', 'emergencies.review'],
  referrals: ['referrals.read'],
  deliveries: ['deliveries.read', 'deliveries.operate', 'deliveries.replay'],
  integrity: ['integrity.read', 'integrity.verify'],
  partners: ['partners.read'],
  'staff and their sessions': ['staff.read', 'staff.end-session'],
}
/** Rights that go with another one of their row. */
const ALONG: Readonly<Partial<Record<Permission, Permission>>> = {
  'disclosures.export': 'disclosures.read',
  simulate: 'consents.read',
}
const COLUMNS: readonly Role[] = ['compliance-officer', 'case-manager', 'operator', 'auditor']

const page = readFileSync(new URL('../../docs/console.md', import.meta.url), 'utf8')
const table = page
  .slice(page.indexOf('## What each role may do'))
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(1)
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .filter(([name = '']) => !/^-*$/.test(name))

test('every right of the code is in a row of docs/console.md, and every row is known here', () => {
  expect(table.map(([name]) => name).toSorted()).toEqual(Object.keys(ROWS).toSorted())
  expect([...Object.values(ROWS).flat(), ...Object.keys(ALONG)].toSorted()).toEqual([...PERMISSIONS].toSorted())
  for (const role of COLUMNS)
    for (const [one, other] of Object.entries(ALONG))
      expect(RIGHTS[role].includes(one as Permission)).toBe(RIGHTS[role].includes(other))
})

test.each(table)('%s: what the page says is what the code allows', (name = '', ...cells) => {
  const [look, ...deeds] = ROWS[name] ?? []
  const said = COLUMNS.map((_, nth) => cells[nth] ?? '')
  const allowed = COLUMNS.map((role) => {
    const may = (one: Permission | undefined): boolean => one !== undefined && RIGHTS[role].includes(one)
    if (!may(look)) return 'no'
    return deeds.length > 0 && !deeds.some(may) ? 'looks' : 'does'
  })
  const meant = said.map((cell) => (cell === 'no' || cell === 'looks' ? cell : 'does'))
  expect(meant).toEqual(allowed)
})
