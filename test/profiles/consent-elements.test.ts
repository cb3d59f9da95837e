import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import type { Consent as FhirConsent, Patient } from '@medplum/fhirtypes'
import { deficiencies, ELEMENTS } from '../../src/consent/deficiencies.ts'
import { BASE, EXTENSION } from '../../src/consent/extensions.ts'
import { readConsent } from '../../src/consent/read-consent.ts'
import { capacityFaults, MINORS, SIGNERS } from '../../src/consent/signers.ts'
import { instant } from '../../src/model/time.ts'
import { validate } from '../../src/validation/validate.ts'
import { ELEMENT_SPOILERS, FORMS } from '../consent/support/spoilers.ts'
import { consent, PARTNERS, PATIENT_RESOURCE, without } from '../consent/support/world.ts'
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
  /** Of a signature: the rule that the officer reads when it is not there. */
  readonly leftEmpty: string
}
const FORM = readFileSync(new URL('../../docs/consent-form.md', import.meta.url), 'utf8')
const FORM_ROWS: readonly FormRow[] = FORM.split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| Blank') && !line.startsWith('| ---'))
  .map((line) => {
    const [blank = '', field = '', element = '', leftEmpty = ''] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim())
    return { blank, field, element, leftEmpty: leftEmpty.replaceAll('`', '') }
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

type Signature = readonly [capacity: string, evidence?: string]
interface Signing {
  readonly law: string
  readonly person: Partial<Patient>
  readonly state?: string
  readonly filled: readonly Signature[]
  readonly empty: readonly Signature[]
}
const ADULT = { birthDate: '1988-05-05' }
const MINOR = { birthDate: '2010-01-01' }
const DECEASED = { ...ADULT, deceasedDateTime: '2026-02-01' }

/** Each blank of the signature filled as the form says, and left empty. */
const SIGNINGS: Readonly<Record<string, readonly Signing[]>> = {
  'adult-must-sign': [
    { law: '2.31(a)(8)', person: ADULT, filled: [['patient']], empty: [['parent']] },
    { law: '2.15(a)', person: ADULT, filled: [['guardian', 'order 2026-11']], empty: [['parent']] },
    { law: '2.15(a)', person: ADULT, filled: [['personal-representative', 'order 2026-11']], empty: [['parent']] },
  ],
  'minor-must-sign': [
    { law: '2.14(b)', person: MINOR, filled: [['minor-patient']], empty: [['parent']] },
    {
      law: '2.14(c)',
      person: MINOR,
      state: 'US-ZZ',
      filled: [['parent'], ['minor-patient']],
      empty: [['parent']],
    },
  ],
  'parent-must-sign': [
    { law: '2.14(c)', person: MINOR, state: 'US-ZZ', filled: [['minor-patient'], ['parent']], empty: [['minor-patient']] },
    { law: '2.14(c)', person: MINOR, state: 'US-ZZ', filled: [['minor-patient'], ['guardian']], empty: [['minor-patient']] },
  ],
  'representative-must-sign': [
    { law: '2.15(b)', person: DECEASED, filled: [['personal-representative', 'letters']], empty: [['parent']] },
  ],
  'authority-not-shown': [
    { law: '2.15', person: ADULT, filled: [['guardian', 'order 2026-11']], empty: [['guardian']] },
    { law: '2.15', person: DECEASED, filled: [['personal-representative', 'letters']], empty: [['personal-representative']] },
  ],
}

describe('who signs, for minors and by representatives (docs/consent-form.md)', () => {
  const signedBy = (signatures: readonly Signature[]): FhirConsent =>
    consent({
      extension: [
        ...without(EXTENSION.signature),
        ...signatures.map(([capacity, evidence]) => ({
          url: EXTENSION.signature,
          extension: [
            { url: 'capacity', valueCode: capacity },
            { url: 'method', valueCode: 'wet' },
            ...(evidence === undefined ? [] : [{ url: 'evidence', valueString: evidence }]),
          ],
        })),
      ],
    })
  const contextOf = ({ person, state = 'US-TX' }: Signing) => ({
    partners: PARTNERS,
    evidence: [{ ...PATIENT_RESOURCE, ...person }],
    jurisdiction: state,
    zone: 'America/Chicago',
  })
  const faults = (signing: Signing, signatures: readonly Signature[]): readonly string[] =>
    capacityFaults({
      consent: readConsent(claiming(signedBy(signatures))),
      at: AT,
      purposes: ['TREAT'],
      isTpo: false,
      context: contextOf(signing),
    })
  const lacking = (signing: Signing, signatures: readonly Signature[]): readonly (readonly [string, string])[] =>
    deficiencies(readConsent(claiming(signedBy(signatures))), AT, contextOf(signing)).map(({ rule, law }) => [rule, law])
  const rows = FORM_ROWS.filter(({ leftEmpty }) => leftEmpty !== '')

  test('each rule of signing has its row and its case, and no row another rule', () => {
    const rules = SIGNERS.map(({ id }) => id).sort()
    expect([...new Set(rows.map(({ leftEmpty }) => leftEmpty))].sort()).toEqual(rules)
    expect(Object.keys(SIGNINGS).sort()).toEqual(rules)
  })

  test.each(Object.entries(SIGNINGS).flatMap(([rule, signings]) => signings.map((one) => [rule, one.law, one] as const)))(
    '%s: the blank for § %s filled, and left empty',
    (rule, law, signing) => {
      expect([faultsOf(signedBy(signing.filled)), faults(signing, signing.filled)]).toEqual([[], []])
      expect(faults(signing, signing.empty)).toContain(rule)
      expect(lacking(signing, signing.filled)).toEqual([])
      expect(lacking(signing, signing.empty)).toEqual([['signer-not-entitled', '42 CFR 2.31(a)(8)']])
      const said = rows.filter(({ leftEmpty, element }) => leftEmpty === rule && element.includes(`§ ${law.slice(0, 4)}`))
      const fields = said.map(({ field }) => field).join(' ')
      if (rule === 'authority-not-shown') expect(fields).toContain('`signatures[].evidence`')
      else for (const [capacity] of signing.filled.slice(-1)) expect(fields).toContain(`\`${capacity}\``)
    },
  )

  test('the states in which a minor acts alone are those of the rule table', () => {
    const said = [...FORM.matchAll(/\(`(US-[A-Z]{2})`\)/g)].map(([, state]) => state)
    expect(said.sort()).toEqual(
      MINORS.filter(({ minorActsAlone }) => minorActsAlone)
        .map(({ state }) => state)
        .sort(),
    )
  })
})
