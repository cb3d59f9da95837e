import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/app/config.ts'
import { openHouse } from '../../src/app/gateway.ts'
import { registerPartner } from '../../src/flow/partners.ts'
import { newId } from '../../src/platform/ids.ts'
import { silentLog } from '../../src/platform/log.ts'
import { settableClock } from '../support/clock.ts'
import type { TestDatabase } from '../support/database.ts'
import { openAgencies, openOtherEnds, registered } from './agencies.ts'
import type { Dice } from './dice.ts'
import { beginPlay, type Play } from './play.ts'
import { example, must, record } from './scene.ts'

/** The whole gateway without its sockets, ten agencies at the other ends of its ways, and a clock that only the simulation moves. */
export interface Street {
  /** Begins a seed: a client of its own, and nobody has anything. */
  readonly begin: (dice: Dice, name: string) => Promise<Play>
  readonly close: () => Promise<void>
}

/** Opens the gateway and registers everybody; the seeds share both. */
export const openStreet = async (database: TestDatabase): Promise<Street> => {
  const folder = await mkdtemp(join(tmpdir(), 'mission-simulation-'))
  const config = readConfig({
    GATEWAY_DATA_DIR: folder,
    GATEWAY_CONSOLE: 'off',
    GATEWAY_POOL_SIZE: '4',
    DATABASE_URL: database.url,
  })
  if (!config.ok) throw new Error(config.error.join('; '))
  const clock = settableClock('2026-03-02T12:00:00.000Z')
  const opened = await openHouse(config.value, silentLog, 'http://127.0.0.1', { clock, newId })
  const { house } = opened
  const agencies = openAgencies()
  const programme = {
    id: 'mission',
    name: 'HTEST MISSION',
    kind: ['programme', 'part2-program'],
    sector: 'mission',
    purposes: ['TREAT'],
  }
  for (const partner of [{ ...programme, scopes: ['system/*.cruds'] }, ...agencies.map(registered)]) {
    const added = await registerPartner(house, partner, 'operator')
    must(added.ok, `a partner is registered: ${JSON.stringify(added)}`)
  }
  for (const name of ['staff-case-manager', 'staff-peer-support-specialist'])
    await record(house, 'staff', example('mission', name))
  let rolled: Dice | undefined
  const ends = await openOtherEnds(house, agencies, () => {
    if (rolled === undefined) throw new Error('no seed is played')
    return rolled
  })
  return {
    begin: async (dice, name) => {
      rolled = dice
      await database.db.query(
        `truncate outbox, partner_pause, incident, referral_watch, referral_attention, referral_screening, partner_poll, subscription cascade`,
        [],
      )
      for (const agency of agencies) {
        agency.mood = 'well'
        agency.arrivals.length = 0
        agency.messages.length = 0
        agency.tasks.clear()
        agency.told.clear()
      }
      return beginPlay({ house, clock, dice, agencies, ends, url: opened.databaseUrl }, name)
    },
    close: async () => {
      await ends.close()
      await opened.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
