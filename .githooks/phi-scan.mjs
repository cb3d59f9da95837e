/**
 * Looks for what must never be in the repository: numbers that could be a person's, secrets, and people in fixtures who are
 * not marked as made up. Says where and what, never repeats what it found.
 */

/** Numbers that nobody can have are allowed, so that tests have some: see each row. */
const PATTERNS = [
  // areas 000, 666 and 900 to 999 are never given out
  { what: 'a social security number', found: /(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/ },
  { what: 'a medical record number', found: /\bMRN\b\W{0,4}\d{6,}/i },
  // area or exchange 555, and 800 to 888, are nobody's own
  { what: 'a telephone number', found: /(?<![\d.-])\(?(?!555|8(\d)\1)[2-9]\d{2}\)?[-. ](?!555)[2-9]\d{2}[-. ]\d{4}(?![\d-])/ },
  { what: 'a private key', found: /-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/ },
  { what: 'a private key', found: /"d"\s*:\s*"[\w-]{40,}"/ },
  { what: 'an access key', found: /\b(AKIA[0-9A-Z]{16}|gh[pousr]_\w{36,}|xox[abp]-[\w-]{20,})\b/ },
  { what: 'a password in an address', found: /\b\w+:\/\/[^\s:/@$<{]+:(?!gateway@|test@|postgres@)[^\s:/@$<{]{3,}@/ },
]

const FIXTURE = /^(test|mappings|profiles)\/.*\.(json|ya?ml|hl7|csv|xml)$/
const PERSON = /"resourceType"\s*:\s*"(Patient|RelatedPerson)"|^PID\||^"?PersonalID"?,/m

/** @returns what a line holds that it must not, in words */
export const faultsOfLine = (line) => PATTERNS.filter(({ found }) => found.test(line)).map(({ what }) => what)

/** @returns what is wrong with a file as a whole */
export const faultsOfFile = (path, text) =>
  FIXTURE.test(path) && PERSON.test(text) && !text.includes('HTEST')
    ? ['a person without the mark HTEST: people in fixtures are made up']
    : []
