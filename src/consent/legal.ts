import type { BasisKind } from '../model/decision.ts'
import type { ReadBasis } from './bases.ts'
import { isHealthCareProvider } from './reach.ts'
import { restrictionsOn } from './restrictions.ts'
import { minorRuleOf } from './signers.ts'
import type { Content, Question } from './tree.ts'
import { holdsAt } from './windows.ts'

/** What a legal basis may be used for, beyond its own requirements. */
export interface LegalGround {
  readonly kind: BasisKind
  readonly basis: ReadBasis['kind']
  readonly law: string
  /** Purposes that it serves unless it states its own. */
  readonly purposes: readonly string[]
  readonly obligations: readonly string[]
  /** Whether counselling notes may go, and when. */
  readonly includesNotes: (basis: ReadBasis) => boolean
  readonly bars: readonly {
    readonly id: string
    readonly law: string
    readonly bars: (basis: ReadBasis, question: Question, content: Content) => boolean
  }[]
}

const never = (): boolean => false
const isParents = (basis: ReadBasis): boolean => basis.text('requestedBy') === 'parent'
const isMedical = ({ partner }: Question): boolean => isHealthCareProvider(partner)

/** The bases beside consent, one row each. @law 42 CFR 2.12(c), 2.23, 2.51 to 2.54, 2.61 to 2.67 */
export const LEGAL: readonly LegalGround[] = [
  {
    kind: 'medical-emergency',
    basis: 'medical-emergency',
    law: '42 CFR 2.51',
    purposes: ['ETREAT'],
    obligations: ['NORDSCLCD', 'PERSISTLABEL'],
    includesNotes: never,
    bars: [{ id: 'not-medical-personnel', law: '42 CFR 2.51(a)', bars: (_, question) => !isMedical(question) }],
  },
  {
    kind: 'patient-access',
    basis: 'patient-access',
    law: '42 CFR 2.23',
    purposes: ['PATRQT'],
    obligations: [],
    includesNotes: never,
    bars: [
      {
        id: 'minor-decides-alone',
        law: '42 CFR 2.14(b)',
        bars: (basis, { world: { minority, facts }, at }) =>
          isParents(basis) && holdsAt(minority, at) && minorRuleOf(facts.jurisdiction).minorActsAlone,
      },
      {
        id: 'parent-of-an-adult',
        law: '42 CFR 2.15(a); 2.23',
        bars: (basis, { world: { minority }, at }) => isParents(basis) && !holdsAt(minority, at),
      },
    ],
  },
  {
    kind: 'qso-agreement',
    basis: 'qso-agreement',
    law: '42 CFR 2.12(c)(4)',
    purposes: ['HOPERAT', 'HPAYMT'],
    obligations: ['NORDSCLCD', 'PERSISTLABEL'],
    includesNotes: never,
    bars: [
      {
        id: 'not-a-qso',
        law: '42 CFR 2.11 "Qualified service organization"',
        bars: (_, { partner }) => !partner.kinds.includes('qso'),
      },
      {
        id: 'restricted',
        law: '42 CFR 2.26(a)(3)',
        bars: (_, question, content) => restrictionsOn(question, content, 'qso-agreement').length > 0,
      },
    ],
  },
  {
    kind: 'audit-evaluation',
    basis: 'audit-agreement',
    law: '42 CFR 2.53',
    purposes: ['HCOMPL', 'HACCRED', 'HQUALIMP', 'GOV', 'FRAUD'],
    obligations: ['NORDSCLCD', 'PERSISTLABEL'],
    includesNotes: never,
    bars: [],
  },
  {
    kind: 'research',
    basis: 'research-approval',
    law: '42 CFR 2.52',
    purposes: ['HRESCH'],
    obligations: ['NORDSCLCD', 'NORELINK', 'PERSISTLABEL'],
    includesNotes: never,
    bars: [],
  },
  {
    kind: 'public-health',
    basis: 'public-health',
    law: '45 CFR 164.512(b)',
    purposes: ['PUBHLTH'],
    obligations: [],
    includesNotes: never,
    bars: [
      {
        id: 'public-health-only-deidentified',
        law: '42 CFR 2.54',
        bars: (_, question, content) => content.isPart2 && question.isDeidentified !== true,
      },
      {
        id: 'not-a-public-health-authority',
        law: '42 CFR 2.54; 2.11 "Public health authority"',
        bars: (_, { partner }, content) => content.isPart2 && partner.sector !== 'public-health',
      },
    ],
  },
  {
    kind: 'court-order',
    basis: 'court-order',
    law: '42 CFR 2.61, 2.64, 2.65',
    purposes: ['HLEGAL'],
    obligations: ['NORDSCLCD', 'PERSISTLABEL'],
    includesNotes: ({ scope }) => scope.includesNotes === true,
    bars: [],
  },
]
