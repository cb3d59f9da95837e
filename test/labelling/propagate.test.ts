import { describe, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { labelAll, type Unlabelled } from '../../src/labelling/label.ts'
import type { Labels } from '../../src/model/label.ts'
import { shippedRules } from './rules-files.ts'
import { EHR } from './support.ts'

const rules = shippedRules()
const SUBJECT = { reference: 'Patient/p' }
const OPIOID = { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'F11.20' }] }
const HIV = { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'B20' }] }
const CLASS = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' }

const labelled = (...resources: readonly object[]): ReadonlyMap<string, Labels> =>
  labelAll(
    resources.map((resource): Unlabelled => ({ resource: resource as Resource, origin: EHR })),
    rules,
  )

/** The labels do not depend on the order in which the records stand. */
const inBothOrders = (...resources: readonly object[]): ReadonlyMap<string, Labels> => {
  const there = labelled(...resources)
  const back = labelled(...[...resources].reverse())
  for (const [key, labels] of there) expect(back.get(key)).toEqual(labels)
  return there
}

const condition = (id: string, more: object = {}): object => ({ resourceType: 'Condition', id, subject: SUBJECT, ...more })
const observation = (id: string, more: object = {}): object => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'weight' },
  subject: SUBJECT,
  ...more,
})
const encounter = (id: string, more: object = {}): object => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: CLASS,
  subject: SUBJECT,
  ...more,
})
const procedure = (id: string, more: object = {}): object => ({
  resourceType: 'Procedure',
  id,
  status: 'completed',
  subject: SUBJECT,
  ...more,
})
const inside = (id: string): object => ({ encounter: { reference: `Encounter/${id}` } })

const whole = (labels: ReadonlyMap<string, Labels>, key: string): readonly string[] => labels.get(key)?.sensitivity ?? []
const partsOf = (labels: ReadonlyMap<string, Labels>, key: string): readonly string[] =>
  (labels.get(key)?.parts ?? []).map(({ pointer, sensitivity }) => `${pointer} ${sensitivity.join('+')}`)
const SUD = ['OPIOIDUD', 'SUD']

describe('a label goes on to a fixed point', () => {
  test.each([1, 2, 3, 5])('through %d steps, whichever record stands first', (steps) => {
    // a chain of encounters, each part of the next; the last names an opioid use disorder
    const chain = Array.from({ length: steps + 1 }, (_, at) =>
      encounter(
        `e${String(at)}`,
        at === steps ? { reasonCode: [OPIOID] } : { partOf: { reference: `Encounter/e${String(at + 1)}` } },
      ),
    )
    expect(whole(inBothOrders(...chain), 'Encounter/e0')).toEqual(SUD)
  })

  test('two records that refer to each other take from each other', () => {
    const labels = inBothOrders(
      encounter('a', { partOf: { reference: 'Encounter/b' }, reasonCode: [OPIOID] }),
      encounter('b', { partOf: { reference: 'Encounter/a' }, reasonCode: [HIV] }),
    )
    for (const key of ['Encounter/a', 'Encounter/b']) expect(whole(labels, key)).toEqual(['HIV', ...SUD])
  })
})

describe('a reference by identifier', () => {
  const plan = (identifier: object): object => ({
    resourceType: 'CarePlan',
    id: 'plan',
    status: 'active',
    intent: 'plan',
    subject: SUBJECT,
    addresses: [{ identifier }],
  })
  const named = (identifier: unknown): object => condition('c', { identifier, code: OPIOID })

  test.each([
    ['of the same system', { system: 'urn:a', value: '7' }, { system: 'urn:a', value: '7' }, [`/addresses/0 ${SUD.join('+')}`]],
    ['without a system', { value: '7' }, { value: '7' }, [`/addresses/0 ${SUD.join('+')}`]],
    ['of another system', { system: 'urn:a', value: '7' }, { system: 'urn:b', value: '7' }, []],
    ['of no system where there is one', { system: 'urn:a', value: '7' }, { value: '7' }, []],
    ['of another value', { system: 'urn:a', value: '7' }, { system: 'urn:a', value: '8' }, []],
    ['without a value', { system: 'urn:a' }, { system: 'urn:b' }, []],
    ['with a value that is no text', { system: 'urn:a', value: 7 }, { system: 'urn:a', value: '' }, []],
    ['with a system that is no text', { system: 7, value: '7' }, { system: 'urn:a', value: '7' }, []],
    ['that is empty', null, { system: 'urn:a', value: '7' }, []],
  ])('%s', (_, own, asked, parts) => {
    expect(partsOf(inBothOrders(named([own]), plan(asked)), 'CarePlan/plan')).toEqual(parts)
  })

  test('of a type that has one and no list of them', () => {
    const answers = {
      resourceType: 'QuestionnaireResponse', id: 'q', status: 'completed', identifier: { system: 'urn:a', value: '7' },
      questionnaire: 'http://loinc.org/q/75626-2',
    } // prettier-ignore
    expect(partsOf(inBothOrders(answers, plan({ system: 'urn:a', value: '7' })), 'CarePlan/plan')).toHaveLength(1)
  })

  test('that several records have stands for each', () => {
    const identifier = [{ system: 'urn:a', value: '7' }]
    const harmless = observation('o', { identifier })
    const labels = inBothOrders(condition('c', { identifier, code: OPIOID }), harmless, plan({ system: 'urn:a', value: '7' }))
    expect(partsOf(labels, 'CarePlan/plan')).toEqual([`/addresses/0 ${SUD.join('+')}`])
  })
})

describe('what is contained', () => {
  const withTwo = (reference: string): object =>
    observation('o', {
      contained: [
        { resourceType: 'Condition', id: 'first', subject: SUBJECT, code: { text: 'asthma' } },
        { resourceType: 'Condition', id: 'second', subject: SUBJECT, code: OPIOID },
      ],
      focus: [{ reference }],
    })

  test('labels the reference to it, and no other', () => {
    expect(partsOf(labelled(withTwo('#second')), 'Observation/o')).toContain(`/focus/0 ${SUD.join('+')}`)
    expect(partsOf(labelled(withTwo('#first')), 'Observation/o')).toEqual([`/contained/1 ${SUD.join('+')}`])
    expect(partsOf(labelled(withTwo('#nothing')), 'Observation/o')).toEqual([`/contained/1 ${SUD.join('+')}`])
  })

  test('is named as where the label came from', () => {
    const part = labelled(withTwo('#second'))
      .get('Observation/o')
      ?.parts.find(({ pointer }) => pointer === '/focus/0')
    expect(part?.rule).toBe('contained')
  })

  test('goes on from there', () => {
    const labels = inBothOrders(
      encounter('e', { contained: [{ resourceType: 'Condition', id: 'x', subject: SUBJECT, code: OPIOID }], reasonReference: [{ reference: '#x' }] }),
      observation('o', inside('e')),
    ) // prettier-ignore
    expect(whole(labels, 'Encounter/e')).toEqual(SUD)
    expect(whole(labels, 'Observation/o')).toEqual(SUD)
  })
})

describe('what waits for a person', () => {
  const waiting = encounter('e', { type: [{ text: 'Therapy on Mondays at 3.' }] })

  test('makes what is part of it wait, and says for what', () => {
    const labels = inBothOrders(waiting, observation('o', inside('e')))
    expect(labels.get('Encounter/e')?.status).toBe('pending')
    const own = labels.get('Encounter/e')?.parts.find(({ pointer }) => pointer === '')?.rule ?? '?'
    expect(labels.get('Observation/o')).toMatchObject({ status: 'pending', sensitivity: [] })
    expect(labels.get('Observation/o')?.parts.map(({ rule }) => rule)).toEqual([`Encounter/e ${own}`])
  })

  test('through further records, always by the rule that doubts', () => {
    const labels = inBothOrders(waiting, encounter('f', { partOf: { reference: 'Encounter/e' } }), observation('o', inside('f')))
    const own = labels.get('Encounter/e')?.parts.find(({ pointer }) => pointer === '')?.rule ?? '?'
    expect(labels.get('Observation/o')?.parts.map(({ rule }) => rule)).toContain(`Encounter/f ${own}`)
    expect(labels.get('Observation/o')?.status).toBe('pending')
  })

  test('holds only the part that refers to it where that can be taken out', () => {
    const plan = { resourceType: 'CarePlan', id: 'plan', status: 'active', intent: 'plan', subject: SUBJECT, activity: [{ reference: { reference: 'Encounter/e' } }] } // prettier-ignore
    const labels = inBothOrders(waiting, plan).get('CarePlan/plan')
    expect(labels?.status).toBe('labelled')
    expect(labels?.parts.map(({ pointer, certainty }) => [pointer, certainty])).toEqual([['/activity/0', 'doubtful']])
  })
})

describe('an encounter, and what waits for a person inside it', () => {
  const doubtful = { code: { text: 'Therapy on Mondays at 3.' } }
  const waiting = [
    ['Condition', condition('x', { ...inside('e'), ...doubtful })],
    ['Procedure', procedure('x', { ...inside('e'), ...doubtful })],
  ] as const
  const ruleOf = (labels: ReadonlyMap<string, Labels>, key: string): string =>
    labels.get(key)?.parts.find(({ pointer }) => pointer === '')?.rule ?? '?'

  test.each(waiting)('it waits for a %s, and says for which', (type, record) => {
    const labels = inBothOrders(encounter('e'), record)
    expect(labels.get(`${type}/x`)?.status).toBe('pending')
    const { status, sensitivity } = labels.get('Encounter/e') ?? {}
    expect([status, sensitivity]).toEqual(['pending', []])
    expect(ruleOf(labels, 'Encounter/e')).toBe(`${type}/x ${ruleOf(labels, `${type}/x`)}`)
  })

  test.each(waiting)('nothing else in the encounter waits for a %s, but for the reference to it', (_, record) => {
    const labels = inBothOrders(encounter('e'), record, observation('o', inside('e'))).get('Observation/o')
    expect(labels?.status).toBe('labelled')
    expect(labels?.parts.map(({ pointer, certainty }) => [pointer, certainty])).toEqual([['/encounter', 'doubtful']])
  })

  test('a plan that names the encounter holds back that part', () => {
    const plan = { resourceType: 'CarePlan', id: 'plan', status: 'active', intent: 'plan', subject: SUBJECT, activity: [{ reference: { reference: 'Encounter/e' } }] } // prettier-ignore
    const labels = inBothOrders(encounter('e'), waiting[0][1], plan).get('CarePlan/plan')
    expect(labels?.parts.map(({ pointer, certainty }) => [pointer, certainty])).toEqual([['/activity/0', 'doubtful']])
  })

  test('a stay that the encounter is part of does not wait; one that is part of it holds back the reference', () => {
    const labels = inBothOrders(encounter('e', { partOf: { reference: 'Encounter/stay' } }), encounter('stay'), encounter('step', { partOf: { reference: 'Encounter/e' } }), waiting[0][1]) // prettier-ignore
    expect(labels.get('Encounter/stay')?.status).toBe('labelled')
    expect(labels.get('Encounter/step')?.status).toBe('labelled')
    expect(labels.get('Encounter/step')?.parts.map(({ pointer }) => pointer)).toEqual(['/partOf'])
  })

  test('one with a harmless reason of its own does not wait', () => {
    const reason = { reasonCode: [{ text: 'broken arm' }] }
    expect(inBothOrders(encounter('e', reason), waiting[0][1]).get('Encounter/e')?.status).toBe('labelled')
  })

  test('a doubtful reason is not a harmless one', () => {
    const reason = { reasonCode: [{ text: 'Therapy on Mondays at 3.' }] }
    expect(inBothOrders(encounter('e', reason), waiting[0][1]).get('Encounter/e')?.status).toBe('pending')
    expect(whole(inBothOrders(encounter('e', reason), condition('x', { ...inside('e'), code: OPIOID })), 'Encounter/e')).toEqual(
      SUD,
    )
  })

  test('it does not wait for what would stay with the record: what nobody has read', () => {
    const identity = { system: 'https://mission-gateway.example/fhir/CodeSystem/sensitivity', code: 'UNREAD' }
    const labels = inBothOrders(encounter('e'), condition('x', { ...inside('e'), meta: { security: [identity] } }))
    expect(labels.get('Encounter/e')?.status).toBe('labelled')
  })
})

describe('an encounter', () => {
  test.each([
    ['Condition', condition('x', { ...inside('e'), code: OPIOID })],
    ['Procedure', procedure('x', { ...inside('e'), code: OPIOID })],
  ])('is what a %s in it says', (type, record) => {
    const labels = inBothOrders(encounter('e'), record)
    expect(whole(labels, 'Encounter/e')).toEqual(SUD)
    expect(labels.get('Encounter/e')?.because?.map(({ rule }) => rule)).toEqual([`${type}/x`, `${type}/x`])
  })

  test('does not hand such a label on to whatever else was recorded in it', () => {
    const labels = inBothOrders(encounter('e'), condition('x', { ...inside('e'), code: OPIOID }), observation('o', inside('e')))
    expect(whole(labels, 'Observation/o')).toEqual([])
  })

  test('with a harmless reason of its own is not what was diagnosed in it', () => {
    const reason = { reasonCode: [{ text: 'broken arm' }] }
    expect(whole(inBothOrders(encounter('e', reason), condition('x', { ...inside('e'), code: OPIOID })), 'Encounter/e')).toEqual(
      [],
    )
  })

  test('of which every reason tells is what they tell, and by them', () => {
    const labels = labelled(encounter('e', { reasonCode: [OPIOID] }))
    expect(whole(labels, 'Encounter/e')).toEqual(SUD)
    expect(labels.get('Encounter/e')?.because?.map(({ rule }) => rule)).toEqual(['all-parts', 'all-parts'])
  })

  test('is not what an observation in it says', () => {
    const drug = observation('o', { ...inside('e'), code: { coding: [{ system: 'http://loinc.org', code: '3393-8' }] } })
    expect(whole(inBothOrders(encounter('e'), drug), 'Encounter/e')).toEqual([])
  })

  test('does not take the programme’s identity, or what nobody has read, from what is in it', () => {
    const unread = procedure('x', { ...inside('e'), code: OPIOID, meta: { security: [{ system: 'https://mission-gateway.example/fhir/CodeSystem/sensitivity', code: 'UNREAD' }] } }) // prettier-ignore
    const labels = inBothOrders(encounter('e'), unread)
    expect(whole(labels, 'Procedure/x')).toContain('UNREAD')
    expect(whole(labels, 'Encounter/e')).toEqual(SUD)
  })

  test('nothing else is what a record that names it says', () => {
    const other = { resourceType: 'EpisodeOfCare', id: 'e', status: 'active', patient: SUBJECT }
    const labels = inBothOrders(other, condition('x', { encounter: { reference: 'EpisodeOfCare/e' }, code: OPIOID }))
    expect(whole(labels, 'EpisodeOfCare/e')).toEqual([])
  })
})

describe('what waits goes on as what it is suspected of', () => {
  const doubt = { note: [{ text: 'x' }] }
  const DOUBTFUL = { text: 'Talked about triggers.' }
  const waitingParts = (labels: ReadonlyMap<string, Labels>, key: string): readonly string[] =>
    (labels.get(key)?.parts ?? [])
      .filter(({ certainty }) => certainty === 'doubtful')
      .map(({ pointer, sensitivity, rule }) => `${pointer} ${sensitivity.join('+')} ${rule}`)

  test('to what is a part of it, and to a reference to it', () => {
    const labels = inBothOrders(
      observation('o', { code: DOUBTFUL }),
      observation('part', { partOf: [{ reference: 'Observation/o' }], ...doubt }),
      condition('c', { code: { text: 'x' }, evidence: [{ detail: [{ reference: 'Observation/o' }] }] }),
    )
    expect(labels.get('Observation/part')?.status).toBe('pending')
    expect(waitingParts(labels, 'Observation/part')).toContainEqual(' SUD Observation/o en-sud-slang-doubtful')
    expect(labels.get('Condition/c')?.status).toBe('labelled')
    expect(waitingParts(labels, 'Condition/c')).toEqual(['/evidence/0 SUD Observation/o en-sud-slang-doubtful'])
  })

  test('to an encounter from what was diagnosed in it, and from there to references alone', () => {
    const labels = inBothOrders(encounter('e'), condition('c', { code: DOUBTFUL, ...inside('e') }), observation('o', inside('e')))
    expect(waitingParts(labels, 'Encounter/e')).toEqual([' SUD Condition/c en-sud-slang-doubtful'])
    expect(labels.get('Observation/o')?.status).toBe('labelled')
    expect(waitingParts(labels, 'Observation/o')).toEqual(['/encounter SUD Encounter/e en-sud-slang-doubtful'])
  })

  test('a label that nobody can read waits in the encounter too', () => {
    const unreadable = condition('c', { code: { text: 'x' }, ...inside('e'), meta: { security: [{ system: 'urn:x' }] } })
    const labels = inBothOrders(encounter('e'), unreadable)
    expect(waitingParts(labels, 'Encounter/e')).toEqual(['  Condition/c inbound-unreadable'])
  })
})

test('an encounter whose own reason tells takes what was diagnosed in it besides', () => {
  const labels = inBothOrders(encounter('e', { reasonCode: [OPIOID] }), condition('c', { code: HIV, ...inside('e') }))
  expect(whole(labels, 'Encounter/e')).toEqual(['HIV', 'OPIOIDUD', 'SUD'])
})

test('a record that names itself labels no part of itself for that', () => {
  const labels = inBothOrders(condition('c', { code: HIV, evidence: [{ detail: [{ reference: 'Condition/c' }] }] }))
  expect(partsOf(labels, 'Condition/c')).toEqual([])
})
