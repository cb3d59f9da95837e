import type { ReferralState } from './referral.ts'

/** One state in the words of every dialect; a dialect that has no word says so. */
export interface CrosswalkRow {
  readonly state: ReferralState
  /** Shown to people. */
  readonly plain: 'Draft' | 'Sent' | 'Accepted' | 'Under way' | 'Done' | 'Closed'
  readonly bser?: string
  /** RF1-1, table 0283. */
  readonly rf1?: 'P' | 'A' | 'R' | 'E'
  /** Message that carries the state to a v2 partner. */
  readonly v2?: string
  /** ORC-5 in OSU^O51 or OMG^O19, as 360X has it. */
  readonly orc5?: 'IP' | 'CA' | 'CM'
  /** HMIS Event.ReferralResult; empty while open. */
  readonly hmisReferralResult?: '1' | '2' | '3' | ''
  /** What the dialects cannot say. */
  readonly loss?: string
}

/** @spec SDOH-CC 3.0.0; BSeR 2.0.0 TaskBusinessStatus; IHE PCC 360X; HL7 table 0283; HMIS CSV FY2026 4.20 */
export const CROSSWALK: readonly CrosswalkRow[] = [
  { state: 'draft', plain: 'Draft', loss: 'no dialect carries a draft' },
  { state: 'requested', plain: 'Sent', bser: '2.0', rf1: 'P', v2: 'REF^I12', hmisReferralResult: '' },
  { state: 'accepted', plain: 'Accepted', bser: '3.0', rf1: 'A', v2: 'RRI^I12', orc5: 'IP', hmisReferralResult: '' },
  { state: 'rejected', plain: 'Closed', bser: '4.0', rf1: 'R', v2: 'RRI^I12', orc5: 'CA', hmisReferralResult: '3' },
  {
    state: 'in-progress',
    plain: 'Under way',
    bser: '5.1.1',
    rf1: 'A',
    v2: 'RRI^I13',
    orc5: 'IP',
    hmisReferralResult: '',
    loss: 'RF1-1 is A as for accepted; the state is in NTE',
  },
  {
    state: 'on-hold',
    plain: 'Under way',
    rf1: 'P',
    v2: 'RRI^I13',
    hmisReferralResult: '',
    loss: 'no word in BSeR, 360X and HMIS; the state is in NTE',
  },
  {
    state: 'completed',
    plain: 'Done',
    bser: '7.0',
    rf1: 'A',
    v2: 'RRI^I13',
    orc5: 'CM',
    hmisReferralResult: '1',
    loss: 'RF1-1 is A as for accepted; the state is in NTE',
  },
  {
    state: 'failed',
    plain: 'Closed',
    bser: '6.0',
    rf1: 'R',
    v2: 'RRI^I13',
    orc5: 'CA',
    hmisReferralResult: '2',
    loss: 'as for rejected; the state is in NTE',
  },
  {
    state: 'cancelled',
    plain: 'Closed',
    bser: '6.0',
    rf1: 'E',
    v2: 'REF^I14',
    orc5: 'CA',
    loss: 'HMIS sets DateDeleted on the row',
  },
  { state: 'entered-in-error', plain: 'Closed', rf1: 'E', v2: 'REF^I14', orc5: 'CA', loss: 'as for cancelled' },
]

/** The row of a state. */
export const crosswalkOf = (state: ReferralState): CrosswalkRow | undefined => CROSSWALK.find((each) => each.state === state)
