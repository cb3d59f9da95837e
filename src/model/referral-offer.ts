import type { Task } from '@medplum/fhirtypes'
import { partnerId, type PartnerId } from './ids.ts'

/** The partner that a reference names; undefined for anything but `Organization/<partner id>`. */
export const organizationOf = (reference: string | undefined): PartnerId | undefined => {
  const match = /^Organization\/([A-Za-z0-9.-]{1,64})$/.exec(reference ?? '')
  return match?.[1] === undefined ? undefined : partnerId(match[1])
}

/** Whom a referral is for. */
export interface Offer {
  /** Who has it; absent while it is open to be claimed. */
  readonly target?: PartnerId
  /** To whom it was offered. */
  readonly candidates?: readonly PartnerId[]
}

/** The owner of a Task, and those for whom its `restriction.recipient` seeks fulfilment. */
export const offerOf = ({ owner, restriction }: Task): Offer => {
  const target = organizationOf(owner?.reference)
  const candidates = (restriction?.recipient ?? []).flatMap(({ reference }) => organizationOf(reference) ?? [])
  return { ...(target === undefined ? {} : { target }), ...(candidates.length === 0 ? {} : { candidates }) }
}
