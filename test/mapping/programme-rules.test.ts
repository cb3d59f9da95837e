import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { typeOfExample } from '../../mappings/mission/examples.ts'
import { PROGRAMME_RULES, isKeptFrom } from '../../mappings/mission/programme-rules.ts'
import { recordTypes } from '../../mappings/mission/record-types.ts'
import { checkRules, recordsReadFor } from '../../src/mapping/check-rules.ts'
import { CONTEXT } from './context.ts'

const tree = z.record(z.string(), z.unknown())
const Case = z.strictObject({
  rule: z.string(),
  base: z.string(),
  facts: z.record(z.string(), z.array(tree)).optional(),
  otherClients: z.array(z.string()).optional(),
  sectors: z.record(z.string(), z.enum(['housing', 'justice'])).optional(),
  agreed: z.array(z.string()).optional(),
  breach: tree.optional(),
  near: tree.optional(),
})

const cases = z.array(Case).parse(parse(readFileSync(new URL('../cases/mapping/programme-rules.yaml', import.meta.url), 'utf8')))
const read = (name: string): Record<string, unknown> =>
  tree.parse(JSON.parse(readFileSync(new URL(`../../mappings/mission/examples/${name}.json`, import.meta.url), 'utf8')))

/** Nothing but the rule in question may speak, unless the case says otherwise, so each rule is seen alone. */
const spoken = (c: z.infer<typeof Case>, but: Record<string, unknown>): string[] => {
  const type = typeOfExample(`${c.base}.json`)
  const record = { ...read(c.base), ...but }
  expect(recordTypes[type]?.schema.safeParse(record).error?.issues).toBeUndefined()
  return checkRules(type, record, {
    records: c.facts ?? { screening: [{ decision: 'eligible' }] },
    ...(c.otherClients && { otherClients: new Set(c.otherClients) }),
    ...(c.sectors && { sectorOf: (id: string) => c.sectors?.[id] }),
    ...(c.agreed && { agreedPartners: new Set(c.agreed) }),
  }).map((issue) => /\(([a-z-]+)\)$/.exec(issue.message)?.[1] ?? '')
}

describe.each(cases)('$rule on $base', (c) => {
  if (c.breach !== undefined) test('is breached', () => expect(spoken(c, c.breach ?? {})).toContain(c.rule))
  if (c.near !== undefined) test('holds', () => expect(spoken(c, c.near ?? {})).not.toContain(c.rule))
})

test('every rule has a breach and a near miss among the cases, a seed line, and record types that exist', () => {
  for (const rule of PROGRAMME_RULES) {
    const own = cases.filter((c) => c.rule === rule.id)
    expect([rule.id, own.some((c) => c.breach !== undefined), own.some((c) => c.near !== undefined)]).toEqual([
      rule.id,
      true,
      true,
    ])
    expect(rule.seed).toMatch(/00[0-4]:\d+/)
    for (const name of rule.on) expect(Object.keys(recordTypes)).toContain(name)
  }
})

test('a rule looks at no other records than those it says', () => {
  for (const c of cases) {
    const type = typeOfExample(`${c.base}.json`)
    const rule = PROGRAMME_RULES.find((r) => r.id === c.rule)
    const seen = new Set<string>()
    const records = new Proxy(c.facts ?? {}, {
      get: (all, name) => {
        seen.add(String(name))
        return Reflect.get(all, name) as unknown
      },
    })
    rule?.isBreached({ ...read(c.base), ...c.breach }, { records })
    for (const name of seen) expect([c.rule, rule?.reads ?? []]).toEqual([c.rule, expect.arrayContaining([name])])
    for (const name of rule?.reads ?? []) expect(recordsReadFor(type)).toContain(name)
  }
})

test('no rule speaks against the shipped examples, but for the ones that show a warning', () => {
  const warned = ['encounter-drt-1', 'assessment-pc-ptsd-5']
  const facts = { records: { screening: [read('screening')], 'treatment-plan': [read('treatment-plan')] } }
  for (const name of [
    'client',
    'screening',
    'enrolment',
    'treatment-plan',
    'housing-interview',
    'encounter-orientation',
    'referral-housing',
    'progress-note',
  ])
    if (!warned.includes(name)) expect([name, checkRules(typeOfExample(`${name}.json`), read(name), facts)]).toEqual([name, []])
})

test.each([
  ['housing', true],
  ['justice', true],
  ['behavioural-health', false],
] as const)('a relapse is kept from %s: %s', (sector, kept) => {
  const [relapse] = recordTypes['relapse']?.toFhir(read('relapse'), CONTEXT) ?? []
  if (relapse === undefined) throw new Error('no relapse')
  expect(isKeptFrom(relapse, sector)).toBe(kept)
  expect(isKeptFrom({ resourceType: 'Condition', subject: {}, clinicalStatus: { coding: [{ code: 'relapse' }] } }, sector)).toBe(
    kept,
  )
})
