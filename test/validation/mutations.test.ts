import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Fhir } from 'fhir'
import { isValid, validate } from '../../src/validation/validate.ts'
import { CORPUS, plain } from './corpus.ts'
import { allDefinitions, baseDefinitions } from './definitions.ts'
import { MUTATIONS, sitesOf } from './mutate.ts'

/** A copy of this realm: the second oracle asks `instanceof Array`. */
const copyOf = (resource: object): Record<string, unknown> => ({ ...plain(resource) })
const oracle = new Fhir()
/** It throws on some of what is broken, which is a refusal too. */
const isValidForOracle = (resource: object): boolean => {
  try {
    return oracle.validate(resource).valid
  } catch {
    return false
  }
}

/** Every place of every resource of the corpus, by resource and number of place. */
const places = CORPUS.flatMap((resource, r) => sitesOf(copyOf(resource)).map((_, s) => [r, s] as const))

describe('every mutation that breaks a rule is found', () => {
  test('the corpus itself is valid, by us and by the second oracle', () => {
    expect(CORPUS.length).toBeGreaterThan(30)
    for (const resource of CORPUS) {
      expect(validate(resource, allDefinitions).filter((issue) => issue.severity === 'error')).toEqual([])
      expect(isValidForOracle(resource)).toBe(true)
    }
  })

  test.each(Object.entries(MUTATIONS))('%s', (_, mutate) => {
    let applied = 0
    for (const [r, s] of places) {
      const broken = copyOf(CORPUS[r] ?? {})
      const site = sitesOf(broken)[s]
      if (!site || !mutate(site)) continue
      applied++
      const issues = validate(broken, baseDefinitions)
      expect({ path: site.path, isFound: !isValid(issues) }).toEqual({ path: site.path, isFound: true })
    }
    expect(applied).toBeGreaterThan(0)
  })

  test('whatever the second oracle refuses, we refuse', () => {
    const mutations = Object.values(MUTATIONS)
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.constantFrom(...mutations),
        fc.constantFrom(...mutations),
        ([r, s], one, other) => {
          const broken = copyOf(CORPUS[r] ?? {})
          for (const mutate of [one, other]) {
            const site = sitesOf(broken)[s]
            if (site) mutate(site)
          }
          fc.pre(!isValidForOracle(broken))
          expect(isValid(validate(broken, baseDefinitions))).toBe(false)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('any JSON at all is answered and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...CORPUS), fc.nat(), (value, resource, at) => {
        const keys = Object.keys(resource)
        const broken = { ...resource, [keys[at % keys.length] ?? 'x']: value }
        expect(Array.isArray(validate(broken, allDefinitions))).toBe(true)
        expect(Array.isArray(validate(value, allDefinitions))).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})
