import { unitsOf } from '../../src/mapping/units.ts'
import { isTree, listOf } from '../../src/mapping/tree.ts'
import type { Tree } from '../../src/mapping/tree.ts'
import { CONTRACTS } from './contracts.ts'
import { recordsIn, text, type ProgrammeFacts, type ProgrammeRule } from './programme-rule.ts'

/** A word without the full stop of its sentence. */
export const withoutEndMarks = (word: string): string => word.replace(/[.-]+$/, '')

const namesAnother = (record: Tree, others: ReadonlySet<string> | undefined): boolean => {
  if (others === undefined || others.size === 0) return false
  const words = (
    JSON.stringify(record)
      .replaceAll(/\\[a-z]/g, ' ')
      .match(/[A-Za-z0-9._-]+/g) ?? []
  ).map(withoutEndMarks)
  return words.some((word) => word !== record['clientId'] && others.has(word))
}

const goalsKnown = (facts: ProgrammeFacts): ReadonlySet<string> =>
  new Set(
    recordsIn(facts, 'treatment-plan').flatMap((plan) =>
      listOf(plan['goals']).map((g) => `${text(plan['recordId'])}/${isTree(g) ? text(g['key']) : ''}`),
    ),
  )

/** Whether one service by itself comes to other units than were sent; of a contract that counts a day nothing can be said here. */
const areUnitsOfOtherMinutes = (service: Tree): boolean => {
  const { contract: id, minutes, units } = service
  const contract = CONTRACTS.find((c) => c.id === id && c.per === 'service')
  return (
    contract !== undefined && typeof minutes === 'number' && typeof units === 'number' && unitsOf(minutes, contract) !== units
  )
}

/** What holds of a record whatever it is for: it names no other client, and its links, units and days are right. */
export const RECORD_RULES: readonly ProgrammeRule[] = [
  {
    id: 'no-other-member',
    seed: '000:157-160',
    elements: ['E065'],
    on: ['encounter', 'progress-note', 'drt-status-exam', 'assessment', 'document'],
    blocks: true,
    path: '$',
    says: 'another client is named in the record',
    isBreached: (record, facts) => namesAnother(record, facts.otherClients),
  },
  {
    id: 'note-linked-to-goal',
    seed: '002:409-414',
    elements: ['E119'],
    on: ['progress-note'],
    reads: ['treatment-plan'],
    blocks: false,
    path: '$.goals',
    says: 'the note names a goal that is in no plan of this client',
    isBreached: (note, facts) => {
      const known = goalsKnown(facts)
      return listOf(note['goals']).some((g) => isTree(g) && !known.has(`${text(g['planId'])}/${text(g['goalKey'])}`))
    },
  },
  {
    id: 'units-of-minutes',
    seed: '003:38',
    elements: ['E122'],
    on: ['ryan-white-service'],
    blocks: false,
    path: '$.units',
    says: 'the units are not those of the minutes by the contract; the minutes count',
    isBreached: areUnitsOfOtherMinutes,
  },
  {
    id: 'objective-has-a-day',
    seed: '002:349-354,418-422',
    elements: ['E043'],
    on: ['treatment-plan'],
    blocks: false,
    path: '$.objectives',
    says: 'an objective is bound to a time',
    isBreached: (plan) => listOf(plan['objectives']).some((o) => isTree(o) && o['due'] === undefined),
  },
]
