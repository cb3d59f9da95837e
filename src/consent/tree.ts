import type { Code } from '../model/consent.ts'
import type { Labels, RecordFacts } from '../model/label.ts'
import type { Partner } from '../model/partner.ts'
import type { Instant } from '../model/time.ts'
import {
  actionPermits,
  actionRefuses,
  atLeast,
  atMost,
  purposeCovers,
  refusalCovers,
  roleKind,
  sensitivityCovers,
} from './codes.ts'
import { meansAt } from './reach.ts'
import { ALWAYS, holdsAt, isEmpty, isWithin, overlaps } from './windows.ts'
import type { Calendar, Window } from './windows.ts'
import type { Rule, World } from './world.ts'
import { keyOf } from './world.ts'

/** One question without a record: everything in it is the same for all records of the patient. */
export interface Question {
  readonly world: World
  readonly partner: Partner
  readonly purpose: string
  readonly at: Instant
  /** The person behind the system, as `Practitioner/…`, when one is named. */
  readonly subject?: string
  /** True when what is asked for has been de-identified. @law 45 CFR 164.514(b) */
  readonly isDeidentified?: boolean
}

/** What a decision looks at in a record. */
export interface Content {
  readonly type: string
  readonly key: string
  readonly profiles: readonly string[]
  readonly codes: RecordFacts['codes']
  readonly window?: Window
  readonly labels: Labels
  readonly isPart2: boolean
  readonly recordedAt?: string
}

/** A record as a decision looks at it. A Part 2 programme's record is one whatever its labels say. @law 42 CFR 2.11 "Records" */
export const contentOf = (record: RecordFacts, calendar: Calendar): Content => ({
  type: record.type,
  key: keyOf(record),
  profiles: record.profiles,
  codes: record.codes,
  ...timeOf(record, calendar),
  labels: record.labels,
  isPart2: record.labels.origin.isPart2 || record.labels.policy.includes('42CFRPart2'),
  ...(record.recordedAt === undefined ? {} : { recordedAt: record.recordedAt }),
})

/** What cannot be read, or ends before it begins, is no time: a permit for a time does not cover it, a refusal for one does. */
const timeOf = ({ period }: RecordFacts, calendar: Calendar): Pick<Content, 'window'> => {
  if (period === undefined) return {}
  const window = { from: calendar.start(period.from), until: calendar.start(period.until) }
  return isEmpty(window) ? {} : { window }
}

/** One sensitivity of a record, or none: each is decided by itself, and a record passes when all of its facets pass. */
export type Facet = string | undefined

/** The facets of a record as a whole; one that says nothing of itself has one, without a label. */
export const facetsOf = (sensitivity: readonly string[]): readonly Facet[] =>
  sensitivity.length === 0 ? [undefined] : sensitivity

/** What a constraint makes of a question: a permit takes no `unknown`, a refusal takes it as a yes. */
export type Answer = boolean | 'unknown'

/** One kind of constraint of a provision. */
export interface Constraint<T extends readonly unknown[]> {
  /** The reason that the officer reads when a permit fails on it. */
  readonly id: string
  readonly law: string
  /** Whether the provision has such a constraint at all; without one it matches everything. */
  readonly speaks: (rule: Rule) => boolean
  readonly matches: (rule: Rule, isPermit: boolean, ...asked: T) => Answer
}

const anyOf = (answers: readonly Answer[]): Answer =>
  answers.includes(true) ? true : answers.includes('unknown') ? 'unknown' : false

/** Constraints on who asks, why and when. @spec FHIR R4 Consent.provision */
export const SELECTORS: readonly Constraint<[Question]>[] = [
  {
    id: 'provision-not-in-force',
    law: '42 CFR 2.31(a)(7)',
    speaks: ({ window }) => window !== ALWAYS,
    matches: ({ window }, _, { at }) => (isEmpty(window) ? 'unknown' : holdsAt(window, at)),
  },
  {
    id: 'recipient-not-named',
    law: '42 CFR 2.31(a)(4)',
    speaks: ({ recipients, holders }) => recipients.length + holders.length > 0,
    matches: matchesRecipient,
  },
  {
    id: 'purpose-not-stated',
    law: '42 CFR 2.31(a)(5)',
    speaks: ({ purposes }) => purposes.length > 0,
    matches: ({ purposes }, _, { purpose }) => purposes.some((stated) => purposeCovers(stated, purpose)),
  },
  {
    id: 'action-not-permitted',
    law: '42 CFR 2.31(a)(3)',
    speaks: ({ provision: { actions } }) => actions.length > 0,
    matches: ({ provision: { actions } }, isPermit) => actions.some(isPermit ? actionPermits : actionRefuses),
  },
]

/** Constraints on what is asked for. @spec FHIR R4 Consent.provision */
export const SELECTIONS: readonly Constraint<[Content, Facet, Question]>[] = [
  {
    id: 'label-not-covered',
    law: '42 CFR 2.31(a)(3)',
    speaks: ({ provision: { labels } }) => labels.length > 0,
    matches: matchesLabels,
  },
  {
    id: 'class-not-covered',
    law: '42 CFR 2.31(a)(3)',
    speaks: ({ provision: { classes } }) => classes.length > 0,
    matches: ({ provision: { classes } }, _, content) => classes.some((named) => isOfClass(named, content)),
  },
  {
    id: 'code-not-covered',
    law: '42 CFR 2.31(a)(3)',
    speaks: ({ provision: { codes } }) => codes.length > 0,
    matches: matchesCode,
  },
  {
    id: 'time-not-covered',
    law: '42 CFR 2.31(a)(3)',
    speaks: ({ dataWindow }) => dataWindow !== undefined,
    matches: matchesTime,
  },
  {
    id: 'data-not-covered',
    law: '42 CFR 2.31(a)(3)',
    speaks: ({ data }) => data !== undefined,
    matches: matchesData,
  },
  { id: 'holder-not-named', law: '42 CFR 2.31(a)(2)', speaks: ({ holders }) => holders.length > 0, matches: matchesHolder },
]

function matchesRecipient(rule: Rule, isPermit: boolean, { world, partner, at }: Question): Answer {
  // Naming only who holds the data names nobody who may have it.
  if (rule.recipients.length === 0) return !isPermit
  return anyOf(
    rule.recipients.map((actor) => {
      if (isPermit && roleKind(actor.roles) !== 'recipient') return false
      return meansAt(world.reach(actor, partner), at)
    }),
  )
}

function matchesLabels(rule: Rule, isPermit: boolean, { labels }: Content, facet: Facet): Answer {
  const { confidentiality, policies, sensitivities } = rule
  if (isPermit)
    return (
      (confidentiality.length === 0 || confidentiality.some((named) => atMost(labels.confidentiality, named))) &&
      (policies.length === 0 || policies.some((named) => labels.policy.includes(named))) &&
      (sensitivities.length === 0 || (facet !== undefined && sensitivities.some((named) => sensitivityCovers(named, facet))))
    )
  return (
    confidentiality.some((named) => atLeast(labels.confidentiality, named)) ||
    policies.some((named) => labels.policy.includes(named)) ||
    (facet !== undefined && sensitivities.some((named) => refusalCovers(named, facet)))
  )
}

const isTypeSystem = (system: string | undefined): boolean => system === undefined || system.includes('hl7.org/fhir/')
/** A canonical without `|version`. */
export const withoutVersion = (canonical: string): string => canonical.replace(/\|.*/, '')

const isOfClass = (named: Code, content: Content): boolean =>
  (isTypeSystem(named.system) && named.code === content.type) ||
  content.profiles.some(
    (profile) =>
      withoutVersion(profile) === withoutVersion(named.code) || `${named.system ?? ''}/${named.code}` === withoutVersion(profile),
  ) ||
  content.codes.some(({ system, code }) => code === named.code && system === named.system)

function matchesCode({ provision: { codes } }: Rule, isPermit: boolean, content: Content): Answer {
  const isSame = (named: Code, own: { system?: string; code: string }): boolean =>
    named.code === own.code &&
    (named.system === own.system || (!isPermit && (named.system === undefined || own.system === undefined)))
  return anyOf(
    codes.map((concept) =>
      concept.length === 0 ? 'unknown' : concept.some((named) => content.codes.some((own) => isSame(named, own))),
    ),
  )
}

function matchesTime({ dataWindow }: Rule, isPermit: boolean, { window }: Content): Answer {
  if (window === undefined || dataWindow === undefined || isEmpty(dataWindow)) return 'unknown'
  return isPermit ? isWithin(window, dataWindow) : overlaps(window, dataWindow)
}

function matchesData({ data }: Rule, isPermit: boolean, { key }: Content): Answer {
  if (data === undefined) return 'unknown'
  return isPermit ? data.permitted.has(key) : data.isUnclear || data.refused.has(key)
}

const AUTHORS: ReadonlySet<string> = new Set(['AUT', 'INF', 'author'])

/** A holder limits whose data is meant: what it wrote, or (unless named as author) what the programme holds when it is the programme. */
function matchesHolder(
  { holders }: Rule,
  _: boolean,
  { labels: { origin } }: Content,
  __: Facet,
  { world, at }: Question,
): Answer {
  return anyOf(
    holders.map((actor) => {
      const isAuthor = actor.roles.some(({ code }) => AUTHORS.has(code))
      const means = world.facts.partners.filter(
        ({ id, kinds }) => id === origin.partner || (!isAuthor && kinds.includes('programme')),
      )
      return anyOf(means.map((partner) => meansAt(world.reach(actor, partner), at)))
    }),
  )
}
