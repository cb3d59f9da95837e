/** What a map needs to know that is not in the record. */
export interface MapContext {
  /** Names the sending system; part of every derived id, so that two senders never meet in one resource. */
  readonly sourceSystem: string
  /** UUID v5 of source system, resource type and source key: the same record gives the same ids for ever. */
  readonly derivedId: (sourceSystem: string, type: string, sourceKey: string) => string
  /** Partner id of the programme; the id of its Organization resource. */
  readonly programme: string
  /** IANA zone of the programme, in which a weekday and a time of day are meant. */
  readonly zone: string
}

/** Canonical base of everything that the gateway defines. */
export const BASE = 'https://mission-gateway.example/fhir'
export const localSystem = (name: string): string => `${BASE}/CodeSystem/mission-${name}`
export const profileUrl = (name: string): string => `${BASE}/StructureDefinition/mission-${name}`
/** System of the identifiers that carry a sender's own keys; every one begins alike, so that one rule can take them all out. */
export const identifierSystem = (name: string): string => `${BASE}/identifier/${name}`
export const extensionUrl = (name: string): string => `${BASE}/StructureDefinition/mission-${name}`

/**
 * The FHIR id of what a record of some type becomes.
 * @param recordType name of the record type, with `-role` where one record becomes several resources
 * @param key the sender's record id, with `/key` for an entry of a list
 */
export const idOf = (context: MapContext, type: string, recordType: string, key: string): string =>
  context.derivedId(context.sourceSystem, type, `${recordType}/${key}`)

/** The id of the Patient that a client becomes; the same for every record about that client. */
export const patientIdOf = (context: MapContext, clientId: string): string => idOf(context, 'Patient', 'client', clientId)
