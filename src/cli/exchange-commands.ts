import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { listExchanges, mendExchange, showExchange, type ExchangeQuery, type ExchangeRow } from '../flow/exchanges.ts'
import { partnerId } from '../model/ids.ts'
import { CommandError, needed, OPERATOR, refuse, type Command } from './command.ts'

const OPTIONS = ['partner', 'item', 'referral', 'control-id', 'state', 'limit'] as const

const queryOf = (args: readonly string[]): ExchangeQuery => {
  const takes = `exchanges takes ${OPTIONS.map((name) => `--${name} …`).join(' ')}`
  const options = Object.fromEntries(OPTIONS.map((name) => [name, { type: 'string' as const }]))
  let given: Partial<Record<(typeof OPTIONS)[number], string>>
  try {
    given = parseArgs({ args: [...args], options, strict: true }).values
  } catch {
    throw new CommandError(takes)
  }
  const { partner, item, referral, state, limit } = given
  if (state !== undefined && state !== 'held' && state !== 'mapped') throw new CommandError('--state is held or mapped')
  if (item !== undefined && !/^[0-9a-f-]{36}$/.test(item)) throw new CommandError('--item is the id of a delivery')
  if (limit !== undefined && !/^\d{1,4}$/.test(limit)) throw new CommandError('--limit is a number')
  return {
    ...(partner === undefined ? {} : { partner: partnerId(partner) }),
    ...(item === undefined ? {} : { item }),
    ...(referral === undefined ? {} : { referral: `Task/${referral.replace(/^Task\//, '')}` }),
    ...(given['control-id'] === undefined ? {} : { controlId: given['control-id'] }),
    ...(state === undefined ? {} : { state }),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
  }
}

const line = (row: ExchangeRow): string =>
  [
    row.id,
    row.partner,
    row.direction,
    row.channel,
    row.state ?? '-',
    row.controlId === '' ? '-' : row.controlId,
    row.referral ?? '-',
    row.at,
    row.isPruned ? 'pruned' : row.answeredAt === null ? 'unanswered' : 'answered',
  ].join('\t')

/** HL7 v2 ends its segments with a carriage return, which a terminal does not show. */
const legible = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8').replace(/\r\n?/g, '\n')

export const exchangeCommands: readonly Command[] = [
  {
    kind: 'house',
    words: ['exchanges'],
    takes: '[--partner ID] [--referral TASK] [--item DELIVERY] [--state held] …',
    does: 'lists what was sent and received, the newest first, without its content; also --control-id, --limit',
    run: async (house, args, say) => {
      const rows = await listExchanges(house, OPERATOR, queryOf(args))
      for (const row of rows) say(line(row))
      say(`${String(rows.length)} exchanges`)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['exchange', 'show'],
    takes: 'EXCHANGE',
    does: 'shows the bytes of an exchange and what was answered; that you looked goes on the ledger first',
    run: async (house, args, say) => {
      const shown = await showExchange(house, OPERATOR, needed(args, 0, 'EXCHANGE'))
      if (!shown.ok) return refuse(shown.error)
      say(legible(shown.value.bytes))
      if (shown.value.answer !== undefined) say(`answered:\n${legible(shown.value.answer)}`)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['exchange', 'mend'],
    takes: 'EXCHANGE FILE',
    does: 'takes the message in FILE in place of one that is held, as its sender; the one that is held stays as it came',
    run: async (house, args, say) => {
      const path = needed(args, 1, 'FILE')
      const bytes = await readFile(path).catch(() => {
        throw new CommandError(`${path} cannot be read`)
      })
      const mended = await mendExchange(house, OPERATOR, needed(args, 0, 'EXCHANGE'), bytes)
      if (!mended.ok) return refuse(mended.error)
      say(legible(mended.value))
      return 0
    },
  },
]
