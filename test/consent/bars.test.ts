import { describe, expect, test } from '@jest/globals'
import type { Consent as FhirConsent, ConsentProvision, Resource } from '@medplum/fhirtypes'
import { decide } from '../../src/consent/decide.ts'
import { deficiencies, ELEMENTS as ROWS } from '../../src/consent/deficiencies.ts'
import { readBasis, REQUIREMENTS } from '../../src/consent/bases.ts'
import { EXTENSION } from '../../src/consent/extensions.ts'
import { LEGAL } from '../../src/consent/legal.ts'
import { readConsent } from '../../src/consent/read-consent.ts'
import { GATES, RELIANCE, SECTOR_PROFILES } from '../../src/consent/reliance.ts'
import { RESTRICTIONS } from '../../src/consent/restrictions.ts'
import { SIGNERS } from '../../src/consent/signers.ts'
import { BARS } from '../../src/consent/standing.ts'
import { calendarOf } from '../../src/consent/windows.ts'
import { SELECTIONS, SELECTORS } from '../../src/consent/tree.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { RecordFacts } from '../../src/model/label.ts'
import type { LegalBasis, PatientFacts } from '../../src/model/patient-facts.ts'
import { instant } from '../../src/model/time.ts'
import { ELEMENT_SPOILERS, FORMS } from './support/spoilers.ts'
import { actor, classes, consent, facts, labelled, labels, ofType, PARTNERS, purposes, record, without } from './support/world.ts'

const AT = instant('2026-06-01T15:00:00Z')

interface Spoiled {
  readonly consents?: readonly FhirConsent[]
  readonly evidence?: readonly Resource[]
  readonly record?: RecordFacts
  readonly who?: string
  readonly why?: string
  readonly subject?: string
  readonly bases?: readonly LegalBasis[]
  readonly over?: Partial<PatientFacts>
}

const reasons = ({
  consents = [consent()],
  evidence = [],
  record: one = record(),
  who = 'montrose-hiv',
  why = 'TREAT',
  subject,
  bases = [],
  over = {},
}: Spoiled): readonly string[] => {
  const all = facts([...consents, ...evidence], { records: [one], bases, ...over })
  const decision = decide(all, one, {
    recipient: partnerId(who),
    purpose: why,
    at: AT,
    ...(subject === undefined ? {} : { subject }),
  })
  return decision.effect === 'permit' ? [] : decision.because.map(({ rule }) => rule)
}

const withRule = (provision: Partial<ConsentProvision>): Spoiled => ({ consents: [consent({}, provision)] })
const note = labels({ noteKind: 'sud-counseling-note' })

/** One thing spoiled in a consent that permits; the reason that the officer must read, and no other. */
const SPOILERS: Readonly<Record<string, Spoiled>> = {
  'other-patient': { consents: [consent({ patient: { reference: 'Patient/somebody-else' } })] },
  'not-active': { consents: [consent({ status: 'draft' })] },
  'not-about-privacy': { consents: [consent({ scope: { coding: [{ code: 'treatment' }] } })] },
  'scope-unknown': { consents: [consent({ scope: { coding: [{ code: 'novel' }] } })] },
  'not-understood': withRule({ provision: [{ class: classes('Goal') }] }),
  'known-false': { consents: [consent({ verification: [{ verified: false }] })] },
  deficient: { consents: [consent({ extension: without(EXTENSION.description) })] },
  'not-yet-in-force': withRule({ period: { start: '2026-06-02', end: '2027-01-01' } }),
  expired: withRule({ period: { end: '2026-05-31' } }),
  'expiration-event-passed': {
    consents: [
      consent({
        extension: [
          ...without(''),
          {
            url: EXTENSION.expirationEvent,
            extension: [
              { url: 'event', valueCode: 'other' },
              { url: 'text', valueString: 'lease' },
              { url: 'occurredAt', valueDateTime: '2026-05-30' },
            ],
          },
        ],
      }),
    ],
  },
  revoked: {
    consents: [consent({ extension: [...without(''), { url: EXTENSION.revokedAt, valueDateTime: '2026-06-01T14:59:59Z' }] })],
  },
  replaced: {
    consents: [
      consent(),
      consent({
        id: 'c2',
        status: 'active',
        extension: [...without(''), { url: EXTENSION.replaces, valueReference: { reference: 'Consent/c1' } }],
        provision: {
          type: 'permit',
          period: { end: '2027-01-01' },
          actor: [actor('sober-clinic')],
          purpose: purposes('HRESCH'),
          class: classes('Goal'),
        },
      }),
    ],
  },
  'provision-not-in-force': withRule({ type: 'deny', provision: [{ type: 'permit', period: { end: '2026-05-01' } }] }),
  'recipient-not-named': withRule({ actor: [actor('bayou-bh')] }),
  'purpose-not-stated': withRule({ purpose: purposes('HRESCH') }),
  'action-not-permitted': withRule({ action: [{ coding: [{ code: 'correct' }] }] }),
  'label-not-covered': withRule({ securityLabel: labelled('SUD') }),
  'class-not-covered': withRule({ class: classes('Goal') }),
  'code-not-covered': withRule({ code: [{ coding: [{ system: 'http://loinc.org', code: '1-1' }] }] }),
  'time-not-covered': {
    ...withRule({ dataPeriod: { end: '2026-01-01' } }),
    record: record({ period: { from: '2026-02-01', until: '2026-02-02' } }),
  },
  'data-not-covered': withRule({ data: [{ meaning: 'instance', reference: { reference: 'CarePlan/other' } }] }),
  'holder-not-named': withRule({ actor: [actor('montrose-hiv'), actor('bayou-bh', 'CST')] }),
  'refused-by-patient': withRule({ provision: [{ type: 'deny', class: classes('CarePlan') }] }),
  'nothing-permitted': {
    consents: [
      consent({ provision: { period: { end: '2027-01-01' }, actor: [actor('montrose-hiv')], purpose: purposes('TREAT') } }),
    ],
  },
  'general-release': { consents: [consent({ policyRule: { coding: [{ code: 'OPTIN' }] } })] },
  'mapped-form-deficient': {
    consents: [
      consent({
        policyRule: { coding: [{ code: 'x' }] },
        extension: [...without(EXTENSION.patientName), { url: EXTENSION.form, valueUri: 'urn:form' }],
      }),
    ],
    over: { forms: { mappedToPart2: ['urn:form'], before2024: [], acceptsBefore2024: false } },
  },
  'notes-need-own-consent': { record: record({ labels: note }) },
  'notes-consent-deficient': {
    consents: [consent({ category: ofType('sud-counseling-notes', 'general') })],
    record: record({ labels: note }),
  },
  'consent-is-for-notes': { consents: [consent({ category: ofType('sud-counseling-notes') })] },
  'proceedings-need-own-consent': {
    consents: [consent({ policyRule: { coding: [{ code: 'OPTIN' }] } }, { purpose: purposes('HLEGAL') })],
    why: 'HLEGAL',
    record: record({ labels: labels({ origin: { partner: partnerId('st-mary-hospital'), isPart2: false }, policy: [] }) }),
  },
  'proceedings-consent-combined': {
    consents: [consent({ category: ofType('proceedings') }, { purpose: purposes('HLEGAL', 'COC') })],
    why: 'HLEGAL',
  },
  'justice-needs-own-consent': {
    consents: [consent({}, { actor: [actor('harris-probation')] })],
    who: 'harris-probation',
    record: record({ type: 'Appointment' }),
  },
  'fundraising-opt-out-missing': { consents: [consent({}, { purpose: purposes('FUNDRAISING') })], why: 'FUNDRAISING' },
  'sensitivity-not-named': { record: record({ labels: labels({ sensitivity: ['HIV'] }) }) },
  'names-another-person': {
    consents: [consent({}, { actor: [actor('Practitioner/x')] })],
    evidence: ['x', 'y'].map((person) => ({
      resourceType: 'PractitionerRole',
      id: `at-${person}`,
      practitioner: { reference: `Practitioner/${person}` },
      organization: { reference: 'Organization/montrose-hiv' },
    })),
    subject: 'Practitioner/y',
  },
  'recipient-inactive': { over: { partners: PARTNERS.map((one) => ({ ...one, isActive: false })) } },
  'purpose-unknown': { why: 'CURIOSITY' },
  'purpose-not-registered': { over: { partners: PARTNERS.map((one) => ({ ...one, purposes: [] })) } },
  'subject-not-at-recipient': { subject: 'Practitioner/nobody' },
  'not-yet-labelled': { record: record({ labels: labels({ status: 'pending' }) }) },
  'housing-no-diagnosis': {
    consents: [consent({}, { actor: [actor('harbor-housing')] })],
    who: 'harbor-housing',
    record: record({ type: 'Condition' }),
  },
  'justice-attendance-only': {
    consents: [
      consent(
        {
          category: ofType('criminal-justice'),
          extension: [
            ...without(''),
            { url: EXTENSION.irrevocable, extension: [{ url: 'event', valueString: 'disposition' }] },
            { url: EXTENSION.monitoringDuty, valueString: 'probation' },
          ],
        },
        { actor: [actor('harris-probation')] },
      ),
    ],
    who: 'harris-probation',
  },
  restricted: { bases: [{ id: 'r', version: 1, kind: 'restriction', fields: { agreed: true } }] },
  'restricted-paid-in-full': {
    consents: [consent({}, { actor: [actor('gulf-health-plan')] })],
    who: 'gulf-health-plan',
    why: 'HPAYMT',
    bases: [{ id: 'r', version: 1, kind: 'restriction', fields: { paidInFull: true } }],
  },
  'recipient-unknown': { who: 'stranger' },
  'no-consent': { consents: [] },
}

describe('each bar alone', () => {
  test('the consent that is not spoiled permits', () => {
    expect(reasons({})).toEqual([])
  })
  test.each(Object.entries(SPOILERS))('%s', (rule, spoiled) => {
    expect(reasons(spoiled)).toEqual([rule])
  })
  test('every rule has its spoiler', () => {
    const rules = [BARS, SELECTORS, SELECTIONS, RELIANCE, GATES, SECTOR_PROFILES, RESTRICTIONS].flatMap((table) =>
      table.map(({ id }) => id),
    )
    expect(rules.filter((id) => SPOILERS[id] === undefined)).toEqual([])
  })
  test('every rule has a citation', () => {
    for (const { law } of [
      BARS,
      SELECTORS,
      SELECTIONS,
      RELIANCE,
      GATES,
      SECTOR_PROFILES,
      RESTRICTIONS,
      ROWS,
      SIGNERS,
      REQUIREMENTS,
      LEGAL,
    ].flat())
      expect(law).toMatch(/CFR|Code|USC|v3-|FHIR|FR /)
  })
})

const RECIPIENT = {
  'qso-agreement': 'datavault',
  'court-order': 'rice-research',
  'medical-emergency': 'st-mary-hospital',
} as const
/** A basis of each kind with everything that its section asks for. */
const GOOD: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'medical-emergency': {
    recipient: RECIPIENT['medical-emergency'],
    from: '2026-06-01T14:50:00Z',
    nature: 'overdose',
    personnelName: 'HTEST',
    personnelRole: 'nurse',
    facility: 'St Mary',
    disclosedBy: 'HTEST',
    consentImpossibleBecause: 'unconscious',
  },
  'qso-agreement': {
    recipient: RECIPIENT['qso-agreement'],
    signedAt: '2026-01-01',
    isBoundByPart2: true,
    resistsLegalProcess: true,
  },
  'audit-agreement': { recipient: 'state-auditor', signedAt: '2026-01-01', auditorKind: 'government', agreesToDestroy: true },
  'research-approval': { recipient: 'rice-research', approvalId: 'irb', approvedAt: '2026-01-01', approvalKind: 'common-rule' },
  'court-order': {
    recipient: RECIPIENT['court-order'],
    court: 'c',
    orderNumber: '1',
    orderedAt: '2026-01-01',
    subpoenaNumber: '2',
    section: '2.64',
    scope: { types: ['CarePlan'] },
  },
  'patient-access': { recipient: 'rice-research', requestedBy: 'patient' },
}
const PURPOSE: Readonly<Record<string, string>> = {
  'medical-emergency': 'ETREAT',
  'qso-agreement': 'HOPERAT',
  'audit-agreement': 'HCOMPL',
  'research-approval': 'HRESCH',
  'court-order': 'HLEGAL',
  'patient-access': 'PATRQT',
}
const ABSENT: Readonly<Record<string, readonly string[]>> = {
  'emergency-nature-missing': ['nature'],
  'emergency-personnel-missing': ['personnelName'],
  'emergency-discloser-missing': ['disclosedBy'],
  'emergency-not-medical-personnel': ['personnelRole'],
  'emergency-consent-obtainable': ['consentImpossibleBecause'],
  'qso-agreement-unsigned': ['signedAt'],
  'qso-not-bound': ['isBoundByPart2'],
  'qso-does-not-resist': ['resistsLegalProcess'],
  'audit-agreement-unsigned': ['signedAt'],
  'audit-auditor-not-entitled': ['auditorKind'],
  'audit-destruction-missing': ['agreesToDestroy'],
  'research-approval-missing': ['approvalId'],
  'court-order-missing': ['orderNumber'],
  'court-subpoena-missing': ['subpoenaNumber'],
  'court-section-missing': ['section'],
  'court-scope-missing': ['scope'],
  'patient-access-request-missing': ['requestedBy'],
}
const ADDED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'emergency-patient-refused': { patientRefused: true },
  'court-order-vacated': { vacatedAt: '2026-02-01' },
}
/** Kinds that open no record by themselves, and the one whose lack of a time is a lack of force as well. */
const NO_GROUND = new Set([
  'emergency-time-missing',
  'crime-incident-missing',
  'crime-not-against-programme',
  'child-abuse-report-missing',
  'public-health-law-missing',
  'membership-missing',
  'internal-need-missing',
])

/** Complete bases of the kinds that open no record, each with the field whose absence is the requirement's own spoiler. */
const NO_RECORD: readonly (readonly [
  id: string,
  kind: LegalBasis['kind'],
  fields: Readonly<Record<string, unknown>>,
  absent: string,
])[] = [
  ['crime-incident-missing', 'crime-report', { recipient: 'hpd-police', incident: 'assault', against: 'premises' }, 'incident'],
  [
    'crime-not-against-programme',
    'crime-report',
    { recipient: 'hpd-police', incident: 'threat', against: 'personnel' },
    'against',
  ],
  ['child-abuse-report-missing', 'child-abuse-report', { recipient: 'county-health', stateLaw: 'x', incident: 'y' }, 'stateLaw'],
  ['child-abuse-report-missing', 'child-abuse-report', { recipient: 'county-health', stateLaw: 'x', incident: 'y' }, 'incident'],
  ['public-health-law-missing', 'public-health', { recipient: 'county-health', stateLaw: 'x' }, 'stateLaw'],
  ['membership-missing', 'intermediary-membership', { intermediary: 'texas-hie', member: 'montrose-hiv' }, 'member'],
  ['membership-missing', 'intermediary-membership', { intermediary: 'texas-hie', member: 'montrose-hiv' }, 'intermediary'],
  ['internal-need-missing', 'internal-need', { person: 'Practitioner/qa', need: 'review' }, 'need'],
  ['internal-need-missing', 'internal-need', { person: 'Practitioner/qa', need: 'review' }, 'person'],
]

describe('each requirement of a basis that opens no record alone', () => {
  const lacks = (kind: LegalBasis['kind'], fields: Readonly<Record<string, unknown>>): readonly string[] =>
    readBasis({ id: 'b', version: 1, kind, fields }, calendarOf('America/Chicago')).faults.map(({ id }) => id)
  test.each(NO_RECORD)('%s (%s)', (id, kind, fields, absent) => {
    expect(lacks(kind, fields)).toEqual([])
    expect(lacks(kind, Object.fromEntries(Object.entries(fields).filter(([name]) => name !== absent)))).toEqual([id])
    expect(lacks(kind, { ...fields, [absent]: ' ' })).toEqual([id])
  })
  test('none is left out', () => {
    const told = new Set(NO_RECORD.map(([id]) => id))
    expect([...NO_GROUND].filter((id) => !told.has(id) && id !== 'emergency-time-missing')).toEqual([])
  })
})

describe('each requirement of a legal basis alone', () => {
  const ask = (kind: LegalBasis['kind'], fields: Readonly<Record<string, unknown>>): readonly string[] =>
    reasons({
      consents: [],
      who: String(fields['recipient']),
      why: PURPOSE[kind] ?? '',
      bases: [{ id: 'b', version: 1, kind, fields }],
    })
  test.each(Object.keys(GOOD))('%s complete permits', (kind) => {
    expect(ask(kind as LegalBasis['kind'], GOOD[kind] ?? {})).toEqual([])
  })
  test.each(REQUIREMENTS.filter(({ id }) => !NO_GROUND.has(id)))('$id', ({ id, kind }) => {
    const absent = new Set(ABSENT[id] ?? [])
    const fields = { ...Object.fromEntries(Object.entries(GOOD[kind] ?? {}).filter(([name]) => !absent.has(name))), ...ADDED[id] }
    expect(ask(kind, fields)).toEqual([id])
  })
  test('an emergency without a time, or with fields that cannot be read, opens nothing', () => {
    const { from: _, ...rest } = GOOD['medical-emergency'] ?? {}
    expect(ask('medical-emergency', rest)).toEqual(['emergency-time-missing', 'medical-emergency-not-in-force'])
    expect(ask('court-order', { ...GOOD['court-order'], scope: { types: 'CarePlan' } })).not.toEqual([])
  })
  test('an emergency lasts four hours at most', () => {
    const fields = { ...GOOD['medical-emergency'], from: '2026-06-01T11:00:00Z', until: '2026-06-02' }
    expect(ask('medical-emergency', fields)).toEqual(['medical-emergency-not-in-force'])
    expect(ask('medical-emergency', { ...fields, from: '2026-06-01T11:00:00.001Z' })).toEqual([])
  })
})

describe('each element of § 2.31 alone', () => {
  const found = (resource: FhirConsent): readonly string[] =>
    deficiencies(readConsent(resource), AT, {
      partners: PARTNERS,
      zone: 'America/Chicago',
      forms: FORMS,
    }).map(({ rule }) => rule)
  test.each(Object.entries(ELEMENT_SPOILERS))('%s', (rule, spoiled) => {
    expect(found(spoiled)).toEqual([rule])
  })
  test('every element has its spoiler', () => {
    expect(ROWS.map(({ id }) => id).filter((id) => ELEMENT_SPOILERS[id] === undefined)).toEqual([])
  })
})
