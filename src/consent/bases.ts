// In: a legal basis as somebody entered it. Out: the same, read, with every requirement of its section that it fails.
// Never: reliance on a deficient one; it is kept and shown.
import { z } from 'zod'
import type { LegalBasis } from '../model/patient-facts.ts'
import { FOREVER, instantOfMs, msOf } from '../model/time.ts'
import { ALWAYS, earlier, isEmpty, NEVER } from './windows.ts'
import type { Calendar, Window } from './windows.ts'

/** Longest time for which one emergency opens the records. */
export const EMERGENCY_MINUTES_MAX = 240

/** What a basis covers; an absent list covers all, an empty one nothing. */
export interface BasisScope {
  readonly types?: readonly string[] | undefined
  readonly labels?: readonly string[] | undefined
  readonly codes?: readonly string[] | undefined
  readonly records?: readonly string[] | undefined
  readonly from?: string | undefined
  readonly until?: string | undefined
  readonly includesNotes?: boolean | undefined
}

const list = z.array(z.string().min(1)).optional()
const Scope = z.strictObject({
  types: list,
  labels: list,
  codes: list,
  records: list,
  from: z.string().optional(),
  until: z.string().optional(),
  includesNotes: z.boolean().optional(),
})
const filled = z.string().trim().min(1)

/** Every field that any kind may carry; which of them a kind must carry is the table's business. */
const Fields = z.looseObject({
  recipient: filled.optional(),
  from: z.string().optional(),
  until: z.string().optional(),
  endedAt: z.string().optional(),
  purposes: list,
  scope: Scope.optional(),
})

/** A legal basis, read. */
export interface ReadBasis {
  readonly id: string
  readonly version: string
  readonly kind: LegalBasis['kind']
  readonly recipient?: string
  readonly purposes?: readonly string[]
  readonly scope: BasisScope
  /** The time that its scope limits records to, or undefined without such a limit. */
  readonly dated?: Window
  readonly window: Window
  /** Requirements that it fails; relied on only when empty. */
  readonly faults: readonly Requirement[]
  /** A text field, trimmed; undefined when absent or blank. */
  readonly text: (name: string) => string | undefined
  readonly isTrue: (name: string) => boolean
  readonly texts: (name: string) => readonly string[]
}

/** One requirement of one kind of basis. */
export interface Requirement {
  readonly id: string
  readonly kind: LegalBasis['kind']
  readonly law: string
  /** How the room answers a request that lacks it. */
  readonly holds: (basis: Omit<ReadBasis, 'faults' | 'window'>) => boolean
}

const has =
  (...names: readonly string[]) =>
  (basis: Parameters<Requirement['holds']>[0]): boolean =>
    names.every((name) => basis.text(name) !== undefined)
const told =
  (name: string) =>
  (basis: Parameters<Requirement['holds']>[0]): boolean =>
    basis.isTrue(name)

const MEDICAL =
  /\b(physician|doctor|nurse|paramedic|emt|clinician|pharmacist|md|do|rn|pa|np|medical|anesthesiologist|psychiatrist|surgeon|dentist)\b/i

/** What each kind of basis must show before it is relied on; a row, its section, its test. */
export const REQUIREMENTS: readonly Requirement[] = [
  { id: 'emergency-nature-missing', kind: 'medical-emergency', law: '42 CFR 2.51(c)(4)', holds: has('nature') },
  {
    id: 'emergency-personnel-missing',
    kind: 'medical-emergency',
    law: '42 CFR 2.51(c)(1)',
    holds: has('personnelName', 'facility'),
  },
  { id: 'emergency-discloser-missing', kind: 'medical-emergency', law: '42 CFR 2.51(c)(2)', holds: has('disclosedBy') },
  { id: 'emergency-time-missing', kind: 'medical-emergency', law: '42 CFR 2.51(c)(3)', holds: has('from') },
  {
    id: 'emergency-not-medical-personnel',
    kind: 'medical-emergency',
    law: '42 CFR 2.51(a)',
    holds: (b) => MEDICAL.test(b.text('personnelRole') ?? ''),
  },
  {
    id: 'emergency-consent-obtainable',
    kind: 'medical-emergency',
    law: '42 CFR 2.51(a)(1)',
    holds: (b) => has('consentImpossibleBecause')(b) || has('disasterDeclaredBy')(b),
  },
  {
    id: 'emergency-patient-refused',
    kind: 'medical-emergency',
    law: '42 CFR 2.51(a)(1)',
    holds: (b) => !b.isTrue('patientRefused'),
  },
  {
    id: 'qso-agreement-unsigned',
    kind: 'qso-agreement',
    law: '42 CFR 2.11 "Qualified service organization" (2)',
    holds: has('signedAt', 'recipient'),
  },
  {
    id: 'qso-not-bound',
    kind: 'qso-agreement',
    law: '42 CFR 2.11 "Qualified service organization" (2)(i)',
    holds: told('isBoundByPart2'),
  },
  {
    id: 'qso-does-not-resist',
    kind: 'qso-agreement',
    law: '42 CFR 2.11 "Qualified service organization" (2)(ii)',
    holds: told('resistsLegalProcess'),
  },
  { id: 'audit-agreement-unsigned', kind: 'audit-agreement', law: '42 CFR 2.53(a)', holds: has('signedAt', 'recipient') },
  {
    id: 'audit-auditor-not-entitled',
    kind: 'audit-agreement',
    law: '42 CFR 2.53(a)(1)',
    holds: (b) =>
      ['government', 'payer', 'quality-improvement-organization', 'administrative-control'].includes(b.text('auditorKind') ?? ''),
  },
  { id: 'audit-destruction-missing', kind: 'audit-agreement', law: '42 CFR 2.53(b)', holds: told('agreesToDestroy') },
  {
    id: 'research-approval-missing',
    kind: 'research-approval',
    law: '42 CFR 2.52(a)',
    holds: (b) =>
      has('recipient', 'approvalId', 'approvedAt')(b) &&
      ['hipaa-authorization', 'hipaa-waiver', 'common-rule'].includes(b.text('approvalKind') ?? ''),
  },
  {
    id: 'court-order-missing',
    kind: 'court-order',
    law: '42 CFR 2.61(a)',
    holds: has('court', 'orderNumber', 'orderedAt', 'recipient'),
  },
  { id: 'court-subpoena-missing', kind: 'court-order', law: '42 CFR 2.61(b)', holds: has('subpoenaNumber') },
  {
    id: 'court-section-missing',
    kind: 'court-order',
    law: '42 CFR 2.64, 2.65',
    holds: (b) => ['2.64', '2.65', '2.66'].includes(b.text('section') ?? ''),
  },
  {
    id: 'court-scope-missing',
    kind: 'court-order',
    law: '42 CFR 2.64(e)',
    holds: (b) => Object.values(b.scope).some((part) => part !== undefined),
  },
  { id: 'court-order-vacated', kind: 'court-order', law: '42 CFR 2.61(a)', holds: (b) => b.text('vacatedAt') === undefined },
  { id: 'crime-incident-missing', kind: 'crime-report', law: '42 CFR 2.12(c)(5)', holds: has('incident', 'recipient') },
  {
    id: 'crime-not-against-programme',
    kind: 'crime-report',
    law: '42 CFR 2.12(c)(5)(i)',
    holds: (b) => ['premises', 'personnel'].includes(b.text('against') ?? ''),
  },
  {
    id: 'child-abuse-report-missing',
    kind: 'child-abuse-report',
    law: '42 CFR 2.12(c)(6)',
    holds: has('recipient', 'stateLaw', 'incident'),
  },
  { id: 'patient-access-request-missing', kind: 'patient-access', law: '42 CFR 2.23', holds: has('recipient', 'requestedBy') },
  {
    id: 'public-health-law-missing',
    kind: 'public-health',
    law: '42 CFR 2.54; 45 CFR 164.512(b)',
    holds: has('recipient', 'stateLaw'),
  },
  { id: 'membership-missing', kind: 'intermediary-membership', law: '42 CFR 2.24', holds: has('intermediary', 'member') },
  { id: 'internal-need-missing', kind: 'internal-need', law: '42 CFR 2.12(c)(3)', holds: has('person', 'need') },
]

/**
 * Reads one basis. What cannot be read opens nothing; a restriction that cannot be read binds everybody.
 * @law 42 CFR 2.12(c), 2.26, 2.51 to 2.54, 2.61 to 2.67
 */
export const readBasis = (basis: LegalBasis, calendar: Calendar): ReadBasis => {
  const parsed = Fields.safeParse(basis.fields)
  const fields: z.infer<typeof Fields> = parsed.success ? parsed.data : {}
  const text = (name: string): string | undefined => {
    const value = basis.fields[name]
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
  }
  const scope: BasisScope = fields.scope ?? {}
  const read = {
    id: basis.id,
    version: String(basis.version),
    kind: basis.kind,
    ...(fields.recipient === undefined ? {} : { recipient: fields.recipient }),
    ...(fields.purposes === undefined ? {} : { purposes: fields.purposes }),
    scope,
    ...(scope.from === undefined && scope.until === undefined
      ? {}
      : { dated: calendar.window({ start: scope.from, end: scope.until }) }),
    text,
    isTrue: (name: string) => basis.fields[name] === true,
    texts: (name: string) => {
      const value = basis.fields[name]
      return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
    },
  }
  const faults = REQUIREMENTS.filter((row) => row.kind === basis.kind && !row.holds(read))
  return parsed.success
    ? { ...read, faults, window: windowOf(basis.kind, fields, calendar) }
    : { ...read, faults: [UNREADABLE(basis.kind), ...faults], window: basis.kind === 'restriction' ? ALWAYS : NEVER }
}

const UNREADABLE = (kind: LegalBasis['kind']): Requirement => ({
  id: 'basis-unreadable',
  kind,
  law: '42 CFR 2.13(a)',
  holds: () => false,
})

const windowOf = (kind: LegalBasis['kind'], fields: z.infer<typeof Fields>, calendar: Calendar): Window => {
  const stated = calendar.window({ start: fields.from, end: fields.until })
  if (kind === 'restriction') return isEmpty(stated) ? ALWAYS : stated
  const { from } = stated
  const until = fields.endedAt === undefined ? stated.until : earlier(stated.until, calendar.start(fields.endedAt))
  if (kind !== 'medical-emergency') return { from, until }
  if (fields.from === undefined || from >= FOREVER) return NEVER
  return { from, until: earlier(until, instantOfMs(msOf(from) + EMERGENCY_MINUTES_MAX * 60_000)) }
}
