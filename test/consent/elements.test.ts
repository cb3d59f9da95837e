import { describe, expect, test } from '@jest/globals'
import type { Consent as FhirConsent, ConsentProvision, Extension } from '@medplum/fhirtypes'
import { deficiencies } from '../../src/consent/deficiencies.ts'
import { isSpecific } from '../../src/consent/elements.ts'
import { EXTENSION } from '../../src/consent/extensions.ts'
import type { DeficiencyContext } from '../../src/consent/examined.ts'
import { readConsent } from '../../src/consent/read-consent.ts'
import { instant } from '../../src/model/time.ts'
import { FORMS } from './support/spoilers.ts'
import { actor, consent, NPI, ofType, PARTNERS, purposes, without } from './support/world.ts'

const AT = instant('2026-06-01T15:00:00Z')
const CONTEXT: DeficiencyContext = { partners: PARTNERS, zone: 'America/Chicago', forms: FORMS }

/** The deficiencies of a form filled as said, by rule. */
const lacks = (over: Partial<FhirConsent>, provision: Partial<ConsentProvision> = {}, context: DeficiencyContext = CONTEXT) =>
  deficiencies(readConsent(consent(over, provision)), AT, context).map(({ rule }) => rule)
/** The whole form with these blanks in place of those of the same name. */
const filled = (...blanks: readonly Extension[]): Partial<FhirConsent> => ({
  extension: [...blanks, ...without('').filter(({ url }) => !blanks.some((one) => one.url === url))],
})
const unsaid = (...statements: readonly string[]): Extension[] =>
  without('').filter(({ extension }) => !statements.some((one) => extension?.some(({ valueCode }) => valueCode === one) === true))
const ends = (valueCode: string, text?: string): Extension => ({
  url: EXTENSION.expirationEvent,
  extension: [{ url: 'event', valueCode }, ...(text === undefined ? [] : [{ url: 'text', valueString: text }])],
})

describe('a description says which information is meant (2.31(a)(3))', () => {
  test.each([
    'my care plan and referrals',
    'HIV test results',
    'All records of my SUD treatment from January',
    'N/A except attendance',
    'diagnoses',
    'expediente clínico',
    'records of 2025',
  ])('%j does', (text) => {
    expect(isSpecific(text)).toBe(true)
  })
  test.each([
    '',
    '   ',
    'records',
    'Record',
    'all records',
    'any and all of my information',
    'The entire, complete file.',
    'everything',
    'documents; as needed',
    'relevant patient data',
    '*** / --',
    'n/a',
    'None!',
    'tbd',
    'xxx',
    'various',
    'all my records and information',
    'toda mi información',
    'X',
  ])('%j does not', (text) => {
    expect(isSpecific(text)).toBe(false)
  })
})

describe('who may receive, by name or class (2.31(a)(4)(i))', () => {
  const nobody = { actor: [] }
  test.each<[string, Partial<ConsentProvision>, readonly string[]]>([
    ['named at the root', { actor: [actor('bayou-bh')] }, []],
    ['named in what is permitted further down', { ...nobody, provision: [{ type: 'permit', actor: [actor('bayou-bh')] }] }, []],
    [
      'named under a refusal from which something is excepted',
      { ...nobody, provision: [{ type: 'deny', provision: [{ type: 'permit', actor: [actor('bayou-bh')] }] }] },
      [],
    ],
    ['only refused', { ...nobody, provision: [{ type: 'deny', actor: [actor('bayou-bh')] }] }, ['recipient-missing']],
    ['only the holder', { actor: [actor('mission', 'CST')] }, ['recipient-missing']],
    ['in a role that nobody knows', { actor: [actor('bayou-bh', 'novel')] }, ['recipient-missing']],
  ])('%s', (_, provision, missing) => {
    expect(lacks({}, provision)).toEqual(missing)
  })
})

describe('an intermediary names its members, or says that they treat the patient (2.31(a)(4)(ii))', () => {
  const through = (more: object = {}) => ({ actor: [actor('texas-hie', 'IRCP', more)] })
  const members = (extension: readonly object[]) =>
    through({ extension: [{ url: EXTENSION.intermediaryMembers, extension: extension as Extension[] }] })
  const missing = ['intermediary-members-missing']
  test.each<[string, Partial<ConsentProvision>, readonly string[]]>([
    ['by reference, without members', through(), missing],
    [
      'by NPI, without members',
      { actor: [{ ...actor('x'), reference: { identifier: { system: NPI, value: '1000000007' } } }] },
      missing,
    ],
    [
      'the number in another system is another',
      { actor: [{ ...actor('x'), reference: { identifier: { system: 'urn:x', value: '1000000007' } } }] },
      [],
    ],
    [
      'another number in the system is another',
      { actor: [{ ...actor('x'), reference: { identifier: { system: NPI, value: '7' } } }] },
      [],
    ],
    ['with a member', members([{ url: 'member', valueReference: { reference: 'Organization/bayou-bh' } }]), []],
    ['with those who treat the patient', members([{ url: 'class', valueCode: 'treating-providers' }]), []],
    ['one of two recipients', { actor: [actor('montrose-hiv'), actor('texas-hie')] }, missing],
  ])('%s', (_, provision, rules) => {
    expect(lacks({}, provision)).toEqual(rules)
  })

  test('one that is a covered entity itself receives as such (2.11 "Intermediary")', () => {
    const partners = PARTNERS.map((one) =>
      one.id === 'texas-hie' ? { ...one, kinds: [...one.kinds, 'covered-entity' as const] } : one,
    )
    expect(lacks({}, through(), { ...CONTEXT, partners })).toEqual([])
  })

  test('where nobody knows the partners, nobody can say', () => {
    expect(deficiencies(readConsent(consent({}, through())), AT).map(({ rule }) => rule)).toEqual([])
  })
})

describe('the statement on redisclosure under HIPAA, where HIPAA is reached (2.31(a)(4)(iii))', () => {
  const silent = { extension: unsaid('hipaa-redisclosure') }
  const missing = ['hipaa-redisclosure-statement-missing']
  const to = (who: string, ...why: readonly string[]) => ({ actor: [actor(who)], purpose: purposes(...why) })
  const toClass = (valueCode: string) => ({
    actor: [{ ...actor('x'), reference: { display: 'x' }, extension: [{ url: EXTENSION.recipientClass, valueCode }] }],
  })
  test.each<[string, Partial<ConsentProvision>, readonly string[]]>([
    ['a covered entity for treatment', to('montrose-hiv', 'TREAT'), missing],
    ['for a kind of payment', to('montrose-hiv', 'ELIGDTRM'), missing],
    ['for operations', to('montrose-hiv', 'HOPERAT'), missing],
    ['for one of several purposes', to('montrose-hiv', 'HRESCH', 'HPAYMT'), missing],
    ['for research', to('montrose-hiv', 'HRESCH'), []],
    ['a housing provider for treatment', to('harbor-housing', 'TREAT'), []],
    ['a class', toClass('treating-providers'), missing],
    ['a class that nobody defined', toClass('everybody'), []],
    ['one of two recipients', { ...to('harbor-housing', 'TREAT'), actor: [actor('harbor-housing'), actor('bayou-bh')] }, missing],
  ])('%s', (_, provision, rules) => {
    expect(lacks(silent, provision)).toEqual(rules)
  })

  test('a business associate', () => {
    const partners = PARTNERS.map((one) => (one.id === 'datavault' ? { ...one, kinds: ['business-associate' as const] } : one))
    expect(lacks(silent, to('datavault', 'HOPERAT'), { ...CONTEXT, partners })).toEqual(missing)
  })
})

describe('each purpose (2.31(a)(5))', () => {
  const words = (text: string): Extension => ({ url: EXTENSION.purposeText, valueString: text })
  const own: Extension = { url: EXTENSION.patientInitiated, valueBoolean: true }
  test.each<[string, Extension[], readonly string[]]>([
    ['nothing', [], ['purpose-missing']],
    ['nothing, yet the patient asked', [own], []],
    ['in words', [words('so that my rent is paid')], []],
    ['"at the request of the patient", who did not ask', [words('At the request of the patient')], ['purpose-missing']],
    ['"request of the individual", who did not ask', [words('request of the individual')], ['purpose-missing']],
    ['"at request of the client", who did not ask', [words('at request of the client')], ['purpose-missing']],
    ['the same in Spanish', [words('A petición del paciente')], ['purpose-missing']],
    ['the same in Spanish, without accents', [words('a peticion del paciente')], ['purpose-missing']],
    ['"at the request of the patient", who asked', [own, words('at the request of the patient')], []],
    ['more than that', [words('at the request of the patient, to pay my rent')], []],
    ['less than that', [words('no request of the patient')], []],
  ])('%s', (_, blanks, rules) => {
    expect(lacks(filled(...blanks), { purpose: [] })).toEqual(rules)
  })

  test('a code needs no words', () => {
    expect(lacks(filled(words('at the request of the patient')), {})).toEqual([])
  })
})

describe('the end (2.31(a)(7))', () => {
  const open = { start: '2026-03-01' }
  test.each<[string, Extension[], Partial<ConsentProvision>, readonly string[]]>([
    ['a date', [], { period: { end: '2027-01-01' } }, []],
    ['neither', [], { period: open }, ['expiration-missing']],
    ['an event in words', [ends('other', 'my lease ends')], { period: open }, []],
    ['an event without words', [ends('other')], { period: open }, ['expiration-missing']],
    ['none, for treatment, payment and operations', [ends('none')], { period: open }, []],
    ['none, for coordination of care', [ends('none')], { period: open, purpose: purposes('COC') }, []],
    [
      'none, for marketing',
      [ends('none')],
      { period: open, purpose: purposes('TREAT', 'HMARKT') },
      ['expiration-none-beyond-tpo'],
    ],
    [
      'the end of the treatment, for marketing',
      [ends('end-of-treatment')],
      { period: open, purpose: purposes('HMARKT') },
      ['expiration-none-beyond-tpo'],
    ],
    ['none, for marketing, and a date', [ends('none')], { period: { end: '2027-01-01' }, purpose: purposes('HMARKT') }, []],
    ['an event in words, for marketing', [ends('other', 'x')], { period: open, purpose: purposes('HMARKT') }, []],
    ['the end of the study, for research', [ends('end-of-research-study')], { period: open, purpose: purposes('CLINTRCH') }, []],
    [
      'the end of the study, for research and treatment',
      [ends('end-of-research-study')],
      { period: open, purpose: purposes('HRESCH', 'TREAT') },
      ['expiration-study-not-research'],
    ],
    [
      'the end of the study, for no purpose',
      [ends('end-of-research-study'), { url: EXTENSION.purposeText, valueString: 'a study' }],
      { period: open, purpose: [] },
      ['expiration-study-not-research'],
    ],
    ['the end of the study, for treatment, and a date', [ends('end-of-research-study')], { period: { end: '2027-01-01' } }, []],
  ])('%s', (_, blanks, provision, rules) => {
    expect(lacks(filled(...blanks), provision)).toEqual(rules)
  })
})

describe('the day of signing (2.31(a)(9)), held against the day in the zone of the programme', () => {
  const signed = (valueDateTime: string, zone?: string) =>
    deficiencies(readConsent(consent(filled({ url: EXTENSION.signedAt, valueDateTime }))), instant('2026-06-02T02:00:00Z'), {
      partners: PARTNERS,
      ...(zone === undefined ? {} : { zone }),
    }).map(({ rule }) => rule)
  test.each<[string, string, string | undefined, boolean]>([
    ['the day itself, in UTC', '2026-06-02', undefined, false],
    ['a day that has not begun in Houston', '2026-06-02', 'America/Chicago', true],
    ['the day before, in Houston', '2026-06-01', 'America/Chicago', false],
    ['this very instant', '2026-06-02T02:00:00Z', undefined, false],
    ['a moment later', '2026-06-02T02:00:01Z', undefined, true],
  ])('%s', (_, day, zone, isLater) => {
    expect(signed(day, zone)).toEqual(isLater ? ['signed-date-in-future'] : [])
  })
})

describe('a form of before the 2024 rule (89 FR 12472)', () => {
  const OLD = ['hipaa-redisclosure', 'redisclosure-potential', 'consequences-of-refusal']
  const form = (valueUri: string, signedAt: string): Partial<FhirConsent> => ({
    extension: [
      ...unsaid(...OLD).filter(({ url }) => url !== EXTENSION.signedAt),
      { url: EXTENSION.signedAt, valueDateTime: signedAt },
      { url: EXTENSION.form, valueUri },
    ],
  })
  const accepting: DeficiencyContext = { ...CONTEXT, forms: { ...FORMS, acceptsBefore2024: true } }
  const newOnes = ['hipaa-redisclosure-statement-missing', 'redisclosure-potential-missing', 'consequences-of-refusal-missing']
  test('counsel relies on it, and it was signed while it would do: what is new is not asked of it', () => {
    expect(lacks(form('urn:old', '2026-02-15'), {}, accepting)).toEqual([])
  })
  test('signed when only the new form will do', () => {
    expect(lacks(form('urn:old', '2026-02-16'), {}, accepting)).toEqual([...newOnes, 'form-before-2024'])
  })
  test('in a zone in which that day came later', () => {
    expect(lacks(form('urn:old', '2026-02-15T23:00:00-06:00'), {}, accepting)).toContain('form-before-2024')
  })
  test('counsel does not rely on it', () => {
    expect(lacks(form('urn:old', '2026-02-15'))).toEqual([...newOnes, 'form-before-2024'])
    expect(lacks(form('urn:old', '2026-02-15'), {}, { ...CONTEXT, zone: 'UTC' })).toContain('form-before-2024')
  })
  test('it is another form, or none', () => {
    expect(lacks(form('urn:new', '2026-02-15'), {}, accepting)).toEqual(newOnes)
    expect(lacks({ extension: unsaid(...OLD) }, {}, accepting)).toEqual(newOnes)
    expect(lacks(form('urn:old', '2026-02-15'), {}, { partners: PARTNERS })).toEqual(newOnes)
  })
  test('what was always asked is asked of it too', () => {
    const bare = { extension: (form('urn:old', '2026-02-15').extension ?? []).filter(({ url }) => url !== EXTENSION.signature) }
    expect(lacks(bare, {}, accepting)).toEqual(['signature-missing'])
  })
  test('for less than all of treatment, payment and operations it is not the form that lacks', () => {
    expect(lacks(form('urn:old', '2026-02-15'), { purpose: purposes('TREAT') })).toEqual(newOnes.slice(0, 1))
  })
})

describe('the statements of the single consent for all treatment, payment and operations (2.31(a)(10))', () => {
  const silent = { extension: unsaid('redisclosure-potential', 'consequences-of-refusal') }
  test('are asked of it, and of no narrower one', () => {
    expect(lacks(silent)).toEqual(['redisclosure-potential-missing', 'consequences-of-refusal-missing'])
    expect(lacks(silent, { purpose: purposes('TREAT', 'HPAYMT') })).toEqual([])
  })
})

describe('a consent for proceedings stands alone (2.31(d))', () => {
  test.each<[string, FhirConsent['category'], readonly string[], boolean]>([
    ['alone', ofType('proceedings'), ['HLEGAL'], false],
    ['alone, without a purpose beside it', ofType('proceedings'), [], false],
    ['with treatment', ofType('proceedings'), ['HLEGAL', 'TREAT'], true],
    ['with another type', ofType('proceedings', 'research'), ['HLEGAL'], true],
    ['a general one that names proceedings', ofType('general'), ['HLEGAL'], true],
    ['one that speaks of neither', ofType('general'), ['TREAT'], false],
  ])('%s', (_, category, why, isCombined) => {
    const blanks = why.length === 0 ? filled({ url: EXTENSION.purposeText, valueString: 'the trial' }) : {}
    const found = deficiencies(readConsent(consent({ category, ...blanks }, { purpose: purposes(...why) })), AT, CONTEXT)
    expect(found.map(({ rule, affects }) => [rule, affects])).toEqual(isCombined ? [['proceedings-combined', 'proceedings']] : [])
  })
})

test('a blank is empty, or of blanks only', () => {
  const named = (display: string) =>
    lacks({ extension: without(EXTENSION.patientName), patient: { reference: 'Patient/jordan', display } })
  expect([named(''), named(' '), named('J. HTEST')]).toEqual([['patient-name-missing'], ['patient-name-missing'], []])
})
