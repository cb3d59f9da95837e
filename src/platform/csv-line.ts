/** A field as spreadsheets read it: one that begins like a formula is text. @spec RFC 4180; OWASP CSV injection */
export const csvField = (text: string): string => {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** One line, with its end. @spec RFC 4180 */
export const csvLine = (fields: readonly string[]): string => `${fields.map(csvField).join(',')}\r\n`
