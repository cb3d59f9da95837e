import type { shapesOf, ShapeFacts } from '../../src/disclosure/shapes.ts'
import type { Allowance } from '../../src/model/decision.ts'
import { partnerId, patientId } from '../../src/model/ids.ts'
import type { Labels, RecordFacts } from '../../src/model/label.ts'
import type { Partner, PartnerSector } from '../../src/model/partner.ts'
import { FOREVER, instant } from '../../src/model/time.ts'

/** Four days, one after the other. */
export const T = ['2026-01-01', '2026-02-01', '2026-03-01', '2026-04-01'].map((d) => instant(`${d}T00:00:00Z`))
export const [t0 = FOREVER, t1 = FOREVER, t2 = FOREVER, t3 = FOREVER] = T

export const labels = (more: Partial<Labels> = {}): Labels => ({
  status: 'labelled',
  origin: { partner: partnerId('mission'), isPart2: true },
  confidentiality: 'R',
  sensitivity: [],
  policy: ['42CFRPart2'],
  parts: [],
  ...more,
})
export const record = (key: string, references: readonly string[] = [], more: Partial<Labels> = {}): RecordFacts => {
  const [type = '', id = ''] = key.split('/')
  return { type, id, labels: labels(more), codes: [], references, profiles: [] }
}
export const partner = (id: string, sector: PartnerSector): Partner => ({
  id: partnerId(id),
  name: id,
  kinds: ['covered-entity'],
  sector,
  identifiers: [],
  scopes: [],
  purposes: [],
  channels: [],
  isActive: true,
})
export const PARTNERS = [
  partner('mission', 'mission'),
  partner('hospital', 'hospital'),
  partner('hiv', 'hiv'),
  partner('harbor', 'housing'),
]
export const facts = (...records: readonly RecordFacts[]): ShapeFacts => ({
  patient: patientId('p'),
  records,
  partners: PARTNERS,
})
export const allow = (key: string, recipient: string, more: Partial<Allowance> = {}): Allowance => {
  const [type = '', id = ''] = key.split('/')
  const basis = { kind: 'consent', reference: 'Consent/c' } as const
  return {
    type,
    id,
    recipient: partnerId(recipient),
    purpose: 'TREAT',
    from: t0,
    until: FOREVER,
    basis,
    withheldParts: [],
    obligations: [],
    because: [],
    ...more,
  }
}
export const brief = (given: ReturnType<typeof shapesOf>): unknown[] =>
  given.map(({ type, id, shape, allowances }) => [
    `${type}/${id}`,
    shape.profile,
    shape.withheldReferences,
    allowances.map((a) => [a.recipient, a.from, a.until]),
  ])
