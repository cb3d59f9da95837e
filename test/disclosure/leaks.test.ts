import { describe, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { EMPTY_HOUSE } from '../../src/disclosure/house.ts'
import { PROFILES, showsType } from '../../src/disclosure/profiles.ts'
import { isChoice } from '../../src/disclosure/elements.ts'
import { render } from '../../src/disclosure/render.ts'
import { settled, wholeShape } from '../../src/disclosure/shape.ts'
import type { Shape } from '../../src/disclosure/shape.ts'
import { validate } from '../../src/validation/validate.ts'
import { baseDefinitions as definitions } from '../validation/definitions.ts'
import { fill, RESOURCES } from './filled.ts'

const shape = (more: Partial<Shape>): Shape => ({ ...wholeShape(EMPTY_HOUSE), ...more })
const TYPES = RESOURCES.map((definition) => definition.name).filter((type) => showsType(PROFILES.whole, type))
const told = (resource: Resource): Resource =>
  ({
    ...resource,
    text: {
      status: 'generated',
      div: `<div xmlns="http://www.w3.org/1999/xhtml">${JSON.stringify(resource).replace(/[<>&]/g, '')}</div>`,
    },
  }) as Resource

/** Some of many, spread over all of them: some types have thousands of elements. `LEAKS=all` takes each. */
const sampled = <T>(all: readonly T[], count: number): readonly T[] => {
  const step = process.env['LEAKS'] === 'all' ? 1 : Math.max(1, Math.ceil(all.length / count))
  return all.filter((_, index) => index % step === 0)
}

describe('a canary in every element that holds text', () => {
  test.each(TYPES)('%s', (type) => {
    const { resource, canaries, references } = fill(type)
    const source = told(resource)
    const leaks: string[] = []
    const lostAll: string[] = []
    for (const [pointer, canary] of sampled([...canaries], 24)) {
      const left = render(source, shape({ withheldParts: [pointer] }))
      if (left === undefined) lostAll.push(pointer)
      else if (JSON.stringify(left).includes(canary)) leaks.push(pointer)
    }
    for (const [pointer, { target, canaries: its }] of sampled([...references], 10)) {
      const text = JSON.stringify(render(source, shape({ withheldReferences: [target] })) ?? '')
      if (its.some((canary) => text.includes(canary))) leaks.push(`reference ${pointer}`)
    }
    expect(leaks).toEqual([])
    expect(lostAll.length).toBeLessThan(Math.max(1, sampled([...canaries], 24).length))
  })
})

/** Structural faults, by place without index. */
const faults = (resource: Resource): ReadonlySet<string> =>
  new Set(
    validate(resource, definitions)
      .filter(
        ({ severity, code }) => severity === 'error' && (code === 'required' || code === 'structure' || code === 'invariant'),
      )
      .map(({ path, message }) => `${path.replace(/\[\d+\]/g, '')}: ${message}`),
  )

describe('what is left is as valid as it was', () => {
  const SERVED = ['Appointment', 'CarePlan', 'CareTeam', 'Communication', 'Condition', 'Consent', 'Coverage', 'DocumentReference', 'Encounter', 'EpisodeOfCare', 'Flag', 'Goal', 'Group', 'Observation', 'Patient', 'Procedure', 'Provenance', 'QuestionnaireResponse', 'RelatedPerson', 'ServiceRequest', 'Task'] // prettier-ignore
  test.each(SERVED)('%s, whatever one thing is taken out', (type) => {
    const { resource, canaries } = fill(type)
    const before = faults(resource)
    const found = new Set<string>()
    for (const pointer of sampled([...canaries.keys()], 30)) {
      const left = render(resource, shape({ withheldParts: [pointer] }))
      if (left !== undefined) for (const fault of faults(left)) if (!before.has(fault)) found.add(`${pointer} -> ${fault}`)
    }
    expect([...found]).toEqual([])
  })
})

describe.each(['housing', 'justice'] as const)('the %s view', (name) => {
  const { types } = PROFILES[name]
  const rows = types === 'all' ? [] : Object.entries(types)

  test.each(rows)('%s shows its rows and nothing else, not in the narrative either', (type, row) => {
    const { resource, canaries } = fill(type)
    const wanted =
      row.onlyCategories === undefined
        ? resource
        : ({ ...resource, category: [{ coding: [{ code: row.onlyCategories[0] }] }] } as Resource)
    const left = render(told(wanted), shape({ profile: name }))
    expect(left).toBeDefined()
    const keeps = row.keep.split(' ')
    const extra = [...canaries].filter(([pointer, canary]) => {
      const top = pointer.split('/')[1] ?? ''
      const isKept = keeps.includes(top) || keeps.some((word) => word.endsWith('[x]') && isChoice(top, word.slice(0, -3)))
      return !isKept && JSON.stringify(left).includes(canary)
    })
    expect(extra).toEqual([])
    const before = faults(resource)
    expect([...faults(left ?? wanted)].filter((fault) => !before.has(fault))).toEqual([])
  })
})

test('a second rendering of anything changes nothing', () => {
  for (const type of TYPES) {
    const { resource, canaries, references } = fill(type)
    const pointers = [...canaries.keys()].filter((_, index) => index % 7 === 3)
    const targets = [...references.values()].map(({ target }) => target).filter((_, index) => index % 5 === 2)
    for (const cut of [
      shape({ withheldParts: pointers.slice(0, 1), withheldReferences: targets }),
      shape({ profile: 'housing' }),
      shape({ profile: 'justice' }),
    ]) {
      const once = render(told(resource), cut)
      if (once !== undefined) expect(render(once, settled(cut))).toBe(once)
    }
  }
})

test('withholding more never shows more', () => {
  for (const type of ['CarePlan', 'QuestionnaireResponse', 'ServiceRequest', 'Observation', 'Encounter', 'Task']) {
    const { resource, canaries } = fill(type)
    const pointers = [...canaries.keys()]
    const shown = (parts: readonly string[]): ReadonlySet<string> => {
      const text = JSON.stringify(render(told(resource), shape({ withheldParts: parts })) ?? '')
      return new Set([...canaries.values()].filter((canary) => text.includes(canary)))
    }
    let before = shown([])
    for (let take = 1; take < pointers.length; take += 5) {
      const now = shown(pointers.slice(0, take))
      expect([...now].filter((canary) => !before.has(canary))).toEqual([])
      before = now
    }
  }
})
