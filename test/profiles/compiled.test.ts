import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { digestOfSources } from '../../profiles/build.mjs'
import { exampleResources, pages } from '../../profiles/build-guide.mjs'
import { isObject } from '../../src/validation/fhirpath-values.ts'
import { validate } from '../../src/validation/validate.ts'
import { plain } from '../validation/corpus.ts'
import { allDefinitions } from '../validation/definitions.ts'

const ours = allDefinitions.profiles.filter((url) => url.startsWith('https://mission-gateway.example/'))
const textOf = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const examples = exampleResources().map(({ resource }) => plain(resource))

describe('compiled profiles', () => {
  test('are not stale: run `node profiles/build.mjs` when this fails', () => {
    expect(textOf('profiles/mission/sources.sha256').trim()).toBe(digestOfSources())
  })

  test('every profile has an example that is valid against it, and against what it imposes', () => {
    const profiles = ours.filter((url) => allDefinitions.profileOf(url)?.type !== 'Extension')
    expect(profiles.length).toBeGreaterThan(50)
    const missing: string[] = []
    for (const url of profiles) {
      const own = examples.filter((example) => JSON.stringify(example['meta']).includes(`"${url}"`))
      if (own.length === 0) missing.push(url)
      for (const example of own) expect({ url, issues: validate(example, allDefinitions, [url]) }).toEqual({ url, issues: [] })
    }
    expect(missing).toEqual([])
  })

  test('an example claims no profile that is not ours', () => {
    const claims = examples.flatMap((example) => (isObject(example['meta']) ? [example['meta']['profile']] : [])).flat()
    expect(claims.length).toBeGreaterThan(90)
    expect(claims.filter((url) => typeof url !== 'string' || !ours.includes(url))).toEqual([])
  })

  test('every extension that an example uses is defined', () => {
    const used = new Set(
      examples.flatMap((example) =>
        [...JSON.stringify(example).matchAll(/"url":"(https:\/\/mission-gateway[^"]+)"/g)].map((m) => m[1] ?? ''),
      ),
    )
    expect(used.size).toBeGreaterThan(20)
    expect([...used].filter((url) => allDefinitions.profileOf(url) === undefined)).toEqual([])
  })

  test('every profile has its page, and no page is stale: run `node src/node24.mjs profiles/build-guide.mjs` when this fails', () => {
    const upToExample = (text: string): string => text.replace(/\n## Example[\s\S]*$/, '')
    for (const [name, page] of pages())
      expect({ name, page: upToExample(textOf(`docs/profiles/${name}`)) }).toEqual({ name, page: upToExample(page) })
  })
})
