// In: the lines of an accounting. Out: the same as a table for a machine, and as a letter for a person.
// Never: counts or leaves out anything.
import { csvLine } from '../platform/csv-line.ts'
import type { AccountingRow } from './accounting.ts'

export type Language = 'en' | 'es'

interface Words {
  readonly title: string
  readonly none: string
  readonly columns: Readonly<Record<'at' | 'recipient' | 'purpose' | 'basis' | 'what' | 'via' | 'disclosure', string>>
  readonly purposes: Readonly<Record<string, string>>
  readonly bases: Readonly<Record<string, string>>
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    title: 'Accounting of disclosures',
    none: 'Nothing was disclosed in this time.',
    columns: {
      at: 'When',
      recipient: 'To whom',
      purpose: 'Purpose',
      basis: 'Basis',
      what: 'What',
      via: 'Through',
      disclosure: 'Disclosure',
    },
    purposes: {
      TREAT: 'treatment',
      COC: 'coordination of care',
      ETREAT: 'emergency treatment',
      BTG: 'emergency treatment',
      HPAYMT: 'payment',
      HOPERAT: 'health care operations',
      CAREMGT: 'care management',
      HRESCH: 'research',
      PUBHLTH: 'public health',
      PATRQT: 'at the request of the patient',
      HLEGAL: 'legal proceedings',
    },
    bases: {
      consent: 'your consent',
      'medical-emergency': 'medical emergency (42 CFR 2.51)',
      'qso-agreement': 'agreement with a service organization (42 CFR 2.12(c)(4))',
      'audit-evaluation': 'audit or evaluation (42 CFR 2.53)',
      research: 'research (42 CFR 2.52)',
      'public-health': 'public health (42 CFR 2.54)',
      'court-order': 'court order (42 CFR 2.61 to 2.67)',
      'crime-on-premises': 'report of a crime (42 CFR 2.12(c)(5))',
      'child-abuse-report': 'report of suspected child abuse (42 CFR 2.12(c)(6))',
      hipaa: 'HIPAA (45 CFR part 164)',
    },
  },
  es: {
    title: 'Relación de divulgaciones',
    none: 'No se divulgó nada en este periodo.',
    columns: {
      at: 'Cuándo',
      recipient: 'A quién',
      purpose: 'Propósito',
      basis: 'Fundamento',
      what: 'Qué',
      via: 'A través de',
      disclosure: 'Divulgación',
    },
    purposes: {
      TREAT: 'tratamiento',
      COC: 'coordinación de la atención',
      ETREAT: 'tratamiento de emergencia',
      BTG: 'tratamiento de emergencia',
      HPAYMT: 'pago',
      HOPERAT: 'operaciones de atención médica',
      CAREMGT: 'gestión de la atención',
      HRESCH: 'investigación',
      PUBHLTH: 'salud pública',
      PATRQT: 'a petición del paciente',
      HLEGAL: 'procedimientos legales',
    },
    bases: {
      consent: 'su consentimiento',
      'medical-emergency': 'emergencia médica (42 CFR 2.51)',
      'qso-agreement': 'acuerdo con una organización de servicios (42 CFR 2.12(c)(4))',
      'audit-evaluation': 'auditoría o evaluación (42 CFR 2.53)',
      research: 'investigación (42 CFR 2.52)',
      'public-health': 'salud pública (42 CFR 2.54)',
      'court-order': 'orden judicial (42 CFR 2.61 a 2.67)',
      'crime-on-premises': 'denuncia de un delito (42 CFR 2.12(c)(5))',
      'child-abuse-report': 'denuncia de sospecha de maltrato infantil (42 CFR 2.12(c)(6))',
      hipaa: 'HIPAA (45 CFR parte 164)',
    },
  },
}

const basisWords = ({ basis }: AccountingRow, words: Words): string => {
  const kind = words.bases[basis.kind] ?? basis.kind
  if (basis.reference === undefined) return kind
  return `${kind}: ${basis.reference}${basis.version === undefined ? '' : `, ${basis.version}`}`
}

const purposeWords = (row: AccountingRow, words: Words): string =>
  row.purposes.map((purpose) => words.purposes[purpose] ?? purpose).join(', ')

/** `2026-03-01 06:00` in the programme's zone. */
const localTime = (at: string, zone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(new Date(at))

/**
 * The accounting as CSV with a heading, ready for a spreadsheet that must not take a value for a formula.
 * @spec RFC 4180
 */
export const accountingCsv = (rows: readonly AccountingRow[], zone: string, language: Language = 'en'): string => {
  const words = WORDS[language]
  const { at, recipient, purpose, basis, what, via, disclosure } = words.columns
  const lines = rows.map((row) => [
    localTime(row.at, zone),
    row.recipientName,
    purposeWords(row, words),
    basisWords(row, words),
    row.what,
    row.via ?? '',
    row.disclosureId,
  ])
  return [[at, recipient, purpose, basis, what, via, disclosure], ...lines].map(csvLine).join('')
}

/** Title and paragraphs of the accounting, one for each disclosure; one that says so when there was none. */
export const accountingParagraphs = (
  rows: readonly AccountingRow[],
  zone: string,
  language: Language,
): { readonly title: string; readonly paragraphs: readonly string[] } => {
  const words = WORDS[language]
  const { columns } = words
  const paragraphs = rows.map((row) =>
    [
      `${localTime(row.at, zone)}  ${row.recipientName}`,
      `  ${columns.purpose}: ${purposeWords(row, words)}`,
      `  ${columns.basis}: ${basisWords(row, words)}`,
      `  ${columns.what}: ${row.what}`,
      ...(row.via === undefined ? [] : [`  ${columns.via}: ${row.via}`]),
      `  ${columns.disclosure}: ${row.disclosureId}`,
    ].join('\n'),
  )
  return { title: `${words.title} (${zone})`, paragraphs: paragraphs.length === 0 ? [words.none] : paragraphs }
}

/** The accounting as plain text. @law 45 CFR 164.528(b)(2) */
export const accountingText = (rows: readonly AccountingRow[], zone: string, language: Language = 'en'): string => {
  const { title, paragraphs } = accountingParagraphs(rows, zone, language)
  return `${[title, ...paragraphs].join('\n\n')}\n`
}

/** Several disclosures to one recipient for one purpose, told as one. @law 45 CFR 164.528(b)(3) */
export interface AccountingSummary {
  readonly first: AccountingRow
  /** How often, over the whole time. */
  readonly count: number
  readonly last: AccountingRow
}

/** One line for each recipient, purpose and basis: the first disclosure, how many there were, and the last. */
export const summarise = (rows: readonly AccountingRow[]): readonly AccountingSummary[] => {
  const groups = new Map<string, AccountingSummary>()
  for (const row of rows) {
    const key = [row.recipient, row.purposes.join(' '), row.basis.kind, row.basis.reference ?? ''].join('\n')
    const have = groups.get(key)
    groups.set(key, have === undefined ? { first: row, count: 1, last: row } : { ...have, count: have.count + 1, last: row })
  }
  return [...groups.values()]
}
