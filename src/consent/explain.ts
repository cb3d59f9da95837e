// In: the facts about one patient, somebody, a purpose, a moment (past, present or to come). Out: record by record why, and why not.
// Never: for the partner's eyes; this is the officer's page.
import type { Decision } from '../model/decision.ts'
import type { PartnerId } from '../model/ids.ts'
import type { PatientFacts } from '../model/patient-facts.ts'
import type { Instant } from '../model/time.ts'
import { decide, worldFor } from './decide.ts'
import { deficiencies } from './deficiencies.ts'
import { EXTENSION } from './extensions.ts'
import type { Deficiency } from '../model/consent.ts'

/** What the officer wants to see. */
export interface ExplainAsk {
  readonly recipient: PartnerId
  readonly purpose: string
  readonly at: Instant
  /** One record as `Type/id`; all when absent. */
  readonly record?: string
  /** "What if the patient revoked this consent": its logical id. */
  readonly afterRevoking?: string
  /** The person behind the recipient's system, as `Practitioner/…`. */
  readonly subject?: string
}

/** One record as the officer sees it: its labels beside the decision. */
export interface Explained {
  readonly record: string
  readonly policy: readonly string[]
  readonly sensitivity: readonly string[]
  readonly confidentiality: string
  readonly decision: Decision
}

/** One consent as the officer sees it. */
export interface ExplainedConsent {
  readonly consent: string
  readonly version: string
  readonly status: string
  readonly deficiencies: readonly Deficiency[]
  /** Why it does not count at the moment, as a whole. */
  readonly bars: readonly { readonly rule: string; readonly law: string }[]
}

/** The officer's page. */
export interface Explanation {
  readonly records: readonly Explained[]
  readonly consents: readonly ExplainedConsent[]
}

/**
 * Which record, label, consent, provision and section lead to which answer.
 * For a past moment the facts are those of that moment, which the store keeps; for a revocation to come they are changed here.
 */
export const consentExplain = (facts: PatientFacts, ask: ExplainAsk): Explanation => {
  const asked = ask.afterRevoking === undefined ? facts : revoking(facts, ask.afterRevoking, ask.at)
  const { recipient, purpose, at, subject } = ask
  const asking = { recipient, purpose, at, ...(subject === undefined ? {} : { subject }) }
  const world = worldFor(asked)
  return {
    records: asked.records
      .filter(({ type, id }) => ask.record === undefined || ask.record === `${type}/${id}`)
      .map((record) => ({
        record: `${record.type}/${record.id}`,
        policy: record.labels.policy,
        sensitivity: record.labels.sensitivity,
        confidentiality: record.labels.confidentiality,
        decision: decide(asked, record, asking),
      })),
    consents: world.consents.map(({ consent, standing }) => ({
      consent: `Consent/${consent.id}`,
      version: consent.version,
      status: consent.status,
      deficiencies: consent.regime === 'part2' ? deficiencies(consent, at, asked) : [],
      bars: standing.barsAt(at).map(({ id, law }) => ({ rule: id, law })),
    })),
  }
}

/** The facts as they would be had the patient revoked this consent at the moment. @law 42 CFR 2.31(a)(6) */
export const revoking = (facts: PatientFacts, consent: string, at: Instant): PatientFacts => ({
  ...facts,
  evidence: facts.evidence.map((resource) =>
    resource.resourceType === 'Consent' && resource.id === consent
      ? {
          ...resource,
          extension: [
            ...(resource.extension ?? []).filter(({ url }) => url !== EXTENSION.revokedAt),
            { url: EXTENSION.revokedAt, valueDateTime: at },
          ],
        }
      : resource,
  ),
})
