import { expect, test } from '@jest/globals'
import type { ConsentProvision } from '@medplum/fhirtypes'
import { partnerId } from '../../src/model/ids.ts'
import { instant } from '../../src/model/time.ts'
import { contentOf } from '../../src/consent/tree.ts'
import { outcomeOf, prune, walk } from '../../src/consent/walk.ts'
import { worldOf } from '../../src/consent/world.ts'
import { actor, consent, facts, labelled, labels, purposes, record } from './support/world.ts'

type Fit = 'absent' | 'fits' | 'other'
interface Sketch {
  readonly type: 'permit' | 'deny' | 'unsaid'
  readonly actor: Fit
  readonly purpose: Fit
  readonly label: Fit
  readonly inner?: Sketch
}

const FITS: readonly Fit[] = ['absent', 'fits', 'other']
const rules = (types: readonly Sketch['type'][], fits: readonly Fit[] = FITS): readonly Sketch[] =>
  types.flatMap((type) =>
    fits.flatMap((who) => fits.flatMap((why) => FITS.map((label) => ({ type, actor: who, purpose: why, label })))),
  )

const provisionOf = ({ type, actor: who, purpose, label, inner }: Sketch): ConsentProvision => ({
  ...(type === 'unsaid' ? {} : { type }),
  ...(who === 'absent' ? {} : { actor: [actor(who === 'fits' ? 'montrose-hiv' : 'bayou-bh')] }),
  ...(purpose === 'absent' ? {} : { purpose: purposes(purpose === 'fits' ? 'TREAT' : 'HPAYMT') }),
  ...(label === 'absent' ? {} : { securityLabel: labelled(label === 'fits' ? 'SUD' : 'HIV') }),
  ...(inner === undefined ? {} : { provision: [provisionOf(inner)] }),
})

/** What R4 says, as plainly as it can be written: an exception that fits overrides its rule; what does not fit says nothing. */
const oracle = (rule: Sketch, isRoot = true): 'permit' | 'deny' | 'none' => {
  if ([rule.actor, rule.purpose, rule.label].includes('other')) return 'none'
  const inner = rule.inner === undefined ? 'none' : oracle(rule.inner, false)
  if (inner !== 'none') return inner
  if (rule.type === 'permit') return 'permit'
  if (rule.type === 'unsaid') return 'none'
  // a root that refuses nothing in particular and lists permits only says that what is not listed is not permitted
  return isRoot && rule.inner?.type === 'permit' && rule.label === 'absent' ? 'none' : 'deny'
}

const ROOTS = rules(['permit', 'deny', 'unsaid'])
const SECOND = rules(['permit', 'deny'])
const THIRD = rules(['permit', 'deny'], ['absent'])
const one = record({ labels: labels({ sensitivity: ['SUD'] }) })

const said = (root: Sketch): string => {
  const made = consent()
  const { provision: _provision, ...rest } = made
  const world = worldOf(facts([{ ...rest, provision: provisionOf(root) }], { records: [one] }))
  const partner = world.partners.get(partnerId('montrose-hiv'))
  const [file] = world.consents
  if (partner === undefined || file === undefined) throw new Error('a world without its consent')
  const question = { world, partner, purpose: 'TREAT', at: instant('2026-06-01T12:00:00Z') }
  const node = prune(file.root, question)
  if (node === undefined) return 'none'
  const content = contentOf(one, world.calendar)
  const { effect } = walk(node, content, 'SUD', question)
  if (outcomeOf(node, content, 'SUD', question).effect !== effect) throw new Error('what is remembered is what was said')
  return effect
}

test('every consent of up to two levels says what the plain reading says', () => {
  const wrong: unknown[] = []
  let count = 0
  for (const root of ROOTS)
    for (const shape of [root, ...SECOND.map((inner) => ({ ...root, inner }))]) {
      count += 1
      if (said(shape) !== oracle(shape)) wrong.push(shape)
    }
  expect(count).toBe(81 * 55)
  expect(wrong).toEqual([])
}, 60_000)

test('and so does every third level that differs by label', () => {
  const wrong: unknown[] = []
  const roots = ROOTS.filter((root) => root.actor !== 'other' && root.purpose !== 'other')
  for (const root of roots)
    for (const inner of SECOND.filter(({ actor: who }) => who !== 'other'))
      for (const innermost of THIRD) {
        const shape = { ...root, inner: { ...inner, inner: innermost } }
        if (said(shape) !== oracle(shape)) wrong.push(shape)
      }
  expect(wrong).toEqual([])
}, 60_000)
