import { describe, expect, test } from '@jest/globals'
import { parseRules, type SensitivityRules } from '../../src/labelling/rules.ts'
import { matchUri } from '../../src/labelling/uris.ts'

const rulesOf = (): SensitivityRules => {
  const text = { id: 't', language: 'en', category: ['SUD'], certainty: 'certain', phrases: ['alcohol use'] }
  const more = { id: 'u', language: 'en', category: ['HIV', 'SUD'], certainty: 'certain', phrases: ['ryan white'] }
  const doubtful = { ...text, id: 'd', certainty: 'doubtful', phrases: ['triggers'] }
  const rules = parseRules(
    { kind: 'text', rows: [text, more, doubtful] },
    {
      kind: 'uris',
      rows: [
        { id: 'programme', category: ['PROGRAM-IDENTITY'], words: ['Mission', 'drt'], starts: ['urn:Mission-'] },
        { id: 'court', category: ['JUSTICE'], starts: ['https://court.example/'], words: ['docket'] },
      ],
    },
  )
  if (!rules.ok) throw new Error(JSON.stringify(rules.error))
  return rules.value
}

const told = (uri: string): { id: string; category: readonly string[] } | undefined => {
  const { uris, text } = rulesOf()
  const rule = matchUri(uris, text, uri)
  expect(matchUri(uris, text, uri)).toEqual(rule)
  return rule
}
const PROGRAMME = { id: 'programme', category: ['PROGRAM-IDENTITY'] }

describe('an address tells', () => {
  test.each([
    ['by a word of it', 'https://x.example/mission/clients', PROGRAMME],
    ['whatever its case', 'https://x.example/MISSION/clients', PROGRAMME],
    ['by a word within a word, where a capital begins it', 'https://x.example/theMission', PROGRAMME],
    ['between other marks', 'urn:oid:mission-drt_2', PROGRAMME],
    ['beside figures', 'https://x.example/mission2', PROGRAMME],
    ['not by a part of a word', 'https://x.example/missionary/submission', undefined],
    ['by how it begins, whatever its case', 'HTTPS://court.example/7', { id: 'court', category: ['JUSTICE'] }],
    ['not by how it goes on', 'https://x.example/?to=https://court.example/7', undefined],
    ['by the wording of its words', 'https://x.example/alcohol-use', { id: 't', category: ['SUD'] }],
    ['in capitals within a word too', 'https://x.example/AlcoholUse', { id: 't', category: ['SUD'] }],
    ['by several wordings, once each', 'https://x.example/alcohol-use/ryan-white/alcohol_use', { id: 't', category: ['SUD', 'HIV'] }],
    ['not by what is only doubtful', 'https://x.example/triggers', undefined],
    ['by all of these together', 'https://court.example/mission/alcohol-use', { id: 'court programme t', category: ['JUSTICE', 'PROGRAM-IDENTITY', 'SUD'] }],
    ['by a beginning and a word of one rule', 'urn:mission-7', { id: expect.stringContaining('programme'), category: ['PROGRAM-IDENTITY'] }],
    ['or nothing', 'http://loinc.org', undefined],
  ])('%s: %s', (_, uri, rule) => {
    expect(told(uri)).toEqual(rule)
    expect(told(uri)).toEqual(rule)
  }) // prettier-ignore
})

describe('an answer is remembered', () => {
  const ask = (uri: string, isPublic?: boolean): ReadonlyMap<string, unknown> => {
    const { uris, text } = rulesOf()
    matchUri(uris, text, uri, isPublic)
    return uris.known
  }

  test.each([
    ['of an address that is the same for everybody', 'https://x.example/mission', undefined, 1],
    ['of one that tells nothing, too', 'http://loinc.org', undefined, 1],
    ['not of a value that may be a person’s', 'jordan@mission.example', false, 0],
    ['not of one longer than addresses are', `https://x.example/${'a'.repeat(182)}`, undefined, 0],
    ['of one just short of that', `https://x.example/${'a'.repeat(181)}`, undefined, 1],
  ])('%s', (_, uri, isPublic, count) => {
    expect([...ask(uri, isPublic).keys()]).toEqual(count === 0 ? [] : [uri])
  })

  test('of so many, and no more', () => {
    const { uris, text } = rulesOf()
    for (let at = 0; at < 5_001; at += 1) matchUri(uris, text, `urn:x:${String(at)}`)
    expect(uris.known.size).toBe(5_000)
    expect(matchUri(uris, text, 'urn:x:mission')).toEqual(PROGRAMME)
  })

  test('and not worked out again', () => {
    const { uris, text } = rulesOf()
    const rule = { id: 'as before', category: [] }
    uris.known.set('urn:mission', rule)
    uris.known.set('urn:mission-2', undefined)
    expect([matchUri(uris, text, 'urn:mission'), matchUri(uris, text, 'urn:mission-2')]).toEqual([rule, undefined])
  })
})
