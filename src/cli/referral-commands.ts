import { endAttention, listAttention, type Attention } from '../flow/referral-attention.ts'
import { CommandError, needed, OPERATOR, refuse, type Command } from './command.ts'

const WORDS: Readonly<Record<Attention['kind'], (of: Attention) => string>> = {
  unanswered: ({ partner, state }) => `${partner} does not answer; ${state}`,
  unknown: ({ partner, state }) => `nothing is known from ${partner}; it was ${state}`,
  disagreement: ({ partner, state, other }) => `${partner} says ${other}; here it is ${state}`,
  duplicate: ({ partner, other }) => `${partner} has the same under way as Task/${other}`,
}

const line = (of: Attention): string =>
  [String(of.id), `Task/${of.task}`, of.kind, WORDS[of.kind](of), `since ${of.at}`].join('\t')

export const referralCommands: readonly Command[] = [
  {
    kind: 'house',
    words: ['referrals'],
    takes: '',
    does: 'lists what waits for a person: unanswered, unknown, disagreed about, made twice',
    run: async (house, _args, say) => {
      const found = await listAttention(house, OPERATOR)
      for (const one of found) say(line(one))
      say(`${String(found.length)} referrals wait for a person`)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['referral', 'done'],
    takes: 'NUMBER',
    does: 'notes that a person has seen to one of them',
    run: async (house, args, say) => {
      const id = Number(needed(args, 0, 'NUMBER'))
      if (!Number.isInteger(id)) throw new CommandError('NUMBER is a number')
      const done = await endAttention(house, OPERATOR, id)
      if (!done.ok) return refuse(done.error)
      say(`done ${done.value}`)
      return 0
    },
  },
]
