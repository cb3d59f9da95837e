import { describe, expect, test } from '@jest/globals'
import { mayRedisclose, obligationsOf } from '../../src/consent/redisclosure.ts'
import type { Onward, ReceivedUnder } from '../../src/consent/redisclosure.ts'
import type { PartnerKind } from '../../src/model/partner.ts'
import { PARTNERS } from './support/world.ts'

/** A hospital that has a record on the single consent for all treatment, payment and operations, and wants to treat. */
const WISH: Onward = {
  holder: ['covered-entity'],
  receivedUnder: 'tpo-consent',
  purpose: 'TREAT',
  isForProceeding: false,
  isCoveredByConsent: false,
  isBoundContractor: false,
}
const answer = (wish: Partial<Onward>): string => {
  const { isPermitted, rule, law } = mayRedisclose({ ...WISH, ...wish })
  return `${isPermitted ? 'may' : 'may not'}: ${rule} ${law}`
}
const HIPAA = 'may: hipaa-redisclosure 42 CFR 2.33(b)(1)'
const PROCEEDING = 'may not: proceedings-bar 42 CFR 2.12(d)(1)'
const NO = 'may not: no-redisclosure 42 CFR 2.12(d)(2)(i)(C); 2.33(b)'
const BOUND = 'bound-contractor 42 CFR 2.33(b)(3), (c)'
const LANDLORD: Partial<Onward> = { holder: ['lawful-holder'], receivedUnder: 'payment-or-operations-consent', purpose: 'HPAYMT' }

describe('who has a record may pass it on (42 CFR 2.33(b))', () => {
  test.each<[string, Partial<Onward>, string]>([
    ['a covered entity as HIPAA has it', {}, HIPAA],
    ['a business associate too', { holder: ['business-associate'] }, HIPAA],
    ['one that is something else besides', { holder: ['lawful-holder', 'covered-entity'] }, HIPAA],
    ['not for marketing', { purpose: 'HMARKT' }, NO],
    ['not on a consent for one thing', { receivedUnder: 'consent' }, NO],
    [
      'but to whom that consent names',
      { receivedUnder: 'consent', isCoveredByConsent: true },
      'may: covered-by-consent 42 CFR 2.33(b)(2)',
    ],
    ['a programme that is no covered entity only by consent', { holder: ['part2-program'] }, NO],
    ['nobody for a proceeding against the patient', { isForProceeding: true, isCoveredByConsent: true }, PROCEEDING],
    ['nor for a purpose of that kind', { purpose: 'HLEGAL', isCoveredByConsent: true }, PROCEEDING],
    [
      'a service organisation only back',
      { receivedUnder: 'qso-agreement', isBackToProgramme: true },
      'may: qso-only-back 42 CFR 2.11 "Qualified service organization"; 2.12(c)(4)',
    ],
    [
      'and to nobody else',
      { receivedUnder: 'qso-agreement', isCoveredByConsent: true },
      'may not: qso-only-back 42 CFR 2.11 "Qualified service organization"; 2.12(c)(4)',
    ],
    [
      'probation for its official duties',
      { receivedUnder: 'justice-consent', isOfficialDuty: true },
      'may: justice-official-duties 42 CFR 2.35(d)',
    ],
    [
      'and for nothing else',
      { receivedUnder: 'justice-consent', isCoveredByConsent: true },
      'may not: justice-official-duties 42 CFR 2.35(d)',
    ],
    ['another holder to a contractor that is bound', { ...LANDLORD, isBoundContractor: true }, `may: ${BOUND}`],
    ['and to one that is not', LANDLORD, `may not: ${BOUND}`],
    ['not for treatment', { ...LANDLORD, purpose: 'TREAT', isBoundContractor: true }, NO],
    ['nor beyond payment and operations', { ...LANDLORD, purpose: 'HMARKT', isBoundContractor: true }, NO],
    [
      'nor where it has the record on something else',
      { ...LANDLORD, receivedUnder: 'medical-emergency', isBoundContractor: true },
      NO,
    ],
    ['a covered entity needs no such rule', { ...LANDLORD, holder: ['covered-entity'], isBoundContractor: true }, NO],
  ])('%s', (_, wish, expected) => {
    expect(answer(wish)).toBe(expected)
  })
})

describe('what travels along (42 CFR 2.32, 2.33(b))', () => {
  const [anybody] = PARTNERS
  const BEARS = ['NORDSCLCD', 'PERSISTLABEL']
  test.each<[string, readonly PartnerKind[], ReceivedUnder, readonly string[]]>([
    ['a covered entity on the single consent: the label', ['covered-entity'], 'tpo-consent', ['PERSISTLABEL']],
    ['a business associate as well', ['business-associate'], 'tpo-consent', ['PERSISTLABEL']],
    ['a programme that is one too', ['part2-program', 'covered-entity'], 'tpo-consent', ['PERSISTLABEL']],
    ['on another consent: not to pass it on', ['covered-entity'], 'consent', BEARS],
    ['who is neither', ['lawful-holder'], 'tpo-consent', BEARS],
    ['and on nothing of that', ['lawful-holder'], 'consent', BEARS],
  ])('%s', (_, kinds, under, expected) => {
    if (anybody === undefined) throw new Error('nobody is registered')
    expect(obligationsOf({ ...anybody, kinds }, under)).toEqual(expected)
  })
})
