import type { Coding } from '@medplum/fhirtypes'
import { describe, expect, test } from '@jest/globals'
import { labelAll, parseRules } from '../../src/labelling/label.ts'
import type { Review } from '../../src/labelling/world.ts'
import { partnerId } from '../../src/model/ids.ts'
import type { Labels, Origin } from '../../src/model/label.ts'
import { condition, DRUG, from, labelsIn, labelsOf, only, plan } from './few-labels.ts'
import { EHR, MISSION, PARTNERS } from './support.ts'

const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const LEVEL = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const HOUSE = 'https://mission-gateway.example/fhir/CodeSystem/sensitivity'

const labelled = (...security: readonly Coding[]): object => ({ meta: { security } })

describe('a record with nothing sensitive', () => {
  test('of a hospital is normal, and says no more', () => {
    expect(labelsOf(plan({ title: 'Plan', text: { div: '<div>Plan</div>' } }))).toEqual({
      status: 'labelled',
      origin: EHR,
      confidentiality: 'N',
      sensitivity: [],
      policy: [],
      parts: [],
      because: [],
    })
  })

  test('of a Part 2 programme is protected, whatever it says', () => {
    expect(labelsOf(plan({ title: 'Plan' }), MISSION)).toMatchObject({
      origin: MISSION,
      confidentiality: 'R',
      policy: ['42CFRPart2'],
      sensitivity: [],
    })
  })

  test.each([{ id: undefined }, { id: '' }])('without a name of its own is refused: %j', (id) => {
    expect(() => labelsOf(plan(id))).toThrow('a record to be labelled has an id')
  })
})

describe('what is sensitive makes a record restricted', () => {
  test.each([
    ['the whole of it', condition({ code: DRUG }), 'R'],
    ['a part of it', plan({ title: 'meth' }), 'R'],
    ['what waits for a person', condition({ code: { text: 'triggers' } }), 'R'],
    ['a policy that came along', plan(labelled({ system: ACT, code: 'HIPAASelfPay' })), 'R'],
    ['less than what came along', plan({ title: 'meth', ...labelled({ system: LEVEL, code: 'V' }) }), 'V'],
    ['more than what came along', plan({ title: 'meth', ...labelled({ system: LEVEL, code: 'L' }) }), 'R'],
    ['what came along alone', plan(labelled({ system: LEVEL, code: 'R' })), 'R'],
    ['nothing', plan(labelled({ system: LEVEL, code: 'L' })), 'N'],
  ])('%s', (_, resource, level) => {
    expect(labelsOf(resource).confidentiality).toBe(level)
  })
})

describe('policies', () => {
  test.each([
    ['of the origin and those that came', 'HIPAASelfPay', MISSION, ['42CFRPart2', 'HIPAASelfPay']],
    ['once each', '42CFRPart2', MISSION, ['42CFRPart2']],
    ['that came with a record of somebody else', '42CFRPart2', EHR, ['42CFRPart2']],
    ['of a psychotherapy note', 'PSYTHPN', EHR, ['HIPAAPsyNotes']],
    ['of a counselling note are those of its origin', 'SUD-COUNSELING-NOTE', EHR, []],
  ])('%s', (_, code, origin, policy) => {
    const system = code === 'SUD-COUNSELING-NOTE' ? HOUSE : ACT
    expect(labelsOf(plan(labelled({ system, code })), origin).policy).toEqual(policy)
  })

  test.each([
    ['PSYTHPN', ACT, 'psychotherapy-note'],
    ['SUD-COUNSELING-NOTE', HOUSE, 'sud-counseling-note'],
    ['SUD', ACT, undefined],
  ])('%s is a note that ordinary consents never cover: %s', (code, system, kind) => {
    const labels = labelsOf(plan(labelled({ system, code }, { system: ACT, code: 'HIV' })))
    expect(labels.noteKind).toBe(kind)
    expect('noteKind' in labels).toBe(kind !== undefined)
  })
})

test('what a record is about is named in order', () => {
  expect(labelsOf(condition({ code: { text: 'meth and HIV' } })).sensitivity).toEqual(['HIV', 'SUD'])
})

describe('parts', () => {
  test('stand in order, each once, with everything that was found there', () => {
    const labels = labelsOf(
      plan({
        title: 'Recovery team: meth, HIV, meth',
        note: [{ text: 'triggers' }, { text: 'meth' }],
        description: 'hiv',
      }),
    )
    expect(labels.parts).toEqual([
      { pointer: '/description', sensitivity: ['HIV'], certainty: 'certain', rule: 'hiv' },
      { pointer: '/note/0', sensitivity: ['SUD'], certainty: 'doubtful', rule: 'triggers' },
      { pointer: '/note/1', sensitivity: ['SUD'], certainty: 'certain', rule: 'meth' },
      { pointer: '/title', sensitivity: ['HIV', 'PROGRAM-IDENTITY', 'SUD'], certainty: 'certain', rule: 'drt hiv meth' },
    ])
    expect(labels.status).toBe('labelled')
  })

  test('of one element may be certain and doubtful beside each other', () => {
    const labels = labelsOf(plan({ title: 'triggers; hiv' }))
    expect(labels.parts.map(({ pointer, certainty, sensitivity }) => [pointer, certainty, sensitivity])).toEqual([
      ['/title', 'certain', ['HIV']],
      ['/title', 'doubtful', ['SUD']],
    ])
  })

  test('say what may stand in their place', () => {
    const { parts } = labelsOf(plan({ note: [{ text: 'meth; wants a studio; HIV' }] }))
    expect(parts).toEqual([
      { pointer: '/note/0/text', sensitivity: ['HIV', 'SUD'], certainty: 'certain', rule: 'hiv meth', keep: 'wants a studio' },
    ])
    expect('keep' in (labelsOf(plan({ title: 'meth' })).parts[0] ?? {})).toBe(false)
  })
})

describe('a narrative tells what the rest does', () => {
  const narrated = (type: string, elements: object): Labels['parts'] =>
    labelsOf({ resourceType: type, text: { div: '<div>x</div>' }, ...elements }).parts.filter((part) => part.pointer === '/text')

  test.each([
    ['nothing', plan({}), []],
    ['of its parts', plan({ title: 'meth', description: 'hiv' }), [['HIV', 'SUD', 'certain']]],
    ['of the whole', condition({ code: DRUG, note: [{ text: 'meth' }] }), [['SUD', 'certain']]],
    ['what is doubtful, doubtful', plan({ title: 'triggers' }), [['SUD', 'doubtful']]],
    ['both', plan({ title: 'triggers', description: 'hiv' }), [['HIV', 'certain'], ['SUD', 'doubtful']]],
  ])('%s', (_, resource, expected) => {
    const parts = narrated('CarePlan', resource)
    expect(parts.map(({ sensitivity, certainty }) => [...sensitivity, certainty])).toEqual(expected)
    for (const { rule } of parts) expect(rule).toBe('narrative')
  }) // prettier-ignore

  test('and there is none where there is none', () => {
    expect(labelsOf(plan({ title: 'meth' })).parts).toHaveLength(1)
  })
})

describe('what waits for a person', () => {
  const waiting = condition({ code: { text: 'triggers' } })
  const waits = (labels: Labels): unknown => [labels.status, labels.parts, labels.sensitivity]
  const PENDING = ['pending', [{ pointer: '', sensitivity: ['SUD'], certainty: 'doubtful', rule: 'triggers' }], []]
  const reviewed = (review: Partial<Review>, resource = waiting): Labels =>
    labelsOf(resource, EHR, {
      reviews: new Map([['Condition/x', [{ pointer: '', text: 'triggers', verdict: 'sensitive', ...review }]]]),
    })

  test('on the whole holds the record back', () => {
    expect(waits(labelsOf(waiting))).toEqual(PENDING)
  })

  test.each([
    ['who called it harmless', { verdict: 'harmless' }, ['labelled', [], []], []],
    ['who called it sensitive', {}, ['labelled', [], ['SUD']], ['triggers:reviewed']],
    ['who said what it tells', { sensitivity: ['HIV', 'MH'] }, ['labelled', [], ['HIV', 'MH']], ['triggers:reviewed', 'triggers:reviewed']],
    ['of another text', { text: 'trigger' }, PENDING, []],
    ['at another place', { pointer: '/code' }, PENDING, []],
  ] as const)('until a person has spoken %s', (_, review, expected, rules) => {
    const labels = reviewed(review)
    expect(waits(labels)).toEqual(expected)
    expect(labels.because?.map(({ rule }) => rule)).toEqual(rules)
  }) // prettier-ignore

  test('for each text on its own', () => {
    const two = condition({ code: { text: 'triggers' }, note: [{ text: 'other triggers' }] })
    expect(reviewed({ verdict: 'harmless' }, two).parts.map(({ pointer }) => pointer)).toEqual(['/note/0'])
    expect(reviewed({ pointer: '/note/0', text: 'other triggers', verdict: 'harmless' }, two).status).toBe('pending')
  })

  test('a label that came along and was read needs none', () => {
    const told = labelsOf(condition(labelled({ system: ACT, code: 'HIV' })))
    expect([told.status, told.because]).toEqual(['labelled', [{ sensitivity: 'HIV', rule: 'inbound' }]])
  })

  test('is not what is certain, whatever a person said of it', () => {
    expect(reviewed({ text: 'meth', verdict: 'harmless' }, condition({ code: { text: 'meth' } })).sensitivity).toEqual(['SUD'])
  })

  test('a word on another record is none on this one', () => {
    const reviews = new Map([['Condition/y', [{ pointer: '', text: 'triggers', verdict: 'harmless' } as const]]])
    expect(waits(labelsOf(waiting, EHR, { reviews }))).toEqual(PENDING)
  })

  test('includes a label that nobody can read, and a person may say what it is', () => {
    const security = [{ system: ACT, display: 'VIP' }]
    const resource = condition({ meta: { security } })
    expect(waits(labelsOf(resource))).toEqual([
      'pending',
      [{ pointer: '', sensitivity: [], certainty: 'doubtful', rule: 'inbound-unreadable' }],
      [],
    ])
    expect(reviewed({ text: JSON.stringify(security), sensitivity: ['MH'] }, resource).sensitivity).toEqual(['MH'])
  })

  test('labels beside the record are read in place of its own', () => {
    const [record] = from(EHR, condition(labelled({ system: ACT, code: 'HIV' })))
    if (record === undefined) throw new Error('there is one')
    expect(only(labelsIn([{ ...record, inbound: [{ system: ACT, code: 'STD' }] }])).sensitivity).toEqual(['STD'])
    const inbound = [{ system: 'urn:x' }]
    const reviews = new Map([['Condition/x', [{ pointer: '', text: JSON.stringify(inbound), verdict: 'harmless' } as const]]])
    expect(only(labelsIn([{ ...record, inbound }], { reviews })).status).toBe('labelled')
  })
})

describe('in a Part 2 programme’s own record', () => {
  test.each([
    ['doubtful wording of its own field counts', condition({ code: { text: 'triggers' } }), ['SUD'], ['triggers:part2-origin']],
    ['and is not asked about in a part', plan({ title: 'triggers' }), [], []],
  ])('%s', (_, resource, sensitivity, rules) => {
    const labels = labelsOf(resource, MISSION)
    expect([labels.status, labels.sensitivity, labels.because?.map(({ rule }) => rule)]).toEqual(['labelled', sensitivity, rules])
    for (const { certainty, rule } of labels.parts) expect([certainty, rule]).toEqual(['certain', 'triggers:part2-origin'])
  })

  test('what is suspected of anything else besides still waits', () => {
    const row = { id: 'd', language: 'en', certainty: 'doubtful', category: ['SUD', 'HIV'], phrases: ['cocktail'] }
    const rules = parseRules({ kind: 'text', rows: [row] })
    if (!rules.ok) throw new Error('the row is sound')
    const labels = only(labelAll(from(MISSION, condition({ code: { text: 'cocktail' } })), rules.value))
    expect([labels.status, labels.sensitivity, labels.parts[0]?.sensitivity]).toEqual(['pending', [], ['HIV', 'SUD']])
  })

  test('a label that nobody can read still waits', () => {
    expect(labelsOf(plan(labelled({ system: 'urn:x' })), MISSION).status).toBe('pending')
  })

  test('an enrolment is the programme’s identity; elsewhere it is not', () => {
    const episode = { resourceType: 'EpisodeOfCare', status: 'active' }
    expect(labelsOf(episode, MISSION).because).toEqual([{ sensitivity: 'PROGRAM-IDENTITY', rule: 'episode-of-part2-programme' }])
    expect([labelsOf(episode).sensitivity, labelsOf(plan({}), MISSION).sensitivity]).toEqual([[], []])
    const task = { resourceType: 'Task', id: 't', focus: { reference: 'EpisodeOfCare/x' } }
    expect(labelsIn(from(MISSION, task, episode)).get('Task/t')?.sensitivity).toEqual(['PROGRAM-IDENTITY'])
  })
})

describe('whoever tells by being named', () => {
  const named = (id: string): object => plan({ author: { reference: `Organization/${id}` } })
  const told = (labels: Labels): readonly string[] =>
    labels.parts.map(({ pointer, sensitivity }) => `${pointer} ${sensitivity.join()}`)

  test('is a partner of such a kind, another record says so, or a Part 2 programme that records came from', () => {
    const telling = [{ reference: 'Organization/ward', names: [], identifiers: [], sensitivity: ['MH'] }]
    expect(told(labelsOf(named('montrose-hiv'), EHR, { partners: PARTNERS }))).toEqual(['/author HIV'])
    expect(told(labelsOf(named('ward'), EHR, { telling }))).toEqual(['/author MH'])
    expect(told(labelsOf(named('harbor-housing'), EHR, { partners: PARTNERS, telling }))).toEqual([])
    const other: Origin = { partner: partnerId('other'), isPart2: true }
    expect(told(labelsOf(named('other'), other))).toEqual(['/author PROGRAM-IDENTITY'])
    expect(told(labelsOf(named('other'), { ...other, isPart2: false }))).toEqual([])
  })

  test('is so as a whole in a record of their own', () => {
    const telling = [{ reference: 'Organization/ward', names: [], identifiers: [], sensitivity: ['MH'] }]
    const organization = { resourceType: 'Organization', id: 'ward', name: 'x' }
    expect(labelsOf(organization, EHR, { telling }).because).toEqual([{ sensitivity: 'MH', rule: 'partner:Organization/ward' }])
    expect(labelsOf({ ...organization, id: 'elsewhere' }, EHR, { telling }).sensitivity).toEqual([])
    const task = { resourceType: 'Task', id: 't', focus: { reference: 'Organization/ward' } }
    expect(labelsIn(from(EHR, task, organization), { telling }).get('Task/t')?.sensitivity).toEqual(['MH'])
  })
})
