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
   * Current Consent, CareTeam, ServiceRequest, Task, Encounter, EpisodeOfCare, Patient and RelatedPerson of this patient,
   * and PractitionerRole and Group wherever they are referred to: the consents themselves, and the evidence they ask for.
   */
  readonly evidence: readonly Resource[]
  readonly bases: readonly LegalBasis[]
}
