import { expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { logicalOf } from '../../src/disclosure/logical.ts'

const named = (resource: Resource & { id: string }): { type: string; id: string; resource: Resource } => ({
  type: resource.resourceType,
  id: resource.id,
  resource,
})
const identifier = [{ system: 'urn:referral', value: '7' }]
const CONDITION = named({ resourceType: 'Condition', id: 'c', identifier, subject: { reference: 'Patient/p' } })
const planAbout = (reference: object): { type: string; id: string; resource: Resource } =>
  named({
    resourceType: 'CarePlan',
    id: 'plan',
    status: 'active',
    intent: 'plan',
    subject: { reference: 'Patient/p' },
    addresses: [reference],
  })

test.each([
  ['the same system and value', { identifier: { system: 'urn:referral', value: '7' } }, ['Condition/c']],
  ['with words beside it', { identifier: { system: 'urn:referral', value: '7' }, display: 'words' }, ['Condition/c']],
  ['another value', { identifier: { system: 'urn:referral', value: '8' } }, undefined],
  ['another system', { identifier: { system: 'urn:other', value: '7' } }, undefined],
  ['no value', { identifier: { system: 'urn:referral' } }, undefined],
  ['an id', { reference: 'Condition/c' }, undefined],
])('a reference by %s', (_, reference, targets) => {
  const { logical, identifiers } = logicalOf([CONDITION, planAbout(reference)])
  expect(logical.get('CarePlan/plan')).toEqual(targets)
  expect(identifiers.get('Condition/c')).toEqual(['urn:referral|7', '|7'])
})

test('an identifier that several records have stands for each, and a former version is the record itself', () => {
  const task = named({ resourceType: 'Task', id: 't', identifier, status: 'ready', intent: 'order' })
  const former = { ...CONDITION, id: 'c/_history/1' }
  const { logical } = logicalOf([CONDITION, former, task, planAbout({ identifier: identifier[0] })])
  expect(logical.get('CarePlan/plan')).toEqual(['Condition/c', 'Task/t'])
})

test('what a record is called itself is no reference', () => {
  const contained = named({
    resourceType: 'CarePlan',
    id: 'plan',
    identifier,
    status: 'active',
    intent: 'plan',
    subject: { reference: 'Patient/p' },
    contained: [{ resourceType: 'Goal', id: 'g', identifier, lifecycleStatus: 'active', description: {}, subject: {} }],
  })
  expect(logicalOf([CONDITION, contained]).logical.size).toBe(0)
})

test.each([
  ['alone, not in a list', { system: 'urn:a', value: '7' }, ['urn:a|7', '|7']],
  ['without a system', [{ value: '7' }], ['|7']],
  ['with a system that is no text', [{ system: 7, value: '7' }], ['|7']],
  ['with a value that is no text', [{ system: 'urn:a', value: 7 }], undefined],
  ['that is null', [null], undefined],
  ['several', [{ value: '7' }, { value: '8' }], ['|7', '|8']],
  ['none', undefined, undefined],
])('an identifier %s', (_, identifier, keys) => {
  const { identifiers } = logicalOf([
    named({ resourceType: 'Basic', id: 'b', identifier } as unknown as Resource & { id: string }),
  ])
  expect(identifiers.get('Basic/b')).toEqual(keys)
})

test('references are found however deep, in lists and below, and are told in order', () => {
  const task = named({ resourceType: 'Task', id: 't', identifier: [{ value: '1' }], status: 'ready', intent: 'order' })
  const goal = named({
    resourceType: 'Goal',
    id: 'g',
    identifier: [{ value: '2' }],
    lifecycleStatus: 'active',
    description: {},
    subject: {},
  })
  const plan = named({
    resourceType: 'CarePlan',
    id: 'plan',
    status: 'active',
    intent: 'plan',
    subject: {},
    activity: [{ detail: { status: 'scheduled', goal: [{ identifier: { value: '1' } }, { identifier: { value: '2' } }] } }],
  })
  const { logical } = logicalOf([task, goal, plan])
  expect([...logical]).toEqual([['CarePlan/plan', ['Goal/g', 'Task/t']]])
})
