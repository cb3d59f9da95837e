import { describe, expect, test } from '@jest/globals'
import { tellingOrganizations } from '../../src/labelling/world.ts'
import type { Partner } from '../../src/model/partner.ts'
import { PARTNERS } from './support.ts'

const partner = (more: Partial<Partner>): Partner => {
  const [first] = PARTNERS
  if (first === undefined) throw new Error('there are partners')
  return { ...first, kinds: ['covered-entity'], sector: 'hospital', ...more }
}
const toldBy = (more: Partial<Partner>): readonly string[] => tellingOrganizations([partner(more)])[0]?.sensitivity ?? []

describe('that somebody is known to a partner tells', () => {
  test.each([
    ['a Part 2 programme', { kinds: ['part2-program'] }, ['PROGRAM-IDENTITY', 'SUD']],
    ['this programme itself', { kinds: ['part2-program'], sector: 'mission' }, ['PROGRAM-IDENTITY']],
    ['one of its like, programme or not', { sector: 'mission' }, ['PROGRAM-IDENTITY']],
    ['behavioural health', { sector: 'behavioural-health' }, ['MH']],
    ['behavioural health that is a Part 2 programme too', { sector: 'behavioural-health', kinds: ['part2-program'] }, ['MH', 'PROGRAM-IDENTITY', 'SUD']],
    ['an HIV clinic', { sector: 'hiv' }, ['HIV']],
    ['justice', { sector: 'justice' }, ['JUSTICE']],
    ['a hospital', { sector: 'hospital' }, []],
    ['a housing provider', { sector: 'housing', kinds: ['lawful-holder'] }, []],
  ] as const)('%s: %j', (_, more, sensitivity) => {
    expect(toldBy(more)).toEqual(sensitivity)
  }) // prettier-ignore

  test('by its reference, its name however it is written, and its identifiers', () => {
    const identifiers = [
      { system: 'urn:a', value: '1' },
      { system: 'urn:b', value: '2' },
    ]
    expect(tellingOrganizations([partner({ sector: 'hiv', name: '  Montrose CLINIC ', identifiers }), partner({})])).toEqual([
      {
        reference: 'Organization/mission',
        names: ['montrose clinic'],
        identifiers: ['urn:a|1', 'urn:b|2'],
        sensitivity: ['HIV'],
      },
    ])
  })

  test.each([
    ['Hope', ['hope']],
    ['Art ', []],
  ])('a name of four letters is looked for in texts, a shorter one is too common: %s', (name, names) => {
    expect(tellingOrganizations([partner({ sector: 'hiv', name })])[0]?.names).toEqual(names)
  })
})
