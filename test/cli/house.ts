import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/app/config.ts'
import { openHouse } from '../../src/app/gateway.ts'
import { COMMANDS } from '../../src/cli/commands.ts'
import type { House } from '../../src/flow/house.ts'
import { silentLog } from '../../src/platform/log.ts'
import { newKeys } from '../demo/partners/post.ts'
import { registerAll } from '../http/partners.ts'
import { settingsFor } from '../http/street.ts'
import { freshDatabase } from '../support/database.ts'

/** What a command said, and its exit status; `refused` when it threw for the operator. */
export interface Ran {
  readonly code: number
  readonly lines: readonly string[]
  readonly refused?: string
}

/** A house with the demo's partners, without a door, and the operator's commands on it. */
export interface Bench {
  readonly house: House
  readonly folder: string
  run: (line: readonly string[]) => Promise<Ran>
  close: () => Promise<void>
}

export const openBench = async (): Promise<Bench> => {
  const database = await freshDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'mission-cli-'))
  const config = readConfig({ ...settingsFor(folder), DATABASE_URL: database.url })
  if (!config.ok) throw new Error(config.error.join('; '))
  const opened = await openHouse(config.value, silentLog)
  await registerAll(config.value, await newKeys('ES384'))
  opened.house.partners.fresh()
  return {
    house: opened.house,
    folder,
    run: (line) => runCommand(opened.house, line),
    close: async () => {
      await opened.close()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Runs one command on a house that is open. */
export const runCommand = async (house: House, line: readonly string[]): Promise<Ran> => {
  const command = COMMANDS.find((c) => c.words.every((word, index) => line[index] === word))
  if (command === undefined) throw new Error(`no command ${line.join(' ')}`)
  const lines: string[] = []
  const say = (text: string): void => void lines.push(text)
  const args = line.slice(command.words.length)
  try {
    return { code: command.kind === 'alone' ? await command.run(args, say) : await command.run(house, args, say), lines }
  } catch (error) {
    return { code: 2, lines, refused: error instanceof Error ? error.message : 'fault' }
  }
}
