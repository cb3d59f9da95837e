import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { decide } from '../../src/consent/decide.ts'
import { deficiencies } from '../../src/consent/deficiencies.ts'
import { readConsent } from '../../src/consent/read-consent.ts'
import { mayRedisclose } from '../../src/consent/redisclosure.ts'
import type { Onward } from '../../src/consent/redisclosure.ts'
import { partnerId } from '../../src/model/ids.ts'
import { instant } from '../../src/model/time.ts'
import { CASES, consentOf, factsOfCase, recordOf, WORLD } from './support/cases.ts'
import type { Case } from './support/cases.ts'

const check = (one: Case): void => {
  const facts = factsOfCase(one)
  const { given, ask, redisclose } = one
  if (one.deficient !== undefined)
    for (const consent of given?.consents ?? [{}])
      expect(deficiencies(readConsent(consentOf(consent)), instant(ask?.at ?? WORLD.at), facts).map(({ rule }) => rule)).toEqual(
        one.deficient,
      )
  if (redisclose !== undefined) {
    const { isPermitted, rule } = mayRedisclose(redisclose as unknown as Onward)
    expect({ rule, effect: isPermitted ? 'permit' : 'deny' }).toEqual({ rule: one.because?.[0], effect: redisclose['expect'] })
  }
  for (const [name, effect] of Object.entries(one.expect ?? {})) {
    if (ask === undefined) throw new Error('a case that expects an answer asks a question')
    const { who, for: asked, at = WORLD.at, subject, isDeidentified } = ask
    const more = { ...(subject === undefined ? {} : { subject }), ...(isDeidentified === undefined ? {} : { isDeidentified }) }
    const record = recordOf(name, given?.labels?.[name], given?.recordedAt?.[name])
    const decisions = [asked]
      .flat()
      .map((purpose) => decide(facts, record, { recipient: partnerId(who), purpose, at: instant(at), ...more }))
    const denied = decisions.find((decision) => decision.effect === 'deny')
    expect({ [name]: denied?.effect ?? 'permit' }).toEqual({ [name]: effect })
    if (denied !== undefined && one.because !== undefined) expect(denied.because.map(({ rule }) => rule)).toEqual(one.because)
    if (denied === undefined && one.basis !== undefined) expect(decisions[0]?.basis?.kind).toBe(one.basis)
    if (denied === undefined && one.withheld !== undefined) expect(decisions[0]?.withheldParts).toEqual(one.withheld)
    if (denied === undefined && one.obliged !== undefined)
      expect(decisions[0]?.obligations).toEqual(expect.arrayContaining([...one.obliged]))
  }
}

const here = CASES.filter(({ elsewhere }) => elsewhere === undefined)

describe.each([...new Set(here.map(({ file }) => file))])('%s', (file) => {
  test.each(here.filter((one) => one.file === file).map((one) => [`${one.id} ${one.it} [${one.law}]`, one] as const))(
    '%s',
    (_, one) => {
      check(one)
    },
  )
})

/** How many scenarios each chapter has; a case's id is the scenario's, with a letter for each variant. */
const SCENARIOS = { A: 10, B: 22, C: 13, D: 10, E: 19, F: 9, G: 5, H: 8, I: 13, J: 7, K: 10, L: 8, M: 8, N: 5, O: 4, P: 18 }

test('none of the 169 scenarios is left out', () => {
  const ids = Object.entries(SCENARIOS).flatMap(([chapter, count]) =>
    Array.from({ length: count }, (_, index) => `${chapter}${String(index + 1).padStart(2, '0')}`),
  )
  const told = new Set(CASES.map(({ id }) => id))
  expect(ids).toHaveLength(169)
  expect(ids.filter((id) => !told.has(id))).toEqual([])
})

test.each(CASES.filter(({ elsewhere }) => elsewhere !== undefined).map(({ id, elsewhere }) => [id, elsewhere ?? ''] as const))(
  '%s is tested elsewhere: %s',
  (_, elsewhere) => {
    const [, file = '', words = ''] = /^(test\/[^:]+): (.+)$/.exec(elsewhere) ?? []
    expect(readFileSync(file, 'utf8')).toContain(words)
  },
)

test('every case that is tested here asks something', () => {
  expect(
    here
      .filter((one) => one.expect === undefined && one.deficient === undefined && one.redisclose === undefined)
      .map(({ id }) => id),
  ).toEqual([])
})
