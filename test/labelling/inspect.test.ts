import type { Resource } from '@medplum/fhirtypes'
import { describe, expect, test } from '@jest/globals'
import { INLINE_URL } from '../../src/labelling/inline.ts'
import { inspect } from '../../src/labelling/inspect.ts'
import { isUri, targetOf } from '../../src/labelling/see.ts'
import { CODES, fewRules, HARMLESS, seen, sightings } from './sightings.ts'

const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const LEVEL = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const condition = (coding: object): object => ({ resourceType: 'Condition', code: { coding: [coding] } })
const plan = (elements: object): object => ({ resourceType: 'CarePlan', ...elements })

describe('a coding tells', () => {
  test.each([
    ['by its code', { system: CODES, code: 'D1' }, ['whole SUD drug']],
    ['not when a rule calls it harmless', { system: CODES, code: 'D2' }, []],
    ['not by the words of a code of a known system', { system: HARMLESS, code: 'meth-use' }, []],
    ['by its display all the same', { system: HARMLESS, code: '1', display: 'Meth use' }, ['whole SUD meth']],
    ['without a system, by the shape of its code', { code: 'F11.20' }, ['whole OPIOIDUD icd']],
    ['of an unknown system, when it can hardly be anything else', { system: 'urn:own', code: 'F11.20' }, ['whole OPIOIDUD icd']],
    ['whatever stands behind the dot', { system: 'urn:own', code: 'F11.2' }, ['whole OPIOIDUD icd']],
    ['not when it need not be', { system: 'urn:own', code: 'F112' }, []],
    ['nor with more before it', { system: 'urn:own', code: '1F11.20' }, []],
    ['nor with more behind it', { system: 'urn:own', code: 'F11.20001' }, []],
    ['nor with another dot', { system: 'urn:own', code: 'F11.20.1' }, []],
    ['of an unknown system, by the words of its code', { system: 'urn:own', code: 'meth-use' }, ['whole SUD meth']],
    ['of none, too', { code: 'meth-use' }, ['whole SUD meth']],
    ['joined by any mark', { system: 'urn:own', code: 'has_meth_use' }, ['whole SUD meth']],
    ['or by a capital', { system: 'urn:own', code: 'hasMethUse' }, ['whole SUD meth']],
    ['by what its system is called: what it is about', { system: 'urn:court:cs', code: '1' }, ['whole JUSTICE court']],
    ['by what its system is called: the programme', { system: 'urn:mission:cs', code: '1' }, ['/code/coding/0/system PROGRAM-IDENTITY programme']],
    ['by both', { system: 'urn:rehab:cs', code: '1' }, ['/code/coding/0/system PROGRAM-IDENTITY rehab', 'whole SUD rehab']],
    ['not by what no rule names', { system: 'urn:own', code: '1' }, []],
    ['without a code, by its system', { system: 'urn:mission:cs' }, ['/code/coding/0 PROGRAM-IDENTITY programme']],
    ['not by a system that is no address', { system: 'mission' }, []],
    ['not when it is a quantity', { system: CODES, code: 'D1', value: 1 }, []],
  ])('%s', (_, coding, expected) => {
    expect(sightings(condition(coding))).toEqual(expected)
  }) // prettier-ignore

  test.each([
    ['without a day, always', undefined, 1],
    ['on the first day', '2020-01-01', 1],
    ['the day before', '2019-12-31', 0],
    ['on the last day', '2021-12-31', 1],
    ['the day after', '2022-01-01', 0],
  ])('between the days of its rule: %s', (_, day, count) => {
    expect(sightings(condition({ system: CODES, code: 'D3' }), day === undefined ? {} : { day })).toHaveLength(count)
    expect(sightings(condition({ system: CODES, code: 'D1' }), day === undefined ? {} : { day })).toHaveLength(1)
  })
})

describe('a reference names a record', () => {
  test.each([
    ['Patient/p', 'Patient/p'],
    ['https://ehr.example/fhir/r4/Patient/p.1-A', 'Patient/p.1-A'],
    ['Patient/p/_history/7', 'Patient/p'],
    ['#inside', '#inside'],
    ['urn:uuid:1', undefined],
    ['patient/p', undefined],
    ['P/p', undefined],
    ['Patient/p/x', undefined],
    ['Patient/p/_history/7/x', undefined],
    ['Patient/p/_history/', undefined],
    ['x Patient/p', undefined],
    ['ehr.example/Patient/p', undefined],
    ['Patient/', undefined],
    [`Patient/${'p'.repeat(64)}`, `Patient/${'p'.repeat(64)}`],
    [`Patient/${'p'.repeat(65)}`, undefined],
  ])('%j: %j', (reference, target) => {
    expect(targetOf(reference)).toBe(target)
  })

  const telling = [
    { reference: 'Organization/m1', names: ['mission house', 'the old mill'], identifiers: ['urn:npi|1', '|2'], sensitivity: ['PROGRAM-IDENTITY'] },
    { reference: 'Organization/c2', names: [], identifiers: [], sensitivity: ['JUSTICE', 'VIO'] },
  ] // prettier-ignore
  test.each([
    ['by its id', { reference: 'Organization/c2' }, ['/author JUSTICE+VIO partner:Organization/c2']],
    ['on whatever server', { reference: 'https://x.example/Organization/m1' }, ['/author PROGRAM-IDENTITY partner:Organization/m1']],
    ['by an identifier', { identifier: { system: 'urn:npi', value: '1' } }, ['/author PROGRAM-IDENTITY partner:Organization/m1']],
    ['by one without a system', { identifier: { value: '2' } }, ['/author PROGRAM-IDENTITY partner:Organization/m1']],
    ['not by another', { identifier: { system: 'urn:npi', value: '2' } }, []],
    ['by both, once', { reference: 'Organization/m1', identifier: { system: 'urn:npi', value: '1' } }, ['/author PROGRAM-IDENTITY partner:Organization/m1']],
    ['by its name', { display: 'The MISSION HOUSE, Houston' }, ['/author PROGRAM-IDENTITY partner:Organization/m1']],
  ])('that tells by being named, %s', (_, author, expected) => {
    expect(sightings(plan({ author }), { telling })).toEqual(expected)
  }) // prettier-ignore

  test('from where it stands, by id and by identifier', () => {
    const { edges } = seen(
      plan({
        addresses: [{ reference: 'Condition/c', identifier: { system: 'urn:a', value: '1' } }, { identifier: { value: '2' } }],
        author: { reference: 'urn:uuid:1', identifier: {} },
        encounter: { identifier: 7, reference: 7 },
        supportingInfo: [{ reference: '#in' }, { identifier: { system: 'urn:a' } }],
      }),
    )
    expect(edges).toEqual([
      { target: 'Condition/c', path: ['addresses', 0] },
      { target: 'urn:a|1', path: ['addresses', 0] },
      { target: '|2', path: ['addresses', 1] },
      { target: '#in', path: ['supportingInfo', 0] },
      { target: 'urn:a|', path: ['supportingInfo', 1] },
    ])
  })

  test('an identifier of its own names no other', () => {
    expect(seen({ resourceType: 'Composition', identifier: { system: 'urn:a', value: '1' } }).edges).toEqual([])
  })
})

describe('a text tells', () => {
  const answers = (more: object): object => ({ resourceType: 'QuestionnaireResponse', ...more })
  test.each([
    ['wherever it stands', plan({ title: 'Meth' }), ['/title SUD meth']],
    ['of two letters at least', plan({ title: 'm', description: '7' }), []],
    ['not when it is a date', plan({ created: '2026-01-01', title: '2026-01-01T10:00:00-06:00' }), []],
    ['not in an element that is never prose', plan({ status: 'meth', intent: 'meth', language: 'meth' }), []],
    ['between angle brackets that are no markup', plan({ title: 'likes <meth>' }), ['/title SUD meth']],
    ['in a narrative across a blank', plan({ text: { div: '<div>recovery&nbsp;team</div>' } }), ['/text PROGRAM-IDENTITY drt']],
    ['in a narrative across a blank in figures', plan({ text: { div: '<div>recovery&#160;team</div>' } }), ['/text PROGRAM-IDENTITY drt']],
    ['not as an identifier of other words', plan({ identifier: [{ value: 'plain-words' }] }), []],
    ['as questions without a scheme', answers({ questionnaire: 'mission-q' }), ['/questionnaire PROGRAM-IDENTITY programme']],
    ['not as harmless questions', answers({ questionnaire: 'http://loinc.org/q/1-8' }), []],
    ['as an address among the answers, only there', answers({ extension: [{ url: 'urn:x', valueUri: 'https://court.example/' }] }), ['/extension/0 JUSTICE court']],
    ['in a narrative, without its markup', plan({ text: { div: '<div><b>meth</b> use</div>' } }), ['/text SUD meth']],
    ['in a narrative across no markup', plan({ text: { div: '<td>meth</td><td>users</td>' } }), ['/text SUD meth']],
    ['with a sign in it', plan({ text: { div: '<div>a&#160;meth&amp;</div>' } }), ['/text SUD meth']],
    ['as an address', plan({ instantiatesUri: ['https://mission.example/plan'] }), ['/instantiatesUri/0 PROGRAM-IDENTITY programme']],
    ['as a canonical without a scheme', plan({ instantiatesCanonical: ['mission-plan'] }), ['/instantiatesCanonical/0 PROGRAM-IDENTITY programme']],
    ['not as an address in prose', plan({ title: 'mission: plan' }), []],
    ['as an identifier', plan({ identifier: [{ value: 'mission-7' }] }), ['/identifier/0 PROGRAM-IDENTITY programme']],
    ['not as one that is a figure', plan({ identifier: [{ value: '71-22' }] }), []],
    ['as a telephone’s mail', { resourceType: 'Patient', telecom: [{ system: 'email', value: 'jo@mission.example' }] }, ['/telecom/0 PROGRAM-IDENTITY programme']],
    ['as the system of an identifier', plan({ identifier: [{ system: 'urn:mission', value: '7' }] }), ['/identifier/0 PROGRAM-IDENTITY programme']],
    ['not by a code or a system read as prose', plan({ author: { code: 'meth', value: 1, system: 'meth' } }), []],
    ['as the questions that were answered', answers({ questionnaire: 'https://court.example/q' }), ['whole JUSTICE court']],
    ['as LOINC’s', answers({ questionnaire: 'http://loinc.org/q/75626-2' }), ['whole ETHUD form']],
    ['of a version', answers({ questionnaire: 'http://loinc.org/q/75626-2|2.78' }), ['whole ETHUD form']],
    ['not those of somebody else', answers({ questionnaire: 'http://other.example/q/75626-2' }), []],
    ['not as some other address of LOINC', answers({ source: { type: 'http://loinc.org/q/75626-2' } }), []],
    ['of another type, only that element', plan({ questionnaire: 'https://court.example/q' }), ['/questionnaire JUSTICE court']],
    ['as the programme’s questions, only their name', answers({ questionnaire: 'https://mission.example/q' }), ['/questionnaire PROGRAM-IDENTITY programme']],
    ['as the programme’s name, only that coding', condition({ system: HARMLESS, code: '1', display: 'Recovery team' }), ['/code/coding/0 PROGRAM-IDENTITY drt']],
    ['as that and more, what is about it', condition({ system: HARMLESS, code: '1', display: 'Rehab team' }), ['whole PROGRAM-IDENTITY+SUD both']],
    ['in an array of texts', { resourceType: 'Location', alias: ['x', 'meth'] }, ['whole SUD meth']],
  ])('%s', (_, resource, expected) => {
    expect(sightings(resource)).toEqual(expected)
  }) // prettier-ignore

  test.each([
    ['https://x.example', true],
    ['urn:x', true],
    ['HL7V2+x.1-a://x', true],
    ['x urn:y', false],
    ['note: this', false],
    ['1://x', false],
    ['x', false],
  ])('%j is an address: %s', (text, is) => {
    expect(isUri(text)).toBe(is)
  })

  test('that is doubtful is put before a person to the letter, one that is certain is not', () => {
    const [one, other] = seen(plan({ title: 'Talked about triggers', description: 'meth' })).sightings
    expect([one?.text, other?.text]).toEqual(['Talked about triggers', undefined])
    expect([one, other].map((sighting) => 'title' in (sighting ?? {}))).toEqual([false, false])
    expect('text' in (other ?? {})).toBe(false)
  })
})

test('what may be a person’s is not remembered', () => {
  const rules = fewRules()
  const telecom = [{ system: 'email', value: 'jo@mission.example' }]
  inspect({ resourceType: 'Patient', telecom } as Resource, rules, { telling: [], isPart2: false })
  expect([...rules.uris.known.keys()]).toEqual([])
})

describe('a text is cut down to what is harmless in it', () => {
  const KEPT = 'a studio'
  const text = 'meth use, a studio'
  test.each([
    ['a description', plan({ description: text }), '/description', KEPT],
    ['a note', plan({ note: [{ text }] }), '/note/0/text', KEPT],
    ['what the patient is told', plan({ patientInstruction: text }), '/patientInstruction', KEPT],
    ['an answer', { resourceType: 'QuestionnaireResponse', item: [{ linkId: '1', answer: [{ valueString: text }] }] }, '/item/0/answer/0/valueString', KEPT],
    ['not a title', plan({ title: text }), '/title', undefined],
    ['not a text that stands for a code', plan({ category: [{ text }] }), '/category/0', undefined],
    ['not in what is contained', plan({ contained: [{ resourceType: 'CarePlan', description: text }] }), '/contained/0', undefined],
    ['not in an extension', plan({ extension: [{ url: 'urn:x', valueString: text }] }), '/extension/0', undefined],
    ['not where the record is about it', { resourceType: 'Observation', valueString: text }, 'whole', undefined],
    ['not when nothing is harmless', plan({ description: 'meth use' }), '/description', undefined],
    ['nor then in a note', plan({ note: [{ text: 'meth use' }] }), '/note/0', undefined],
  ])('%s', (_, resource, pointer, keep) => {
    const [sighting] = seen(resource).sightings
    expect([sighting?.place.whole === false ? sighting.place.pointer : 'whole', sighting?.keep]).toEqual([pointer, keep])
    expect('keep' in (sighting ?? {})).toBe(keep !== undefined)
  }) // prettier-ignore

  test('not where a partner that tells is named in it', () => {
    const telling = [
      { reference: 'Organization/m', names: ['mission house'], identifiers: [], sensitivity: ['PROGRAM-IDENTITY'] },
    ]
    const { sightings: both } = seen(plan({ description: 'meth use, a studio at Mission House' }), { telling })
    expect(both.map(({ rule, keep, place }) => [rule, keep, place])).toEqual([
      ['partner:Organization/m', undefined, { whole: false, pointer: '/description' }],
      ['meth', undefined, { whole: false, pointer: '/description' }],
    ])
  })
})

describe('a name is not read as text', () => {
  const name = [{ text: 'Hiv Meth', family: 'Meth', given: ['Meth'] }]
  test.each([
    ['of a patient', { resourceType: 'Patient', name }, []],
    ['of staff', { resourceType: 'Practitioner', name }, []],
    ['of a relative', { resourceType: 'RelatedPerson', name }, []],
    ['of somebody contained', plan({ contained: [{ resourceType: 'Patient', name }] }), []],
    ['of somebody to ask at an organisation', { resourceType: 'Organization', contact: [{ name: name[0] }] }, []],
    ['of a patient’s contact', { resourceType: 'Patient', contact: [{ name: name[0] }] }, []],
    ['but for what was added to it', { resourceType: 'Patient', name: [{ family: 'A', given: ['B', 'C'], extension: [{ url: 'urn:x', valueString: 'meth' }], _given: [null, { extension: [{ url: 'urn:x', valueString: 'hiv' }] }] }] }, ['/name/0/extension/0 SUD meth', '/name/0/_given/1/extension/0 HIV hiv']],
    ['but that of an organisation is', { resourceType: 'Organization', name: 'Meth house' }, ['whole SUD meth']],
    ['and a contained one’s', { resourceType: 'Patient', contained: [{ resourceType: 'Organization', name: 'Meth house' }] }, ['/contained/0 SUD meth']],
    ['and that of a substance', { resourceType: 'SubstanceSpecification', name: [{ name: 'Meth' }] }, ['whole SUD meth']],
    ['and a text where a name should be', { resourceType: 'Patient', name: 'meth' }, ['/name SUD meth']],
  ])('%s', (_, resource, expected) => {
    expect(sightings(resource)).toEqual(expected)
  }) // prettier-ignore
})

describe('labels that came in', () => {
  const inline = (code: string, system: string): object => ({ url: INLINE_URL, valueCoding: { system, code } })
  test('on the whole are not read as its content', () => {
    expect(sightings(plan({ meta: { security: [{ system: CODES, code: 'D1', display: 'meth' }] } }))).toEqual([])
    expect(sightings(plan({ meta: { tag: [{ system: CODES, code: 'D1' }] } }))).toEqual(['/meta/tag/0 SUD drug'])
    expect(sightings(plan({ activity: [{ security: [{ system: CODES, code: 'D1' }] }] }))).toEqual(['/activity/0 SUD drug'])
  })

  test('on elements: the strictest level is that of the record', () => {
    const levels = (...codes: readonly string[]): string | undefined =>
      seen(plan({ note: codes.map((code) => ({ extension: [inline(code, LEVEL)] })) })).level
    expect([levels(), levels('R', 'V', 'N'), levels('V', 'R'), levels('N')]).toEqual([undefined, 'V', 'V', 'N'])
  })

  test('on an element that say only what to do with it say nothing of it', () => {
    expect(seen(plan({ note: [{ extension: [inline('NORDSCLCD', ACT)] }] }))).toMatchObject({ sightings: [], level: undefined })
  })
})
