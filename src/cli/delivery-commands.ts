import { parseArgs } from 'node:util'
import {
  cancelDelivery,
  endIncident,
  holdDelivery,
  ITEM_STATES,
  listDeliveries,
  listIncidents,
  listLosses,
  pausePartner,
  releaseDelivery,
  resumePartner,
  type DeliveryQuery,
  type Incident,
  type OutboxItem,
} from '../flow/delivery-operations.ts'
import type { House } from '../flow/house.ts'
import type { Operator } from '../flow/looks.ts'
import { replayFromShell } from '../flow/shell-replay.ts'
import { partnerId, patientId } from '../model/ids.ts'
import type { Result } from '../platform/result.ts'
import { CommandError, needed, OPERATOR, refuse, type Command, type Say } from './command.ts'

const OPTIONS = ['partner', 'referral', 'patient', 'control-id', 'trace', 'state', 'limit'] as const

/** The options of a command; @throws CommandError for one that it does not take */
const optionsOf = <N extends string>(args: readonly string[], names: readonly N[]): Partial<Record<N, string>> => {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  try {
    return parseArgs({ args: [...args], options, strict: true }).values as Partial<Record<N, string>>
  } catch {
    throw new CommandError(`takes ${names.map((name) => `--${name} …`).join(' ')}`)
  }
}

const queryOf = (args: readonly string[]): DeliveryQuery => {
  const given = optionsOf(args, OPTIONS)
  const state = ITEM_STATES.find((one) => one === given.state)
  if (given.state !== undefined && state === undefined) throw new CommandError(`--state is one of ${ITEM_STATES.join(', ')}`)
  const limit = given.limit === undefined ? undefined : Number(given.limit)
  if (limit !== undefined && !Number.isInteger(limit)) throw new CommandError('--limit is a number')
  return {
    ...(given.partner === undefined ? {} : { partner: partnerId(given.partner) }),
    ...(given.referral === undefined ? {} : { referral: `Task/${given.referral.replace(/^Task\//, '')}` }),
    ...(given.patient === undefined ? {} : { patient: patientId(given.patient.replace(/^Patient\//, '')) }),
    ...(given['control-id'] === undefined ? {} : { controlId: given['control-id'] }),
    ...(given.trace === undefined ? {} : { trace: given.trace }),
    ...(state === undefined ? {} : { state }),
    ...(limit === undefined ? {} : { limit }),
  }
}

const line = (item: OutboxItem): string =>
  [
    item.id,
    item.partner,
    item.channel,
    item.state,
    item.cause ?? '-',
    `${String(item.attempts)} attempts`,
    item.referral ?? '-',
    `queued ${item.enqueuedAt}`,
    item.endedAt === null ? `next ${item.nextAt}` : `ended ${item.endedAt}`,
  ].join('\t')

const incidentLine = (incident: Incident): string =>
  [
    String(incident.id),
    incident.partner,
    incident.cause,
    `${String(incident.occurrences)} times`,
    `since ${incident.openedAt}`,
    `last ${incident.lastAt}`,
    incident.closedAt === null ? `see docs/runbook` : `closed ${incident.closedAt}`,
  ].join('\t')

type OnOne = (house: House, by: Operator, id: string) => Promise<Result<string>>

const sayDone = (done: Result<string>, words: string, say: Say): number => {
  if (!done.ok) return refuse(done.error)
  say(`${words} ${done.value}`)
  return 0
}

/** A command that does one thing to one item. */
const onItem = (word: string, does: string, said: string, work: OnOne): Command => ({
  kind: 'house',
  words: [word],
  takes: 'ITEM',
  does,
  run: async (house, args, say) => sayDone(await work(house, OPERATOR, needed(args, 0, 'ITEM')), said, say),
})

const replay = async (house: House, args: readonly string[], say: Say): Promise<number> => {
  const item = needed(args, 0, 'ITEM')
  const { by, why } = optionsOf(args.slice(1), ['by', 'why'])
  const done = await replayFromShell(house, OPERATOR, item, by === undefined ? undefined : { name: by, why: why ?? '' })
  if (!done.ok) return refuse(done.error)
  const { effect, id } = done.value
  say(effect === 'sent' ? `will be sent as ${id}` : `proposed: another person confirms it in the console, under Deliveries`)
  return 0
}

export const deliveryCommands: readonly Command[] = [
  {
    kind: 'house',
    words: ['deliveries'],
    takes: '[--partner ID] [--referral TASK] [--patient ID] [--state STATE] …',
    does: 'lists what is to leave and what has left, the newest first; also --control-id, --trace, --limit',
    run: async (house, args, say) => {
      const items = await listDeliveries(house, OPERATOR, queryOf(args))
      for (const item of items) say(line(item))
      say(`${String(items.length)} deliveries`)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['incidents'],
    takes: '[all]',
    does: 'lists open incidents, one for each partner and cause; docs/runbook has a page for each cause',
    run: async (house, args, say) => {
      if (args[0] !== undefined && args[0] !== 'all') throw new CommandError('incidents takes nothing, or all')
      const incidents = await listIncidents(house, OPERATOR, args[0] === 'all' ? 'all' : 'open')
      for (const incident of incidents) say(incidentLine(incident))
      say(`${String(incidents.length)} incidents`)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['incident', 'close'],
    takes: 'NUMBER',
    does: 'closes an incident; what happens again opens another',
    run: async (house, args, say) => {
      const id = Number(needed(args, 0, 'NUMBER'))
      if (!Number.isInteger(id)) throw new CommandError('NUMBER is a number')
      return sayDone(await endIncident(house, OPERATOR, id), 'closed', say)
    },
  },
  {
    kind: 'house',
    words: ['replay'],
    takes: 'ITEM [--by NAME --why WHY]',
    does: 'sends an item once more, when a second person confirms it in the console; consent is asked again',
    run: replay,
  },
  onItem('hold', 'stops an item; what follows it for the same referral waits', 'held', holdDelivery),
  onItem('release', 'lets a held item go; consent is asked again', 'released', releaseDelivery),
  onItem('cancel', 'ends an item that shall not be sent', 'cancelled', cancelDelivery),
  {
    kind: 'house',
    words: ['pause'],
    takes: 'PARTNER [REASON]',
    does: 'stops everything that leaves for a partner',
    run: async (house, args, say) => {
      const reason = args.slice(1).join(' ')
      const paused = await pausePartner(house, OPERATOR, needed(args, 0, 'PARTNER'), reason === '' ? 'by-operator' : reason)
      return sayDone(paused, 'paused', say)
    },
  },
  {
    kind: 'house',
    words: ['resume'],
    takes: 'PARTNER',
    does: 'lets what waits for a partner leave again, in order',
    run: async (house, args, say) => sayDone(await resumePartner(house, OPERATOR, needed(args, 0, 'PARTNER')), 'resumed', say),
  },
  {
    kind: 'house',
    words: ['losses'],
    takes: '[--partner ID]',
    does: 'counts what found no home in the record or in an HL7 v2 message, by direction, place and reason',
    run: async (house, args, say) => {
      const { partner } = optionsOf(args, ['partner'])
      const rows = await listLosses(house, OPERATOR, partner)
      for (const row of rows) say([row.partner, row.direction, row.place, row.why, `${String(row.messages)} messages`].join('\t'))
      say(`${String(rows.length)} losses`)
      return 0
    },
  },
]
