import { decideDue, decisionsWaiting } from '../flow/decisions-due.ts'
import type { Command } from './command.ts'

const REPORT_EVERY = 500

export const decisionCommands: readonly Command[] = [
  {
    kind: 'house',
    words: ['decisions', 'waiting'],
    takes: '',
    does: 'how many patients, and records of nobody, wait to be decided about again',
    run: async (house, _args, say) => {
      say(`${String(await decisionsWaiting(house))} waiting`)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['decisions', 'run'],
    takes: '',
    does: 'decides about whoever waits, beside the gateways that do the same; may be stopped and begun again',
    run: async (house, _args, say) => {
      for (;;) {
        let left = REPORT_EVERY
        const decided = await decideDue(house, () => left-- > 0)
        const waiting = await decisionsWaiting(house)
        say(`${String(decided)} decided, ${String(waiting)} waiting`)
        if (decided < REPORT_EVERY || waiting === 0) return 0
      }
    },
  },
]
