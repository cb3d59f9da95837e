import type { PartnerId } from './ids.ts'
import type { V2MessageName } from './v2-messages.ts'

/**
 * What a partner is before the law; decides which bases and which redisclosure rules apply. One partner may be several.
 * @law 42 CFR 2.11
 */
export type PartnerKind =
  'programme' | 'part2-program' | 'covered-entity' | 'business-associate' | 'intermediary' | 'qso' | 'lawful-holder'

/** The field a partner works in; decides what a disclosure to it is reduced to. */
export type PartnerSector =
  'mission' | 'hospital' | 'behavioural-health' | 'hiv' | 'housing' | 'justice' | 'payer' | 'public-health' | 'research' | 'other'

export interface PartnerIdentifier {
  readonly system: string
  readonly value: string
}

/** How the gateway reaches a partner, or is reached by it. */
export type Channel =
  | { readonly kind: 'fhir-pull' }
  | {
      readonly kind: 'fhir-push'
      readonly baseUrl: string
      readonly tokenUrl?: string
      readonly clientId?: string
      readonly keyFile?: string
      /** Authorities of the partner's server certificate; given, we show our own certificate too. */
      readonly caFile?: string
      /** How often its server is asked what became of referrals, in minutes; absent: never. */
      readonly pollMinutes?: number
    }
  | {
      /** Where notifications of the partner's subscriptions may go: no other scheme, host or port is called. */
      readonly kind: 'rest-hook'
      readonly origin: string
      readonly caFile?: string
    }
  /** To whom word of news may be sent by e-mail; it never names anybody. */
  | { readonly kind: 'email'; readonly address: string }
  | {
      readonly kind: 'hl7v2'
      readonly host: string
      readonly port: number
      readonly version: string
      /** MSH-3 and MSH-4 of the partner, so that an inbound frame can be held against its authenticated peer. */
      readonly application: string
      readonly facility: string
      readonly zone?: string
      /** SHA-256 fingerprint of the certificate with which the partner connects to us, in colon-separated capitals. */
      readonly certificate?: string
      /** Authorities of the partner's own server certificate; given, we connect with TLS and our own certificate. */
      readonly caFile?: string
      /** Which messages the agreement names, for example `SIU^S12`; without it, referrals and answers to the partner's own. */
      readonly messages?: readonly V2MessageName[]
      /** `without-msa` for a receiver that takes every message with an MSA for the answer to one of its own. */
      readonly answers?: 'with-msa' | 'without-msa'
    }
  | {
      readonly kind: 'hmis-csv'
      /** Where exports are dropped. */
      readonly folder: string
      /** Neutral names under which the programme appears in HMIS, where a project's name discloses every client in it. */
      readonly sourceName: string
      readonly projectName: string
      /** HMIS list 2.02.6. */
      readonly projectType: string
    }

export interface Partner {
  readonly id: PartnerId
  readonly name: string
  readonly kinds: readonly PartnerKind[]
  readonly sector: PartnerSector
  readonly identifiers: readonly PartnerIdentifier[]
  /** The partner that this one is a part of; the operator's word, never its own. @law 42 CFR 2.31(a)(4)(i) */
  readonly partOf?: PartnerId
  readonly jwks?: unknown
  readonly jwksUrl?: string
  /** SMART v2 system scopes, for example `system/CarePlan.rs`. */
  readonly scopes: readonly string[]
  /** v3-ActReason codes that the partner may assert. */
  readonly purposes: readonly string[]
  readonly channels: readonly Channel[]
  readonly isActive: boolean
}
