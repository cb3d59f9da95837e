import type { Resource } from '@medplum/fhirtypes'
import { serializeHmis } from '../formats/hmis/hmis-csv.ts'
import { suppress, toHmis } from '../mapping/hmis.ts'
import type { Channel } from '../model/partner.ts'
import type { Instant } from '../model/time.ts'
import type { House } from './house.ts'

type HmisChannel = Extract<Channel, { kind: 'hmis-csv' }>

/** Nothing that a rule calls revealing may go to a partner that reads HMIS: the format has no label and no notice of its own. */
const NOTHING: ReadonlySet<string> = new Set()

/**
 * The HMIS files of a referral, from what its recipient may see and nothing else.
 * @spec HMIS CSV FY2026
 */
export const hmisFiles = (
  house: House,
  channel: HmisChannel,
  resources: readonly Resource[],
  exportId: string,
  at: Instant,
): Readonly<Record<string, string>> => {
  const today = at.slice(0, 10)
  const { spec, rules } = house.hmis
  const options = {
    exportId,
    at,
    zone: house.settings.zone,
    periodStart: `${today.slice(0, 4)}-01-01`,
    periodEnd: today,
    sourceName: channel.sourceName,
    contact: { first: 'Referral', last: 'Desk', email: 'referrals@gateway.invalid' },
    organization: { id: 'source', name: channel.sourceName },
    project: { id: 'referrals', name: channel.projectName, type: channel.projectType, start: '2024-01-01' },
    userId: 'gateway',
    rules,
    maySee: NOTHING,
  }
  return Object.fromEntries(serializeHmis(spec, suppress(toHmis(resources, options), options)))
}
