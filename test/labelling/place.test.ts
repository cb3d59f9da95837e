import { describe, expect, test } from '@jest/globals'
import { isPartOf, placeOf, placeOfIdentity, type Path } from '../../src/labelling/place.ts'

/** `a.0.b` to `['a', 0, 'b']`; empty for the resource itself. */
const pathOf = (written: string): Path =>
  written === '' ? [] : written.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step))
const said = (place: ReturnType<typeof placeOf>): string => (place.whole ? 'the whole' : place.pointer)

describe('what is found labels the smallest part that can be taken out', () => {
  test.each([
    ['CarePlan', '', 'the whole'],
    ['CarePlan', 'meta.tag.1.display', '/meta/tag/1'],
    ['CarePlan', 'meta.source', '/meta/source'],
    ['CarePlan', 'text.div', '/text'],
    ['CarePlan', 'language', '/language'],
    ['CarePlan', 'contained.2.code.text', '/contained/2'],
    ['CarePlan', 'contained', '/contained'],
    ['CarePlan', 'identifier.1.value', '/identifier/1'],
    ['Composition', 'identifier.value', '/identifier'],
    ['CarePlan', 'title', '/title'],
    ['CarePlan', 'activity.1.detail.code.coding.0', '/activity/1'],
    ['CarePlan', 'period.start', '/period'],
    ['CarePlan', 'extension.0.valueString', '/extension/0'],
    ['CarePlan', 'activity.0.extension.1.valueString', '/activity/0/extension/1'],
    ['Condition', 'code.extension.0.valueString', '/code/extension/0'],
    ['CarePlan', 'modifierExtension.0.valueString', 'the whole'],
    ['CarePlan', 'activity.0.modifierExtension.0.extension.1.valueString', 'the whole'],
    ['Condition', 'code.text', 'the whole'],
    ['Condition', '_code', 'the whole'],
    ['Observation', 'valueString', 'the whole'],
    ['Observation', 'a_valueString', '/a_valueString'],
    ['Condition', 'note.0.text', '/note/0'],
    ['NoSuchType', 'anything.0', 'the whole'],
    ['NoSuchType', 'text.div', '/text'],
    ['NoSuchType', 'language', '/language'],
    ['NoSuchType', 'contained.0.code', '/contained/0'],
    ['NoSuchType', 'identifier.0.value', '/identifier/0'],
    ['NoSuchType', 'extension.0.valueString', '/extension/0'],
    ['CarePlan', 'meta._source.extension.0', '/meta/_source'],
    ['CarePlan', 'activity.0.extension', '/activity/0'],
    ['Observation', 'value_String', '/value_String'],
    ['QuestionnaireResponse', 'item.0.item.2.answer.1.valueString', '/item/0/item/2/answer/1'],
    ['QuestionnaireResponse', 'item.0.text', '/item/0'],
    ['QuestionnaireResponse', 'item.0.item', '/item/0'],
    ['QuestionnaireResponse', 'item.0.linkId.1', '/item/0'],
    ['QuestionnaireResponse', 'source.display', '/source'],
    ['Questionnaire', 'item.0.item.1.text', '/item/0/item/1'],
    ['Composition', 'section.0.section.1.title', '/section/0/section/1'],
  ])('of a %s at %j: %s', (type, path, place) => {
    expect(said(placeOf(type, pathOf(path)))).toBe(place)
  })
})

describe('an identity is taken out alone', () => {
  test.each([
    ['Condition', 'code.coding.0.system', '/code/coding/0/system'],
    ['Condition', 'code.coding.1.display', '/code/coding/1'],
    ['Condition', 'code.coding', 'the whole'],
    ['Condition', 'code.text', 'the whole'],
    ['Condition', 'coding.1.display', '/coding/1'],
    ['Condition', 'identifier.0.value', '/identifier/0'],
    ['Condition', 'identifier.0.assigner.display', '/identifier/0'],
    ['Condition', 'subject.identifier.value', '/subject/identifier'],
    ['Condition', 'meta.tag.0.system', '/meta/tag/0'],
    ['CarePlan', 'contained.0.identifier.0.system', '/contained/0'],
    ['CarePlan', 'extension.0.valueCoding.system', '/extension/0'],
    ['CarePlan', 'note.0.text', '/note/0'],
  ])('of a %s at %j: %s', (type, path, place) => {
    expect(said(placeOfIdentity(type, pathOf(path)))).toBe(place)
  })
})

describe('by some references a record is part of the other', () => {
  test.each([
    ['Observation', 'encounter', true],
    ['Observation', 'subject', false],
    ['Task', 'focus', true],
    ['Condition', 'code.0', true],
    ['Condition', 'encounter', false],
    ['NoSuchType', 'anything', true],
    ['NoSuchType', 'extension.0.valueReference', false],
    ['NoSuchType', 'meta.extension', false],
    ['NoSuchType', 'meta', false],
    ['NoSuchType', 'contained.0.subject', false],
    ['Observation', 'encounter.extension.0.valueReference', false],
  ])('of a %s at %j: %s', (type, path, isPart) => {
    expect(isPartOf(type, pathOf(path))).toBe(isPart)
  })
})
