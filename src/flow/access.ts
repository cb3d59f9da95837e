import { claimOnce } from '../store/once.ts'
import type { Partner } from '../model/partner.ts'
import type { Instant } from '../model/time.ts'
import { disclosureId, partnerId } from '../model/ids.ts'
import type { House } from './house.ts'

/** True the first time that a partner shows an assertion, on whichever gateway, before and after a restart. */
export const claimAssertion = (house: House, partner: Partner, jti: string, until: Instant): Promise<boolean> =>
  house.db.transact((tx) => claimOnce(tx, 'client-assertion', `${partner.id} ${jti}`, until))

/** A token that was refused goes on the ledger; one that was given is seen there with its first use. */
export const noteToken = async (house: House, clientId: string, error: string | undefined): Promise<void> => {
  if (error === undefined) return
  await house.ledger.append({
    kind: 'refusal',
    at: house.clock.now(),
    id: disclosureId(house.newId()),
    recipient: partnerId(clientId),
    purposes: [],
    door: 'fhir',
    interaction: 'token',
    code: error,
  })
}
