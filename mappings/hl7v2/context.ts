import type { Reference, Resource } from '@medplum/fhirtypes'

/** What a v2 map needs to know that is not in the message. */
export interface V2Context {
  /** Partner id of the authenticated peer; part of every derived id, and the referral's requester whatever the message says. */
  readonly peer: string
  /** Partner id of the programme. */
  readonly programme: string
  /** UUID v5 of source system, resource type and source key: the same message gives the same ids for ever. */
  readonly derivedId: (sourceSystem: string, type: string, sourceKey: string) => string
  /** IANA zone of the partner, for times without an offset. */
  readonly zone: string
}

/** Who sends a message to whom, when, and in which version. */
export interface V2Envelope {
  readonly controlId: string
  /** MSH-7, already written as a DTM. */
  readonly time: string
  /** 2.3 to 2.8. */
  readonly version: string
  readonly processingId: 'P' | 'T' | 'D'
  readonly sending: { readonly application: string; readonly facility: string }
  readonly receiving: { readonly application: string; readonly facility: string }
}

/** The way to derive the id of a resource that comes of a place in a message. */
export const idOf = (context: V2Context, type: string, key: string): string => context.derivedId(context.peer, type, key)

export const refer = (resource: Resource & { readonly id?: string }, display?: string): Reference<never> => ({
  reference: `${resource.resourceType}/${resource.id ?? ''}`,
  ...(display === undefined ? {} : { display }),
})
