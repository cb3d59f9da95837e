import { readConfig } from '../app/config.ts'
import { openHouse } from '../app/gateway.ts'
import { silentLog } from '../platform/log.ts'
import { COMMANDS, usage } from './commands.ts'
import { CommandError, type Command } from './command.ts'

/** The operator's commands: `gateway partner add FILE.json`, `gateway audit verify` … Exit status 2 when a command cannot be read. */
const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}
const complain = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

const HELP: ReadonlySet<string> = new Set(['--help', '-h'])

/** The command that these words name, else all that begin like them, else all. Nothing is opened for that. */
const meantBy = (words: readonly string[]): readonly Command[] => {
  const named = COMMANDS.filter((c) => c.words.every((word, index) => words[index] === word))
  const begun = COMMANDS.filter((c) => c.words[0] === words[0])
  return named.length > 0 ? named : begun.length > 0 ? begun : COMMANDS
}

const run = async (args: readonly string[]): Promise<number> => {
  if (args[0] === 'help' || args.some((arg) => HELP.has(arg))) {
    say(usage(meantBy(args.filter((arg, index) => !HELP.has(arg) && (index > 0 || arg !== 'help')))))
    return 0
  }
  const command = COMMANDS.find((c) => c.words.every((word, index) => args[index] === word))
  if (command === undefined) {
    complain(usage())
    return args.length === 0 ? 0 : 2
  }
  const rest = args.slice(command.words.length)
  if (command.kind === 'alone') return command.run(rest, say)
  const config = readConfig(process.env)
  if (!config.ok) {
    complain(config.error.join('\n'))
    return 78
  }
  const opened = await openHouse(config.value, silentLog)
  try {
    return await command.run(opened.house, rest, say)
  } finally {
    await opened.close()
  }
}

run(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    complain(error instanceof CommandError ? error.message : `gateway: ${error instanceof Error ? error.name : 'fault'}`)
    process.exitCode = error instanceof CommandError ? 2 : 1
  },
)
