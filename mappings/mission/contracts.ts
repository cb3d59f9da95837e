import type { Contract } from '../../src/mapping/units.ts'

/**
 * How each contract turns minutes into what it counts. The service definition says 15 minutes and no rule of rounding
 * (003:38), so each contract names its own; the operator adds rows here.
 */
export const CONTRACTS: readonly Contract[] = [
  { id: 'dshs-2022-23', unitMinutes: 15, rounding: 'floor', per: 'service', adminShareMax: 0.1, source: '003:13,38' },
  { id: 'hcpcs-t1016', unitMinutes: 15, rounding: 'eight-minute', per: 'day', code: 'T1016', source: 'HCPCS, each 15 minutes' },
  {
    id: 'hcpcs-t1017',
    unitMinutes: 15,
    rounding: 'eight-minute',
    per: 'day',
    code: 'T1017',
    source: 'HCPCS, targeted, each 15 minutes',
  },
  { id: 'ceil-15', unitMinutes: 15, rounding: 'ceil', per: 'service', source: 'rounding upwards, where a contract says so' },
]
