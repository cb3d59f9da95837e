import { describe, expect, test } from '@jest/globals'
import type { Extension } from '@medplum/fhirtypes'
import { deficiencies } from '../../src/consent/deficiencies.ts'
import { EXTENSION } from '../../src/consent/extensions.ts'
import { readConsent } from '../../src/consent/read-consent.ts'
import { instant } from '../../src/model/time.ts'
import { consent, ofType, PARTNERS, purposes, without } from './support/world.ts'

const lacks = (given: ReturnType<typeof consent>): readonly string[] =>
  deficiencies(readConsent(given), instant('2026-06-01T15:00:00Z'), { partners: PARTNERS, zone: 'America/Chicago' }).map(
    ({ rule }) => rule,
  )

describe('statements that a form prints only when it needs them', () => {
  test('the right to say no to fundraising, where funds are to be raised (2.31(a)(5)(iii))', () => {
    const said: Extension = { url: EXTENSION.statement, extension: [{ url: 'code', valueCode: 'fundraising-opt-out' }] }
    const raising = { purpose: purposes('TREAT', 'FUNDRAISING') }
    expect(lacks(consent({ extension: [...without(''), said] }, raising))).toEqual([])
    expect(lacks(consent({}, raising))).toEqual(['fundraising-opt-out-missing'])
    expect(lacks(consent({}, { purpose: purposes('TREAT') }))).toEqual([])
  })

  test('a consent to the justice system needs none on revocation, and says when it becomes revocable (2.35)', () => {
    const silent = without('right-to-revoke').filter(
      ({ extension }) => extension?.some(({ valueCode }) => valueCode === 'how-to-revoke') !== true,
    )
    const justice: readonly Extension[] = [
      { url: EXTENSION.irrevocable, extension: [{ url: 'event', valueString: 'disposition' }] },
      { url: EXTENSION.monitoringDuty, valueString: 'probation' },
    ]
    expect(lacks(consent({ category: ofType('criminal-justice'), extension: [...silent, ...justice] }))).toEqual([])
    expect(lacks(consent({ extension: silent }))).toEqual(['right-to-revoke-missing', 'how-to-revoke-missing'])
    const { period: _period, ...endless } = consent().provision ?? {}
    expect(
      lacks(consent({ category: ofType('criminal-justice'), extension: [...silent, ...justice], provision: endless })),
    ).toEqual(['justice-duration-missing'])
  })
})
