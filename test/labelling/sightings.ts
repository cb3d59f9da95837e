import type { Resource } from '@medplum/fhirtypes'
import { inspect, type Inspection } from '../../src/labelling/inspect.ts'
import { parseRules, type SensitivityRules } from '../../src/labelling/rules.ts'
import type { TellingOrganization } from '../../src/labelling/world.ts'

/** A code system of the tests, one that looks like ICD, and one that no rule speaks of. */
export const CODES = 'http://codes.example/cs'
export const HARMLESS = 'http://harmless.example/cs'

const wording = { language: 'en', certainty: 'certain' }
const code = { system: 'cs', source: ['own'] }

/** A few rules, for tests of where a finding goes; what the shipped ones find is measured elsewhere. */
export const fewRules = (): SensitivityRules => {
  const rules = parseRules(
    { kind: 'sources', rows: [{ id: 'own', title: 'own', licence: 'own' }] },
    {
      kind: 'systems',
      rows: [
        { key: 'cs', uris: [CODES] },
        { key: 'icd', uris: ['http://icd.example'], shape: '[A-Z]\\d\\w\\.?\\w{0,4}' },
        { key: 'loinc', uris: ['http://loinc.org'] },
        { key: 'harmless', uris: [HARMLESS] },
      ],
    },
    {
      kind: 'codes',
      rows: [
        { ...code, id: 'drug', codes: ['D1', 'meth'], category: ['SUD'] },
        { ...code, id: 'fine', codes: ['D2'], category: [] },
        { ...code, id: 'dated', codes: ['D3'], category: ['SUD'], from: '2020-01-01', to: '2022-01-01' },
        { ...code, id: 'icd', system: 'icd', prefixes: ['F11'], category: ['OPIOIDUD'] },
        { ...code, id: 'form', system: 'loinc', codes: ['75626-2'], category: ['ETHUD'] },
        { ...code, id: 'fine-form', system: 'loinc', codes: ['1-8'], category: [] },
      ],
    },
    {
      kind: 'text',
      rows: [
        { ...wording, id: 'meth', category: ['SUD'], phrases: ['meth'] },
        { ...wording, id: 'hiv', category: ['HIV'], phrases: ['hiv'] },
        { ...wording, id: 'drt', category: ['PROGRAM-IDENTITY'], phrases: ['recovery team'] },
        { ...wording, id: 'both', category: ['PROGRAM-IDENTITY', 'SUD'], phrases: ['rehab team'] },
        { ...wording, id: 'triggers', category: ['SUD'], certainty: 'doubtful', phrases: ['triggers'] },
      ],
    },
    {
      kind: 'uris',
      rows: [
        { id: 'programme', category: ['PROGRAM-IDENTITY'], words: ['mission'] },
        { id: 'court', category: ['JUSTICE'], words: ['court'] },
        { id: 'rehab', category: ['SUD', 'PROGRAM-IDENTITY'], words: ['rehab'] },
      ],
    },
    { kind: 'keep', rows: [{ id: 'k', words: ['studio'] }] },
  )
  if (!rules.ok) throw new Error(JSON.stringify(rules.error))
  return rules.value
}

interface More {
  readonly isPart2?: boolean
  readonly day?: string
  readonly telling?: readonly TellingOrganization[]
}

/** What is seen in a resource of these elements. */
export const seen = (elements: object, more: More = {}): Inspection =>
  inspect({ id: 'x', ...elements } as Resource, fewRules(), { telling: [], isPart2: false, ...more })

const SURE: Readonly<Record<string, string>> = { certain: '', doubtful: '?' }

/** The same, a line for each: where, what, by which rule, and a question mark when it is doubtful. */
export const sightings = (elements: object, more: More = {}): readonly string[] => [
  ...new Set(
    seen(elements, more).sightings.map(
      ({ place, sensitivity, certainty, rule }) =>
        `${place.whole ? 'whole' : place.pointer} ${sensitivity.join('+')} ${rule}${SURE[certainty] ?? '!'}`,
    ),
  ),
]
