/** What a dropped file or an unlabelled body is. */
export type InboundFormat = 'fhir-json' | 'mission-json' | 'hl7v2' | 'hmis-zip' | 'csv' | 'xml' | 'unknown'

const text = new TextDecoder('utf-8')

/** How many bytes are looked at; the beginning of every format says what it is. */
const LOOK_BYTES = 4096

/**
 * Tells a format by its first bytes; a guess from content only, never from a file name that a sender chose.
 * @param bytes the beginning is enough
 */
export const detectFormat = (bytes: Uint8Array): InboundFormat => {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04) return 'hmis-zip'
  const start = text
    .decode(bytes.subarray(0, LOOK_BYTES))
    .replace(/^\uFEFF/, '')
    .trimStart()
  if (/^\v?(MSH|FHS|BHS)[^\w\s]/.test(start)) return 'hl7v2'
  if (start.startsWith('{') || start.startsWith('[')) return /"resourceType"\s*:/.test(start) ? 'fhir-json' : 'mission-json'
  if (start.startsWith('<')) return 'xml'
  const firstLine = start.split(/\r?\n/, 1)[0] ?? ''
  return /^"?[A-Za-z][\w.[\]]*"?(,"?[A-Za-z][\w.[\]]*"?)+$/.test(firstLine) ? 'csv' : 'unknown'
}
