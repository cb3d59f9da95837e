import { endBreach, findBreach, judgeBreach, showBreaches, tellOfBreach, type BreachRecord } from '../flow/breaches.ts'
import type { House } from '../flow/house.ts'
import { endRequest, listRequests, putOffRequest, receiveRequest, type RequestView } from '../flow/rights.ts'
import type { Result } from '../platform/result.ts'
import { jsonFile, needed, OPERATOR, refuse, type Command, type Say } from './command.ts'

const sayRequest = (request: RequestView, say: Say): void => {
  const { id, right, patient, standing, dueOn, daysLeft, law } = request
  const left = daysLeft === undefined ? '' : ` (${String(daysLeft)} days left)`
  say([id, right, `Patient/${patient}`, standing, `due ${dueOn}${left}`, law].join('\t'))
}

const sayBreach = (breach: BreachRecord, say: Say): void => {
  const state = breach.closedOn === undefined ? 'open' : `closed ${breach.closedOn}`
  say([breach.id, `discovered ${breach.discoveredOn}`, `${String(breach.individuals)} individuals`, state].join('\t'))
  for (const { whom, by, doneOn, law } of breach.duties)
    say(`  ${whom}: ${doneOn === undefined ? `by ${by}` : `told ${doneOn}`} (${law})`)
}

type Change = (house: House, id: string, file: unknown) => Promise<Result<RequestView | BreachRecord>>

const sayEither = (one: RequestView | BreachRecord, say: Say): void => {
  if ('right' in one) sayRequest(one, say)
  else sayBreach(one, say)
}

/** A command that takes a file, or an id and a file. */
const changing = (words: readonly string[], takes: string, does: string, change: Change): Command => ({
  kind: 'house',
  words,
  takes,
  does,
  run: async (house, args, say) => {
    const places = takes.split(' ')
    const file = places.indexOf('FILE.json')
    const id = takes.startsWith('ID') ? needed(args, 0, 'ID') : ''
    const done = await change(house, id, file < 0 ? undefined : await jsonFile(needed(args, file, 'FILE.json')))
    if (!done.ok) return refuse(done.error)
    sayEither(done.value, say)
    return 0
  },
})

/** Requests of patients and breaches. @law 42 CFR 2.16, 2.24 to 2.26 */
export const rightsCommands: readonly Command[] = [
  changing(
    ['request', 'receive'],
    'FILE.json',
    'enters what a patient asks for, and says by when it is due',
    (house, _id, file) => receiveRequest(house, OPERATOR, file),
  ),
  {
    kind: 'house',
    words: ['request', 'list'],
    takes: '[PATIENT]',
    does: 'lists what patients asked for, the one due first at the top',
    run: async (house, args, say) => {
      const patient = args[0]?.replace(/^Patient\//, '')
      for (const one of await listRequests(house, OPERATOR, patient === undefined ? {} : { patient })) sayRequest(one, say)
      return 0
    },
  },
  changing(['request', 'extend'], 'ID FILE.json', 'puts a request off once, with the reason', (house, id, file) =>
    putOffRequest(house, OPERATOR, id, file),
  ),
  changing(['request', 'close'], 'ID FILE.json', 'ends a request: answered, or refused with the reason', (house, id, file) =>
    endRequest(house, OPERATOR, id, file),
  ),
  changing(['breach', 'add'], 'FILE.json', 'enters a breach, and says who is to be told by when', (house, _id, file) =>
    findBreach(house, OPERATOR, file),
  ),
  {
    kind: 'house',
    words: ['breach', 'list'],
    takes: '',
    does: 'lists the breaches and their duties',
    run: async (house, _args, say) => {
      for (const one of await showBreaches(house, OPERATOR)) sayBreach(one, say)
      return 0
    },
  },
  changing(['breach', 'assess'], 'ID FILE.json', 'writes down the risk assessment by its four factors', (house, id, file) =>
    judgeBreach(house, OPERATOR, id, file),
  ),
  changing(['breach', 'told'], 'ID FILE.json', 'writes down who was told, and when', (house, id, file) =>
    tellOfBreach(house, OPERATOR, id, file),
  ),
  changing(['breach', 'close'], 'ID', 'closes a breach of which everybody was told who is to be', (house, id) =>
    endBreach(house, OPERATOR, id),
  ),
]
