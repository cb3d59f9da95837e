/** A coded value as a resource wrote it; `system` may be missing. */
export interface Code {
  readonly system?: string
  readonly code: string
}

/** FHIR `Period` as written: partial dates keep their precision until the programme's zone is known. */
export interface WrittenPeriod {
  readonly start?: string
  readonly end?: string
}

/** Who a consent designates in words of its own instead of by name. @law 42 CFR 2.31(a)(4)(i) */
export type RecipientClass = 'treating-providers' | 'health-plans' | 'third-party-payers' | 'program-operations'

/** Somebody named in a provision; a recipient, or (by role) the one who discloses. @spec FHIR R4 Consent.provision.actor */
export interface Actor {
  readonly roles: readonly Code[]
  /** `Organization/harbor-housing`; contained ones begin with `#`. */
  readonly reference?: string
  readonly identifiers: readonly { readonly system?: string; readonly value: string }[]
  readonly classes: readonly RecipientClass[]
  /** True when the reference could not be followed inside the consent itself (a `#` without its contained resource). */
  readonly isBroken: boolean
  /** "and its programmes": parts of the organisation are named with it. */
  readonly includesParts: boolean
  /** For an intermediary: its members by name, or only those who treat the patient. @law 42 CFR 2.31(a)(4)(ii) */
  readonly members?: { readonly kind: 'named' | 'treating-providers'; readonly references: readonly string[] }
}

/** What a data provision points at. @spec FHIR R4 Consent.provision.data.meaning */
export interface DataRule {
  readonly meaning: 'instance' | 'related' | 'dependents' | 'authoredby'
  readonly reference: string
}

/** One rule of a consent, with the exceptions to it; an empty list constrains nothing. @spec FHIR R4 Consent.provision */
export interface Provision {
  /** `provision.provision[0]`, for the officer. */
  readonly path: string
  readonly effect: 'permit' | 'deny'
  /**
   * True for a refusal, which overrides what other consents permit; false for the mere default of a consent that lists what it permits.
   */
  readonly isExpress: boolean
  readonly period?: WrittenPeriod
  readonly actors: readonly Actor[]
  readonly actions: readonly Code[]
  readonly labels: readonly Code[]
  readonly purposes: readonly Code[]
  readonly classes: readonly Code[]
  /** Codings of one CodeableConcept; an empty inner list is a text that no machine can match. */
  readonly codes: readonly (readonly Code[])[]
  readonly dataPeriod?: WrittenPeriod
  readonly data: readonly DataRule[]
  readonly exceptions: readonly Provision[]
}

/**
 * What a consent is for; the last five may not be combined with another.
 * @law 42 CFR 2.31(b)(2), 2.31(d), 2.35
 */
export type ConsentType =
  'general' | 'sud-counseling-notes' | 'psychotherapy-notes' | 'proceedings' | 'criminal-justice' | 'research'

/** Statements that the form prints and the patient signs under. @law 42 CFR 2.31(a)(4)(iii), (5)(iii), (6), (10) */
export type Statement =
  | 'right-to-revoke'
  | 'how-to-revoke'
  | 'hipaa-redisclosure'
  | 'redisclosure-potential'
  | 'consequences-of-refusal'
  | 'fundraising-opt-out'

/** In which capacity somebody signed. @law 42 CFR 2.14, 2.15 */
export type SignerCapacity = 'patient' | 'minor-patient' | 'parent' | 'guardian' | 'personal-representative'

/** The end that the consent states when it is not a date. @law 42 CFR 2.31(a)(7) */
export interface ExpirationEvent {
  readonly kind: 'none' | 'end-of-treatment' | 'end-of-research-study' | 'other'
  readonly text?: string
  /** FHIR dateTime at which the event took place, once somebody recorded it. */
  readonly occurredAt?: string
}

/** The elements of § 2.31(a) as the form holds them, each absent when its blank is empty. @law 42 CFR 2.31(a) */
export interface ConsentElements {
  readonly patientName?: string
  /** References or classes ("any Part 2 programme treating me") authorised to disclose. */
  readonly disclosers: readonly string[]
  readonly description?: string
  readonly purposeText?: string
  readonly isPatientInitiated: boolean
  readonly statements: readonly Statement[]
  readonly expirationEvent?: ExpirationEvent
  readonly signatures: readonly { readonly capacity: SignerCapacity; readonly evidence?: string; readonly when?: string }[]
  readonly signedAt?: string
  /** Period of irrevocability of a criminal-justice consent. @law 42 CFR 2.35(c) */
  readonly irrevocable?: { readonly event?: string; readonly until?: string }
  readonly monitoringDuty?: string
  /** True when the form makes a service depend on this signature. @law 42 CFR 2.31(b)(3) */
  readonly isConditionOfService: boolean
}

/** A Consent resource as the consent room understands it; made by `readConsent` only. */
export interface Consent {
  readonly id: string
  readonly version: string
  readonly status: string
  readonly scope: readonly Code[]
  readonly categories: readonly Code[]
  /** `Patient/…` as written. */
  readonly patient?: string
  /** Whether the form claims § 2.31, by policy, policy rule or category. */
  readonly regime: 'part2' | 'other'
  /** Canonical or code of the paper form. */
  readonly form?: string
  readonly types: readonly ConsentType[]
  /** FHIRPaths of what makes the resource invalid or not understandable. */
  readonly faults: readonly string[]
  readonly base: Provision
  readonly elements: ConsentElements
  /** `Consent/…` that this one takes the place of. */
  readonly replaces: readonly string[]
  readonly isKnownFalse: boolean
  readonly revokedAt?: string
}

/** One way in which a consent fails § 2.31. @law 42 CFR 2.31(c)(2) */
export interface Deficiency {
  readonly rule: string
  readonly law: string
  /** What is missing, in words for the officer that name nobody. */
  readonly message: string
  /** What the consent cannot be relied on for because of it; the rest of it stands. */
  readonly affects: 'everything' | 'fundraising' | 'sud-counseling-notes' | 'psychotherapy-notes' | 'proceedings'
}
