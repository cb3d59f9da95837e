import { readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { csvOf, takeCsv, templateFor, type TakenRecords } from '../flow/record-files.ts'
import { recordNames } from '../flow/records.ts'
import { CommandError, needed, OPERATOR, refuse, type Command } from './command.ts'
import { progressLine } from './progress-line.ts'

/** Largest file that is taken; a record type of a whole year of the programme is far below. */
const FILE_BYTES_MAX = 64 * 1024 * 1024

const textOf = async (path: string): Promise<string> => {
  const bytes = await readFile(path).catch(() => {
    throw new CommandError(`${path} cannot be read`)
  })
  if (bytes.length > FILE_BYTES_MAX) throw new CommandError(`${path} is larger than 64 MiB`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new CommandError(`${path} is not UTF-8`)
  }
}

/** What became of a file, in lines for the operator. */
const linesOf = (taken: TakenRecords, isDryRun: boolean): readonly string[] => [
  ...taken.warnings.map((warning) => `warning: ${warning.path} ${warning.message}`),
  `${isDryRun ? 'dry run, nothing was taken: ' : ''}${String(taken.records)} records, ${String(taken.changed)} resources new or changed, ${String(taken.unchanged)} as they were`,
]

export const csvCommands: readonly Command[] = [
  {
    kind: 'alone',
    words: ['csv', 'template'],
    takes: 'TYPE',
    does: `prints the header of a CSV file of this record type: ${recordNames.slice(0, 4).join(', ')} …`,
    run: (args, say) => {
      const header = templateFor(needed(args, 0, 'TYPE'))
      if (!header.ok) return refuse(header.error)
      say(header.value.trimEnd())
      return Promise.resolve(0)
    },
  },
  {
    kind: 'house',
    words: ['csv', 'import'],
    takes: 'TYPE FILE.csv [--dry-run]',
    does: 'takes all records of a file or none, with a report by file, row and column',
    run: async (house, args, say) => {
      const rest = args.filter((arg) => arg !== '--dry-run')
      const isDryRun = rest.length < args.length
      const [name, path] = [needed(rest, 0, 'TYPE'), needed(rest, 1, 'FILE.csv')]
      const progress = progressLine(process.stderr, 'records')
      const taken = await takeCsv(house, name, basename(path), await textOf(path), isDryRun, progress.show)
      progress.end()
      if (!taken.ok) return refuse(taken.error)
      for (const line of linesOf(taken.value, isDryRun)) say(line)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['csv', 'export'],
    takes: 'TYPE [FILE.csv]',
    does: "writes the programme's own records of this type as they stand now, for the programme alone",
    run: async (house, args, say) => {
      const written = await csvOf(house, OPERATOR, needed(args, 0, 'TYPE'))
      if (!written.ok) return refuse(written.error)
      const path = args[1]
      if (path === undefined) {
        say(written.value.csv.trimEnd())
        return 0
      }
      await writeFile(path, written.value.csv, { mode: 0o600 })
      say(`${String(written.value.records)} records in ${path}`)
      return 0
    },
  },
]
