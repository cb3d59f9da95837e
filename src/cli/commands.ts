import type { Command } from './command.ts'
import { partnerCommands } from './partner-commands.ts'
import { rightsCommands } from './rights-commands.ts'
import { noticeCommands } from './notice-commands.ts'
import { auditCommands } from './audit-commands.ts'
import { csvCommands } from './csv-commands.ts'
import { programmeCommands } from './programme-commands.ts'
import { staffCommands } from './staff-commands.ts'
import { synthCommands } from './synth-commands.ts'
import { basisCommands } from './basis-commands.ts'
import { heldCommands } from './held-commands.ts'
import { consentCommands } from './consent-commands.ts'
import { decisionCommands } from './decision-commands.ts'
import { deliveryCommands } from './delivery-commands.ts'
import { referralCommands } from './referral-commands.ts'
import { exchangeCommands } from './exchange-commands.ts'

/** Every command of the operator, in the order in which the help shows them. */
export const COMMANDS: readonly Command[] = [
  ...partnerCommands,
  ...decisionCommands,
  ...basisCommands,
  ...consentCommands,
  ...heldCommands,
  ...deliveryCommands,
  ...referralCommands,
  ...exchangeCommands,
  ...csvCommands,
  ...programmeCommands,
  ...synthCommands,
  ...staffCommands,
  ...rightsCommands,
  ...noticeCommands,
  ...auditCommands,
]

/**
 * What `gateway help` prints, and any command with `--help`.
 * @param commands those that are explained
 */
export const usage = (commands: readonly Command[] = COMMANDS): string => {
  const lines = commands.map((c) => [`${c.words.join(' ')} ${c.takes}`.trim(), c.does] as const)
  const width = Math.max(...lines.map(([left]) => left.length))
  return ['usage: npm run gateway -- COMMAND', '', ...lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)].join(
    '\n',
  )
}
