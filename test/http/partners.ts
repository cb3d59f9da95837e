import { openHouse } from '../../src/app/gateway.ts'
import type { Config } from '../../src/app/config.ts'
import { registerPartner } from '../../src/flow/partners.ts'
import { silentLog } from '../../src/platform/log.ts'
import type { Keys } from '../demo/partners/post.ts'

export type PartnerName = 'mission' | 'st-mary-hospital' | 'harbor-housing' | 'bayou-bh' | 'montrose-hiv'

const PARTNERS: readonly Readonly<Record<string, unknown>>[] = [
  {
    id: 'mission',
    name: 'Gulf Coast MISSION Program',
    kind: ['programme', 'part2-program'],
    sector: 'mission',
    purposes: ['TREAT', 'HOPERAT'],
  },
  {
    id: 'st-mary-hospital',
    name: 'St. Mary Hospital',
    kind: 'covered-entity',
    sector: 'hospital',
    purposes: ['TREAT', 'HPAYMT'],
  },
  { id: 'harbor-housing', name: 'Harbor Housing', kind: 'lawful-holder', sector: 'housing', purposes: ['COC'] },
  {
    id: 'bayou-bh',
    name: 'Bayou Behavioral Health',
    kind: ['part2-program', 'covered-entity'],
    sector: 'behavioural-health',
    purposes: ['TREAT'],
  },
  { id: 'montrose-hiv', name: 'Montrose HIV Clinic', kind: 'covered-entity', sector: 'hiv', purposes: ['TREAT'] },
]

/** Registers everybody with one key pair, as the operator's command does. */
export const registerAll = async (config: Config, keys: Keys): Promise<void> => {
  const opened = await openHouse(config, silentLog)
  for (const partner of PARTNERS) {
    const added = await registerPartner(
      opened.house,
      { ...partner, scopes: ['system/*.cruds'], jwks: { keys: [keys.publicJwk] } },
      'operator',
    )
    if (!added.ok) throw new Error(JSON.stringify(added.error))
  }
  await opened.close()
}
