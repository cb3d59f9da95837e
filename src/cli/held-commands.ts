import { decidedTexts, decideHeldText, heldTexts, type DecidedText, type HeldText, type TextDecision } from '../flow/reviews.ts'
import type { House } from '../flow/house.ts'
import { needed, OPERATOR, refuse, type Command, type Say } from './command.ts'

const REVIEWER = { by: OPERATOR.staff, role: OPERATOR.role }

const sayHeld = (held: HeldText, say: Say): void => {
  const place = held.pointer === '' ? 'the whole record' : held.pointer
  say([held.id, `since ${held.since}`, place, held.suspected.join('+'), held.rules.join(' ')].join('\t'))
  say(`  ${JSON.stringify(held.text)}`)
}

const sayDecided = (decided: DecidedText, say: Say): void => {
  const what = [decided.verdict, ...decided.sensitivity].join(' ')
  say([decided.id, what, `by ${decided.by} (${decided.role})`, decided.at].join('\t'))
}

const decide = async (house: House, id: string, decision: TextDecision, say: Say): Promise<number> => {
  const decided = await decideHeldText(house, id, decision, REVIEWER)
  if (!decided.ok) return refuse(decided.error)
  sayDecided(decided.value, say)
  return 0
}

const patientIn = (args: readonly string[]): { readonly patient?: string } =>
  args[0] === undefined ? {} : { patient: args[0].replace(/^Patient\//, '') }

/** The texts that wait for a person, on the command line. */
export const heldCommands: readonly Command[] = [
  {
    kind: 'house',
    words: ['held', 'list'],
    takes: '[PATIENT]',
    does: 'lists the texts that no rule is sure of and that go to nobody until somebody decides; the look is on the ledger',
    run: async (house, args, say) => {
      const held = await heldTexts(house, patientIn(args), REVIEWER)
      for (const one of held) sayHeld(one, say)
      say(`${String(held.length)} held`)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['held', 'decided'],
    takes: '[PATIENT]',
    does: 'lists what was decided about held texts, by whom and when',
    run: async (house, args, say) => {
      for (const one of await decidedTexts(house, patientIn(args), REVIEWER)) sayDecided(one, say)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['held', 'release'],
    takes: 'ID',
    does: 'says that a held text tells nothing: it goes where its record may go',
    run: (house, args, say) => decide(house, needed(args, 0, 'ID'), { verdict: 'release' }, say),
  },
  {
    kind: 'house',
    words: ['held', 'label'],
    takes: 'ID SENSITIVITY …',
    does: 'says what a held text tells (SUD, HIV, MH …): it is withheld from everybody who may not know',
    run: (house, args, say) => {
      const [id, ...sensitivity] = args
      needed(args, 1, 'SENSITIVITY')
      return decide(house, needed([id ?? ''], 0, 'ID'), { verdict: 'label', sensitivity }, say)
    },
  },
  {
    kind: 'house',
    words: ['held', 'reopen'],
    takes: 'ID',
    does: 'takes a decision back: the text waits again',
    run: (house, args, say) => decide(house, needed(args, 0, 'ID'), { verdict: 'reopen' }, say),
  },
]
