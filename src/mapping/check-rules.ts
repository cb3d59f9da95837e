import { PROGRAMME_RULES } from '../../mappings/mission/programme-rules.ts'
import type { ProgrammeFacts } from '../../mappings/mission/programme-rule.ts'
import type { Issue } from '../platform/problem.ts'
import { isTree } from './tree.ts'

/** A breach of one rule of the programme. */
export interface RuleIssue extends Issue {
  readonly rule: string
}

/** The types of a client's records that the rules for this type look at. */
export const recordsReadFor = (recordType: string): readonly string[] => [
  ...new Set(PROGRAMME_RULES.filter((rule) => rule.on.includes(recordType)).flatMap((rule) => rule.reads ?? [])),
]

/**
 * Holds a record against the rules of the programme.
 * @returns an `error` for each rule that blocks and a `warning` for each that only warns; none when all hold
 */
export const checkRules = (recordType: string, record: unknown, facts: ProgrammeFacts): readonly RuleIssue[] =>
  isTree(record)
    ? PROGRAMME_RULES.filter((rule) => rule.on.includes(recordType) && rule.isBreached(record, facts)).map((rule) => ({
        path: rule.path,
        message: `${rule.says} (${rule.id})`,
        severity: rule.blocks ? 'error' : 'warning',
        code: 'business-rule',
        rule: rule.id,
      }))
    : []
