import { syntheticRecords, takeSynthetic } from '../flow/record-files.ts'
import { CommandError, refuse, type Command, type Say } from './command.ts'
import { progressLine } from './progress-line.ts'

const CLIENTS_MAX = 100_000
const SEED_MAX = 999_999

/** A whole number after its flag. @throws CommandError when it is missing, no number, or out of range */
const numberAfter = (args: readonly string[], flag: string, least: number, most: number): number => {
  const at = args.indexOf(flag)
  const text = at === -1 ? '' : (args[at + 1] ?? '')
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1
  if (value < least || value > most)
    throw new CommandError(`${flag} needs a whole number from ${String(least)} to ${String(most)}`)
  return value
}

const asked = (args: readonly string[]): { readonly clients: number; readonly seed: number } => ({
  clients: numberAfter(args, '--clients', 1, CLIENTS_MAX),
  seed: numberAfter(args, '--seed', 0, SEED_MAX),
})

const print = (args: readonly string[], say: Say): number => {
  const { clients, seed } = asked(args)
  for (const records of syntheticRecords(seed, clients))
    for (const { type, record } of records) say(JSON.stringify({ type, record }))
  return 0
}

export const synthCommands: readonly Command[] = [
  {
    kind: 'alone',
    words: ['synth', '--print'],
    takes: '--clients N --seed S',
    does: 'prints the records of synthetic clients as JSON Lines; needs no gateway and no database',
    run: (args, say) => Promise.resolve(print(args, say)),
  },
  {
    kind: 'house',
    words: ['synth'],
    takes: '--clients N --seed S',
    does: 'takes synthetic clients into a house without real ones; the same seed makes the same clients, all marked as test data',
    run: async (house, args, say) => {
      if (args.includes('--print')) return print(args, say)
      const { clients, seed } = asked(args)
      const progress = progressLine(process.stderr, 'clients')
      const taken = await takeSynthetic(house, seed, clients, progress.show)
      progress.end()
      if (!taken.ok) return refuse(taken.error)
      const { records, changed, unchanged } = taken.value
      say(
        `${String(clients)} clients, ${String(records)} records, ${String(changed)} resources new or changed, ${String(unchanged)} as they were`,
      )
      return 0
    },
  },
]
