import type { V2Context } from '../../mappings/hl7v2/context.ts'
import { derivedId } from '../platform/ids.ts'
import { listPartners } from '../store/partners.ts'
import type { House } from './house.ts'
import type { Arrived } from './message-outcome.ts'
import type { Writing } from './writing.ts'

/** What maps are told of the peer and of this gateway. */
export const v2ContextOf = async (house: House, { tx }: Writing, { peer }: Arrived): Promise<V2Context> => {
  const programme = (await listPartners(tx)).find((partner) => partner.isActive && partner.kinds.includes('programme'))
  const zone = peer.channels.find((channel) => channel.kind === 'hl7v2')?.zone ?? house.settings.zone
  return { peer: peer.id, programme: programme?.id ?? '', zone, derivedId }
}
