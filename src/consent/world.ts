// In: the facts about one patient. Out: the same, read once: consents, evidence, agreements, and who reaches whom.
// Never: an answer. Nothing here says yes or no.
import type { Actor, Consent, DataRule, Deficiency, Provision } from '../model/consent.ts'
import type { RecordFacts } from '../model/label.ts'
import type { Partner } from '../model/partner.ts'
import type { PatientFacts } from '../model/patient-facts.ts'
import { FOREVER } from '../model/time.ts'
import type { Instant } from '../model/time.ts'
import { readBasis } from './bases.ts'
import type { ReadBasis } from './bases.ts'
import { labelKind, roleKind } from './codes.ts'
import { deficiencies } from './deficiencies.ts'
import { actorReach } from './actors.ts'
import type { Member } from './actors.ts'
import { directoryOf, knownOf, meansAt, reachOf, treatingReach, worksWith } from './reach.ts'
import { recall } from './recall.ts'
import type { Directory, Reach, Reaches } from './reach.ts'
import { readConsent } from './read-consent.ts'
import { standingOf } from './standing.ts'
import type { Standing } from './standing.ts'
import { minorityOf } from './signers.ts'
import { isSingleTpo, statedPurposes } from './stated.ts'
import { ALWAYS, calendarOf } from './windows.ts'
import type { Calendar, Window } from './windows.ts'

/** A provision with its constraints sorted by what they constrain. */
export interface Rule {
  readonly provision: Provision
  readonly window: Window
  readonly recipients: readonly Actor[]
  readonly holders: readonly Actor[]
  readonly purposes: readonly string[]
  readonly confidentiality: readonly string[]
  readonly policies: readonly string[]
  readonly sensitivities: readonly string[]
  readonly dataWindow?: Window
  /** The records that its data constraints mean, or undefined without such a constraint. */
  readonly data?: DataSets
  readonly exceptions: readonly Rule[]
}

/** Records that data constraints mean. @spec FHIR R4 consent-data-meaning */
interface DataSets {
  readonly permitted: ReadonlySet<string>
  /** All of `permitted`, and what a refusal may mean besides. */
  readonly refused: ReadonlySet<string>
  /** Whether one of the references cannot be followed, so that a refusal may mean any record. */
  readonly isUnclear: boolean
}

/** One consent, ready to be asked. */
export interface ConsentFile {
  readonly consent: Consent
  readonly root: Rule
  readonly deficiencies: readonly Deficiency[]
  readonly standing: Standing
  /** Whether it is the single consent for all treatment, payment and operations. @law 42 CFR 2.31(a)(4)(i) */
  readonly isTpo: boolean
}

/** Everything about one patient, read once. */
export interface World {
  readonly facts: PatientFacts
  readonly calendar: Calendar
  readonly directory: Directory
  readonly partners: ReadonlyMap<string, Partner>
  readonly consents: readonly ConsentFile[]
  readonly bases: readonly ReadBasis[]
  readonly members: readonly Member[]
  readonly treating: (partner: Partner) => readonly Reach[]
  /** Does this person work with the patient: CareTeam, Encounter, Task or referral names him. */
  readonly worksWith: (person: string, at: Instant) => boolean
  /** Does this person hold a role at the partner. */
  readonly isAt: (person: string, partner: Partner, at: Instant) => boolean
  /** The time for which the patient is known to be a minor. @law 42 CFR 2.14 */
  readonly minority: Window
  readonly reach: (actor: Actor, partner: Partner) => Reaches
  /** All evidence by which this partner is somebody in this patient's consents. */
  readonly reachesOf: (partner: Partner) => readonly Reach[]
}

/** Reads the facts; pure, and worth keeping for as long as the facts are asked about. */
export const worldOf = (facts: PatientFacts): World => {
  const calendar = calendarOf(facts.zone)
  const directory = directoryOf(facts.evidence, calendar)
  const partners = new Map(facts.partners.map((partner) => [String(partner.id), partner]))
  const bases = facts.bases.map((basis) => readBasis(basis, calendar))
  const members = membersIn(bases, partners)
  const consents = consentsOf(facts, calendar, bases)
  const agreements = (partner: Partner): readonly Reach[] =>
    bases.flatMap((basis) =>
      basis.kind === 'qso-agreement' && basis.faults.length === 0 && basis.recipient === partner.id
        ? [{ window: basis.window, evidence: [basis.id] }]
        : [],
    )
  const reach = once((actor: Actor, partner) => actorReach(directory, actor, partner, agreements(partner), members))
  const treating = new Map<Partner, readonly Reach[]>()
  const roles = once((person: string, partner) => reachOf(directory, { reference: person, identifiers: [] }, partner))
  return {
    facts,
    calendar,
    directory,
    partners,
    consents,
    bases,
    members,
    treating: (partner) => recall(treating, partner, () => treatingReach(directory, partner)),
    worksWith: (person, at) => worksWith(directory, person, at),
    isAt: (person, partner, at) => meansAt(roles(person, partner), at) === true,
    minority: minorityOf(facts, calendar),
    reach,
    reachesOf: (partner) => consents.flatMap(({ root }) => actorsIn(root)).flatMap((actor) => knownOf(reach(actor, partner))),
  }
}

const actorsIn = (rule: Rule): readonly Actor[] => [...rule.recipients, ...rule.exceptions.flatMap(actorsIn)]

/** Whether something means a partner, worked out once for each. */
const once = <What, T>(find: (what: What, partner: Partner) => T): ((what: What, partner: Partner) => T) => {
  const known = new Map<What, Map<Partner, T>>()
  return (what, partner) =>
    recall(
      recall(known, what, () => new Map<Partner, T>()),
      partner,
      () => find(what, partner),
    )
}

const membersIn = (bases: readonly ReadBasis[], partners: ReadonlyMap<string, Partner>): readonly Member[] =>
  bases.flatMap((basis) => {
    if (basis.kind !== 'intermediary-membership' || basis.faults.length > 0) return []
    const intermediary = partners.get(basis.text('intermediary') ?? '')
    const member = basis.text('member')
    return intermediary === undefined || member === undefined
      ? []
      : [{ intermediary, member, window: basis.window, evidence: basis.id }]
  })

const consentsOf = (facts: PatientFacts, calendar: Calendar, bases: readonly ReadBasis[]): readonly ConsentFile[] => {
  const read = facts.evidence
    .filter((resource) => resource.resourceType === 'Consent')
    .map(readConsent)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const links = linksOf(facts.records)
  const context = {
    partners: facts.partners,
    evidence: facts.evidence,
    ...(facts.jurisdiction === undefined ? {} : { jurisdiction: facts.jurisdiction }),
    ...(facts.forms === undefined ? {} : { forms: facts.forms }),
    zone: facts.zone,
  }
  const lacking = new Map(read.map((consent) => [consent, deficiencies(consent, FOREVER, context)]))
  return read.map((consent) => ({
    consent,
    // The period of the root is the consent's own, and so a matter of its standing.
    root: { ...ruleOf(consent.base, calendar, links), window: ALWAYS },
    deficiencies: lacking.get(consent) ?? [],
    isTpo: isSingleTpo(statedPurposes(consent)),
    standing: standingOf(consent, { facts, calendar, bases, all: read, lacking }),
  }))
}

interface Links {
  readonly records: ReadonlyMap<string, RecordFacts>
  readonly referrers: ReadonlyMap<string, readonly string[]>
  readonly authored: ReadonlyMap<string, readonly string[]>
}

const linksOf = (records: readonly RecordFacts[]): Links => {
  const referrers = new Map<string, string[]>()
  const authored = new Map<string, string[]>()
  const add = (map: Map<string, string[]>, key: string, value: string): void => {
    const list = map.get(key)
    if (list === undefined) map.set(key, [value])
    else list.push(value)
  }
  for (const record of records) {
    for (const reference of record.references) add(referrers, reference, keyOf(record))
    for (const author of record.authors ?? []) add(authored, author, keyOf(record))
  }
  return { records: new Map(records.map((record) => [keyOf(record), record])), referrers, authored }
}

/** `Type/id`. */
export const keyOf = (record: { readonly type: string; readonly id: string }): string => `${record.type}/${record.id}`

const ruleOf = (provision: Provision, calendar: Calendar, links: Links): Rule => {
  const kinds = (kind: ReturnType<typeof labelKind>): readonly string[] =>
    provision.labels.filter((label) => labelKind(label) === kind).map(({ code }) => code)
  return {
    provision,
    window: calendar.window(provision.period),
    recipients: provision.actors.filter((actor) => roleKind(actor.roles) !== 'holder'),
    holders: provision.actors.filter((actor) => roleKind(actor.roles) === 'holder'),
    purposes: provision.purposes.map(({ code }) => code),
    confidentiality: kinds('confidentiality'),
    policies: kinds('policy'),
    sensitivities: kinds('sensitivity'),
    ...(provision.dataPeriod === undefined ? {} : { dataWindow: calendar.window(provision.dataPeriod) }),
    ...(provision.data.length === 0 ? {} : { data: dataSets(provision.data, links) }),
    exceptions: provision.exceptions.map((inner) => ruleOf(inner, calendar, links)),
  }
}

const RELATIVE = /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/

/** What each meaning adds to a reference. @spec FHIR R4 consent-data-meaning */
const MEANT: Readonly<Record<DataRule['meaning'], (reference: string, links: Links) => readonly string[]>> = {
  instance: (reference) => [reference],
  related: (reference, { records }) => [reference, ...(records.get(reference)?.references ?? [])],
  dependents: (reference, { referrers }) => [reference, ...(referrers.get(reference) ?? [])],
  authoredby: (reference, { authored }) => authored.get(reference) ?? [],
}

const dataSets = (rules: readonly DataRule[], links: Links): DataSets => {
  const clear = rules.filter(({ reference }) => RELATIVE.test(reference))
  const permitted = new Set(clear.flatMap(({ meaning, reference }) => MEANT[meaning](reference, links)))
  const perhaps = clear.flatMap(({ meaning, reference }) => (meaning === 'authoredby' ? perhapsBy(reference, links) : []))
  return { permitted, refused: new Set([...permitted, ...perhaps]), isUnclear: clear.length < rules.length }
}

/** Whose author nobody recorded may be anybody's: a refusal of "authored by X" takes in whatever refers to X. */
const perhapsBy = (author: string, { records, referrers }: Links): readonly string[] =>
  (referrers.get(author) ?? []).filter((key) => records.get(key)?.authors === undefined)
