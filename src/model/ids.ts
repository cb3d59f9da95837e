/** A string that has been checked to be of one kind; made only by the functions below. */
export type Brand<B extends string> = string & { readonly __brand: B }

/** Logical id of the Patient resource in this gateway. */
export type PatientId = Brand<'PatientId'>
/** Id of a configured partner, as the operator wrote it. */
export type PartnerId = Brand<'PartnerId'>
/** Id of one disclosure or refusal, shared by the answer, the ledger entry and the log line. */
export type DisclosureId = Brand<'DisclosureId'>

export const patientId = (text: string): PatientId => text as PatientId
export const partnerId = (text: string): PartnerId => text as PartnerId
export const disclosureId = (text: string): DisclosureId => text as DisclosureId
