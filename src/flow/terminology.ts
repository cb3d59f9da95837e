import type { Parameters, ValueSet } from '@medplum/fhirtypes'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { expand, lookup, translate, validateCode } from '../validation/terminology-operations.ts'
import type { House } from './house.ts'

/** What is asked of our lists of codes; each name at most once. */
export type Question = ReadonlyMap<string, string>

/** One terminology operation: `known` are the parameters that it understands. */
export interface TerminologyOperation {
  readonly type: 'CodeSystem' | 'ValueSet' | 'ConceptMap'
  readonly name: 'lookup' | 'validate-code' | 'expand' | 'translate'
  readonly known: readonly string[]
  readonly needs: readonly string[]
  readonly answer: (house: House, of: Question) => Result<Parameters | ValueSet>
}

/** Codes that one expansion lists at most; `total` says how many there are. */
const CODES_MAX = 1000

const given = <N extends string>(of: Question, name: string, as: N): Partial<Record<N, string>> => {
  const value = of.get(name)
  return value === undefined ? {} : ({ [as]: value } as Record<N, string>)
}

const wholeNumber = (of: Question, name: string, most: number, otherwise: number): Result<number> => {
  const text = of.get(name)
  if (text === undefined) return ok(otherwise)
  return /^\d{1,6}$/.test(text)
    ? ok(Math.min(Number(text), most))
    : fail(problem('invalid', 'parameter-invalid', { detail: `${name} must be a whole number` }))
}

/** The operations on what we hold, which is public: code systems, value sets and maps, never a record. @spec FHIR R4 terminology-service.html */
export const TERMINOLOGY_OPERATIONS: readonly TerminologyOperation[] = [
  {
    type: 'CodeSystem',
    name: 'lookup',
    known: ['system', 'code'],
    needs: ['system', 'code'],
    answer: (house, of) => lookup(house.definitions.terminology, { system: of.get('system') ?? '', code: of.get('code') ?? '' }),
  },
  {
    type: 'CodeSystem',
    name: 'validate-code',
    known: ['url', 'system', 'code', 'display'],
    needs: ['code'],
    answer: (house, of) =>
      validateCode(house.definitions.terminology, {
        ...given(of, 'system', 'system'),
        ...given(of, 'url', 'system'),
        code: of.get('code') ?? '',
        ...given(of, 'display', 'display'),
      }),
  },
  {
    type: 'ValueSet',
    name: 'validate-code',
    known: ['url', 'system', 'code', 'display'],
    needs: ['url', 'code'],
    answer: (house, of) =>
      validateCode(house.definitions.terminology, {
        ...given(of, 'url', 'valueSet'),
        ...given(of, 'system', 'system'),
        code: of.get('code') ?? '',
        ...given(of, 'display', 'display'),
      }),
  },
  {
    type: 'ValueSet',
    name: 'expand',
    known: ['url', 'filter', 'offset', 'count'],
    needs: ['url'],
    answer: (house, of) => {
      const [offset, count] = [wholeNumber(of, 'offset', 1_000_000, 0), wholeNumber(of, 'count', CODES_MAX, CODES_MAX)]
      if (!offset.ok) return offset
      if (!count.ok) return count
      const ask = { url: of.get('url') ?? '', ...given(of, 'filter', 'filter'), offset: offset.value, count: count.value }
      return expand(house.definitions.terminology, ask, house.clock.now())
    },
  },
  {
    type: 'ConceptMap',
    name: 'translate',
    known: ['url', 'system', 'code', 'targetsystem', 'reverse'],
    needs: ['system', 'code'],
    answer: (house, of) =>
      ok(
        translate(house.definitions.terminology, {
          system: of.get('system') ?? '',
          code: of.get('code') ?? '',
          ...given(of, 'url', 'map'),
          ...given(of, 'targetsystem', 'targetSystem'),
          ...(of.get('reverse') === 'true' ? { isReverse: true } : {}),
        }),
      ),
  },
]
