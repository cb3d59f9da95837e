import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { AGEING_STEPS } from '../../src/model/referral-ageing.ts'

const ROOT = new URL('../../', import.meta.url)
const text = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8')
const files = (folder: string): readonly string[] => readdirSync(new URL(folder, ROOT)).map((name) => `${folder}${name}`)

/** Rows of the table: the causes in backticks, and the page that they lead to. */
const rows = text('docs/runbook/README.md')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [causes = '', page = ''] = line.split('|').slice(1)
    return { causes: [...causes.matchAll(/`([^`]+)`/g)].map(([, cause = '']) => cause), page: /\((.+)\)/.exec(page)?.[1] ?? '' }
  })

/** Where a failed attempt says its cause: a code stands behind one of these. */
const SAID = [
  /cause: '([a-z0-9-]+)'/g,
  /(?:kind: 'unknown'|kind: 'later'|kind: 'refused'), cause: '([a-z0-9-]+)'/g,
  /lost\('([a-z-]+)'/g,
  /problem\('(?:unavailable|forbidden)', '([a-z-]+)'/g,
  /isSent \? '[a-z]+' : before, isSent \? '([a-z-]+)' : '([a-z-]+)'/g,
]
/** Of a search of ours, not of a delivery; a poll that meets it says so with its own word before it. */
const NO_CAUSE: ReadonlySet<string> = new Set(['next-link-foreign'])
const HTTP = [400, 401, 403, 404, 405, 408, 409, 410, 412, 422, 429, 500, 502, 503, 504].map((status) => `http-${String(status)}`)

const causes = [
  ...new Set([
    ...files('src/delivery/').flatMap((file) =>
      SAID.flatMap((how) => [...text(file).matchAll(how)].flatMap(([, ...found]) => found)),
    ),
    ...[...text('src/store/migrations/0030-outbox.sql').matchAll(/cause = '([a-z-]+)'/g)].map(([, cause = '']) => cause),
    ...HTTP,
    ...['ae', 'ar', 'ce', 'cr', 'unknown'].map((code) => `ack-${code}`),
    // a message of ours that cannot be read again, and a folder that cannot be written
    ...[...text('src/formats/hl7v2/message.ts').matchAll(/'((?:delimiters|segment)-invalid)'/g)].map(([, code = '']) => code),
    'folder-eacces',
    'folder-enospc',
    // incidents that are no item's: of referrals, and of questions to a partner's server
    ...['referral-watch', 'referral-poll'].flatMap((file) =>
      [...text(`src/flow/${file}.ts`).matchAll(/noteIncident\([^,]+, [^,]+, '([a-z-]+)'/g)].map(([, cause = '']) => cause),
    ),
    ...AGEING_STEPS.filter((step) => step !== 'asked').map((step) => `referral-${step}`),
    ...['unreachable', 'answer-missing', 'token-refused', 'token-unreachable', 'next-link-foreign', ...HTTP].map(
      (code) => `poll-${code}`,
    ),
  ]),
].filter((cause) => !NO_CAUSE.has(cause))

const pageOf = (cause: string): string | undefined => {
  const exact = rows.find((row) => row.causes.includes(cause))
  if (exact !== undefined) return exact.page
  const status = Number(/^http-(\d+)$/.exec(cause)?.[1])
  const range = rows.find(({ causes: [from = '', to] }) => {
    const [low, high] = [from, to].map((one) => Number(/^http-(\d+)$/.exec(one ?? '')?.[1]))
    return low !== undefined && high !== undefined && status >= low && status <= high
  })
  const open = rows.find((row) => row.causes.at(-1) === 'http-500' && status >= 500)
  return (range ?? open ?? rows.find((row) => row.causes.some((one) => one.endsWith('…') && cause.startsWith(one.slice(0, -1)))))
    ?.page
}

/** Words in backticks that look like a cause and are none: states of an item, and a column of a subscription. */
const NOT_CAUSES: ReadonlySet<string> = new Set(
  'queued sending unknown held delivered withheld cancelled error draft requested accepted rejected completed failed'.split(' '),
)
const named = (page: string): readonly string[] =>
  [...new Set([...text(page).matchAll(/`([a-z]+(?:-[a-z0-9]+)*-?…?)`/g)].map(([, word = '']) => word))].filter(
    (word) => !NOT_CAUSES.has(word),
  )
const isGiven = (word: string): boolean =>
  word.endsWith('…') || word.endsWith('-')
    ? causes.some((cause) => cause.startsWith(word.replace(/…$/, '')))
    : causes.includes(word)

describe('the runbook has a page for each cause that the code can give', () => {
  test('the code gives causes', () => expect(causes.length).toBeGreaterThan(20))
  test.each(causes)('%s', (cause) => {
    expect(files('docs/runbook/')).toContain(`docs/runbook/${pageOf(cause) ?? 'none'}`)
  })
})

test.each(files('docs/runbook/').filter((file) => !file.endsWith('README.md')))(
  '%s is in the table, and says what to do',
  (file) => {
    expect(rows.map(({ page }) => `docs/runbook/${page}`)).toContain(file)
    expect(text(file)).toContain('**What to do.**')
  },
)

test.each(files('docs/runbook/'))('%s names no cause that the code does not give', (page) => {
  expect(named(page).filter((word) => !isGiven(word))).toEqual([])
})
