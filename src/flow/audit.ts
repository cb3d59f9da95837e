import { accountingOf, lookBack, type AccountingRow } from '../audit/accounting.ts'
import { rowsAbout } from '../audit/files.ts'
import { patientId } from '../model/ids.ts'
import { day } from '../model/time.ts'
import type { House } from './house.ts'

export { exportLedger, verifyFile } from '../audit/files.ts'
export { parseHeads } from '../audit/head.ts'
export type { AccountingRow } from '../audit/accounting.ts'

/**
 * The accounting of disclosures of one patient for the three years before a day.
 * @law 42 CFR 2.25, 45 CFR 164.528
 */
export const accountingFor = async (house: House, patient: string, requestedOn: string): Promise<readonly AccountingRow[]> => {
  const range = { patient: patientId(patient), ...lookBack(day(requestedOn), house.settings.zone) }
  const rows = await rowsAbout(house.db, range)
  const names = new Map((await house.partners.all()).map((partner) => [String(partner.id), partner.name]))
  return accountingOf(rows, range, names)
}
