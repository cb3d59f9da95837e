import { refusalOf } from '../audit/entry-of.ts'
import { consentExplain, type ExplainedConsent, type Explained } from '../consent/explain.ts'
import { isAtPartner, needsToKnow } from '../consent/person.ts'
import { minimise } from '../disclosure/minimise.ts'
import { renderAll } from '../disclosure/render-all.ts'
import type { Allowance, Reason } from '../model/decision.ts'
import { disclosureId, partnerId, type PartnerId } from '../model/ids.ts'
import type { Partner } from '../model/partner.ts'
import type { PatientFacts } from '../model/patient-facts.ts'
import type { Instant } from '../model/time.ts'
import { FOREVER } from '../model/time.ts'
import type { Tx } from '../platform/db.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { basesAsOf } from '../store/bases.ts'
import { EVIDENCE_TYPES, factsForUpdate, sharedEvidence, withVersion, type HeldFacts } from '../store/facts.ts'
import { listPartners, partnersAsOf } from '../store/partners.ts'
import { rolesOf } from '../store/person-roles.ts'
import { readRecord, type StoredRecord } from '../store/records.ts'
import { tellingOf, viewOf, withLogical } from './decide-again.ts'
import type { House } from './house.ts'
import { looked } from './looks.ts'
import { distinct, mayLookAt, personName } from './person-behind.ts'
import { withReliedEvidence } from './relied-evidence.ts'

/** What the officer asks about one patient. */
export interface ExplainQuestion {
  readonly patient: string
  readonly partner: string
  /** v3-ActReason code; every purpose of the partner when absent. */
  readonly purpose?: string
  /** Now when absent. Of a past moment the records, consents and bases that were here then are judged. */
  readonly at?: Instant
  /** `Type/id`; every record when absent. */
  readonly record?: string
  /** Logical id of a consent that the patient might revoke. */
  readonly afterRevoking?: string
  /** The person behind the partner's system, as `Practitioner/…`; the system by itself when absent. */
  readonly person?: string
}

/** One record for one purpose: the decision, and whether the partner is shown it in the end. */
export interface ExplainedRecord extends Explained {
  readonly purpose: string
  /** False for a permitted record that the partner's work does not need, or that cannot be shown without what is withheld. */
  readonly isShown: boolean
}

/** The officer's page. */
export interface ExplainPage {
  readonly partner: PartnerId
  readonly at: Instant
  readonly records: readonly ExplainedRecord[]
  readonly consents: readonly ExplainedConsent[]
}

/** Who looks, as the access token proves. */
export interface Looker {
  readonly partner: PartnerId
  readonly purposes: readonly string[]
  readonly subject?: { readonly id: string; readonly role?: string }
}

/**
 * Which record, label, consent, provision and section lead to which answer; for the programme only, and on the ledger. A person whom
 * the token names has to work with the patient or to have a recorded need.
 * Everybody else gets the answer of what is not there.
 * @law 42 CFR 2.13(c)(2), 2.16
 */
export const explain = async (house: House, looker: Looker, question: ExplainQuestion): Promise<Result<ExplainPage>> => {
  const programme = await house.partners.byId(looker.partner)
  const person = await readRecord(house.db, 'Patient', question.patient)
  const isProgramme = programme?.kinds.includes('programme') === true
  if (!isProgramme || person === undefined || !(await mayLookAt(house, looker, question.patient))) {
    await house.ledger.append(refusedLook(house, looker, question))
    return fail(problem('withheld', 'nothing-to-show'))
  }
  const explained = await explainFor(house, question)
  if (!explained.ok) return explained
  const { partner, subject } = looker
  const staff = subject === undefined ? partner : personName(subject)
  const place = '/fhir/Patient/:id/$consent-explain'
  await looked(house, { staff, role: 'programme' }, { place, patients: [question.patient] })
  return explained
}

/** The page itself, for whoever has the right to it and has put the look on the ledger. */
export const explainFor = async (house: House, question: ExplainQuestion): Promise<Result<ExplainPage>> => {
  const now = house.clock.now()
  const at = question.at ?? now
  const past = at < now ? at : undefined
  const today = await listPartners(house.db)
  const partners = past === undefined ? today : await partnersAsOf(house.db, past)
  const known = today.find(({ id }) => id === question.partner)
  if (known === undefined)
    return fail(problem('invalid', 'partner-unknown', { detail: 'the parameter partner names no registered partner' }))
  const partner = partners.find(({ id }) => id === question.partner) ?? { ...known, isActive: false }
  const held = await house.db.transact((tx) => heldAt(house, tx, question, partners, past))
  const purposes = question.purpose === undefined ? partner.purposes : [question.purpose]
  return ok(pageOf(house, held, partner, purposes, at, question))
}

const refusedLook = (house: House, { partner, purposes, subject }: Looker, { patient }: ExplainQuestion) => ({
  ...refusalOf(
    {
      recipient: partner,
      purposes,
      at: house.clock.now(),
      wanted: { interaction: 'read', type: 'Patient', id: patient },
      ...(subject === undefined ? {} : { subject }),
    },
    disclosureId(house.newId()),
    'fhir',
    'nothing-to-show',
  ),
  interaction: 'consent-explain',
})

/** The current records of a patient, or those of a past moment, each under its plain id. */
const heldAt = async (
  house: House,
  tx: Tx,
  { patient, person }: ExplainQuestion,
  partners: readonly Partner[],
  past: Instant | undefined,
): Promise<HeldFacts> => {
  const { facts, versions } = await factsForUpdate(tx, patient, partners, house.settings.zone)
  const jurisdiction = house.settings.jurisdiction
  const judged: PatientFacts = jurisdiction === undefined ? facts : { ...facts, jurisdiction }
  const known = past === undefined ? versions : versions.filter(({ updated }) => updated <= past)
  const chosen = latestOf(known).filter(({ isDeleted }) => !isDeleted)
  const plain = chosen.map((version) => ({ ...version, isCurrent: true }))
  const own = plain.filter(({ type }) => EVIDENCE_TYPES.has(type))
  const roles = person === undefined ? [] : await rolesOf(tx, person)
  const shared = distinct([...(await sharedEvidence(tx, plain, past)), ...roles])
  const then: PatientFacts = {
    ...judged,
    bases: past === undefined ? facts.bases : await basesAsOf(tx, patient, past),
    records: plain.map((version) => ({ ...version.facts, labels: version.labels, id: version.id })),
    evidence: [...own, ...shared].map(withVersion),
  }
  return {
    facts: await withReliedEvidence(tx, { facts: then, versions: known, shared }, partners, past),
    versions: plain,
    shared,
  }
}

const latestOf = (versions: readonly StoredRecord[]): readonly StoredRecord[] => {
  const latest = new Map<string, StoredRecord>()
  for (const version of versions) latest.set(`${version.type}/${version.id}`, version)
  return [...latest.values()]
}

const pageOf = (
  house: House,
  { facts, versions }: HeldFacts,
  partner: Partner,
  purposes: readonly string[],
  at: Instant,
  { record, afterRevoking, person }: ExplainQuestion,
): ExplainPage => {
  const recipient = partnerId(partner.id)
  const asking = {
    ...(afterRevoking === undefined ? {} : { afterRevoking }),
    ...(person === undefined ? {} : { subject: person }),
  }
  const bar = person === undefined ? undefined : personBar(facts, partner, person, at)
  const explained = purposes.map((purpose) => {
    const { records, consents } = consentExplain(facts, { recipient, purpose, at, ...asking })
    return { purpose, consents, records: bar === undefined ? records : records.map((one) => barred(one, bar)) }
  })
  const records = explained.flatMap(({ purpose, records: own }) => {
    const shown = shownOf(house, { facts, versions }, partner, purpose, at, own)
    return own
      .filter((one) => record === undefined || one.record === record)
      .map((one) => ({ ...one, purpose, isShown: shown.has(one.record) }))
  })
  return { partner: recipient, at, records, consents: explained[0]?.consents ?? [] }
}

/** What keeps a person from whatever the partner may see. @law 42 CFR 2.12(c)(3), 2.31(a)(4) */
const personBar = (facts: PatientFacts, partner: Partner, person: string, at: Instant): Reason | undefined => {
  if (!isAtPartner(facts, partner, person, at)) return { rule: 'subject-not-at-recipient', law: '42 CFR 2.31(a)(4)' }
  const isProgramme = partner.kinds.includes('programme')
  return isProgramme && !needsToKnow(facts, person, at) ? { rule: 'no-need-to-know', law: '42 CFR 2.12(c)(3)' } : undefined
}

const barred = (one: Explained, bar: Reason): Explained => ({
  ...one,
  decision: { effect: 'deny', withheldParts: [], obligations: [], because: [bar], evidence: [], until: one.decision.until },
})

/** What is left for the partner after its sector's needs and the way in which the records hang together. */
const shownOf = (
  house: House,
  { facts, versions }: Pick<HeldFacts, 'facts' | 'versions'>,
  partner: Partner,
  purpose: string,
  at: Instant,
  explained: readonly Explained[],
): ReadonlySet<string> => {
  if (!partner.isActive) return new Set()
  const allowances = explained.flatMap(({ record, decision }): readonly Allowance[] => {
    const [type = '', id = ''] = record.split('/')
    const { basis, withheldParts, obligations, because } = decision
    if (decision.effect === 'deny' || basis === undefined) return []
    return [{ type, id, recipient: partner.id, purpose, from: at, until: FOREVER, basis, withheldParts, obligations, because }]
  })
  const needed = minimise(allowances, facts.records, facts.partners)
  const rendered = renderAll(withLogical(facts, versions), needed, tellingOf(house, facts.partners), viewOf(house, versions))
  return new Set(rendered.map(({ type, id }) => `${type}/${id}`))
}
