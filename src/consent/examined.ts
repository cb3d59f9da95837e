import type { Resource } from '@medplum/fhirtypes'
import type { Consent } from '../model/consent.ts'
import type { Partner } from '../model/partner.ts'
import type { FormPolicy } from '../model/patient-facts.ts'
import type { Instant } from '../model/time.ts'

/** What a consent is held against besides its own text. */
export interface DeficiencyContext {
  readonly partners?: readonly Partner[]
  /** Patient resource (age, death) among others. */
  readonly evidence?: readonly Resource[]
  readonly jurisdiction?: string
  readonly forms?: FormPolicy
  /** IANA zone; `UTC` unless told. */
  readonly zone?: string
}

/** What the rows look at: the consent, and what has been worked out about it once. */
export interface Examined {
  readonly consent: Consent
  readonly at: Instant
  readonly purposes: readonly string[]
  readonly isTpo: boolean
  readonly context: DeficiencyContext
}
