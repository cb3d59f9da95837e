import { describe, expect, test } from '@jest/globals'
import { cohort } from '../../mappings/mission/cohort.ts'
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

/** LOINC 102010-6: the event, then the five symptoms. */
const TRAUMA_SCREEN = ['102011-4', '102012-2', '102013-0', '102014-8', '102015-5', '102016-3']

/** JSON keys in which an answer to a type of item may stand. @spec FHIR R4 QuestionnaireResponse "Answer types" */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  boolean: ['valueBoolean'],
  text: ['valueString'],
  decimal: ['valueDecimal'],
  integer: ['valueInteger'],
  choice: ['valueCoding'],
  group: [],
}

const responses = [...CORPUS, ...jsonIn('profiles/examples').filter(isObject)].filter((resource) =>
  questionnaires.has(String(resource['questionnaire'])),
)
const urlOf = (name: string): string => `https://mission-gateway.example/fhir/Questionnaire/${name}`

describe('questionnaires', () => {
  test.each([...questionnaires])('%s is valid', (_, questionnaire) => {
    expect(validate(questionnaire, allDefinitions)).toEqual([])
  })

  test('an answer stands under an item of its questionnaire, in its type', () => {
    let answered = 0
    for (const response of responses) {
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

  test('each form of the programme is answered by an example', () => {
    const answered = new Set(responses.map((response) => String(response['questionnaire'])))
    expect([...questionnaires.keys()].filter((url) => !answered.has(url))).toEqual([])
  })

  test('the trauma screen has its six questions in the words of the screen, five of them only after a yes', () => {
    const items = itemsOf(questionnaires.get(urlOf('mission-pc-ptsd-5')) ?? {})
    expect(items.map((item) => item['linkId'])).toEqual(TRAUMA_SCREEN)
    expect(items.every((item) => typeof item['text'] === 'string')).toBe(true)
    expect(items.map((item) => listOf(item['enableWhen']).length)).toEqual([0, 1, 1, 1, 1, 1])
  })

  test('PRAPARE has codes and no text, for the text is protected', () => {
    const items = itemsOf(questionnaires.get(urlOf('mission-prapare')) ?? {})
    expect(items).toHaveLength(21)
    for (const item of items) {
      expect(listOf(item['code'])).toEqual([{ system: 'http://loinc.org', code: item['linkId'] }])
      expect(item).not.toHaveProperty('text')
    }
  })

  test('an assessment of a synthetic client answers questions of its form, and the trauma score is the sum', () => {
    let screens = 0
    for (const { records } of cohort(7, 20))
      for (const { type, record } of records) {
        const items = itemsOf(questionnaires.get(urlOf(`mission-${String(record['instrument'])}`)) ?? {})
        if (type !== 'assessment' || items.length === 0) continue
        const answers = listOf(record['answers'])
        for (const { linkId } of answers) expect(items.map((item) => item['linkId'])).toContain(linkId)
        if (record['instrument'] !== 'pc-ptsd-5') continue
        screens += 1
        expect(answers.slice(1).reduce((sum, { number }) => sum + Number(number), 0)).toBe(record['score'])
      }
    expect(screens).toBeGreaterThan(0)
  })
})
