import { describe, expect, test } from '@jest/globals'
import type { Consent as FhirConsent, ConsentProvision, PractitionerRole } from '@medplum/fhirtypes'
import { inquire } from '../../src/consent/judge.ts'
import { GATES, isSocialNeed, overlaysFor, profileBars, RELIANCE, SECTOR_PROFILES } from '../../src/consent/reliance.ts'
import { contentOf } from '../../src/consent/tree.ts'
import type { Facet } from '../../src/consent/tree.ts'
import { walk } from '../../src/consent/walk.ts'
import { worldOf } from '../../src/consent/world.ts'
import type { Labels, RecordFacts } from '../../src/model/label.ts'
import type { PatientFacts } from '../../src/model/patient-facts.ts'
import { instant } from '../../src/model/time.ts'
import { actor, consent, facts, labelled, labels, medical, ofType, PARTNERS, purposes, record } from './support/world.ts'

const AT = instant('2026-06-01T15:00:00Z')
const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const OPTIN = { policyRule: { coding: [{ code: 'OPTIN' }] } }

interface Asked {
  readonly over?: Partial<FhirConsent>
  readonly provision?: Partial<ConsentProvision>
  readonly who?: string
  readonly why?: string
  readonly labels?: Labels
  readonly facet?: Facet
  readonly facts?: Partial<PatientFacts>
  readonly subject?: string
}

/** The rows that keep the permit of this consent from being relied on. */
const barred = ({
  over = {},
  provision = {},
  who = 'montrose-hiv',
  why = 'TREAT',
  labels: own = labels(),
  facet,
  facts: more,
  subject,
}: Asked) => {
  const all = facts([consent(over, { actor: [actor(who)], ...provision })], { records: [record({ labels: own })], ...more })
  const world = worldOf(all)
  const partner = PARTNERS.find(({ id }) => id === who)
  if (partner === undefined) throw new Error('no such partner')
  const question = { world, partner, purpose: why, at: AT, ...(subject === undefined ? {} : { subject }) }
  const content = contentOf(record({ labels: own }), world.calendar)
  const file = world.consents[0]
  const node = inquire(question).applied[0]?.node
  const outcome = node === undefined ? undefined : walk(node, content, facet, question)
  if (file === undefined || outcome?.effect !== 'permit') throw new Error('the consent does not permit')
  const reliance = { file, trail: outcome.trail, content, facet, question }
  return RELIANCE.filter(({ bars }) => bars(reliance)).map(({ id }) => id)
}

const forms = { mappedToPart2: ['urn:mapped'], before2024: [], acceptsBefore2024: false }
const onForm = (valueUri: string, extension: FhirConsent['extension'] = []): Partial<FhirConsent> => ({
  ...OPTIN,
  extension: [...extension, { url: 'https://mission-gateway.example/fhir/StructureDefinition/consent-form', valueUri }],
})
const note = (noteKind: Labels['noteKind']): Labels => labels(noteKind === undefined ? {} : { noteKind })

describe('a permit that a record may rest on, and one that it may not', () => {
  test.each<[string, Asked, readonly string[]]>([
    ['a Part 2 record on a Part 2 consent', {}, []],
    ['a Part 2 record on a general release', { over: OPTIN }, ['general-release']],
    ['a medical record on a general release', { over: OPTIN, labels: medical() }, []],
    [
      'on a form that counsel holds to be one of Part 2',
      { over: onForm('urn:mapped', consent().extension), facts: { forms } },
      [],
    ],
    ['on that form with a blank left empty', { over: onForm('urn:mapped'), facts: { forms } }, ['mapped-form-deficient']],
    ['a medical record on it', { over: onForm('urn:mapped'), facts: { forms }, labels: medical() }, []],
    ['on another form', { over: onForm('urn:other'), facts: { forms } }, ['general-release']],
    ['on that form where counsel holds none to be one', { over: onForm('urn:mapped') }, ['general-release']],
    ['to nobody by name', { provision: { actor: [] } }, ['recipient-not-named']],
    ['a medical record to nobody by name', { provision: { actor: [] }, over: OPTIN, labels: medical() }, []],
    [
      'to somebody named further down',
      { provision: { actor: [], type: 'deny', provision: [{ type: 'permit', actor: [actor('montrose-hiv')] }] } },
      [],
    ],
    ['for no purpose', { provision: { purpose: [] } }, ['purpose-not-stated']],
    ['a medical record for no purpose', { provision: { purpose: [] }, over: OPTIN, labels: medical() }, []],
    [
      'for a purpose that stands further down',
      { provision: { purpose: [], provision: [{ type: 'permit', purpose: purposes('TREAT') }] } },
      [],
    ],
  ])('%s', (_, asked, rows) => {
    expect(barred(asked)).toEqual(rows)
  })

  test('"at the request of the patient" suffices when the patient began it, and for that request (2.31(a)(5)(i))', () => {
    const initiated = {
      extension: [
        ...(consent().extension ?? []),
        { url: 'https://mission-gateway.example/fhir/StructureDefinition/consent-patient-initiated', valueBoolean: true },
      ],
    }
    const asked = { over: initiated, provision: { purpose: [] } }
    expect(barred({ ...asked, why: 'PATRQT' })).toEqual([])
    expect(barred({ ...asked, why: 'FAMRQT' })).toEqual([])
    expect(barred({ ...asked, why: 'TREAT' })).toEqual(['purpose-not-stated'])
    expect(barred({ provision: { purpose: [] }, why: 'PATRQT' })).toEqual(['purpose-not-stated'])
  })
})

describe('a consent that names persons, asked by somebody else who works there (2.31(a)(4)(i))', () => {
  const at = (person: string, id = person): PractitionerRole => ({
    resourceType: 'PractitionerRole',
    id: `at-${id}`,
    active: true,
    practitioner: { reference: `Practitioner/${person}` },
    organization: { reference: 'Organization/montrose-hiv' },
  })
  const to = (...references: readonly string[]): Partial<ConsentProvision> => ({
    actor: references.map((reference) => actor(reference)),
  })
  const asked = (provision: Partial<ConsentProvision>, subject?: string) => {
    const all = facts([consent({}, provision)], { records: [record({})] })
    const evidence = [...all.evidence, at('x'), at('y'), at('y', 'evenings')]
    return barred({ provision, facts: { evidence }, ...(subject === undefined ? {} : { subject: `Practitioner/${subject}` }) })
  }
  const X = ['names-another-person']
  test.each<[string, Partial<ConsentProvision>, string | undefined, readonly string[]]>([
    ['the person', to('Practitioner/x'), 'x', []],
    ['another one', to('Practitioner/x'), 'y', X],
    ['another one, where both are named', to('Practitioner/x', 'Practitioner/y'), 'y', []],
    ['the person, by a role', to('PractitionerRole/at-x'), 'x', []],
    ['another one, by a role', to('PractitionerRole/at-x'), 'y', X],
    ['another role of the same person', to('PractitionerRole/at-evenings'), 'y', []],
    ['the system by itself, which names nobody', to('Practitioner/x'), undefined, []],
    ['anybody, where the organisation is named too', to('Practitioner/x', 'Organization/montrose-hiv'), 'y', []],
    ['anybody, where only the organisation is named', to('Organization/montrose-hiv'), 'y', []],
    [
      'another one, where the exception names the person',
      { ...to('Organization/montrose-hiv'), type: 'deny', provision: [{ type: 'permit', ...to('Practitioner/x') }] },
      'y',
      X,
    ],
  ])('%s', (_, provision, subject, rows) => {
    expect(asked(provision, subject)).toEqual(rows)
  })
})

describe('notes (2.31(b))', () => {
  test.each<[string, Labels['noteKind'], FhirConsent['category'], readonly string[]]>([
    ['counselling notes on their own consent', 'sud-counseling-note', ofType('sud-counseling-notes'), []],
    ['psychotherapy notes on theirs', 'psychotherapy-note', ofType('psychotherapy-notes'), []],
    ['counselling notes on that for the other', 'sud-counseling-note', ofType('psychotherapy-notes'), ['notes-need-own-consent']],
    [
      'notes on a consent that was combined with another',
      'psychotherapy-note',
      ofType('psychotherapy-notes', 'research'),
      ['notes-consent-deficient'],
    ],
    ['another record on a consent for notes', undefined, ofType('psychotherapy-notes'), ['consent-is-for-notes']],
    [
      'another record on one for both kinds of notes',
      undefined,
      ofType('psychotherapy-notes', 'sud-counseling-notes'),
      ['consent-is-for-notes'],
    ],
    ['another record on one for notes and research', undefined, ofType('psychotherapy-notes', 'research'), []],
  ])('%s', (_, kind, category, rows) => {
    expect(barred({ over: { category }, labels: note(kind) })).toEqual(rows)
  })
})

describe('proceedings, justice, fundraising', () => {
  const justice = (category: FhirConsent['category'], more: Asked = {}) =>
    barred({ who: 'harris-probation', over: { category }, provision: { purpose: purposes('TREAT', 'HLEGAL') }, ...more })
  test.each<[string, () => readonly string[], readonly string[]]>([
    [
      'a consent for proceedings, for proceedings',
      () => barred({ over: { category: ofType('proceedings') }, provision: { purpose: purposes('HLEGAL') }, why: 'HLEGAL' }),
      [],
    ],
    [
      'another consent, for proceedings',
      () => barred({ provision: { purpose: purposes('HLEGAL') }, why: 'HLEGAL' }),
      ['proceedings-need-own-consent'],
    ],
    [
      'a combined one, for proceedings',
      () =>
        barred({ over: { category: ofType('proceedings') }, provision: { purpose: purposes('HLEGAL', 'TREAT') }, why: 'HLEGAL' }),
      ['proceedings-consent-combined'],
    ],
    [
      'a combined one, for something else',
      () => barred({ over: { category: ofType('proceedings') }, provision: { purpose: purposes('HLEGAL', 'TREAT') } }),
      [],
    ],
    ['to probation on a general consent', () => justice(ofType('general')), ['justice-needs-own-consent']],
    ['to probation on its own', () => justice(ofType('criminal-justice')), []],
    ['a medical record to probation', () => justice(ofType('general'), { labels: medical() }), []],
    ['to probation for proceedings', () => justice(ofType('proceedings'), { why: 'HLEGAL' }), ['proceedings-consent-combined']],
    [
      'to raise funds, with nothing said of saying no to it',
      () => barred({ provision: { purpose: purposes('FUNDRAISING') }, why: 'FUNDRAISING' }),
      ['fundraising-opt-out-missing'],
    ],
    ['for treatment on that consent', () => barred({ provision: { purpose: purposes('FUNDRAISING', 'TREAT') } }), []],
  ])('%s', (_, found, rows) => {
    expect(found()).toEqual(rows)
  })
})

describe('what a state releases only by name (Tex. Health & Safety Code 81.103)', () => {
  const ticked = { provision: [{ type: 'permit' as const, securityLabel: labelled('HIV') }] }
  const hiv = { labels: labels({ sensitivity: ['HIV'] }), facet: 'HIV' }
  test.each<[string, Asked, readonly string[]]>([
    ['not named', hiv, ['sensitivity-not-named']],
    ['named', { ...hiv, provision: ticked }, []],
    ['named at the root', { ...hiv, provision: { securityLabel: labelled('HIV') } }, []],
    ['another label is named', { ...hiv, provision: { securityLabel: labelled('HIV', 'SUD') } }, []],
    ['in a state without such a law', { ...hiv, facts: { jurisdiction: 'US-MA' } }, []],
    ['information of another kind', { labels: labels({ sensitivity: ['MH'] }), facet: 'MH' }, []],
  ])('%s', (_, asked, rows) => {
    expect(barred(asked)).toEqual(rows)
  })

  test('speaks of that information, in that state', () => {
    expect(overlaysFor('HIV', 'US-TX').map(({ label }) => label)).toEqual(['HIV'])
    expect([overlaysFor(undefined, 'US-TX'), overlaysFor('HIV', undefined), overlaysFor('SUD', 'US-TX')]).toEqual([[], [], []])
  })

  test('a refusal that names it is no permission', () => {
    const provision: Partial<ConsentProvision> = {
      type: 'permit',
      provision: [
        { type: 'deny', securityLabel: labelled('HIV'), provision: [{ type: 'permit', class: [{ code: 'CarePlan' }] }] },
      ],
    }
    expect(barred({ ...hiv, provision })).toEqual(['sensitivity-not-named'])
  })
})

describe('what no basis helps over', () => {
  const clinic = PARTNERS.find(({ id }) => id === 'montrose-hiv')
  const programme = PARTNERS.find(({ id }) => id === 'mission')
  if (clinic === undefined || programme === undefined) throw new Error('no such partner')
  const shut = (question: object, over: Partial<Labels> = {}) => {
    const world = worldOf(facts())
    const what = contentOf(record({ labels: labels(over) }), world.calendar)
    return GATES.filter(({ bars }) => bars({ world, partner: clinic, purpose: 'TREAT', at: AT, ...question }, what)).map(
      ({ id }) => id,
    )
  }
  const unread = { status: 'pending' as const }
  test.each<[string, () => readonly string[], readonly string[]]>([
    ['nothing stands before', () => shut({}), []],
    ['a partner that is disabled', () => shut({ partner: { ...clinic, isActive: false } }), ['recipient-inactive']],
    ['a purpose that nobody defined', () => shut({ purpose: 'CURIOSITY' }), ['purpose-unknown']],
    [
      'a purpose that the partner is not registered for',
      () => shut({ partner: { ...clinic, purposes: ['HPAYMT'] } }),
      ['purpose-not-registered'],
    ],
    ['a person who is not at the partner', () => shut({ subject: 'Practitioner/x' }), ['subject-not-at-recipient']],
    ['a record that is not labelled yet', () => shut({}, unread), ['not-yet-labelled']],
    ['the programme itself sees what is not labelled yet', () => shut({ partner: programme }, unread), []],
  ])('%s', (_, found, gates) => {
    expect(found()).toEqual(gates)
  })
})

describe('what a field of work never gets, whatever the consent covers', () => {
  const barsOf = (who: string, over: Partial<RecordFacts>) => {
    const partner = PARTNERS.find(({ id }) => id === who)
    if (partner === undefined) throw new Error('no such partner')
    const world = worldOf(facts())
    return profileBars({ world, partner, purpose: 'TREAT', at: AT }, contentOf(record(over), world.calendar)).map(
      ({ rule }) => rule,
    )
  }
  const icd = (code: string) => ({ type: 'Condition', codes: [{ system: ICD, code }] })
  const housing = ['housing-no-diagnosis']
  test.each<[string, Partial<RecordFacts>, readonly string[]]>([
    ['a care plan', { type: 'CarePlan' }, []],
    ['a diagnosis', icd('F10.20'), housing],
    ['a diagnosis without a code', { type: 'Condition' }, housing],
    ['homelessness', icd('Z59.0'), []],
    ['a problem of schooling', icd('Z55.0'), []],
    ['a problem of circumstances', icd('Z65.1'), []],
    ['a code before them', icd('Z54.0'), housing],
    ['a code after them', icd('Z66'), housing],
    ['a code that has one inside', icd('XZ59'), housing],
    ...['AllergyIntolerance', 'DiagnosticReport', 'Immunization', 'MedicationRequest', 'MedicationStatement', 'Specimen'].map(
      (type): [string, Partial<RecordFacts>, readonly string[]] => [`a ${type}`, { type }, housing],
    ),
    ...['SUD', 'ETHUD', 'HIV', 'STD', 'SEX', 'GDIS', 'PREGNANT', 'PROGRAM-IDENTITY', 'MH'].map(
      (label): [string, Partial<RecordFacts>, readonly string[]] => [
        `what says ${label}`,
        { labels: labels({ sensitivity: [label] }) },
        housing,
      ],
    ),
    ['what says more than one thing', { labels: labels({ sensitivity: ['LIVARG', 'HIV'] }) }, housing],
    ['what speaks of housing', { labels: labels({ sensitivity: ['LIVARG'] }) }, []],
  ])('housing and %s', (_, over, rows) => {
    expect(barsOf('harbor-housing', over)).toEqual(rows)
    expect(barsOf('montrose-hiv', over)).toEqual([])
  })

  test.each(['Appointment', 'AppointmentResponse', 'Encounter', 'EpisodeOfCare', 'Patient', 'ServiceRequest', 'Task'])(
    'probation gets a %s: attendance and progress',
    (type) => {
      expect(barsOf('harris-probation', { type })).toEqual([])
    },
  )
  test.each(['CarePlan', 'Condition', 'Observation'])('probation gets no %s', (type) => {
    expect(barsOf('harris-probation', { type })).toEqual(['justice-attendance-only'])
  })

  test('a labelled part that is clinical is taken out for both, and one that is not stays', () => {
    expect(SECTOR_PROFILES.map(({ excludesFacet }) => ['HIV', 'OPIOIDUD', 'LIVARG', undefined].map(excludesFacet))).toEqual([
      [true, true, false, false],
      [true, true, false, false],
    ])
  })

  test('one code of several makes it a social need', () => {
    const content = contentOf(record({ codes: [{ code: 'F10' }, { code: 'Z62.1' }] }), worldOf(facts()).calendar)
    expect([isSocialNeed(content), isSocialNeed({ ...content, codes: [] })]).toEqual([true, false])
  })
})
