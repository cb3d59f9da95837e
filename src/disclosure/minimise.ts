// In: what the recipients may have. Out: of that, what their work needs.
// Never: gives anybody more than was permitted.
import type { Allowance } from '../model/decision.ts'
import type { RecordFacts } from '../model/label.ts'
import type { Partner, PartnerSector } from '../model/partner.ts'

/** What a sector needs of one resource type; a type without a row is left to the permission alone. */
export interface NeedRow {
  readonly sectors: readonly PartnerSector[]
  readonly types: readonly string[]
  readonly law: string
  readonly says: string
  readonly needs: (record: RecordFacts, recipient: string) => boolean
}

const BASE = 'https://mission-gateway.example/fhir'

const names = (record: RecordFacts, recipient: string): boolean => record.references.includes(`Organization/${recipient}`)

const hasCode = (record: RecordFacts, system: string, code: string): boolean =>
  record.codes.some((one) => one.system === system && one.code === code)

/** @law 42 CFR 2.13(a): only what is necessary to carry out the purpose of the disclosure */
export const NEEDS: readonly NeedRow[] = [
  {
    sectors: ['housing', 'justice'],
    types: ['Task', 'ServiceRequest'],
    law: '42 CFR 2.13(a)',
    says: 'a referral that is addressed to the recipient, and no service of anybody else',
    needs: names,
  },
  {
    sectors: ['housing'],
    types: ['Goal'],
    law: '42 CFR 2.13(a)',
    says: 'the goals about housing',
    needs: (record) => hasCode(record, `${BASE}/CodeSystem/mission-goal-domain`, 'housing'),
  },
  {
    sectors: ['housing'],
    types: ['QuestionnaireResponse'],
    law: '42 CFR 2.13(a)',
    says: 'the interview about housing',
    needs: (record) => record.profiles.includes(`${BASE}/StructureDefinition/mission-housing-preference`),
  },
  {
    sectors: ['housing', 'justice'],
    types: ['Condition', 'Observation', 'QuestionnaireResponse', 'Procedure'],
    law: 'MISSION case-manager guide, lines 130 and 343',
    says: "a relapse is nobody's business but the team's",
    needs: (record) => !record.profiles.includes(`${BASE}/StructureDefinition/mission-relapse`),
  },
]

/** The allowances that are needed; what a partner brought itself, and what the programme uses, stays. */
export const minimise = (
  allowances: readonly Allowance[],
  records: readonly RecordFacts[],
  partners: readonly Partner[],
): readonly Allowance[] => {
  const sectors = new Map<string, PartnerSector>(partners.map((partner) => [partner.id, partner.sector]))
  const byKey = new Map(records.map((record) => [`${record.type}/${record.id}`, record]))
  return allowances.filter((allowance) => {
    if (allowance.basis.kind === 'internal' || allowance.basis.kind === 'origin') return true
    const sector = sectors.get(allowance.recipient)
    const record = byKey.get(`${allowance.type}/${allowance.id}`)
    if (sector === undefined || record === undefined) return false
    return NEEDS.every(
      (row) => !row.sectors.includes(sector) || !row.types.includes(allowance.type) || row.needs(record, allowance.recipient),
    )
  })
}
