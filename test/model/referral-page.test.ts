import { expect, test } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { format } from 'prettier'
import { referralPage } from '../support/referral-page.ts'

const path = new URL('../../docs/referrals.md', import.meta.url)

test('docs/referrals.md says what the table says', async () => {
  const page = await format(referralPage(), { parser: 'markdown', printWidth: 130 })
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, page)
  expect(readFileSync(path, 'utf8')).toBe(page)
})
