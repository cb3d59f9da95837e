import { describe, expect, test } from '@jest/globals'
import type { CarePlan, QuestionnaireResponse, Resource, ServiceRequest } from '@medplum/fhirtypes'
import { EMPTY_HOUSE, houseOf } from '../../src/disclosure/house.ts'
import { render } from '../../src/disclosure/render.ts'
import { settled, wholeShape } from '../../src/disclosure/shape.ts'
import type { Shape } from '../../src/disclosure/shape.ts'

const HOUSE = houseOf([
  { what: 'name', value: 'MISSION', tells: ['programme', 'SUD'], source: 'test' },
  { what: 'name', value: 'Bayou Recovery Clinic', tells: ['SUD'], source: 'test' },
  { what: 'system', value: 'urn:mission:', tells: ['programme'], source: 'test' },
  { what: 'reference', value: 'Organization/mission', tells: ['programme'], source: 'test' },
])
const shape = (more: Partial<Shape> = {}): Shape => ({ ...wholeShape(HOUSE), ...more })
const housing = (more: Partial<Shape> = {}): Shape => shape({ profile: 'housing', ...more })
const text = (resource: Resource | undefined): string => JSON.stringify(resource)

const PLAN: CarePlan = {
  resourceType: 'CarePlan',
  id: 'plan',
  meta: {
    profile: ['http://hl7.org/fhir/us/core/StructureDefinition/us-core-careplan'],
    security: [
      { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' },
      { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: '42CFRPart2' },
      { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'SUD' },
      { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'MH' },
    ],
  },
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Maintain abstinence, cocaine dependence</div>' },
  contained: [
    { resourceType: 'Condition', id: 'oud', subject: { reference: 'Patient/p' }, code: { text: 'Opioid use disorder' } },
    {
      resourceType: 'Goal',
      id: 'g',
      lifecycleStatus: 'active',
      description: { text: 'Independent housing' },
      subject: { reference: 'Patient/p' },
    },
  ],
  status: 'active',
  intent: 'plan',
  title: 'MISSION treatment plan',
  subject: { reference: 'Patient/p', display: 'Jordan HTEST-Rivera' },
  addresses: [
    { reference: 'Condition/cocaine', display: 'Cocaine dependence' },
    { reference: '#oud', display: 'Opioid use disorder' },
    { reference: 'Condition/mdd', display: 'Depression', identifier: { system: 'urn:x', value: '1' } },
  ],
  goal: [{ reference: '#g' }, { reference: 'Goal/abstinence', display: 'Maintain abstinence' }],
  activity: [
    { reference: { reference: 'ServiceRequest/aa', display: 'AA meetings' } },
    {
      detail: {
        status: 'scheduled',
        code: { coding: [{ system: 'http://snomed.info/sct', code: '1' }], text: 'Methadone' },
        description: 'x',
      },
    },
  ],
}

describe('a whole view', () => {
  test('leaves the same object when nothing is withheld', () => {
    expect(render(PLAN, shape())).toBe(PLAN)
  })

  test('takes out references with display and identifier, their holders, and rebuilds the narrative', () => {
    const left = render(
      PLAN,
      shape({ withheldReferences: ['Condition/cocaine', 'Condition/mdd', 'Goal/abstinence', 'ServiceRequest/aa'] }),
    )
    expect(left).toMatchObject({ goal: [{ reference: '#g' }], addresses: [{ reference: '#oud' }] })
    expect((left as CarePlan).activity).toHaveLength(1)
    expect(text(left)).not.toMatch(/cocaine|AA meetings|Depression|abstinence|urn:x/i)
  })

  test('a contained resource goes with every reference to it', () => {
    const left = render(PLAN, shape({ withheldParts: ['/contained/0'] }))
    expect(text(left)).not.toMatch(/opioid|oud/i)
    expect((left as CarePlan).contained).toHaveLength(1)
  })

  test('several parts of one array', () => {
    const left = render(PLAN, shape({ withheldParts: ['/addresses/0', '/addresses/2'] }))
    expect((left as CarePlan).addresses).toEqual([{ reference: '#oud', display: 'Opioid use disorder' }])
  })

  test('all parts of an array take the array', () => {
    const left = render(PLAN, shape({ withheldParts: ['/addresses/0', '/addresses/1', '/addresses/2'] }))
    expect(left).not.toHaveProperty('addresses')
    expect((left as CarePlan).contained?.map((inner) => inner.id)).toEqual(['g'])
  })

  test('a code or its words withheld take the whole concept', () => {
    const left = render(PLAN, shape({ withheldParts: ['/activity/1/detail/code/text'] }))
    expect((left as CarePlan).activity?.[1]).toEqual({ detail: { status: 'scheduled', description: 'x' } })
  })

  test('a required element withheld takes its holder, and the root takes all', () => {
    const activity = render(PLAN, shape({ withheldParts: ['/activity/1/detail/status'] }))
    expect((activity as CarePlan).activity).toHaveLength(1)
    expect(render(PLAN, shape({ withheldParts: ['/status'] }))).toBeUndefined()
    expect(render(PLAN, shape({ withheldParts: [''] }))).toBeUndefined()
  })

  test('a part that is not there cannot be judged: withhold', () => {
    expect(render(PLAN, shape({ withheldParts: ['/note/0'] }))).toBeUndefined()
  })

  test('codes of what is out leave the labels', () => {
    const left = render(PLAN, shape({ withheldParts: ['/addresses/2'], hides: ['MH'] }))
    expect(left?.meta?.security?.map((label) => label.code)).toEqual(['R', '42CFRPart2', 'SUD'])
  })

  test('the patient itself stays as a bare reference', () => {
    const left = render(PLAN, shape({ bareReferences: ['Patient/p'] }))
    expect((left as CarePlan).subject).toEqual({ reference: 'Patient/p' })
    expect(text(left)).not.toContain('Rivera')
  })

  test('a name that tells goes where its code is withheld', () => {
    const request: ServiceRequest = {
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      subject: { reference: 'Patient/p' },
      performer: [
        { reference: 'Organization/x', display: 'Bayou  Recovery Clinic' },
        { reference: 'Organization/y', display: 'General Clinic' },
      ],
      note: [{ text: 'seen at bayou recovery clinic', time: '2026-01-01' }, { text: 'no need of admission' }],
    }
    expect(render(request, shape({ hides: ['SUD'] }))).toMatchObject({
      performer: [{ display: 'General Clinic' }],
      note: [{ text: 'no need of admission' }],
    })
    expect(render(request, shape({ hides: ['HIV'] }))).toBe(request)
  })
})

describe('a housing view', () => {
  test('shows no diagnosis, no programme and no label that tells', () => {
    const left = render(PLAN, housing())
    expect(text(left)).not.toMatch(/opioid|cocaine|depress|MISSION|42CFR|SUD|MH|title|addresses/)
    expect(left).toMatchObject({ status: 'active', intent: 'plan', goal: [{ reference: '#g' }, {}] })
    expect(left?.meta?.security).toEqual([{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }])
    expect(left?.meta?.profile).toBeUndefined()
  })

  test.each(['Condition', 'Encounter', 'Procedure', 'MedicationRequest', 'CareTeam', 'Bundle'])('never a %s', (resourceType) => {
    expect(render({ resourceType } as Resource, housing())).toBeUndefined()
  })

  const FORM: QuestionnaireResponse = {
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    subject: { reference: 'Patient/p' },
    item: [
      { linkId: 'type', text: 'Type of housing', answer: [{ valueString: 'studio' }, { valueString: 'open to sober living' }] },
      { linkId: 'avoid', text: 'Area to avoid', answer: [{ valueString: '12th street area (old dealing area)' }] },
      { linkId: 'budget', text: 'Budget', answer: [{ valueString: '$ 800-1000' }] },
      {
        linkId: 'group',
        item: [{ linkId: 'cj', text: 'Criminal history', answer: [{ valueString: 'on probation for a DUI' }] }],
      },
    ],
  }

  test('the form loses what tells and keeps what a landlord needs', () => {
    const parts = ['/item/0/answer/1/valueString', '/item/1/answer/0/valueString', '/item/3/item/0/answer/0/valueString']
    const left = render(FORM, housing({ withheldParts: parts })) as QuestionnaireResponse
    expect(left.item?.map((item) => item.linkId)).toEqual(['type', 'budget'])
    expect(left.item?.[0]?.answer).toEqual([{ valueString: 'studio' }])
    expect(text(left)).not.toMatch(/sober|dealing|probation/i)
  })

  test('what the profile keeps whole is the same object', () => {
    expect(render(FORM, housing())).toBe(FORM)
  })

  test('observations only when they are about social needs', () => {
    const observation = (code: string): Resource => ({
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      category: [{ coding: [{ code }] }],
      valueString: 'y',
    })
    expect(render(observation('laboratory'), housing())).toBeUndefined()
    expect(render(observation('sdoh'), housing())).toBeDefined()
  })

  test('an extension that is not known to be harmless goes; one that changes the meaning takes the whole', () => {
    const goal: Resource = {
      resourceType: 'Goal',
      lifecycleStatus: 'active',
      description: { text: 'Own flat' },
      subject: { reference: 'Patient/p' },
      extension: [{ url: 'https://x.example/treatment-status', valueString: 'sober' }],
    }
    expect(render(goal, housing())).not.toHaveProperty('extension')
    expect(
      render({ ...goal, modifierExtension: [{ url: 'https://x.example/not', valueBoolean: true }] }, housing()),
    ).toBeUndefined()
  })
})

test('a second rendering changes nothing', () => {
  const cut = housing({ withheldParts: ['/activity/1'], withheldReferences: ['Goal/abstinence'] })
  const once = render(PLAN, cut)
  expect(once).toBeDefined()
  expect(render(once as Resource, settled(cut))).toBe(once)
})

test('primitive arrays lose value and extension together', () => {
  const patient: unknown = {
    resourceType: 'Patient',
    name: [{ family: 'HTEST' }],
    address: [
      { line: ['1 Main', 'c/o Detox', 'Apt 2'], _line: [null, { extension: [{ url: 'urn:x', valueString: 'v' }] }, null] },
    ],
  }
  const left = render(patient as Resource, { ...wholeShape(EMPTY_HOUSE), withheldParts: ['/address/0/line/1'] })
  expect(left).toEqual({ resourceType: 'Patient', name: [{ family: 'HTEST' }], address: [{ line: ['1 Main', 'Apt 2'] }] })
})

describe('a profile that is claimed', () => {
  const claimed: Resource = { ...PLAN, meta: { profile: ['urn:kept', 'urn:lost'] } }
  const asked: Resource[] = []
  const house = houseOf([], (left, profile) => {
    asked.push(left)
    return profile === 'urn:kept'
  })

  test('stays when what is left is what it asks for', () => {
    asked.length = 0
    const left = render(claimed, { ...wholeShape(house), withheldParts: ['/contained/0'] })
    expect(left?.meta?.profile).toEqual(['urn:kept'])
    expect(asked.map((one) => one.resourceType)).toEqual(['CarePlan', 'CarePlan'])
    // what is asked about is what leaves, and claims nothing yet
    expect(asked.every((one) => one.meta?.profile === undefined && !JSON.stringify(one).includes('Opioid'))).toBe(true)
  })

  test('stays when nothing is taken out', () => {
    expect(render(claimed, wholeShape(house))).toBe(claimed)
  })

  test('all of them stay when all hold, and none does that is no text', () => {
    const all = { ...wholeShape(houseOf([], () => true)), withheldParts: ['/contained/0'] }
    expect(render(claimed, all)?.meta?.profile).toEqual(['urn:kept', 'urn:lost'])
    const odd = { ...PLAN, meta: { profile: [7, 'urn:kept'] } } as unknown as Resource
    expect(render(odd, all)?.meta?.profile).toEqual(['urn:kept'])
  })

  test('goes when nobody knows it', () => {
    const left = render(claimed, { ...wholeShape(EMPTY_HOUSE), withheldParts: ['/contained/0'] })
    expect(left).toBeDefined()
    expect(left?.meta?.profile).toBeUndefined()
  })
})
