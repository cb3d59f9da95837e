import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import type { Consent as FhirConsent } from '@medplum/fhirtypes'
import { deficiencies, ELEMENTS } from '../../src/consent/deficiencies.ts'
import { BASE, EXTENSION } from '../../src/consent/extensions.ts'
import { readConsent } from '../../src/consent/read-consent.ts'
import { instant } from '../../src/model/time.ts'
import { validate } from '../../src/validation/validate.ts'
import { ELEMENT_SPOILERS, FORMS } from '../consent/support/spoilers.ts'
import { consent, PARTNERS } from '../consent/support/world.ts'
import { allDefinitions, OURS } from '../validation/definitions.ts'

const PROFILE = `${BASE}/StructureDefinition/mission-consent`
const AT = instant('2026-06-01T15:00:00Z')

/** FHIR writes no empty list and no empty object. */
const isEmpty = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0
const claiming = (resource: FhirConsent): FhirConsent =>
  JSON.parse(
    JSON.stringify({ ...resource, meta: { ...resource.meta, profile: [PROFILE] } }, (_, value: unknown) =>
      isEmpty(value) ? undefined : value,
    ),
  ) as FhirConsent
const faultsOf = (resource: FhirConsent): readonly string[] =>
  validate(claiming(resource), allDefinitions, [PROFILE])
    .filter(({ severity }) => severity === 'error')
    .map(({ path, message }) => `${path}: ${message}`)
const found = (resource: FhirConsent): readonly (readonly [string, string])[] =>
  deficiencies(readConsent(claiming(resource)), AT, { partners: PARTNERS, zone: 'America/Chicago', forms: FORMS }).map(
    ({ rule, law }) => [rule, law],
  )

describe('a Consent of the profile carries every element of § 2.31', () => {
  test('one with all of them conforms and lacks nothing', () => {
    expect([faultsOf(consent()), found(consent())]).toEqual([[], []])
  })

  test.each(ELEMENTS.map(({ id, law }) => [id, law] as const))(
    'spoiled, it conforms all the same, is kept, and is seen for what it is: %s [%s]',
    (id, law) => {
      const spoiled = ELEMENT_SPOILERS[id] ?? consent()
      expect([faultsOf(spoiled), found(spoiled)]).toEqual([[], [[id, law]]])
    },
  )

  test('every paragraph (a)(1) to (a)(10), notes, proceedings and justice has its row', () => {
    const laws = ELEMENTS.map(({ law }) => law).join('; ')
    for (const paragraph of [
      ...['1', '2', '3', '4)(i', '4)(ii', '4)(iii', '5', '5)(iii', '6', '7', '8', '9', '10)(i', '10)(ii'].map(
        (one) => `2.31(a)(${one})`,
      ),
      '2.31(b)(2)',
      '2.31(b)(3)',
      '2.31(d)',
      '2.35(a)(1)',
      '2.35(b)',
      '2.35(c)',
    ])
      expect(laws).toContain(paragraph)
  })
})

interface FormRow {
  readonly blank: string
  readonly field: string
  readonly element: string
}
const FORM = readFileSync(new URL('../../docs/consent-form.md', import.meta.url), 'utf8')
const FORM_ROWS: readonly FormRow[] = FORM.split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| Blank') && !line.startsWith('| ---'))
  .map((line) => {
    const [blank = '', field = '', element = ''] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim())
    return { blank, field, element }
  })

/** The paragraph of each element that a blank of the form has to fill. */
const FILLED = ['1', '2', '3', '4)(i', '4)(ii', '4)(iii', '5', '5)(iii', '6', '7', '8', '9', '10)(i', '10)(ii'].map(
  (one) => `(a)(${one})`,
)

const elementNames = new Set(Object.values(EXTENSION).map((url) => url.split('/').at(-1) ?? ''))
const OURS_ALL = OURS as {
  readonly entry: readonly {
    readonly resource: { readonly id: string; readonly snapshot: { readonly element: readonly { readonly path: string }[] } }
  }[]
}
const knownPaths = new Set(
  OURS_ALL.entry.find(({ resource: { id } }) => id === 'mission-consent')?.resource.snapshot.element.map(({ path }) => path),
)

const isKnown = (path: string): boolean => knownPaths.has(path) || knownPaths.has(path.replace(/\.[a-z]+$/i, ''))

describe('the plain-language form (docs/consent-form.md)', () => {
  test.each(FILLED)('%s has a blank, a field and a place in FHIR', (paragraph) => {
    const rows = FORM_ROWS.filter(({ element }) => element.includes(paragraph))
    expect(rows.length).toBeGreaterThan(0)
    for (const { blank, field, element } of rows) {
      expect([blank, field]).not.toContain('')
      expect(element).toMatch(/→ .*`[^`]+`/)
    }
  })

  test.each(FORM_ROWS.map(({ blank, element }) => [blank, element] as const))('%s: what the row names exists', (_, element) => {
    for (const [, name = ''] of element
      .split('→')
      .slice(1)
      .join(' ')
      .matchAll(/`([^`]+)`/g)) {
      if (name.startsWith('consent-')) expect(elementNames).toContain(name)
      // the last step may be a part of a datatype, as the end of a period is
      else if (/^[a-z]+\./.test(name)) expect(isKnown(`Consent.${name}`)).toBe(true)
    }
  })

  test('every statement that § 2.31 asks for is on it', () => {
    for (const code of [
      'right-to-revoke',
      'how-to-revoke',
      'hipaa-redisclosure',
      'redisclosure-potential',
      'consequences-of-refusal',
      'fundraising-opt-out',
    ])
      expect(FORM).toContain(`statement \`${code}\``)
  })

  test.each(['sud-counseling-notes', 'psychotherapy-notes', 'proceedings', 'criminal-justice'])(
    '%s has a form of its own',
    (kind) => {
      expect(FORM).toMatch(new RegExp(`^- \\*\\*[^*]+\\*\\* \\(\`${kind}\`\\)`, 'm'))
    },
  )
})
