import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Fhir } from 'fhir'
import { isValid, validate } from '../../src/validation/validate.ts'
import { resourcesIn } from '../../src/validation/definition.ts'
import { isObject } from '../../src/validation/fhirpath-values.ts'
import { CORPUS, plain } from './corpus.ts'
import { allDefinitions, baseDefinitions, OURS } from './definitions.ts'
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

const claimOf = (resource: object): unknown =>
  'meta' in resource && isObject(resource.meta) && Array.isArray(resource.meta['profile'])
    ? resource.meta['profile'][0]
    : undefined

/** Elements of the top level that a profile of ours requires, by its URL, as its differential says. */
const required = new Map(
  resourcesIn([OURS]).map((profile) => {
    const differential = isObject(profile['differential']) ? profile['differential']['element'] : []
    const elements = Array.isArray(differential) ? differential.filter(isObject) : []
    const asked = elements
      .filter((e) => Number(e['min'] ?? 0) > 0 && e['sliceName'] === undefined)
      .map((e) => String(e['path']).split('.'))
    return [
      profile['url'],
      asked.flatMap(([, name, deeper]) => (name === undefined || deeper !== undefined || name.endsWith('[x]') ? [] : [name])),
    ] as const
  }),
)

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

  test('an element that a claimed profile asks for, removed', () => {
    let applied = 0
    for (const resource of CORPUS) {
      for (const name of required.get(String(claimOf(resource))) ?? []) {
        const broken = copyOf(resource)
        if (!Reflect.has(broken, name)) continue
        applied++
        Reflect.deleteProperty(broken, name)
        const isFound = !isValid(validate(broken, allDefinitions))
        expect({ claim: claimOf(resource), name, isFound }).toEqual({ claim: claimOf(resource), name, isFound: true })
      }
    }
    expect(applied).toBeGreaterThan(200)
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
