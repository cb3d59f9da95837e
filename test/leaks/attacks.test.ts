import { describe, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { partnerId } from '../../src/model/ids.ts'
import { isValid, validate } from '../../src/validation/validate.ts'
import { actor, consent, labelled, purposes } from '../consent/support/world.ts'
import { baseDefinitions } from '../validation/definitions.ts'
import { DISGUISES, KEYS, MARK, MENTIONS, SECRET, SECRET_NAMES, WORDS, type Place } from './attacks.ts'
import { shownTo, stored } from './views.ts'

/**
 * What somebody might do so that words leave although the label should have kept them: put them where nobody looks, or write them
 * so that nobody finds them. The hospital has a consent for everything but what they tell.
 */
const CONSENT = consent(
  { id: 'c0' },
  {
    actor: [actor('st-mary-hospital')],
    purpose: purposes('TREAT'),
    provision: [{ type: 'deny', securityLabel: labelled('SUD', 'ETH', 'MH', 'PSY', 'HIV', 'STD', 'SEX', 'SDV', 'VIO', 'GDIS') }],
  },
)
const ORIGIN = { partner: partnerId('mission'), isPart2: true }

const shown = (resource: Resource): readonly Resource[] =>
  shownTo(stored([{ resource, origin: ORIGIN }]), [CONSENT]).get('st-mary-hospital') ?? []
const textOf = (resource: Resource): string => JSON.stringify(shown(resource))

/** A Provenance goes with what it is about, and here that is a Patient who is not shown. */
const isAlone = (name: string): boolean => !name.startsWith('Provenance')

describe('words that tell do not leave, wherever they stand', () => {
  test.each(Object.entries(WORDS))('%s', (name, place) => {
    expect(textOf(place(`heroin relapse ${MARK}`))).not.toContain(MARK)
    expect(textOf(place(`sees her psychiatrist ${MARK}`))).not.toContain(MARK)
    // others do: it is not that nothing leaves
    if (isAlone(name) && name !== 'modifierExtension') expect(shown(place(`bus pass ${MARK}`)).length).toBeGreaterThan(0)
  })
})

const NAMES = ['heroin-relapse', 'hiv-clinic', 'HIVclinic', 'HIVClinic', 'methadone_program', 'sud', '%68eroin'] as const

describe('nor do names that tell, in an address, an id or a key', () => {
  test.each(Object.entries(KEYS))('%s', (_, place) => {
    const leaks = NAMES.filter((name) => textOf(place(`${name}-${MARK}`)).includes(MARK))
    expect(leaks).toEqual([])
  })
})

describe('nor words in disguise', () => {
  const SAID = ['heroin relapse', 'opioid use disorder', 'she goes to the HIV clinic', 'se le recetó metadona'] as const
  const IN = ['Annotation.text', 'narrative', 'Extension.valueString', 'Coding.display', 'Task.input.valueString'] as const
  const written = (text: string): string => JSON.stringify(text).slice(1, -1)

  test.each(Object.entries(DISGUISES))('%s', (_, disguise) => {
    const leaks = IN.flatMap((name) => {
      const place: Place = WORDS[name] ?? ((t) => ({ resourceType: 'Basic', id: t, code: {} }))
      return SAID.filter((words) => textOf(place(disguise(words))).includes(written(disguise(words)))).map(
        (words) => `${name}: ${words}`,
      )
    })
    expect(leaks).toEqual([])
  })
})

describe('nor is a withheld record mentioned', () => {
  test.each(Object.entries(MENTIONS))('by %s', (_, resource) => {
    const both = [SECRET, resource].map((one) => ({ resource: one, origin: ORIGIN }))
    const left = shownTo(stored(both), [CONSENT]).get('st-mary-hospital') ?? []
    expect(SECRET_NAMES.filter((name) => JSON.stringify(left).includes(name))).toEqual([])
    // the record that mentions it stays
    expect(left.map(({ id }) => id)).toEqual(resource.resourceType === 'QuestionnaireResponse' ? [] : ['a'])
  })
})

test('what is left after any attack is a valid resource', () => {
  const faults = Object.entries({ ...WORDS, ...KEYS }).flatMap(([name, place]) => {
    const before = place('heroin-relapse')
    if (!isValid(validate(before, baseDefinitions))) return []
    return shown(before).flatMap((left) => (isValid(validate(left, baseDefinitions)) ? [] : [name]))
  })
  expect(faults).toEqual([])
})
