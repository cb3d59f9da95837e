import { describe, expect, test } from '@jest/globals'
import type { Json } from '../../src/disclosure/json.ts'
import { escapeXml, narrativeOf, wordsOf } from '../../src/disclosure/narrative.ts'

describe('the words of a value, as a person would read them', () => {
  test.each<[string, Json, string]>([
    ['nothing', null, ''],
    ['a text', 'active', 'active'],
    ['a number and a truth', [3, true], '3; true'],
    ['a list without what has no words', ['a', '', null, 'b'], 'a; b'],
    ['a concept by its own words', { text: 'Housing', coding: [{ display: 'H', code: 'h' }] }, 'Housing'],
    [
      'a concept without words by its first coding that has some',
      { coding: [{ id: 'x' }, { display: 'Two' }, { code: 'c' }] },
      'Two',
    ],
    ['a concept with nothing at all', { coding: [] }, ''],
    ['a text that is none', { text: 7, coding: [{ code: 'c' }] }, 'c'],
    ['a name', { prefix: ['Dr'], given: ['Ana', 'Luz'], family: 'HTEST', suffix: ['Jr', 'MD'] }, 'Dr Ana Luz HTEST Jr MD'],
    ['a family name alone', { use: 'official', family: 'HTEST' }, 'HTEST'],
    ['a given name alone', { given: ['Ana'] }, 'Ana'],
    ['a name that is written out', { text: 'Ana L. HTEST', family: 'HTEST', given: ['Ana'] }, 'Ana L. HTEST'],
    ['a reference by its name', { reference: 'Patient/1', display: 'Ana' }, 'Ana'],
    ['a reference without a name', { reference: 'Patient/1', type: 'Patient' }, ''],
    ['a reference by identifier', { identifier: { system: 'urn:x', value: '7' }, display: 'Clinic' }, 'Clinic'],
    ['a reference by identifier alone', { identifier: { system: 'urn:x', value: '7' } }, ''],
    [
      'what has an identifier among more is no reference',
      { identifier: { value: '7' }, a: 'x', b: 'y', c: 'z' },
      'Identifier: Value: 7, A: x, B: y, C: z',
    ],
    ['of three elements with an identifier', { identifier: { value: '7' }, type: 'Patient', display: 'Ana' }, 'Ana'],
    ['a period', { start: '2026-01-01', end: '2026-02-01' }, '2026-01-01 to 2026-02-01'],
    ['a period that goes on', { start: '2026-01-01' }, 'from 2026-01-01'],
    ['a period without beginning', { end: '2026-02-01' }, 'until 2026-02-01'],
    ['a quantity', { comparator: '<', value: 5, unit: 'mg', code: 'MG' }, '< 5 mg'],
    ['a quantity without unit', { value: 5 }, '5'],
    ['a quantity by code', { value: 5, code: 'mg' }, '5 mg'],
    ['money', { value: 9, currency: 'USD' }, '9 USD'],
    ['a coding by display', { system: 'urn:x', code: 'c', display: 'See' }, 'See'],
    ['a coding by code', { system: 'urn:x', code: 'c' }, 'c'],
    ['a code alone', { code: 'c' }, 'c'],
    ['a display alone', { display: 'See' }, 'See'],
    ['a telephone', { system: 'phone', value: '555-0100', use: 'home' }, '555-0100'],
    ['a system alone', { system: 'phone' }, ''],
    ['a code that is an object', { code: { text: 'Deep' } }, 'Code: Deep'],
    [
      'a structure by its elements, without ids, extensions, links and bytes',
      {
        id: 'i',
        _a: { id: 'q' },
        extension: [{ url: 'urn:x', valueString: 'E' }],
        linkId: 'l',
        data: 'QQ==',
        whenDone: 'now',
        text: 'said',
        none: '',
        gone: null,
      },
      'When done: now, said',
    ],
    ['a structure with an element that is not there', { a: undefined, b: 'x' }, 'B: x'],
  ])('%s', (_, value, words) => {
    expect(wordsOf(value)).toBe(words)
  })
})

describe('the narrative', () => {
  test('is a heading and a line for each element with words, in their order', () => {
    expect(
      narrativeOf({
        resourceType: 'CarePlan',
        id: 'p',
        meta: { profile: ['urn:x'] },
        implicitRules: 'urn:rules',
        language: 'en',
        text: { status: 'generated', div: 'old' },
        contained: [{ resourceType: 'Goal' }],
        extension: [{ url: 'urn:x', valueString: 'E' }],
        modifierExtension: [{ url: 'urn:x', valueString: 'M' }],
        identifier: [{ system: 'urn:x', value: 'I' }],
        status: 'active',
        _status: { extension: [{ url: 'urn:x', valueString: 'S' }] },
        authoredOn: '2026-01-01',
        title: 'R&D <plan>',
        gone: undefined,
        note: [{ text: '' }],
      }),
    ).toEqual({
      status: 'generated',
      div:
        '<div xmlns="http://www.w3.org/1999/xhtml"><p><b>Care plan</b></p><ul><li><b>Status</b>: active</li>' +
        '<li><b>Authored on</b>: 2026-01-01</li><li><b>Title</b>: R&amp;D &lt;plan&gt;</li></ul></div>',
    })
  })

  test('is none where nothing has words', () => {
    expect(narrativeOf({ resourceType: 'CarePlan', id: 'p', meta: {}, note: [] })).toBeUndefined()
  })
})

test.each([
  ['plain', 'plain'],
  [`<a href="x">'&'</a>`, '&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;'],
  ['tab\tline\nreturn\r', 'tab\tline\nreturn\r'],
  ['bell\u0007null\u0000nonchar\uFFFE', 'bellnullnonchar'],
  ['emoji \u{1F600}', 'emoji \u{1F600}'],
])('XML of %j', (text, xml) => {
  expect(escapeXml(text)).toBe(xml)
})

test('half a character never reaches the page', () => {
  expect(escapeXml('a\uD83D').isWellFormed()).toBe(true)
})
