// In: a question about codes, as the FHIR terminology operations ask it. Out: the Parameters or ValueSet that answers it.
// Never: answers from anything but the resources that the terminology was loaded from; what is not held is `not-found`.
import type { Parameters, ParametersParameter, ValueSet } from '@medplum/fhirtypes'
import { problem } from '../platform/problem.ts'
import { fail, ok } from '../platform/result.ts'
import type { Result } from '../platform/result.ts'
import { isObject } from './fhirpath-values.ts'
import type { Terminology } from './terminology.ts'

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const parameters = (parameter: ParametersParameter[]): Parameters => ({ resourceType: 'Parameters', parameter })
const string = (name: string, value: string | undefined): ParametersParameter[] =>
  value === undefined ? [] : [{ name, valueString: value }]

/** One code of a code system with its names. @spec FHIR R4 CodeSystem $lookup */
export function lookup(terminology: Terminology, ask: { readonly system: string; readonly code: string }): Result<Parameters> {
  const system = terminology.codeSystem(ask.system)
  if (!system) return fail(problem('not-found', 'code-system-unknown', { detail: 'the code system is not held here' }))
  const concept = terminology.lookup(ask.system, ask.code)
  if (!concept) return fail(problem('not-found', 'code-unknown', { detail: 'the code is not in the code system' }))
  const designations = Array.isArray(concept['designation']) ? concept['designation'].filter(isObject) : []
  return ok(
    parameters([
      ...string('name', text(system['title']) ?? text(system['name']) ?? ask.system),
      ...string('version', text(system['version'])),
      ...string('display', text(concept['display']) ?? ask.code),
      ...string('definition', text(concept['definition'])),
      ...designations.map((designation) => ({
        name: 'designation',
        part: [
          ...(text(designation['language']) === undefined
            ? []
            : [{ name: 'language', valueCode: String(designation['language']) }]),
          ...string('value', text(designation['value'])),
        ],
      })),
    ]),
  )
}

/** What `$validate-code` asks: a code in a value set, or in a code system when no value set is named. */
export interface CodeAsk {
  readonly valueSet?: string
  readonly system?: string
  readonly code: string
  readonly display?: string
}

/** Whether a code is valid, and how it is rightly displayed. @spec FHIR R4 ValueSet and CodeSystem $validate-code */
export function validateCode(terminology: Terminology, ask: CodeAsk): Result<Parameters> {
  const isIn = ask.valueSet === undefined ? inSystem(terminology, ask) : terminology.isMember(ask.valueSet, ask.system, ask.code)
  if (isIn === undefined) return fail(problem('not-found', 'value-set-unknown', { detail: 'the list of codes is not held here' }))
  const display = isIn ? displayOf(terminology, ask) : undefined
  const isRightlyNamed = ask.display === undefined || display === undefined || same(ask.display, display)
  const message = isIn ? (isRightlyNamed ? undefined : 'the display is not that of the code') : 'the code is not in the list'
  return ok(
    parameters([
      { name: 'result', valueBoolean: isIn && isRightlyNamed },
      ...string('message', message),
      ...string('display', display),
    ]),
  )
}

const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase()

const inSystem = (terminology: Terminology, { system, code }: CodeAsk): boolean | undefined =>
  system === undefined || !terminology.codeSystem(system) ? undefined : terminology.lookup(system, code) !== undefined

function displayOf(terminology: Terminology, { valueSet, system, code }: CodeAsk): string | undefined {
  const concepts = valueSet === undefined ? [] : (terminology.expand(valueSet) ?? [])
  const member = concepts.find((concept) => concept.code === code && (system === undefined || concept.system === system))
  const home = system ?? member?.system
  return member?.display ?? (home === undefined ? undefined : text(terminology.lookup(home, code)?.['display']))
}

/** Which part of a value set is wanted. */
export interface ExpandAsk {
  readonly url: string
  /** Text that the display or code must hold. */
  readonly filter?: string
  readonly offset?: number
  readonly count?: number
}

/** The codes of a value set. `total` counts what fits the filter, before the page is cut. @spec FHIR R4 ValueSet $expand */
export function expand(terminology: Terminology, ask: ExpandAsk, at: string): Result<ValueSet> {
  const source = terminology.valueSet(ask.url)
  const concepts = terminology.expand(ask.url)
  if (!source) return fail(problem('not-found', 'value-set-unknown', { detail: 'the value set is not held here' }))
  if (!concepts)
    return fail(problem('unsupported', 'value-set-endless', { detail: 'the value set cannot be listed from what is held here' }))
  const wanted = (ask.filter ?? '').toLowerCase()
  const found = concepts.filter(
    ({ code, display }) => code.toLowerCase().includes(wanted) || (display ?? '').toLowerCase().includes(wanted),
  )
  const offset = ask.offset ?? 0
  const contains = found.slice(offset, ask.count === undefined ? undefined : offset + ask.count)
  return ok({
    resourceType: 'ValueSet',
    ...(text(source['id']) === undefined ? {} : { id: String(source['id']) }),
    url: String(source['url']),
    ...(text(source['version']) === undefined ? {} : { version: String(source['version']) }),
    ...(text(source['name']) === undefined ? {} : { name: String(source['name']) }),
    status: 'active',
    expansion: {
      timestamp: at,
      total: found.length,
      offset,
      ...(contains.length === 0
        ? {}
        : {
            contains: contains.map(({ system, code, display }) => ({
              system,
              code,
              ...(display === undefined ? {} : { display }),
            })),
          }),
    },
  })
}

/** What `$translate` asks. */
export interface TranslateAsk {
  readonly system: string
  readonly code: string
  readonly map?: string
  readonly targetSystem?: string
  readonly isReverse?: boolean
}

/** The codes that our maps lead to; `result` says whether there is one that means the same or nearly. @spec FHIR R4 ConceptMap $translate */
export function translate(terminology: Terminology, ask: TranslateAsk): Parameters {
  const { system, code, ...options } = ask
  const matches = terminology.translate({ system, code }, options)
  const hasMatch = matches.some(({ equivalence }) => equivalence !== 'unmatched' && equivalence !== 'disjoint')
  return parameters([
    { name: 'result', valueBoolean: hasMatch },
    ...string('message', hasMatch ? undefined : 'no map that is held here leads anywhere from this code'),
    ...matches.map((match): ParametersParameter => ({
      name: 'match',
      part: [
        { name: 'equivalence', valueCode: match.equivalence },
        {
          name: 'concept',
          valueCoding: {
            system: match.system,
            code: match.code,
            ...(match.display === undefined ? {} : { display: match.display }),
          },
        },
        { name: 'source', valueUri: match.map },
      ],
    })),
  ])
}
