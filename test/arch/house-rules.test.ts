import { describe, expect, test } from '@jest/globals'
import { Linter } from 'eslint'
import type { ESLint } from 'eslint'

const script: string = '../support/house-rules.mjs'
/** Plain JavaScript, for eslint.config.js reads it. */
const { default: house } = (await import(script)) as { readonly default: ESLint.Plugin }

const RULES = ['no-wall-clock', 'no-chance', 'no-console'] as const

const rulesOn = (code: string): readonly string[] =>
  new Linter()
    .verify(code, [{ plugins: { house }, rules: Object.fromEntries(RULES.map((rule) => [`house/${rule}`, 'error'])) }])
    .map(({ ruleId }) => ruleId ?? 'does not parse')

describe('the rules of the house', () => {
  test.each([
    ['Date.now()', 'no-wall-clock'],
    ['new Date()', 'no-wall-clock'],
    ['Date()', 'no-wall-clock'],
    ['performance.now()', 'no-wall-clock'],
    ['process.hrtime.bigint()', 'no-wall-clock'],
    ['Math.random()', 'no-chance'],
    ['crypto.randomUUID()', 'no-chance'],
    [`import { randomUUID } from 'node:crypto'`, 'no-chance'],
    [`import { v7 as next } from 'uuid'`, 'no-chance'],
    [`console.error('x')`, 'no-console'],
    [`process.stdout.write('x')`, 'no-console'],
  ])('%s is refused', (code, rule) => {
    expect(rulesOn(code)).toEqual([`house/${rule}`])
  })

  test.each([
    ['a moment that was given', 'const at = new Date(text)'],
    ['a derived id', `import { v5 } from 'uuid'`],
    ['a digest', `import { createHash } from 'node:crypto'`],
    ['a clock that was handed in', 'const at = clock.now()'],
    ['a rule of arithmetic', 'const most = Math.max(1, 2)'],
  ])('%s is not', (_, code) => {
    expect(rulesOn(code)).toEqual([])
  })
})
