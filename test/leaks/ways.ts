import { readConfig, type Config } from '../../src/app/config.ts'
import { openHouse, type OpenedHouse } from '../../src/app/gateway.ts'
import { registerPartner } from '../../src/flow/partners.ts'
import { V2_MESSAGES } from '../../src/model/v2-messages.ts'
import { silentLog } from '../../src/platform/log.ts'
import type { Keys } from '../demo/partners/post.ts'
import { registerAll, type PartnerName } from '../http/partners.ts'
import type { Receivers } from './receivers.ts'

/** Who asks, and who is sent something. */
export type Asker = PartnerName | 'harris-probation'

/** Under which purpose each of them asks. */
export const PURPOSE: Readonly<Record<Asker, string>> = {
  mission: 'TREAT',
  'st-mary-hospital': 'TREAT',
  'harbor-housing': 'COC',
  'bayou-bh': 'TREAT',
  'montrose-hiv': 'TREAT',
  'harris-probation': 'COC',
}

/** Those to whom referrals are sent, by every way there is. */
export const OWNERS = ['harbor-housing', 'st-mary-hospital', 'harris-probation'] as const

const byWays = ({ origin, mllpPort, folder }: Receivers): readonly Readonly<Record<string, unknown>>[] => {
  const push = { kind: 'fhir-push', baseUrl: `${origin}/fhir` }
  const hook = { kind: 'rest-hook', origin }
  const v2 = { kind: 'hl7v2', host: '127.0.0.1', port: mllpPort, version: '2.5.1', application: 'PEER', facility: 'PEER' }
  const everything = { ...v2, messages: V2_MESSAGES }
  // by 360X in place of REF, in a version that has ARV
  const others = { ...v2, version: '2.8', messages: V2_MESSAGES.filter((name) => !/^(REF|RRI)/.test(name)) }
  const mail = (name: string): object => ({ kind: 'email', address: `${name}@example.org` })
  const hmis = { kind: 'hmis-csv', folder }
  // what it sends in is heard by its own socket
  const clinic = { ...v2, application: 'BAYOU', facility: 'BAYOU BH', zone: 'America/Chicago' }
  return [
    { id: 'bayou-bh', name: 'Bayou Behavioral Health', kind: ['part2-program', 'covered-entity'], sector: 'behavioural-health', purposes: ['TREAT'], channels: [clinic] },
    { id: 'harbor-housing', name: 'Harbor Housing', kind: 'lawful-holder', sector: 'housing', purposes: ['COC'], channels: [push, everything, hmis, hook, mail('harbor')] },
    { id: 'st-mary-hospital', name: 'St. Mary Hospital', kind: 'covered-entity', sector: 'hospital', purposes: ['TREAT', 'HPAYMT'], channels: [push, others, hook, mail('mary')] },
    { id: 'harris-probation', name: 'Harris County Probation', kind: 'lawful-holder', sector: 'justice', purposes: ['COC'], channels: [push, everything] },
  ]
} // prettier-ignore

/** Registers everybody with their ways in; the house is the operator's, on the same database. */
export const registerWithWays = async (config: Config, keys: Keys, receivers: Receivers): Promise<OpenedHouse> => {
  await registerAll(config, keys)
  const opened = await openHouse(config, silentLog)
  for (const partner of byWays(receivers)) {
    const file = { ...partner, scopes: ['system/*.cruds'], jwks: { keys: [keys.publicJwk] } }
    const added = await registerPartner(opened.house, file, 'operator')
    if (!added.ok) throw new Error(JSON.stringify(added.error))
  }
  opened.house.partners.fresh()
  return opened
}

/** The settings of a gateway, as they are read. @throws when they are faulty */
export const configFrom = (variables: Readonly<Record<string, string>>): Config => {
  const config = readConfig(variables)
  if (!config.ok) throw new Error(config.error.join('; '))
  return config.value
}
