import type { BasisKind, Reason } from '../model/decision.ts'
import type { BasisScope, ReadBasis } from './bases.ts'
import { purposeCovers, sensitivityCovers } from './codes.ts'
import type { Finding, Grant, Ground, Inquiry } from './inquiry.ts'
import { hasNeed } from './need.ts'
import { refusalsOf } from './refusals.ts'
import { isHealthCareProvider } from './reach.ts'
import { overlaysFor, SECTOR_PROFILES } from './reliance.ts'
import { restrictionsOn } from './restrictions.ts'
import type { Content, Facet, Question } from './tree.ts'
import { holdsAt } from './windows.ts'

const all = (): boolean => true

const grant = (
  kind: BasisKind,
  law: string,
  more: Partial<Grant> & { rule?: string; reference?: string; version?: string } = {},
): Finding => {
  const { rule = kind, reference, version, ...rest } = more
  const basis = { kind, ...(reference === undefined ? {} : { reference }), ...(version === undefined ? {} : { version }) }
  return {
    grant: {
      basis,
      carries: all,
      includesDoubtful: false,
      obligations: [],
      because: [{ rule, law, ...(reference === undefined ? {} : { reference }) }],
      ...rest,
    },
  }
}

const refuse = (...refusals: readonly Reason[]): Finding => ({ explain: () => refusals })
const SILENT: Finding = { explain: () => [] }

/** What the originator of a note may use it for. @law 42 CFR 2.31(b)(1)(i) */
const NOTE_PURPOSES = ['TREAT', 'TRAIN']
const isNoteUse = ({ purpose }: Question): boolean => NOTE_PURPOSES.some((stated) => purposeCovers(stated, purpose))

const NOTES: Reason = { rule: 'notes-need-own-consent', law: '42 CFR 2.31(b)(1)' }
const PROCEEDINGS: Reason = { rule: 'proceedings-need-own-consent', law: '42 CFR 2.12(d)(1)' }

/** The programme at work: staff with a need to know. @law 42 CFR 2.12(c)(3) */
const internal: Ground = {
  kind: 'internal',
  find: ({ question }, content) => {
    const { partner, world } = question
    if (!partner.kinds.includes('programme')) return SILENT
    const origin = world.partners.get(content.labels.origin.partner)
    if (origin !== undefined && origin.id !== partner.id && origin.kinds.includes('programme')) return SILENT
    if (question.purpose === 'HLEGAL' && content.isPart2) return refuse(PROCEEDINGS)
    if (content.labels.noteKind !== undefined && !isNoteUse(question)) return refuse(NOTES)
    if (!hasNeed(world, question.subject, question.at)) return refuse({ rule: 'no-need-to-know', law: '42 CFR 2.12(c)(3)' })
    return grant('internal', '42 CFR 2.12(c)(3)', { includesDoubtful: true })
  },
}

/** A partner reads back what it wrote itself. */
const origin: Ground = {
  kind: 'origin',
  find: ({ question }, content) => {
    // The programme's own way is the internal one, which asks for a need to know.
    if (content.labels.origin.partner !== question.partner.id || question.partner.kinds.includes('programme')) return SILENT
    if (question.purpose === 'HLEGAL' && content.isPart2) return refuse(PROCEEDINGS)
    if (content.labels.noteKind !== undefined && !isNoteUse(question)) return refuse(NOTES)
    return grant('origin', content.isPart2 ? '42 CFR 2.12(c)(3)' : '45 CFR 164.506(c)(1)')
  },
}

/** What is not a Part 2 record may go between those who treat and pay. @law 45 CFR 164.506(c); 42 CFR 2.12(d)(2)(ii) */
const hipaa: Ground = {
  kind: 'hipaa',
  find: (inquiry, content) => {
    const { question } = inquiry
    if (content.isPart2) return SILENT
    if (content.labels.noteKind !== undefined)
      return refuse({ rule: 'notes-need-own-authorization', law: '45 CFR 164.508(a)(2)' })
    if (content.labels.policy.includes('Title38Section7332'))
      return refuse({ rule: 'va-record', law: '38 USC 7332; 42 CFR 2.12(c)(1)' })
    const rule = HIPAA.find(({ covers }) => covers(question))
    if (rule === undefined) return refuse({ rule: 'hipaa-does-not-cover', law: '45 CFR 164.506(c)' })
    const shut = [
      ...refusedFor(inquiry, content),
      ...restrictionsOn(question, content, 'hipaa'),
      ...profileBars(question, content),
    ]
    if (shut.length > 0) return refuse(...shut)
    const carries = (facet: Facet): boolean =>
      overlaysFor(facet, question.world.facts.jurisdiction).length === 0 || isTreating(question)
    const narrow = facetsIn(content).filter((facet) => !carries(facet))
    if (narrow.length > 0) return refuse({ rule: 'sensitivity-not-named', law: 'Tex. Health & Safety Code 81.103(b)' })
    return grant('hipaa', rule.law, {
      rule: rule.id,
      carries: (facet) => carries(facet) && !refusesFacet(inquiry, content, facet),
    })
  },
}

/** HIPAA's own permissions without authorization, as far as the gateway uses them. */
export const HIPAA: readonly { readonly id: string; readonly law: string; readonly covers: (question: Question) => boolean }[] = [
  {
    id: 'hipaa-treatment',
    law: '45 CFR 164.506(c)(2)',
    covers: ({ partner, purpose }) => purposeCovers('TREAT', purpose) && isHealthCareProvider(partner),
  },
  {
    id: 'hipaa-payment',
    law: '45 CFR 164.506(c)(3)',
    covers: ({ partner, purpose }) => purposeCovers('HPAYMT', purpose) && partner.kinds.includes('covered-entity'),
  },
]

const isTreating = ({ world, partner, at }: Question): boolean =>
  world.treating(partner).some(({ window }) => holdsAt(window, at))
const facetsIn = ({ labels: { sensitivity } }: Content): readonly Facet[] => sensitivity

const profileBars = ({ partner }: Question, content: Content): readonly Reason[] =>
  SECTOR_PROFILES.filter(({ sector, excludes }) => sector === partner.sector && excludes(content)).map(({ id, law }) => ({
    rule: id,
    law,
  }))

const refusedFor = (inquiry: Inquiry, content: Content): readonly Reason[] =>
  (content.labels.sensitivity.length === 0 ? [undefined] : content.labels.sensitivity).flatMap((facet) =>
    refusalsOf(inquiry, content, facet),
  )

const refusesFacet = (inquiry: Inquiry, content: Content, facet: Facet): boolean => refusalsOf(inquiry, content, facet).length > 0

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
        bars: (basis, { world, at }) => basis.text('requestedBy') === 'parent' && world.minorDecidesAlone(at),
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

const isInScope = (scope: BasisScope, content: Content, { world }: Question): boolean => {
  const lists: readonly (boolean | undefined)[] = [
    scope.types?.includes(content.type),
    scope.records?.includes(content.key),
    scope.codes?.some((code) => content.codes.some((own) => own.code === code)),
    scope.labels === undefined
      ? undefined
      : content.labels.sensitivity.every((own) => scope.labels?.some((label) => sensitivityCovers(label, own)) === true),
  ]
  const { window } = content
  const isInTime =
    (scope.from === undefined && scope.until === undefined) ||
    (window !== undefined &&
      world.calendar.window({ ...(scope.from === undefined ? {} : { start: scope.from }) }).from <= window.from &&
      (scope.until === undefined || window.until <= world.calendar.end(scope.until)))
  return isInTime && lists.every((holds) => holds !== false)
}

const legalGround = (row: LegalGround): Ground => ({
  kind: row.kind,
  find: ({ question }, content) => {
    const found = question.world.bases.filter(
      ({ kind, recipient, faults }) =>
        kind === row.basis && (recipient === question.partner.id || (faults.length > 0 && recipient === undefined)),
    )
    const failures: (readonly Reason[])[] = []
    for (const basis of found) {
      const reasons = barsOf(row, basis, question, content)
      if (reasons.length === 0) return legalGrant(row, basis, question, content)
      failures.push(reasons)
    }
    return {
      explain: () =>
        failures.reduce<readonly Reason[]>((best, next) => (best.length === 0 || next.length < best.length ? next : best), []),
    }
  },
})

const barsOf = (row: LegalGround, basis: ReadBasis, question: Question, content: Content): readonly Reason[] => {
  const purposes = basis.purposes ?? row.purposes
  const reference = basis.id
  const reasons: Reason[] = basis.faults.map(({ id, law }) => ({ rule: id, law, reference }))
  if (!holdsAt(basis.window, question.at)) reasons.push({ rule: `${row.kind}-not-in-force`, law: row.law, reference })
  if (!purposes.some((stated) => purposeCovers(stated, question.purpose)))
    reasons.push({ rule: 'purpose-not-stated', law: row.law, reference })
  if (question.purpose === 'HLEGAL' && content.isPart2 && row.kind !== 'court-order') reasons.push({ ...PROCEEDINGS, reference })
  if (content.labels.noteKind !== undefined && !row.includesNotes(basis)) reasons.push({ ...NOTES, reference })
  if (!isInScope(basis.scope, content, question)) reasons.push({ rule: 'outside-scope', law: row.law, reference })
  for (const { id, law, bars } of row.bars) if (bars(basis, question, content)) reasons.push({ rule: id, law, reference })
  return reasons
}

const legalGrant = (row: LegalGround, basis: ReadBasis, question: Question, content: Content): Finding => {
  const restricted =
    row.kind === 'medical-emergency' ? restrictionsOn({ ...question, purpose: 'TREAT' }, content, 'medical-emergency') : []
  const { labels } = basis.scope
  return grant(row.kind, row.law, {
    reference: basis.id,
    version: basis.version,
    obligations: content.isPart2 ? (restricted.length > 0 ? [...row.obligations, 'NOREUSE'] : row.obligations) : [],
    because: [
      { rule: row.kind, law: row.law, reference: basis.id },
      ...restricted.map((one) => ({ ...one, rule: 'restricted-yet-emergency' })),
    ],
    carries: (facet) => labels === undefined || (facet !== undefined && labels.some((label) => sensitivityCovers(label, facet))),
  })
}

/** What needs no paper: the programme at work, and what a partner wrote itself. */
export const OWN_GROUNDS: readonly Ground[] = [internal, origin]
/** What rests on the law alone, or on a paper that is not a consent. */
export const LEGAL_GROUNDS: readonly Ground[] = [hipaa, ...LEGAL.map(legalGround)]
