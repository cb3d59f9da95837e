import type { Consent, Provision } from '../model/consent.ts'
import { purposeCovers } from './codes.ts'

const TPO = ['TREAT', 'HPAYMT', 'HOPERAT'] as const

/** All purposes that the permits of a consent state, as codes. @law 42 CFR 2.31(a)(5) */
export const statedPurposes = (consent: Consent): readonly string[] => {
  const walk = (provision: Provision): readonly string[] => {
    const own = provision.purposes.map(({ code }) => code)
    return [
      ...own,
      ...provision.exceptions.filter(({ effect, exceptions }) => effect === 'permit' || exceptions.length > 0).flatMap(walk),
    ]
  }
  return [...new Set(walk(consent.base))]
}

/** Is this the single consent for all future treatment, payment and health care operations. @law 42 CFR 2.31(a)(4)(i) */
export const isSingleTpo = (purposes: readonly string[]): boolean => TPO.every((part) => purposes.includes(part))

/** Is every purpose within treatment, payment or operations, so that the expiry may be "none". @law 42 CFR 2.31(a)(7) */
export const isWithinTpo = (purposes: readonly string[]): boolean =>
  purposes.length > 0 && purposes.every((purpose) => TPO.some((part) => purposeCovers(part, purpose)))
