import { describe, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { EMPTY_HOUSE } from '../../src/disclosure/house.ts'
import { renderAll } from '../../src/disclosure/render-all.ts'
import type { View } from '../../src/disclosure/render-all.ts'
import { render } from '../../src/disclosure/render.ts'
import { wholeShape } from '../../src/disclosure/shape.ts'
import { shapesOf } from '../../src/disclosure/shapes.ts'
import { patientId } from '../../src/model/ids.ts'
import type { LabelledPart } from '../../src/model/label.ts'
import { FOREVER } from '../../src/model/time.ts'
import { allow, brief, facts, partner, record, t0, t1, t2, t3 } from './allowing.ts'

describe('shapes', () => {
  test('recipients of one sector profile share one shape', () => {
    const given = shapesOf(
      facts(record('Goal/g')),
      [allow('Goal/g', 'hospital'), allow('Goal/g', 'hiv'), allow('Goal/g', 'harbor')],
      EMPTY_HOUSE,
    )
    expect(brief(given)).toEqual([
      [
        'Goal/g',
        'whole',
        [],
        [
          ['hospital', t0, FOREVER],
          ['hiv', t0, FOREVER],
        ],
      ],
      ['Goal/g', 'housing', [], [['harbor', t0, FOREVER]]],
    ])
  })

  test('an allowance is split where what it refers to comes and goes', () => {
    const given = shapesOf(
      facts(record('CarePlan/a', ['Condition/b', 'Patient/p']), record('Condition/b'), record('Patient/p')),
      [
        allow('CarePlan/a', 'hospital'),
        allow('Condition/b', 'hospital', { from: t1, until: t2 }),
        allow('Patient/p', 'hospital'),
      ],
      EMPTY_HOUSE,
    )
    expect(brief(given.filter(({ type }) => type === 'CarePlan'))).toEqual([
      [
        'CarePlan/a',
        'whole',
        ['Condition/b'],
        [
          ['hospital', t0, t1],
          ['hospital', t2, FOREVER],
        ],
      ],
      ['CarePlan/a', 'whole', [], [['hospital', t1, t2]]],
    ])
  })

  test('times that meet are one time', () => {
    const given = shapesOf(
      facts(record('CarePlan/a', ['Condition/b']), record('Condition/b')),
      [
        allow('CarePlan/a', 'hospital', { until: t3 }),
        allow('Condition/b', 'hospital', { from: t1, until: FOREVER }),
        allow('Condition/b', 'hospital', { until: t1 }),
      ],
      EMPTY_HOUSE,
    )
    expect(brief(given).at(0)).toEqual(['CarePlan/a', 'whole', [], [['hospital', t0, t3]]])
  })

  test.each([
    ['another purpose', allow('Condition/b', 'hospital', { purpose: 'HPAYMT' })],
    ['another recipient', allow('Condition/b', 'hiv')],
  ])('what is visible for %s does not count', (_, other) => {
    const given = shapesOf(
      facts(record('CarePlan/a', ['Condition/b']), record('Condition/b')),
      [allow('CarePlan/a', 'hospital'), other],
      EMPTY_HOUSE,
    )
    expect(given[0]?.shape.withheldReferences).toEqual(['Condition/b'])
  })

  test('a reference to nothing known is withheld, one to the directory is not', () => {
    const given = shapesOf(
      facts(record('CarePlan/a', ['Condition/of-another', 'Organization/o', 'Patient/other'])),
      [allow('CarePlan/a', 'hospital')],
      EMPTY_HOUSE,
    )
    expect(given[0]?.shape.withheldReferences).toEqual(['Condition/of-another', 'Patient/other'])
  })

  test('housing sees no reference to what housing never sees', () => {
    const given = shapesOf(
      facts(record('Goal/g', ['Condition/b']), record('Condition/b')),
      [allow('Goal/g', 'harbor'), allow('Condition/b', 'harbor')],
      EMPTY_HOUSE,
    )
    expect(brief(given)).toEqual([['Goal/g', 'housing', ['Condition/b'], [['harbor', t0, FOREVER]]]])
  })

  test('a partner gets what it brought itself, unreduced, and references to it', () => {
    const given = shapesOf(
      facts(record('Task/t', ['Procedure/own', 'Procedure/of-others']), record('Procedure/own'), record('Procedure/of-others')),
      [
        allow('Task/t', 'harbor'),
        allow('Procedure/own', 'harbor', { basis: { kind: 'origin' } }),
        allow('Procedure/of-others', 'harbor'),
      ],
      EMPTY_HOUSE,
    )
    expect(given.map(({ type, shape }) => [type, shape.profile, shape.alsoShown, shape.withheldReferences])).toEqual([
      ['Task', 'housing', ['Procedure/own'], ['Procedure/of-others']],
      ['Procedure', 'whole', [], []],
    ])
    const task: Resource = {
      resourceType: 'Task',
      status: 'completed',
      intent: 'order',
      output: [{ type: { text: 'outcome' }, valueReference: { reference: 'Procedure/own' } }],
    }
    expect(render(task, given[0]?.shape ?? wholeShape(EMPTY_HOUSE))).toBe(task)
  })

  test('the own patient stays as a bare reference when the Patient is withheld', () => {
    const given = shapesOf(
      facts(record('Goal/g', ['Patient/p']), record('Patient/p')),
      [allow('Goal/g', 'hospital')],
      EMPTY_HOUSE,
    )
    expect(given[0]?.shape).toMatchObject({ bareReferences: ['Patient/p'], withheldReferences: [] })
  })

  const part = (
    pointer: string,
    sensitivity: readonly string[],
    certainty: LabelledPart['certainty'] = 'certain',
  ): LabelledPart => ({ pointer, sensitivity, certainty, rule: 'r' })

  test('what hides: codes of what is out and their kin, unless something that stays has them', () => {
    const parts = [part('/a', ['HIV']), part('/b', ['OPIOIDUD']), part('/c', ['MH'])]
    const given = shapesOf(
      facts(record('Goal/g', [], { parts, sensitivity: ['SUD'] })),
      [allow('Goal/g', 'hospital', { withheldParts: ['/b', '/a'] })],
      EMPTY_HOUSE,
    )
    expect(given[0]?.shape.withheldParts).toEqual(['/a', '/b'])
    expect(given[0]?.shape.hides).toEqual(['ETH', 'ETHUD', 'HIV', 'OPIOIDUD', 'SEX', 'STD'])
  })

  test('doubtful parts go to nobody but the programme', () => {
    const parts = [part('/a', ['SUD'], 'doubtful')]
    const given = shapesOf(
      facts(record('Goal/g', [], { parts })),
      [allow('Goal/g', 'hospital'), allow('Goal/g', 'mission', { basis: { kind: 'internal' } })],
      EMPTY_HOUSE,
    )
    expect(given.map(({ shape }) => shape.withheldParts)).toEqual([['/a'], []])
  })

  test('confidentiality comes down when nothing sensitive is left and no law protects the record', () => {
    const own = { parts: [part('/a', ['SUD'])], policy: [], confidentiality: 'R' } as const
    const lowered = shapesOf(
      facts(record('Goal/g', [], own)),
      [allow('Goal/g', 'hospital', { withheldParts: ['/a'] })],
      EMPTY_HOUSE,
    )
    expect(lowered[0]?.shape.confidentiality).toBe('N')
    const kept = shapesOf(
      facts(record('Goal/g', [], { ...own, policy: ['42CFRPart2'] })),
      [allow('Goal/g', 'hospital', { withheldParts: ['/a'] })],
      EMPTY_HOUSE,
    )
    expect(kept[0]?.shape.confidentiality).toBeUndefined()
  })

  test('unknown partners and records give nothing', () => {
    expect(
      shapesOf(facts(record('Goal/g')), [allow('Goal/g', 'stranger'), allow('Goal/other', 'hospital')], EMPTY_HOUSE),
    ).toEqual([])
  })
})

test('500 records for 10 recipients with equal rights are 501 shapes, not 5,000', () => {
  const records = Array.from({ length: 500 }, (_, n) => record(`Goal/g${n}`, ['Patient/p', `Goal/g${(n + 1) % 500}`]))
  const partners = Array.from({ length: 10 }, (_, n) => partner(`h${n}`, 'hospital'))
  const allowances = [record('Patient/p'), ...records].flatMap(({ type, id }) =>
    partners.map((p) => allow(`${type}/${id}`, p.id)),
  )
  const shaped = shapesOf(
    { patient: patientId('p'), records: [record('Patient/p'), ...records], partners },
    allowances,
    EMPTY_HOUSE,
  )
  expect(shaped).toHaveLength(501)
})

describe('all renditions of a patient', () => {
  const goal: Resource = {
    resourceType: 'Goal',
    id: 'g',
    lifecycleStatus: 'active',
    description: { text: 'x' },
    subject: { reference: 'Patient/p' },
    addresses: [{ reference: 'Condition/b', display: 'told' }],
  }
  const condition: Resource = { resourceType: 'Condition', id: 'b', subject: { reference: 'Patient/p' }, code: { text: 'y' } }
  const resources = new Map<string, Resource>([
    ['Goal/g', goal],
    ['Condition/b', condition],
  ])

  const view: View = ({ type, id, shape }) => {
    const resource = resources.get(`${type}/${id}`)
    return resource === undefined ? undefined : render(resource, shape)
  }

  test('what cannot be shown in any form takes the references to it along', () => {
    const given = renderAll(
      facts(record('Goal/g', ['Condition/b', 'Patient/p']), record('Condition/b', ['Patient/p'])),
      [allow('Goal/g', 'hospital'), allow('Condition/b', 'hospital', { withheldParts: ['/subject'] })],
      EMPTY_HOUSE,
      view,
    )
    expect(given.map(({ type }) => type)).toEqual(['Goal'])
    expect(JSON.stringify(given)).not.toMatch(/Condition|told/)
  })

  test('the programme gets the stored object', () => {
    const given = renderAll(
      facts(record('Goal/g', ['Condition/b', 'Patient/p']), record('Condition/b', ['Patient/p'])),
      ['Goal/g', 'Condition/b', 'Patient/p'].map((key) => allow(key, 'mission', { basis: { kind: 'internal' } })),
      EMPTY_HOUSE,
      view,
    )
    expect(given.find(({ type }) => type === 'Condition')?.resource).toBe(condition)
  })
})

test('a record that is only referred to by identifier goes like one that is named', () => {
  const [own, other] = [record('CarePlan/plan'), record('Condition/c')]
  const about = {
    ...facts(own, other),
    identifiers: new Map([['Condition/c', ['urn:referral|7']]]),
    logical: new Map([['CarePlan/plan', ['Condition/c']]]),
  }
  const [withheld] = shapesOf(about, [allow('CarePlan/plan', 'hospital')], EMPTY_HOUSE)
  expect(withheld?.shape).toMatchObject({ withheldReferences: ['Condition/c'], withheldIdentifiers: ['urn:referral|7'] })
  const shown = shapesOf(about, [allow('CarePlan/plan', 'hospital'), allow('Condition/c', 'hospital')], EMPTY_HOUSE)
  expect(shown.map(({ shape }) => shape.withheldReferences)).toEqual([[], []])
})
