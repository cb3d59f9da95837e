import type { NewItem } from '../../src/delivery/outbox.ts'
import type { Disclosure } from '../../src/disclosure/seal.ts'
import { sealText } from '../../src/disclosure/seal.ts'
import { disclosureId, partnerId } from '../../src/model/ids.ts'
import type { Instant } from '../../src/model/time.ts'
import { newId } from '../../src/platform/ids.ts'

/** A sealed text that shows no record, as far as delivery is concerned like any other. */
export const sealed = (payload: string, id: string = newId()): Disclosure => {
  const result = sealText(
    [],
    { id: disclosureId(id), channel: 'hl7v2', contentType: 'text/plain', scopes: new Map() },
    () => payload,
    String,
  )
  if (!result.ok) throw new Error(result.error.code)
  return result.value
}

export const anItem = (
  at: Instant,
  more: Partial<NewItem> & { readonly partner?: never; readonly to?: string } = {},
): NewItem => {
  const { to = 'bayou-bh', ...rest } = more
  const id = newId()
  return {
    id,
    partner: partnerId(to),
    orderKey: 'R-1',
    channel: 'hl7v2',
    what: { kind: 'referral' },
    idempotencyKey: id,
    trace: 'T-1',
    at,
    ...rest,
  }
}
