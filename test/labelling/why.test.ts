import { describe, expect, test } from '@jest/globals'
import type { Unlabelled } from '../../src/labelling/label.ts'
import type { Labels } from '../../src/model/label.ts'
import { condition, DRUG, from, labelsIn, labelsOf, only, plan } from './few-labels.ts'
import { EHR } from './support.ts'

describe('the same record twice', () => {
  const first = plan({ title: 'meth', note: [{ text: 'hiv; wants a studio' }], description: 'triggers' })
  const both = (...two: readonly object[]): Labels => only(labelsIn(from(EHR, ...two)))

  test('says whatever either says', () => {
    for (const two of [[first, plan({ description: 'hiv' })], [plan({ description: 'hiv' }), first]])
      expect(both(...two).parts).toEqual([
        { pointer: '/description', sensitivity: ['HIV'], certainty: 'certain', rule: 'hiv' },
        { pointer: '/description', sensitivity: ['SUD'], certainty: 'doubtful', rule: 'triggers' },
        { pointer: '/note/0/text', sensitivity: ['HIV'], certainty: 'certain', rule: 'hiv', keep: 'wants a studio' },
        { pointer: '/title', sensitivity: ['SUD'], certainty: 'certain', rule: 'meth' },
      ])
  }) // prettier-ignore

  test('waits when either waits, and is what either is', () => {
    for (const two of [[condition({ code: { text: 'triggers' } }), condition({ code: DRUG })], [condition({ code: DRUG }), condition({ code: { text: 'triggers' } })]])
      expect(both(...two)).toMatchObject({ status: 'pending', sensitivity: ['SUD'], because: [{ sensitivity: 'SUD', rule: 'drug' }], parts: [{ pointer: '', sensitivity: ['SUD'] }] })
  }) // prettier-ignore

  test('hands on what either is', () => {
    const records = from(EHR, { resourceType: 'Observation', id: 'o', partOf: [{ reference: 'Condition/x' }] }, condition({ code: DRUG }), condition({})) // prettier-ignore
    expect(labelsIn(records).get('Observation/o')?.sensitivity).toEqual(['SUD'])
  })
})

describe('why a record is what it is', () => {
  test('the rule that found it in the record is named before a record that it came from', () => {
    const records = (code: object): readonly Unlabelled[] =>
      from(EHR, { resourceType: 'Observation', id: 'o', code, partOf: [{ reference: 'Condition/x' }] }, condition({ code: DRUG }))
    const why = (code: object): unknown => labelsIn(records(code)).get('Observation/o')?.because
    expect(why({ text: 'meth' })).toEqual([{ sensitivity: 'SUD', rule: 'meth' }])
    expect(why({ text: 'x' })).toEqual([{ sensitivity: 'SUD', rule: 'Condition/x' }])
  })

  test('of several the first by name', () => {
    for (const text of ['meth', 'x'])
      expect(labelsOf(condition({ code: { ...DRUG, text }, bodySite: [{ text: 'meth' }] })).because).toEqual([
        { sensitivity: 'SUD', rule: 'drug' },
      ])
  })
})
