import type { Resource } from '@medplum/fhirtypes'
import type { PatientId } from './ids.ts'
import type { RecordFacts } from './label.ts'
import type { Partner } from './partner.ts'

/**
 * A legal basis that is not a consent, as the operator or the API entered it; `consent/` knows the requirements of each kind.
 * @law 42 CFR 2.12(c), 2.26, 2.51 to 2.54, 2.61 to 2.67
 */
export interface LegalBasis {
  readonly id: string
  readonly version: number
  readonly kind:
    | 'restriction'
    | 'medical-emergency'
    | 'qso-agreement'
    | 'audit-agreement'
    | 'research-approval'
    | 'court-order'
    | 'crime-report'
    | 'child-abuse-report'
    | 'patient-access'
    | 'public-health'
    | 'intermediary-membership'
    | 'internal-need'
  /** The fields that the law asks of this kind; parsed by `consent/`, so that a deficient one is kept and not relied on. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** Everything that a decision about one patient rests on, read under lock in the transaction of whatever changed. */
export interface PatientFacts {
  readonly patient: PatientId
  /** IANA zone in which a date without a time is a whole day. */
  readonly zone: string
  readonly partners: readonly Partner[]
  readonly records: readonly RecordFacts[]
  /**
   * Current Consent, CareTeam, ServiceRequest, Task, Encounter, EpisodeOfCare, Coverage, Patient and RelatedPerson of this patient,
   * and PractitionerRole, Practitioner, Group and Organization (for `partOf`) wherever they are referred to: the consents
   * themselves, and the evidence they ask for.
   */
  readonly evidence: readonly Resource[]
  readonly bases: readonly LegalBasis[]
  /** Where the programme's state law applies, `US-TX`; absent means that no state overlay narrows. */
  readonly jurisdiction?: string
  /** What the programme has settled about paper forms; absent means the strict reading. */
  readonly forms?: FormPolicy
}

/** The programme's own settlement of which forms it relies on. @law 42 CFR 2.31 */
export interface FormPolicy {
  /** Canonicals of forms that counsel has mapped to § 2.31 although they do not name Part 2. */
  readonly mappedToPart2: readonly string[]
  /** Canonicals of forms printed before the 2024 rule. */
  readonly before2024: readonly string[]
  /** Whether consents signed on those before 16 February 2026 are relied on; counsel decides. */
  readonly acceptsBefore2024: boolean
}
