import { describe, expect, test } from '@jest/globals'
import type { Consent as FhirConsent, ConsentProvision, Extension, Resource } from '@medplum/fhirtypes'
import { EXTENSION } from '../../src/consent/extensions.ts'
import { readConsent } from '../../src/consent/read-consent.ts'
import { onlyRefuses, permitsAnything, revokedAtOf, takenBack } from '../../src/consent/taken-back.ts'
import { worldOf } from '../../src/consent/world.ts'
import type { LegalBasis, PatientFacts } from '../../src/model/patient-facts.ts'
import { FOREVER, instant } from '../../src/model/time.ts'
import { actor, consent, facts, ofType, purposes, without } from './support/world.ts'

const AT = instant('2026-06-01T15:00:00Z')
const BEGINNING = '0001-01-01T00:00:00.000Z'
/** The consent's own period, from the day on which it was signed to the end of 2027, in Houston. */
const FROM = '2026-03-01T06:00:00.000Z'
const UNTIL = '2028-01-01T06:00:00.000Z'
const NEVER = [FOREVER, BEGINNING]

const standing = (given: FhirConsent, more: readonly Resource[] = [], over: Partial<PatientFacts> = {}) => {
  const found = worldOf(facts([given, ...more], over)).consents.find(({ consent: { id } }) => id === given.id)
  if (found === undefined) throw new Error('no such consent')
  const { permits, refusals, barsAt } = found.standing
  const asPair = ({ from, until }: { from: string; until: string }) => (from < until ? [from, until] : NEVER)
  return { permits: asPair(permits), refusals: asPair(refusals), bars: barsAt(AT).map(({ id }) => id) }
}
const also = (...extension: readonly Extension[]): Partial<FhirConsent> => ({ extension: [...without(''), ...extension] })
const revoked = (valueDateTime: string): Extension => ({ url: EXTENSION.revokedAt, valueDateTime })
const replaces = (reference: string): Extension => ({ url: EXTENSION.replaces, valueReference: { reference } })

test('a consent that lacks nothing stands in its own period', () => {
  expect(standing(consent())).toEqual({ permits: [FROM, UNTIL], refusals: [FROM, UNTIL], bars: [] })
})

describe('what ends the permits of a consent, and what ends its refusals too (2.31(c))', () => {
  const both = (id: string) => ({ permits: NEVER, refusals: NEVER, bars: [id] })
  const permitsOnly = (id: string) => ({ permits: NEVER, refusals: [FROM, UNTIL], bars: [id] })
  const scope = (...codes: readonly string[]) => ({ scope: { coding: codes.map((code) => ({ code })) } })
  test.each<[string, Partial<FhirConsent>, object]>([
    ["another's", { patient: { reference: 'Patient/other' } }, both('other-patient')],
    ['nobody has decided yet', { status: 'proposed' }, both('not-active')],
    ['over', { status: 'inactive' }, both('not-active')],
    ['about treatment', scope('treatment'), both('not-about-privacy')],
    ['an advance directive', scope('adr'), both('not-about-privacy')],
    ['about treatment and privacy', scope('treatment', 'patient-privacy'), { bars: [] }],
    ['about research', scope('research'), { bars: [] }],
    ['about something new', scope('novel'), permitsOnly('scope-unknown')],
    ['about something new and treatment', scope('novel', 'treatment'), { bars: [] }],
    ['not understood', { dateTime: '2026-02-30' }, permitsOnly('not-understood')],
    ['known to be false', also({ url: EXTENSION.knownFalse, valueBoolean: true }), permitsOnly('known-false')],
    ['deficient', { extension: without(EXTENSION.description) }, permitsOnly('deficient')],
    ['lacking in one thing only', { category: ofType('psychotherapy-notes', 'general') }, { bars: [] }],
    [
      'deficient, but of a regime that does not ask',
      { policyRule: { coding: [{ code: 'OPTIN' }] }, extension: [] },
      { permits: [FROM, UNTIL], bars: [] },
    ],
  ])('%s', (_, over, expected) => {
    expect(standing(consent(over))).toMatchObject(expected)
  })
})

describe('from when it counts (2.31(a)(9))', () => {
  const signed = (signedAt: string, over: Partial<FhirConsent> = {}) =>
    standing(
      consent({
        extension: [...without(EXTENSION.signedAt), { url: EXTENSION.signedAt, valueDateTime: signedAt }],
        ...over,
      }),
    )
  test('from the later of its start and its signing', () => {
    expect(signed('2026-02-01').permits[0]).toBe(FROM)
    expect(signed('2026-07-01')).toEqual({
      permits: ['2026-07-01T05:00:00.000Z', UNTIL],
      refusals: ['2026-07-01T05:00:00.000Z', UNTIL],
      bars: ['not-yet-in-force'],
    })
  })
  test('a directive of another regime counts from its start alone', () => {
    expect(signed('2026-07-01', { policyRule: { coding: [{ code: 'OPTIN' }] } }).permits[0]).toBe(FROM)
  })
  test('one that nobody dated permits nothing, and refuses from its start', () => {
    const undated = without(EXTENSION.signedAt).filter(({ url }) => url !== EXTENSION.signature)
    expect(standing(consent({ extension: undated }))).toEqual({ permits: NEVER, refusals: [FROM, UNTIL], bars: ['deficient'] })
  })
})

describe('the event at which its permits end (2.31(a)(7))', () => {
  const until = (event: string, ...more: readonly Extension[]) =>
    consent({
      extension: [...without(''), { url: EXTENSION.expirationEvent, extension: [{ url: 'event', valueCode: event }, ...more] }],
    })
  const episode = (status: string, end?: string): Resource => ({
    resourceType: 'EpisodeOfCare',
    id: `e-${status}-${end ?? ''}`,
    status: status as 'active',
    patient: { reference: 'Patient/jordan' },
    ...(end === undefined ? {} : { period: { end } }),
  })
  const passed: Extension = { url: 'occurredAt', valueDateTime: '2026-05-30' }
  test.each<[string, FhirConsent, readonly Resource[], readonly string[]]>([
    ['none', until('none', passed), [], [FROM, UNTIL]],
    ['another that has not come', until('other', { url: 'text', valueString: 'lease' }), [], [FROM, UNTIL]],
    ['another that has', until('other', { url: 'text', valueString: 'lease' }, passed), [], [FROM, '2026-05-30T05:00:00.000Z']],
    [
      'the end of treatment that somebody recorded',
      until('end-of-treatment', passed),
      [episode('active')],
      [FROM, '2026-05-30T05:00:00.000Z'],
    ],
    ['treatment goes on', until('end-of-treatment'), [episode('active')], [FROM, UNTIL]],
    ['treatment is planned', until('end-of-treatment'), [episode('planned')], [FROM, UNTIL]],
    ['treatment waits', until('end-of-treatment'), [episode('waitlist')], [FROM, UNTIL]],
    ['treatment rests', until('end-of-treatment'), [episode('onhold')], [FROM, UNTIL]],
    [
      'treatment has an end ahead',
      until('end-of-treatment'),
      [episode('active', '2026-08-31')],
      [FROM, '2026-09-01T05:00:00.000Z'],
    ],
    ['treatment is over', until('end-of-treatment'), [episode('finished', '2026-05-15')], [FROM, '2026-05-16T05:00:00.000Z']],
    [
      'one of two episodes goes on longer',
      until('end-of-treatment'),
      [episode('finished', '2026-05-15'), episode('finished', '2026-05-20')],
      [FROM, '2026-05-21T05:00:00.000Z'],
    ],
    ['treatment is over, nobody knows when', until('end-of-treatment'), [episode('finished')], NEVER],
    ['there is no treatment on file', until('end-of-treatment'), [], NEVER],
  ])('%s', (_, given, evidence, permits) => {
    const found = standing(given, evidence)
    expect(found).toMatchObject({ permits, refusals: [FROM, UNTIL] })
    expect(found.bars).toEqual((permits[1] ?? '') > AT ? [] : ['expiration-event-passed'])
  })

  test('the end of the study is that of its approval; of several the last, and of a faulty one none', () => {
    const study = (id: string, more: object): LegalBasis => ({
      id,
      version: 1,
      kind: 'research-approval',
      fields: { recipient: 'rice-research', approvalId: 'irb', approvedAt: '2026-01-01', approvalKind: 'common-rule', ...more },
    })
    const other: LegalBasis = { id: 'q', version: 1, kind: 'restriction', fields: { agreed: false, until: '2027-06-30' } }
    const given = consent(
      {
        extension: [
          ...without(''),
          { url: EXTENSION.expirationEvent, extension: [{ url: 'event', valueCode: 'end-of-research-study' }] },
        ],
      },
      { period: { start: '2026-03-01' }, purpose: purposes('HRESCH') },
    )
    const ends = (...bases: readonly LegalBasis[]) => standing(given, [], { bases }).permits
    expect(ends(study('a', { until: '2026-08-31' }), study('b', { until: '2026-07-31' }))).toEqual([
      FROM,
      '2026-09-01T05:00:00.000Z',
    ])
    expect(ends(study('a', { until: '2026-08-31' }), study('b', { until: '2026-12-31', approvalId: '' }), other)).toEqual([
      FROM,
      '2026-09-01T05:00:00.000Z',
    ])
    expect(ends(other)).toEqual(NEVER)
  })
})

describe('taken back (2.31(a)(6), (c)(3))', () => {
  const NOON = '2026-05-01T12:00:00.000Z'
  const refusal: ConsentProvision = { type: 'deny', class: [{ code: 'Goal' }] }
  test('from that instant it permits nothing; what it refused beside stays refused', () => {
    expect(standing(consent(also(revoked(NOON))))).toEqual({ permits: [FROM, NOON], refusals: [FROM, UNTIL], bars: ['revoked'] })
    expect(standing(consent({ ...also(revoked(NOON)), status: 'inactive' }))).toMatchObject({
      permits: NEVER,
      refusals: [FROM, UNTIL],
      bars: ['not-active', 'revoked'],
    })
  })
  test('one that only refuses is over when it is taken back', () => {
    expect(standing(consent(also(revoked(NOON)), refusal)).refusals).toEqual([FROM, NOON])
    expect(standing(consent({ ...also(revoked(NOON)), status: 'inactive' }, refusal)).refusals).toEqual(NEVER)
  })
  test('a status that says more than "over" ends the refusals as well', () => {
    expect(standing(consent({ ...also(revoked(NOON)), status: 'entered-in-error' })).refusals).toEqual(NEVER)
  })
  test('a consent to the justice system stands until the time at which it becomes revocable (2.35(c))', () => {
    const held = (until?: string, category = ofType('criminal-justice')) =>
      standing(
        consent({
          category,
          ...also(
            revoked(NOON),
            { url: EXTENSION.monitoringDuty, valueString: 'probation' },
            {
              url: EXTENSION.irrevocable,
              extension: [
                { url: 'event', valueString: 'disposition' },
                ...(until === undefined ? [] : [{ url: 'until', valueDateTime: until }]),
              ],
            },
          ),
        }),
      ).permits
    expect(held('2026-09-30')).toEqual([FROM, '2026-10-01T05:00:00.000Z'])
    expect(held('2026-04-30')).toEqual([FROM, NOON])
    expect(held()).toEqual([FROM, NOON])
    expect(held('2026-09-30', ofType('general'))).toEqual([FROM, NOON])
  })
})

describe('replaced by a newer one', () => {
  const next = (over: Partial<FhirConsent> = {}, start = '2026-05-01'): FhirConsent =>
    consent(
      { id: 'c2', ...also(replaces('Consent/c1')), ...over },
      { actor: [actor('bayou-bh')], period: { start, end: '2027-12-31' } },
    )
  const SIGNED = '2026-05-01T05:00:00.000Z'
  const older = (...newer: readonly FhirConsent[]) => standing(consent(), newer)
  test('its permits and its refusals end when the newer one begins', () => {
    expect(older(next())).toEqual({ permits: [FROM, SIGNED], refusals: [FROM, SIGNED], bars: ['replaced'] })
  })
  test('of two newer ones the first to begin ends it', () => {
    expect(older(next({}, '2026-05-20'), next({ id: 'c3' })).permits).toEqual([FROM, SIGNED])
  })
  test('one that begins to count only when it is signed ends it only then', () => {
    const late = [
      ...without(EXTENSION.signedAt),
      { url: EXTENSION.signedAt, valueDateTime: '2026-05-11' },
      replaces('Consent/c1'),
    ]
    expect(older(next({ extension: late })).permits).toEqual([FROM, '2026-05-11T05:00:00.000Z'])
  })
  test.each<[string, Partial<FhirConsent>]>([
    ['not active', { status: 'draft' }],
    ["another patient's", { patient: { reference: 'Patient/other' } }],
    ['of another consent', also(replaces('Consent/c9'))],
    ['of none', also()],
  ])('a newer one that is %s ends nothing', (_, over) => {
    expect(older(next(over))).toEqual({ permits: [FROM, UNTIL], refusals: [FROM, UNTIL], bars: [] })
  })
  test.each<[string, Partial<FhirConsent>]>([
    ['deficient', { extension: [...without(EXTENSION.description), replaces('Consent/c1')] }],
    ['not understood', { category: [] }],
    ['known to be false', also(replaces('Consent/c1'), { url: EXTENSION.knownFalse, valueBoolean: true })],
  ])('a newer one that is %s ends what was permitted, and leaves what was refused', (_, over) => {
    expect(older(next(over))).toEqual({ permits: [FROM, SIGNED], refusals: [FROM, UNTIL], bars: ['replaced'] })
  })
  test.each<[string, Partial<FhirConsent>]>([
    ['lacks in one thing only', { category: ofType('psychotherapy-notes', 'general') }],
    ['is of a regime that does not ask', { policyRule: { coding: [{ code: 'OPTIN' }] }, extension: [replaces('Consent/c1')] }],
  ])('a newer one that %s takes its place', (_, over) => {
    expect(older(next(over)).refusals).toEqual([FROM, SIGNED])
  })
  test('one reliable newer one among several is enough', () => {
    expect(older(next({ id: 'c0', category: [] }), next()).refusals).toEqual([FROM, SIGNED])
  })
  test('nobody takes his own place', () => {
    expect(standing(consent(also(replaces('Consent/c1'))))).toEqual({ permits: [FROM, UNTIL], refusals: [FROM, UNTIL], bars: [] })
  })
})

describe('when a consent says that it was taken back', () => {
  const WRITTEN = instant('2026-05-20T00:00:00Z')
  test.each<[string, Resource, string | undefined]>([
    ['an instant', consent(also(revoked('2026-05-01T12:00:00Z'))), '2026-05-01T12:00:00.000Z'],
    ['a day: when it was written', consent(also(revoked('2026-05-01'))), WRITTEN],
    ['no time: when it was written', consent(also(revoked('yesterday noon'))), WRITTEN],
    ['inactive', consent({ status: 'inactive' }), WRITTEN],
    ['rejected', consent({ status: 'rejected' }), WRITTEN],
    ['entered in error', consent({ status: 'entered-in-error' }), WRITTEN],
    ['active', consent(), undefined],
    ['a draft', consent({ status: 'draft' }), undefined],
    ['no consent', { resourceType: 'Goal', extension: [revoked('2026-05-01T12:00:00Z')] } as Resource, undefined],
  ])('%s', (_, resource, at) => {
    expect(revokedAtOf(resource, WRITTEN)).toBe(at)
  })

  test.each<[string, FhirConsent, boolean]>([
    ['permits', consent(), false],
    ['refuses', consent({}, { type: 'deny' }), true],
    ['refuses with an exception', consent({}, { type: 'deny', provision: [{ type: 'permit' }] }), false],
    ['refuses twice', consent({}, { type: 'deny', provision: [{ type: 'deny' }] }), true],
  ])('what %s is taken back only when it permits something', (_, given, isRefusal) => {
    expect([onlyRefuses(given), permitsAnything(readConsent(given).base)]).toEqual([isRefusal, !isRefusal])
    const ended = takenBack(given, AT)
    if (isRefusal) expect(ended).toBe(given)
    else expect(ended.extension?.at(-1)).toEqual({ url: EXTENSION.revokedAt, valueDateTime: AT })
  })

  test('the last word counts, and is the only one', () => {
    const twice = takenBack(consent(also(revoked('2026-05-01T12:00:00Z'))), AT)
    expect(twice.extension).toEqual([...without(''), revoked(AT)])
    const { extension: _none, ...plain } = consent()
    expect(takenBack(plain, AT).extension).toEqual([revoked(AT)])
  })
})
