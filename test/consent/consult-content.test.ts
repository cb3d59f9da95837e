import { describe, expect, test } from '@jest/globals'
import type { Labels } from '../../src/model/label.ts'
import { CLINIC, houseOf, bundle, directive, goal, said, decision } from './support/consult.ts'
import { actor, consent, facts, labelled, labels, medical, NPI, purposes, without } from './support/world.ts'

const HOUSING = { system: NPI, value: '1000000002' }

describe('content that came along', () => {
  const part = (pointer: string, label: string): Labels['parts'][number] => ({
    pointer,
    sensitivity: [label],
    certainty: 'certain',
    rule: 'r',
  })
  const own = {
    a: medical({ parts: [part('/note', 'HIV'), part('/address', 'SUD')] }),
    b: medical({ sensitivity: ['SUD'] }),
    c: medical({ status: 'pending' }),
    d: labels(),
  }
  const content = bundle(goal('a'), goal('b'), goal('c'), goal('d'))
  const refusing = (label: string, more: object = {}) => ({ type: 'deny' as const, securityLabel: labelled(label), ...more })

  test('goes record by record, without the parts that are refused', () => {
    expect(said({ consent: bundle(directive({ provision: [refusing('SUD')] })), content }, houseOf(own))).toMatchObject({
      content: [{ key: 'Goal/a', withheldParts: ['/address'], basis: { kind: 'consent', reference: 'Consent/d1' } }],
    })
  })

  test('of several purposes each has to let it go, and the parts that any of them keeps stay out, in order', () => {
    const each = directive({
      provision: [refusing('SUD', { purpose: purposes('HPAYMT') }), refusing('HIV', { purpose: purposes('TREAT') })],
    })
    const asked = (purposeOfUse: readonly string[]) => said({ purposeOfUse, consent: bundle(each), content }, houseOf(own))
    expect(asked(['TREAT', 'HPAYMT'])).toMatchObject({ content: [{ key: 'Goal/a', withheldParts: ['/address', '/note'] }] })
    expect(asked(['TREAT'])).toMatchObject({
      content: [
        { key: 'Goal/a', withheldParts: ['/note'] },
        { key: 'Goal/b', withheldParts: [] },
      ],
    })
  })

  test('an empty bundle is asked like none, and nothing comes back with it', () => {
    expect(said({ consent: bundle(directive()), content: bundle() })).toMatchObject({ decision: 'CONSENT_PERMIT', content: [] })
    expect(said({ consent: bundle(directive()) })).not.toHaveProperty('content')
    expect(said({ consent: bundle(directive()) })).not.toHaveProperty('recipient')
  })

  test('an empty place in the bundle is no content', () => {
    const empty = { resourceType: 'Bundle', entry: [{}, { resource: goal('a') }] }
    expect(said({ consent: bundle(directive()), content: empty })).toMatchObject({ content: [{ key: 'Goal/a' }] })
  })

  test('what a brought consent does not cover stays, though HIPAA would let it go', () => {
    const plans = bundle(directive({ class: [{ code: 'CarePlan' }] }))
    const asked = { actor: [CLINIC], content: bundle(goal('a')) }
    expect(said({ ...asked, consent: plans })).toEqual({ decision: 'CONSENT_DENY', obligations: [] })
    expect(decision(asked, houseOf({}, { stored: facts([]) }))).toBe('CONSENT_PERMIT')
  })

  test('what the other recipients are counts for what the form has to say', () => {
    const silent = consent(
      { extension: without('hipaa-redisclosure') },
      { actor: [actor('harbor-housing'), actor('montrose-hiv')], purpose: purposes('COC') },
    )
    const asked = { actor: [HOUSING], purposeOfUse: 'COC', content: bundle(goal('a')) }
    const house = (over: object) => houseOf({ a: labels() }, over)
    expect(decision({ ...asked, consent: bundle(silent) }, house({}))).toBe('CONSENT_DENY')
    expect(decision(asked, house({ stored: facts([silent]) }))).toBe('CONSENT_DENY')
    const alone = consent(
      { extension: without('hipaa-redisclosure') },
      { actor: [actor('harbor-housing')], purpose: purposes('COC') },
    )
    expect(decision({ ...asked, consent: bundle(alone) }, house({}))).toBe('CONSENT_PERMIT')
    expect(decision(asked, house({ stored: facts([alone]) }))).toBe('CONSENT_PERMIT')
  })

  test('brought consents help alone: what HIPAA would let go does not go on them', () => {
    const elsewhere = bundle(directive({ actor: [actor('Organization/x')] }))
    expect(decision({ actor: [CLINIC], consent: elsewhere, content: bundle(goal('a')) })).toBe('NO_CONSENT')
  })

  test('the consents on file: for every purpose, on whichever ground, and nothing where one purpose has none', () => {
    const stored = facts([])
    const asked = (purposeOfUse: readonly string[]) =>
      said(
        { actor: [CLINIC], purposeOfUse, content },
        houseOf({ ...own, a: medical({ parts: [part('/x', 'SUD')] }) }, { stored }),
      )
    expect(asked(['TREAT', 'COC'])).toMatchObject({
      decision: 'CONSENT_PERMIT',
      content: [{ key: 'Goal/a' }, { key: 'Goal/b' }],
    })
    expect(asked(['TREAT'])).not.toHaveProperty('basedOn')
    expect(asked(['TREAT', 'HMARKT'])).toEqual({ decision: 'NO_CONSENT', obligations: [] })
  })

  test('the parts that a ground on file keeps stay out', () => {
    const stored = facts([consent({}, { provision: [refusing('HIV')] })])
    expect(said({ actor: [CLINIC], content: bundle(goal('a')) }, houseOf(own, { stored }))).toMatchObject({
      content: [{ key: 'Goal/a', withheldParts: ['/note'] }],
    })
  })
})
