import { describe, expect, test } from '@jest/globals'
import { existsSync, readFileSync } from 'node:fs'
import * as tables from '../../mappings/mission/tables.ts'
import type { CodeTable } from '../../src/mapping/codes.ts'
import { isObject } from '../../src/validation/fhirpath-values.ts'
import { expand, lookup, translate, validateCode } from '../../src/validation/terminology-operations.ts'
import { loadTerminology } from '../../src/validation/terminology.ts'
import { validate } from '../../src/validation/validate.ts'
import { CORPUS } from '../validation/corpus.ts'
import { allDefinitions, jsonIn, jsonOf, TERMINOLOGY } from '../validation/definitions.ts'

const { terminology } = allDefinitions
const OURS = 'https://mission-gateway.example/fhir'
const SNOMED = 'http://snomed.info/sct'
const PHASES = `${OURS}/CodeSystem/mission-cti-phase`
const IN_PHASES = `${OURS}/ValueSet/mission-cti-phase`

const valueOf = (parameters: unknown, name: string): unknown => {
  const list = isObject(parameters) && Array.isArray(parameters['parameter']) ? parameters['parameter'] : []
  const found: unknown = list.find((p: unknown) => isObject(p) && p['name'] === name)
  return isObject(found) ? Object.entries(found).find(([key]) => key.startsWith('value'))?.[1] : undefined
}
const resultOf = (answer: ReturnType<typeof validateCode>): unknown =>
  answer.ok ? valueOf(answer.value, 'result') : answer.error.code

describe('terminology operations', () => {
  test('$lookup tells the display', () => {
    const answer = lookup(terminology, { system: PHASES, code: 'tryOut' })
    expect(answer.ok && valueOf(answer.value, 'display')).toBe('Try-Out')
  })

  test.each([
    ['an unknown code', { system: PHASES, code: 'zz' }, 'code-unknown'],
    ['an unknown system', { system: 'urn:zz', code: 'zz' }, 'code-system-unknown'],
  ])('$lookup of %s is not found', (_, ask, code) => {
    const answer = lookup(terminology, ask)
    expect(answer.ok ? undefined : answer.error.code).toBe(code)
  })

  test.each([
    ['a code of the value set', { valueSet: IN_PHASES, system: PHASES, code: 'tryOut' }, true],
    ['without its system', { valueSet: IN_PHASES, code: 'tryOut' }, true],
    ['with a version', { valueSet: `${IN_PHASES}|1.0.0`, system: PHASES, code: 'tryOut' }, true],
    ['with the right display', { valueSet: IN_PHASES, system: PHASES, code: 'tryOut', display: 'try-out' }, true],
    ['with another display', { valueSet: IN_PHASES, system: PHASES, code: 'tryOut', display: 'Phase 2' }, false],
    ['another code', { valueSet: IN_PHASES, system: PHASES, code: 'zz' }, false],
    ['another system', { valueSet: IN_PHASES, system: 'urn:zz', code: 'tryOut' }, false],
    ['in a code system', { system: PHASES, code: 'tryOut' }, true],
    ['a mime type, whose list has no end', { valueSet: 'http://hl7.org/fhir/ValueSet/mimetypes', code: 'text/plain' }, true],
    ['what is no mime type', { valueSet: 'http://hl7.org/fhir/ValueSet/mimetypes', code: 'plain' }, false],
    ['a value set that is not held', { valueSet: 'urn:zz', code: 'x' }, 'value-set-unknown'],
    ['a code system that is not held', { system: SNOMED, code: '32911000' }, 'value-set-unknown'],
  ])('$validate-code: %s', (_, ask, expected) => {
    expect(resultOf(validateCode(terminology, ask))).toBe(expected)
  })

  test('$expand filters, counts and pages', () => {
    const at = '2026-01-01T00:00:00.000Z'
    const sessions = `${OURS}/ValueSet/mission-drt-session`
    const all = expand(terminology, { url: sessions }, at)
    const page = expand(terminology, { url: sessions, filter: 'relapse', count: 1 }, at)
    expect(all.ok && all.value.expansion?.total).toBe(13)
    expect(page.ok && page.value.expansion).toMatchObject({ total: 1, contains: [{ code: 'drt-09' }] })
    expect(all.ok && validate(all.value, allDefinitions)).toEqual([])
    expect(expand(terminology, { url: 'urn:zz' }, at).ok).toBe(false)
  })

  test('$translate leads to the published code, and back', () => {
    const diagnosis = `${OURS}/CodeSystem/mission-diagnosis`
    const there = translate(terminology, { system: diagnosis, code: 'ptsd', targetSystem: SNOMED })
    expect(valueOf(there, 'result')).toBe(true)
    expect(JSON.stringify(there)).toContain('47505003')
    const back = translate(terminology, { system: SNOMED, code: '47505003', targetSystem: diagnosis, isReverse: true })
    expect(JSON.stringify(back)).toContain('"ptsd"')
    expect(valueOf(translate(terminology, { system: diagnosis, code: 'zz' }), 'result')).toBe(false)
  })

  test('value sets may name others, leave out, and filter by what is above', () => {
    const system = {
      resourceType: 'CodeSystem',
      url: 'urn:s',
      content: 'complete',
      concept: [{ code: 'a', concept: [{ code: 'a1', concept: [{ code: 'a11' }] }] }, { code: 'b' }],
    }
    const set = (url: string, compose: object): object => ({ resourceType: 'ValueSet', url, compose })
    const own = loadTerminology([
      system,
      set('urn:below', { include: [{ system: 'urn:s', filter: [{ property: 'concept', op: 'is-a', value: 'a1' }] }] }),
      set('urn:strictly', { include: [{ system: 'urn:s', filter: [{ property: 'concept', op: 'descendent-of', value: 'a' }] }] }),
      set('urn:both', { include: [{ valueSet: ['urn:below'] }, { system: 'urn:s', concept: [{ code: 'b' }] }] }),
      set('urn:without', { include: [{ system: 'urn:s' }], exclude: [{ valueSet: ['urn:below'] }] }),
      set('urn:circle', { include: [{ valueSet: ['urn:circle'] }] }),
      set('urn:elsewhere', { include: [{ system: 'urn:not-held' }] }),
    ])
    const codes = (url: string): unknown => own.expand(url)?.map(({ code }) => code)
    expect(codes('urn:below')).toEqual(['a1', 'a11'])
    expect(codes('urn:strictly')).toEqual(['a1', 'a11'])
    expect(codes('urn:both')).toEqual(['a1', 'a11', 'b'])
    expect(codes('urn:without')).toEqual(['a', 'b'])
    expect(codes('urn:circle')).toBeUndefined()
    expect(codes('urn:elsewhere')).toBeUndefined()
  })
})

const isTable = (value: unknown): value is CodeTable =>
  isObject(value) && Array.isArray(value['rows']) && Array.isArray(value['codes'])

describe('local terminology', () => {
  test.each(
    Object.values(tables)
      .filter(isTable)
      .map((table) => [table.name, table] as const),
  )('%s: the code system has the codes of the map', (_, table) => {
    const own = table.rows.flatMap((row) => row.codings).filter(({ system }) => system.startsWith(OURS))
    for (const { system, code, display } of own)
      expect({ system, code, display: terminology.lookup(system, code)?.['display'] }).toEqual({ system, code, display })
  })

  test('every local code that an example uses has the display of its code system', () => {
    const pattern = /"system":"(https:\/\/mission-gateway[^"]*\/CodeSystem\/[^"]*)","code":"([^"]*)","display":"([^"]*)"/g
    for (const resource of CORPUS)
      for (const [, system = '', code = '', display] of JSON.stringify(resource).matchAll(pattern))
        expect({ system, code, display: terminology.lookup(system, code)?.['display'] }).toEqual({ system, code, display })
  })

  test('every local code that an example uses is defined', () => {
    const codings = CORPUS.flatMap((resource) => [
      ...JSON.stringify(resource).matchAll(/"system":"(https:\/\/mission-gateway[^"]*\/CodeSystem\/[^"]*)","code":"([^"]*)"/g),
    ])
    expect(codings.length).toBeGreaterThan(50)
    expect(
      codings.filter(([, system = '', code = '']) => terminology.lookup(system, code) === undefined).map(([whole]) => whole),
    ).toEqual([])
  })

  test.each(TERMINOLOGY.filter(isObject).map((resource) => [String(resource['url']), resource] as const))(
    '%s is a valid resource',
    (_, resource) => {
      expect(validate(resource, allDefinitions).filter(({ severity }) => severity === 'error')).toEqual([])
    },
  )

  test('every value set of ours can be listed', () => {
    const ours = terminology.urls.valueSets.filter((url) => url.startsWith(OURS))
    expect(ours.length).toBeGreaterThan(30)
    expect(ours.filter((url) => (terminology.expand(url)?.length ?? 0) === 0)).toEqual([])
  })

  test('every value set that a profile of ours requires is held', () => {
    const profiles = JSON.stringify(jsonOf('profiles/mission/structure-definitions.json'))
    const required = [...profiles.matchAll(/"strength":"required","valueSet":"([^"|]+)/g)].map((match) => match[1] ?? '')
    const isKnown = (url: string): boolean => terminology.isMember(url, undefined, 'zz-none') !== undefined
    expect(new Set(required).size).toBeGreaterThan(20)
    expect([...new Set(required)].filter((url) => !isKnown(url))).toEqual([])
  })
})

/** Every target code of our maps with the comment that says whether it was seen in a published list. */
const targets = jsonIn('mappings/mission/concept-maps').flatMap((map) => {
  const groups = isObject(map) && Array.isArray(map['group']) ? map['group'].filter(isObject) : []
  return groups.flatMap((group) => {
    const elements = Array.isArray(group['element']) ? group['element'].filter(isObject) : []
    return elements.flatMap((element) => {
      const list = Array.isArray(element['target']) ? element['target'].filter(isObject) : []
      return list
        .filter((target) => typeof target['code'] === 'string')
        .map((target) => ({ system: String(group['target']), code: String(target['code']), comment: String(target['comment']) }))
    })
  })
})
const codesIn = (csv: string): ReadonlyMap<string, string> =>
  new Map(
    csv
      .split('\n')
      .slice(1)
      .flatMap((line) => (line === '' ? [] : [[line.slice(0, line.indexOf(',')), line.trim()] as const])),
  )
const seen = codesIn(readFileSync(new URL('../../terminology/snomed-codes-seen.csv', import.meta.url), 'utf8'))

describe('published codes', () => {
  test('a SNOMED CT code is marked as checked exactly when it is in the list of codes seen', () => {
    const snomed = targets.filter(({ system }) => system === SNOMED)
    expect(snomed.length).toBeGreaterThan(50)
    for (const { code, comment } of snomed)
      expect({ code, isChecked: comment.startsWith('checked') }).toEqual({ code, isChecked: seen.has(code) })
  })

  test('a code that was seen in no published list says so', () => {
    for (const { code, comment } of targets)
      expect({ code, comment }).toEqual({ code, comment: expect.stringMatching(/^(not )?checked/) })
  })

  test('a code of a published system in a value set is in a map or among the codes seen, or the value set says that it is not checked', () => {
    const published = [SNOMED, 'http://loinc.org', 'http://hl7.org/fhir/sid/icd-10-cm', 'HCPCS']
    const marked = new Set(targets.map(({ system, code }) => `${system}|${code}`))
    const listed = jsonIn('terminology/value-sets').flatMap((set) => {
      const text = JSON.stringify(set)
      const isMarked = isObject(set) && String(set['description']).includes('not checked')
      return [...text.matchAll(/"system":"([^"]+)","concept":(\[[^\]]*\])/g)].flatMap(([, system = '', concepts = '']) =>
        published.some((known) => system.includes(known))
          ? [...concepts.matchAll(/"code":"([^"]+)"/g)].map(([, code = '']) => ({ system, code, isMarked }))
          : [],
      )
    })
    expect(listed.length).toBeGreaterThan(80)
    const unmarked = listed.filter(
      ({ system, code, isMarked }) => !isMarked && !marked.has(`${system}|${code}`) && !(system === SNOMED && seen.has(code)),
    )
    expect(unmarked).toEqual([])
  })

  // The whole list is larger than is needed here; where it is at hand, the codes seen are held against it.
  const list = process.env['SNOMED_GPS_CSV'] ?? ''
  const whole = existsSync(list) ? test : test.skip
  whole('the codes seen are those of the Global Patient Set', () => {
    const published = codesIn(readFileSync(list, 'utf8'))
    for (const [code, line] of seen) expect(published.get(code)).toBe(line)
  })
})
