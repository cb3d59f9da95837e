// Prints what left through each door while every element of every type held a canary. Exit status 1 when one was found.
// Run it with `npm run leaks`; `LEAKS=all` asks for every record through every door.
import stopServer from '../support/database-teardown.ts'
import { otherDoors, partnerDoors, waysOut, type DoorRow } from './doors.ts'
import { OWNERS } from './ways.ts'
import { openWorld } from './world.ts'

const SHARE = process.env['LEAKS'] === 'all' ? 1 : 9
const say = (line: string): boolean => process.stdout.write(`${line}\n`)
const columns = (cells: readonly string[]): string =>
  cells.map((cell, at) => (at < 2 ? cell.padEnd(at === 0 ? 30 : 18) : cell.padStart(10))).join('')

const world = await openWorld(SHARE)
try {
  const { garden } = world
  const types = new Set(garden.plants.map(({ type }) => type)).size
  say(
    `${String(garden.plants.length)} elements of ${String(types)} types planted; ${String(garden.unplanted.length)} more would not be valid`,
  )
  const rows: DoorRow[] = []
  rows.push(...(await waysOut(world)))
  for (const who of OWNERS) rows.push(...(await partnerDoors(world, who, SHARE)))
  rows.push(...(await otherDoors(world)))
  say(columns(['door', 'asker', 'requests', 'bytes', 'canaries', 'found']))
  for (const { door, asker, requests, bytes, canaries, found } of rows)
    say(columns([door, asker, ...[requests, bytes, canaries, found.length].map(String)]))
  const found = rows.flatMap((row) => row.found)
  for (const one of new Set(found)) say(`found: ${one}`)
  process.exitCode = found.length === 0 ? 0 : 1
} finally {
  await world.close()
  await stopServer()
}
