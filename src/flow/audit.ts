// In: what an auditor or a patient asks of the ledger. Out: accountings, lists and views of it, in every form that somebody reads.
// Never: shows it to a partner, or looks without an entry of its own.
import type { Writable } from 'node:stream'
import { accountingPdf } from '../audit/accounting-pdf.ts'
import { accountingCsv, accountingText, type Language } from '../audit/accounting-text.ts'
import { accountingOf, intermediaryListOf, lookBack, type AccountingRow } from '../audit/accounting.ts'
import { exportLedger, rowsAbout } from '../audit/files.ts'
import { patientId } from '../model/ids.ts'
import { dayIn, type Day } from '../model/time.ts'
import type { House } from './house.ts'
import { looked, type Operator } from './looks.ts'

export { verifyFile } from '../audit/files.ts'
export { parseHeads } from '../audit/head.ts'
export type { AccountingRow } from '../audit/accounting.ts'

/** Which accounting of whom. */
export interface AccountingQuestion {
  readonly patient: string
  /** Day of the request; today when absent. */
  readonly requestedOn?: Day
  /** How far back, in years; 3 when absent. */
  readonly years?: 1 | 2 | 3
  /** Only what went through an intermediary. @law 42 CFR 2.24(b)(2) */
  readonly isIntermediaryList?: boolean
}

/**
 * The accounting of disclosures of one patient, or the list of those through intermediaries, for the years before a day.
 * @law 42 CFR 2.24, 2.25; 45 CFR 164.528
 */
export const accountingFor = async (
  house: House,
  by: Operator,
  { patient, requestedOn, years, isIntermediaryList }: AccountingQuestion,
): Promise<readonly AccountingRow[]> => {
  const { zone } = house.settings
  const range = { patient: patientId(patient), ...lookBack(requestedOn ?? dayIn(house.clock.now(), zone), zone, years) }
  const rows = await rowsAbout(house.db, range)
  const place = isIntermediaryList === true ? 'intermediaries' : 'accounting'
  await looked(house, by, { place, asked: patient, patients: rows.length === 0 ? [] : [patient] })
  const names = new Map((await house.partners.all()).map((partner) => [String(partner.id), partner.name]))
  const accounting = accountingOf(rows, range, names)
  return isIntermediaryList === true ? intermediaryListOf(accounting) : accounting
}

/** Writes the whole ledger as JSON Lines, the entry of this export last. @returns how many entries were written */
export const exportWholeLedger = async (house: House, by: Operator, stream: Writable): Promise<number> => {
  await looked(house, by, { place: 'audit export', action: 'export' })
  return exportLedger(house.db, stream)
}

/** Forms in which an accounting is handed out. */
export const ACCOUNTING_FORMS = {
  csv: 'text/csv; charset=utf-8',
  text: 'text/plain; charset=utf-8',
  pdf: 'application/pdf',
} as const

export type AccountingForm = keyof typeof ACCOUNTING_FORMS

/** The accounting as somebody reads it. */
export const accountingAs = (
  form: AccountingForm,
  rows: readonly AccountingRow[],
  zone: string,
  about: string,
  language: Language,
): Promise<Buffer> => {
  switch (form) {
    case 'csv':
      return Promise.resolve(Buffer.from(accountingCsv(rows, zone, language)))
    case 'text':
      return Promise.resolve(Buffer.from(accountingText(rows, zone, language)))
    case 'pdf':
      return accountingPdf(rows, zone, about, language)
  }
}
