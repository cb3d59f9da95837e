import { describe, expect, test } from '@jest/globals'
import { isObject } from '../../src/validation/fhirpath-values.ts'
import { validate } from '../../src/validation/validate.ts'
import { CORPUS } from '../validation/corpus.ts'
import { allDefinitions, jsonIn } from '../validation/definitions.ts'

type Json = Readonly<Record<string, unknown>>
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : [])
const itemsOf = (parent: Json): readonly Json[] => listOf(parent['item']).flatMap((item) => [item, ...itemsOf(item)])

const questionnaires = new Map(
  jsonIn('profiles/questionnaires')
    .filter(isObject)
    .map((q) => [String(q['url']), q] as const),
)

/** JSON keys in which an answer to a type of item may stand. @spec FHIR R4 QuestionnaireResponse "Answer types" */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  boolean: ['valueBoolean'],
  text: ['valueString'],
  decimal: ['valueDecimal'],
  integer: ['valueInteger'],
  choice: ['valueCoding'],
  group: [],
}

describe('questionnaires', () => {
  test.each([...questionnaires])('%s is valid', (_, questionnaire) => {
    expect(validate(questionnaire, allDefinitions)).toEqual([])
  })

  test('an answer stands under an item of its questionnaire, in its type', () => {
    let answered = 0
    for (const response of CORPUS.filter((resource) => questionnaires.has(String(resource['questionnaire'])))) {
      const items = new Map(
        itemsOf(questionnaires.get(String(response['questionnaire'])) ?? {}).map((item) => [item['linkId'], item]),
      )
      for (const item of itemsOf(response)) {
        const asked = items.get(item['linkId'])
        const keys = listOf(item['answer']).flatMap((answer) => Object.keys(answer))
        answered += keys.length
        expect({ linkId: item['linkId'], isAsked: asked !== undefined }).toEqual({ linkId: item['linkId'], isAsked: true })
        for (const key of keys) expect(ANSWERS[String(asked?.['type'])]).toContain(key)
      }
    }
    expect(answered).toBeGreaterThan(15)
  })
})
