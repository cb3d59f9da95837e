import { describe, expect, test } from '@jest/globals'
import {
  actionPermits,
  actionRefuses,
  atLeast,
  atMost,
  isPurpose,
  labelKind,
  purposeCovers,
  refusalCovers,
  roleKind,
  sensitivityCovers,
} from '../../src/consent/codes.ts'
import { isSingleTpo, isWithinTpo, statedPurposes } from '../../src/consent/stated.ts'
import { readConsent } from '../../src/consent/read-consent.ts'
import { ACT_CODE, CONFIDENTIALITY, consent, purposes } from './support/world.ts'

describe('which purpose covers which (v3-ActReason)', () => {
  test.each([
    ['TREAT', 'TREAT'],
    ['TREAT', 'COC'],
    ['TREAT', 'CLINTRL'],
    ['TREAT', 'POPHLTH'],
    ['TREAT', 'TREATDS'],
    ['TREAT', 'BTG'],
    ['ETREAT', 'BTG'],
    ['ETREAT', 'ERTREAT'],
    ['HPAYMT', 'ELIGVER'],
    ['COVERAGE', 'ENROLLM'],
    ['HPAYMT', 'REMITADV'],
    ['HOPERAT', 'CAREMGT'],
    ['HOPERAT', 'LABELING'],
    ['HSYSADMIN', 'METAMGT'],
    ['SYSDEV', 'HTEST'],
    ['HRESCH', 'CLINTRCHPC'],
    ['CLINTRCH', 'PRECLINTRCH'],
    ['HRESCH', 'TRANSRCH'],
    ['PATRQT', 'FAMRQT'],
    ['PUBHLTH', 'THREAT'],
    ['PurposeOfUse', 'TREAT'],
    ['PurposeOfUse', 'BTG'],
    ['PurposeOfUse', 'HMARKT'],
    ['FUNDRAISING', 'FUNDRAISING'],
    ['HLEGAL', 'HLEGAL'],
  ])('%s covers %s', (stated, asserted) => {
    expect([isPurpose(stated), isPurpose(asserted), purposeCovers(stated, asserted)]).toEqual([true, true, true])
  })

  test.each([
    ['COC', 'TREAT', 'the narrower does not cover the wider'],
    ['HPAYMT', 'TREAT', 'a sibling'],
    ['TREAT', 'PurposeOfUse', 'to ask for anything is not to ask for treatment'],
    ['HOPERAT', 'HLEGAL', 'proceedings have a consent of their own, 2.31(d)'],
    ['PurposeOfUse', 'HLEGAL', 'proceedings have a consent of their own, 2.31(d)'],
    ['PurposeOfUse', 'FUNDRAISING', 'fundraising is covered by itself only, 2.31(a)(5)(iii)'],
    ['HOPERAT', 'FUNDRAISING', 'fundraising is covered by itself only, 2.31(a)(5)(iii)'],
    ['CURIOSITY', 'CURIOSITY', 'what nobody defined is no purpose'],
    ['', '', 'nor is nothing'],
    ['toString', 'toString', 'nor is a word that every object knows'],
  ])('%s does not cover %s: %s', (stated, asserted) => {
    expect(purposeCovers(stated, asserted)).toBe(false)
  })

  test.each(['CURIOSITY', '', 'treat', 'constructor', 'toString', '__proto__'])('%j is no purpose', (code) => {
    expect(isPurpose(code)).toBe(false)
  })
})

describe('what a consent is for, as a whole', () => {
  const stated = (provision: object) => statedPurposes(readConsent(consent({}, provision)))
  test('each purpose once, at any depth; what is only refused is not stated', () => {
    expect(
      stated({
        purpose: purposes('TREAT', 'TREAT'),
        provision: [
          { type: 'permit', purpose: purposes('HPAYMT') },
          { type: 'deny', purpose: purposes('HRESCH') },
          { type: 'deny', purpose: purposes('HMARKT'), provision: [{ type: 'permit', purpose: purposes('HOPERAT') }] },
        ],
      }),
    ).toEqual(['TREAT', 'HPAYMT', 'HMARKT', 'HOPERAT'])
  })

  test.each([
    [['TREAT', 'HPAYMT', 'HOPERAT'], true, true],
    [['HOPERAT', 'HPAYMT', 'HRESCH', 'TREAT'], true, false],
    [['TREAT', 'HPAYMT'], false, true],
    [['COC', 'ELIGVER', 'CAREMGT'], false, true],
    [['TREAT', 'HMARKT'], false, false],
    [['HMARKT'], false, false],
    [['HLEGAL'], false, false],
    [[], false, false],
  ])('%j: single consent for all TPO %s, within TPO %s', (all, isSingle, isWithin) => {
    expect([isSingleTpo(all), isWithinTpo(all)]).toEqual([isSingle, isWithin])
  })
})

describe('which label covers which (v3-ActCode)', () => {
  test.each([
    ['SUD', 'SUD'],
    ['SUD', 'ETHUD'],
    ['SUD', 'OPIOIDUD'],
    ['SPI', 'OPIOIDUD'],
    ['SPI', 'COGN'],
    ['BH', 'DVD'],
    ['BH', 'EMOTDIS'],
    ['SPI', 'MH'],
    ['SPI', 'PSY'],
    ['SPI', 'PSYTHPN'],
    ['ETH', 'SUD'],
    ['SUD', 'ETH'],
    ['ETH', 'OPIOIDUD'],
    ['SICKLE', 'SCA'],
    ['HIV', 'HIV'],
    ['novel', 'novel'],
  ])('%s covers %s, named in a permit or in a refusal', (named, label) => {
    expect([sensitivityCovers(named, label), refusalCovers(named, label)]).toEqual([true, true])
  })

  test.each([
    ['ETHUD', 'SUD'],
    ['BH', 'HIV'],
    ['MH', 'SUD'],
    ['SUD', 'MH'],
    ['HIV', 'STD'],
    ['COGN', 'BH'],
  ])('%s covers no %s, in either', (named, label) => {
    expect([sensitivityCovers(named, label), refusalCovers(named, label)]).toEqual([false, false])
  })

  test.each(['MH', 'PSY', 'PSYTHPN', 'SUD', 'ETH', 'OPIOIDUD'])(
    'a patient who refuses behavioural health refuses %s, though a permit of it does not reach there',
    (label) => {
      expect([refusalCovers('BH', label), sensitivityCovers('BH', label)]).toEqual([true, false])
    },
  )
})

describe('how confidential (v3-Confidentiality)', () => {
  const levels = ['U', 'L', 'M', 'N', 'R', 'V'] as const
  test.each(levels)('%s: a permit reaches down to it, a refusal up from it', (named) => {
    const at = levels.indexOf(named)
    expect(levels.filter((level) => atMost(level, named))).toEqual(levels.slice(0, at + 1))
    expect(levels.filter((level) => atLeast(level, named))).toEqual(levels.slice(at))
  })

  test('a level that nobody defined reaches nothing', () => {
    expect(levels.filter((level) => atMost(level, 'X') || atLeast(level, 'X'))).toEqual([])
  })
})

describe('which part of the labels a label speaks of', () => {
  test.each([
    [{ system: CONFIDENTIALITY, code: 'R' }, 'confidentiality'],
    [{ code: 'U' }, 'confidentiality'],
    [{ system: ACT_CODE, code: 'R' }, 'sensitivity'],
    [{ system: ACT_CODE, code: '42CFRPart2' }, 'policy'],
    [{ code: 'HIPAAPsyNotes' }, 'policy'],
    [{ system: ACT_CODE, code: 'HIV' }, 'sensitivity'],
    [{ code: '' }, 'sensitivity'],
  ] as const)('%j: %s', (label, kind) => {
    expect(labelKind(label)).toBe(kind)
  })
})

describe('what a role makes of an actor', () => {
  const as = (...roles: readonly string[]) => roleKind(roles.map((code) => ({ code })))
  test.each(['IRCP', 'PRCP', 'REFT', 'TRC', 'PAYOR', 'GUARD', 'HCP', 'AGNT', 'recipient'])('%s receives', (role) => {
    expect(as(role)).toBe('recipient')
  })
  test.each(['CST', 'AUT', 'INF', 'GRANTOR', 'CONSENTER', 'custodian', 'discloser', 'datacollector'])(
    '%s holds the data',
    (role) => {
      expect(as(role)).toBe('holder')
    },
  )
  test('who holds is no recipient, though he is called one too', () => {
    expect([as('IRCP', 'CST'), as('CST', 'IRCP')]).toEqual(['holder', 'holder'])
  })
  test('without a role somebody receives; with one that nobody knows he does not', () => {
    expect([as(), as('novel'), as('novel', 'IRCP'), as('')]).toEqual(['recipient', 'unknown', 'recipient', 'unknown'])
  })
})

describe('what an action lets flow', () => {
  test.each([
    ['access', true, true],
    ['disclose', true, true],
    ['use', false, true],
    ['collect', false, false],
    ['correct', false, false],
    ['novel', false, true],
    ['', false, true],
  ])('%s: a permit of it %s, a refusal of it %s', (code, permits, refuses) => {
    expect([actionPermits({ code }), actionRefuses({ code })]).toEqual([permits, refuses])
  })
})
