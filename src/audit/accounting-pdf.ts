// In: the lines of an accounting. Out: the same as a letter, one page after the other, in PDF.
// Never: counts or leaves out anything.
import PDFDocument from 'pdfkit'
import type { AccountingRow } from './accounting.ts'
import { accountingParagraphs, type Language } from './accounting-text.ts'

const MARGIN = 54

/**
 * The accounting as a PDF with tagged paragraphs, for paper and for screen readers.
 * @param about the patient, as the letter may name it
 * @law 45 CFR 164.528(b)(2)
 * @spec ISO 32000-1 14.8
 */
export const accountingPdf = (
  rows: readonly AccountingRow[],
  zone: string,
  about: string,
  language: Language = 'en',
): Promise<Buffer> => {
  const { title, paragraphs } = accountingParagraphs(rows, zone, language)
  const document = new PDFDocument({
    size: 'LETTER',
    margin: MARGIN,
    pdfVersion: '1.7',
    tagged: true,
    displayTitle: true,
    lang: language,
    info: { Title: title },
  })
  const chunks: Buffer[] = []
  const whole = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk))
    document.on('end', () => {
      resolve(Buffer.concat(chunks))
    })
    document.on('error', reject)
  })
  const root = document.struct('Document')
  document.addStructure(root)
  const say = (kind: 'H1' | 'P', size: number, text: string): void => {
    root.add(
      document.struct(kind, {}, () => {
        document.fontSize(size).text(text).moveDown()
      }),
    )
  }
  say('H1', 16, title)
  for (const paragraph of [about, ...paragraphs]) say('P', 10, paragraph)
  root.end()
  document.end()
  return whole
}
