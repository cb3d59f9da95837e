import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { selfUrl } from '../../src/disclosure/bundle-text.ts'
import { EXTENSION_URLS } from '../../src/disclosure/notice-extension.ts'
import { noticeOf, noticeText, parseNotice } from '../../src/disclosure/notice.ts'
import type { ScopeWords } from '../../src/disclosure/notice.ts'
import { Disclosure, recast, scopeKey, seal, sealPush, sealText } from '../../src/disclosure/seal.ts'
import { spliceMetaExtension } from '../../src/disclosure/splice.ts'
import type { Ask, Found, Shown, Wanted } from '../../src/model/ask.ts'
import type { Basis } from '../../src/model/decision.ts'
import { disclosureId, partnerId } from '../../src/model/ids.ts'
import { instant } from '../../src/model/time.ts'

const at = instant('2026-03-01T12:00:00Z')
const CONSENT: Basis = { kind: 'consent', reference: 'Consent/c', version: '2' }
const SCOPE: ScopeWords = {
  consent: 'Consent/c',
  version: '2',
  text: { en: 'Housing needs to Harbor Housing until 2027.', es: 'Necesidades de vivienda.' },
}
const options = {
  id: disclosureId('d-1'),
  baseUrl: 'https://gw.example/fhir',
  scopes: new Map([[scopeKey('Consent/c', '2'), SCOPE]]),
}
const ask = (wanted: Wanted): Ask => ({ recipient: partnerId('harbor'), purposes: ['COC'], at, wanted })
const read = ask({ interaction: 'read', type: 'Goal', id: 'g' })
const search = ask({ interaction: 'search', query: { type: 'Goal', parameters: [] } })
const body = '{"resourceType":"Goal","id":"g","meta":{"versionId":"v"},"description":{"text":"a \\"quoted\\" {brace"}}'
const row = (more: Partial<Shown> = {}): Shown => ({
  type: 'Goal',
  id: 'g',
  versionId: 'v',
  updated: at,
  isDeleted: false,
  body,
  basis: CONSENT,
  obligations: [],
  mode: 'match',
  ...more,
})
const sealed = (from: Ask, found: Found, more = {}): Disclosure => {
  const result = seal(from, found, { ...options, ...more })
  if (!result.ok) throw new Error(result.error.code)
  return result.value
}
const json = (disclosure: Disclosure): Record<string, unknown> =>
  JSON.parse(String(disclosure.payload)) as Record<string, unknown>

describe('what leaves with consent', () => {
  test('a read bears the notice and the scope, in both languages, and the rest of the text unchanged', () => {
    const disclosure = sealed(read, { rows: [row()] })
    const { meta, ...rest } = json(disclosure)
    const { meta: _, ...before } = JSON.parse(body) as Record<string, unknown>
    expect(rest).toEqual(before)
    expect(meta).toMatchObject({
      versionId: 'v',
      extension: [
        { url: EXTENSION_URLS.disclosure, valueString: 'd-1' },
        { url: EXTENSION_URLS.notice },
        { url: EXTENSION_URLS.scope },
      ],
    })
    expect(disclosure.payload).toContain('except as provided at 42 CFR 2.12(c)(5) or as authorized by a court')
    expect(disclosure.payload).toContain('Este expediente que se le ha divulgado')
    expect(disclosure.payload).toContain(SCOPE.text.en)
    expect(disclosure.payload).toContain(SCOPE.text.es)
    expect(disclosure).toMatchObject({ id: 'd-1', notice: { statement: 1 } })
  })

  test('a search bears them once, on the Bundle', () => {
    const disclosure = sealed(
      search,
      { rows: [row(), row({ id: 'h', mode: 'include' })], total: 1, next: 'x' },
      { links: [{ relation: 'self', url: 'https://gw.example/fhir/Goal' }] },
    )
    const bundle = json(disclosure)
    expect(bundle).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 1, link: [{ relation: 'self' }] })
    expect(bundle['entry']).toMatchObject([
      { fullUrl: 'https://gw.example/fhir/Goal/g', resource: { id: 'g' }, search: { mode: 'match' } },
      { fullUrl: 'https://gw.example/fhir/Goal/h', search: { mode: 'include' } },
    ])
    expect(String(disclosure.payload).split(EXTENSION_URLS.notice)).toHaveLength(2)
  })

  test('without the words of the scope nothing leaves', () => {
    expect(seal(read, { rows: [row()] }, { ...options, scopes: new Map() })).toMatchObject({
      ok: false,
      error: { code: 'scope-missing' },
    })
    const empty = new Map([[scopeKey('Consent/c', '2'), { ...SCOPE, text: { en: ' ', es: '' } }]])
    expect(seal(read, { rows: [row()] }, { ...options, scopes: empty })).toMatchObject({
      ok: false,
      error: { code: 'scope-missing' },
    })
  })

  test('each consent that was a basis gives its scope', () => {
    const other: Basis = { kind: 'consent', reference: 'Consent/e', version: '1' }
    const scopes = new Map([...options.scopes, [scopeKey('Consent/e', '1'), { ...SCOPE, consent: 'Consent/e' }]])
    const payload = String(sealed(search, { rows: [row(), row({ basis: other })] }, { scopes }).payload)
    expect(payload.split(EXTENSION_URLS.scope)).toHaveLength(3)
  })
})

describe('what leaves without consent', () => {
  test.each(['internal', 'qso-agreement', 'medical-emergency', 'audit-evaluation'] as const)('%s bears no notice', (kind) => {
    const disclosure = sealed(read, { rows: [row({ basis: { kind } })] })
    expect(disclosure.payload).not.toContain('42 CFR')
    expect(disclosure.notice).toBeUndefined()
  })

  test('an empty search is the same bytes for everyone and every time', () => {
    const payload = sealed(search, { rows: [], total: 0 }, { id: disclosureId('other') }).payload
    expect(payload).toBe('{"resourceType":"Bundle","type":"searchset","total":0}')
  })
})

test('a history names versions, and deletions have no resource', () => {
  const history = ask({ interaction: 'history-instance', type: 'Goal', id: 'g', parameters: [] })
  expect(json(sealed(history, { rows: [row({ isDeleted: true, body: '' }), row()] }))).toMatchObject({
    type: 'history',
    entry: [
      { request: { method: 'DELETE', url: 'Goal/g' }, response: { status: '204' } },
      { request: { method: 'PUT' }, response: { status: '200', etag: 'W/"v"', lastModified: at }, resource: { id: 'g' } },
    ],
  })
})

test.each([
  ['nothing', []],
  ['two', [row(), row()]],
  ['a deletion', [row({ isDeleted: true })]],
])('a read that shows %s is a defect', (_, rows) => {
  expect(() => seal(read, { rows }, options)).toThrow('a read shows one living resource')
})

describe('other ways out', () => {
  test('a push of one resource and of several', () => {
    const one = sealPush([row()], { ...options, as: 'resource' })
    const all = sealPush([row(), row({ id: 'h' })], { ...options, as: 'transaction' })
    expect(one.ok && json(one.value)).toMatchObject({
      resourceType: 'Goal',
      meta: { extension: [{}, { url: EXTENSION_URLS.notice }, {}] },
    })
    expect(all.ok && json(all.value)).toMatchObject({
      type: 'transaction',
      entry: [{ request: { method: 'PUT', url: 'Goal/g' } }, {}],
    })
  })

  const v2 = { ...options, channel: 'hl7v2', contentType: 'x-application/hl7-v2+er7' } as const
  test('a message must hold the words, however it breaks its lines', () => {
    const good = sealText(
      [row()],
      v2,
      ({ words }) => `MSH|\rNTE|1||${words.replaceAll('\n', '\r')}`,
      (text) => text,
    )
    expect(good.ok && good.value).toMatchObject({ notice: { statement: 1 }, contentType: v2.contentType })
    const without = sealText(
      [row()],
      v2,
      () => 'MSH|',
      (text) => text,
    )
    expect(without).toMatchObject({ ok: false, error: { code: 'notice-missing' } })
    const withoutScope = sealText(
      [row()],
      v2,
      ({ notice }) => `MSH|${notice?.text.en ?? ''}`,
      (text) => text,
    )
    expect(withoutScope).toMatchObject({ ok: false, error: { code: 'notice-missing' } })
  })

  test('a message that rests on no consent needs no words', () => {
    const given = sealText(
      [row({ basis: { kind: 'medical-emergency' } })],
      v2,
      ({ words }) => `MSH|${words}`,
      (text) => text,
    )
    expect(given.ok && given.value.payload).toBe('MSH|')
  })

  test('another form of the same disclosure keeps its id and notice', () => {
    const disclosure = sealed(read, { rows: [row()] })
    expect(recast(disclosure, 'application/fhir+xml', () => '<Goal/>')).toMatchObject({
      id: 'd-1',
      payload: '<Goal/>',
      notice: { statement: 1 },
    })
  })
})

test('an object of the same shape is not a Disclosure', () => {
  type Lookalike = { readonly [K in keyof Disclosure]: Disclosure[K] }
  const isDisclosure: Lookalike extends Disclosure ? true : false = false
  expect(isDisclosure).toBe(false)
  expect(sealed(read, { rows: [row()] })).toBeInstanceOf(Disclosure)
})

describe('the notice', () => {
  test.each([
    ['statement 1', noticeOf(1).text.en, { ok: true, value: { statement: 1 } }],
    ['statement 1 with other line ends', noticeOf(1).text.en.replaceAll('\n', '\r\n  '), { ok: true, value: { statement: 1 } }],
    [
      'statement 2, quoted',
      '“42 CFR part 2 prohibits unauthorized use or disclosure of these records.”',
      { ok: true, value: { statement: 2 } },
    ],
    [
      'the short text of 2018',
      '42 CFR part 2 prohibits unauthorized disclosure of these records.',
      { ok: false, error: { code: 'notice-replaced' } },
    ],
    [
      'the long text of 2018',
      'This record which has been disclosed to you is protected by federal confidentiality rules (42 CFR part 2). The federal rules prohibit you from making any further disclosure of this record unless further disclosure is expressly permitted',
      { ok: false, error: { code: 'notice-replaced' } },
    ],
    [
      'a text of 1987',
      'The Federal rules restrict any use of the information to criminally investigate or prosecute any alcohol or drug abuse patient.',
      { ok: false, error: { code: 'notice-replaced' } },
    ],
    ['something else', 'Confidential.', { ok: false, error: { code: 'notice-unknown' } }],
    ['nothing', '', { ok: false, error: { code: 'notice-unknown' } }],
  ])('%s', (_, text, expected) => {
    expect(parseNotice(text)).toMatchObject(expected)
  })

  test('as plain text: notice, scopes; English, then Spanish', () => {
    expect(noticeText(noticeOf(2), [SCOPE])).toBe(
      '42 CFR part 2 prohibits unauthorized use or disclosure of these records.\n\nWhat the consent covers: Housing needs to Harbor Housing until 2027.\n\n' +
        '42 CFR parte 2 prohíbe el uso o la divulgación no autorizados de estos expedientes.\n\nLo que abarca el consentimiento: Necesidades de vivienda.\n',
    )
  })
})

describe('splicing', () => {
  const X = '{"url":"x"}'
  test.each([
    ['no meta', '{"a":1}', { a: 1, meta: { extension: [{ url: 'x' }] } }],
    ['an empty object', ' { } ', { meta: { extension: [{ url: 'x' }] } }],
    ['an empty meta', '{"meta":{}}', { meta: { extension: [{ url: 'x' }] } }],
    ['a meta', '{ "meta" : { "v" : 1 } }', { meta: { v: 1, extension: [{ url: 'x' }] } }],
    ['extensions', '{"meta":{"extension":[{"url":"y"}]}}', { meta: { extension: [{ url: 'x' }, { url: 'y' }] } }],
    ['no extensions', '{"meta":{"extension":[ ]}}', { meta: { extension: [{ url: 'x' }] } }],
    [
      'a meta further in',
      '{"contained":[{"meta":{}}],"s":"\\"meta\\":{","n":-1.5e3,"t":true,"meta":{"extension":[]}}',
      { contained: [{ meta: {} }], s: '"meta":{', n: -1500, t: true, meta: { extension: [{ url: 'x' }] } },
    ],
    ['backslashes', '{"a":"\\\\","b":"\\\\\\"","meta":{}}', { a: '\\', b: '\\"', meta: { extension: [{ url: 'x' }] } }],
  ])('into %s', (_, text, expected) => {
    expect(JSON.parse(spliceMetaExtension(text, X))).toEqual(expected)
  })

  test('any object comes out as it was, with the extension in its place', () => {
    const keyed = fc.dictionary(fc.string(), fc.jsonValue()).filter((o) => !('meta' in o) && !('__proto__' in o))
    const meta = fc.option(
      fc.dictionary(fc.string(), fc.jsonValue()).filter((o) => !('extension' in o) && !('__proto__' in o)),
      { nil: undefined },
    )
    fc.assert(
      fc.property(keyed, meta, fc.constantFrom(0, 2), (object, own, indent) => {
        const whole = own === undefined ? object : { ...object, meta: own }
        const text = JSON.stringify(whole, null, indent)
        expect(JSON.parse(spliceMetaExtension(text, X))).toEqual({
          ...JSON.parse(text),
          meta: { ...(JSON.parse(JSON.stringify(own ?? {})) as object), extension: [{ url: 'x' }] },
        })
      }),
    )
  })

  test.each(['', '[]', '{"a":', '{"meta":1}', '{"a":"b'])('what is no resource is a defect: %s', (text) => {
    expect(() => spliceMetaExtension(text, X)).toThrow()
  })
})

test('a self link names nobody', () => {
  expect(
    selfUrl('https://gw.example/fhir', 'Patient', [
      ['name', 'HTEST'],
      ['_count', '5'],
      ['identifier', 'x|1'],
      ['_include', 'Goal:subject'],
    ]),
  ).toBe('https://gw.example/fhir/Patient?_count=5&_include=Goal%3Asubject')
  expect(selfUrl('https://gw.example/fhir', 'Patient', [['name', 'HTEST']])).toBe('https://gw.example/fhir/Patient')
})
