// In: who holds a record and on what it came, who is to have it next and what for. Out: may it go on, and with which duties.
// Never: a look at the record itself; the label stays on it whoever holds it.
import type { Partner, PartnerKind } from '../model/partner.ts'
import { isWithinTpo } from './stated.ts'

/** On what a holder received a Part 2 record. */
export type ReceivedUnder =
  'tpo-consent' | 'consent' | 'payment-or-operations-consent' | 'justice-consent' | 'qso-agreement' | 'medical-emergency'

/** One wish to pass a record on. @law 42 CFR 2.33(b), (c) */
export interface Onward {
  readonly holder: readonly PartnerKind[]
  readonly receivedUnder: ReceivedUnder
  readonly purpose: string
  /** Any civil, criminal, administrative or legislative proceeding against the patient: custody, eviction, voucher termination. */
  readonly isForProceeding: boolean
  /** Whether the consent itself covers the next recipient and purpose. */
  readonly isCoveredByConsent: boolean
  /** Whether the next recipient is the holder's contractor, bound in writing to Part 2. */
  readonly isBoundContractor: boolean
  readonly isOfficialDuty?: boolean
  readonly isBackToProgramme?: boolean
}

interface OnwardRule {
  readonly id: string
  readonly law: string
  readonly speaks: (onward: Onward) => boolean
  readonly permits: (onward: Onward) => boolean
}

const isHipaa = ({ holder }: Onward): boolean => holder.includes('covered-entity') || holder.includes('business-associate')
const isTpo = ({ purpose }: Onward): boolean => isWithinTpo([purpose])

const NO_REDISCLOSURE: OnwardRule = {
  id: 'no-redisclosure',
  law: '42 CFR 2.12(d)(2)(i)(C); 2.33(b)',
  speaks: () => true,
  permits: () => false,
}

/** The first row that speaks decides; the last one always does. */
export const ONWARD: readonly OnwardRule[] = [
  {
    id: 'proceedings-bar',
    law: '42 CFR 2.12(d)(1)',
    speaks: ({ isForProceeding, purpose }) => isForProceeding || purpose === 'HLEGAL',
    permits: () => false,
  },
  {
    id: 'qso-only-back',
    law: '42 CFR 2.11 "Qualified service organization"; 2.12(c)(4)',
    speaks: ({ receivedUnder }) => receivedUnder === 'qso-agreement',
    permits: ({ isBackToProgramme }) => isBackToProgramme === true,
  },
  {
    id: 'justice-official-duties',
    law: '42 CFR 2.35(d)',
    speaks: ({ receivedUnder }) => receivedUnder === 'justice-consent',
    permits: ({ isOfficialDuty }) => isOfficialDuty === true,
  },
  {
    id: 'hipaa-redisclosure',
    law: '42 CFR 2.33(b)(1)',
    speaks: (o) => isHipaa(o) && o.receivedUnder === 'tpo-consent' && isTpo(o),
    permits: () => true,
  },
  {
    id: 'covered-by-consent',
    law: '42 CFR 2.33(b)(2)',
    speaks: ({ isCoveredByConsent }) => isCoveredByConsent,
    permits: () => true,
  },
  {
    id: 'bound-contractor',
    law: '42 CFR 2.33(b)(3), (c)',
    speaks: (o) => !isHipaa(o) && o.receivedUnder === 'payment-or-operations-consent' && isTpo(o) && o.purpose !== 'TREAT',
    permits: ({ isBoundContractor }) => isBoundContractor,
  },
  NO_REDISCLOSURE,
]

/** May a holder pass a record on, and by which rule. */
export const mayRedisclose = (onward: Onward): { readonly isPermitted: boolean; readonly rule: string; readonly law: string } => {
  const { id, law, permits } = ONWARD.find(({ speaks }) => speaks(onward)) ?? NO_REDISCLOSURE
  return { isPermitted: permits(onward), rule: id, law }
}

/**
 * What travels along with a record. A covered entity that received it under the single consent may redisclose as HIPAA permits,
 * so that it bears the label but not the refrain; every other recipient bears both.
 * @law 42 CFR 2.32, 2.33(b)
 */
export const obligationsOf = (partner: Partner, receivedUnder: ReceivedUnder): readonly string[] => {
  const isFree =
    receivedUnder === 'tpo-consent' && partner.kinds.some((kind) => kind === 'covered-entity' || kind === 'business-associate')
  return isFree ? ['PERSISTLABEL'] : ['NORDSCLCD', 'PERSISTLABEL']
}
