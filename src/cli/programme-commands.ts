import { contractNames, reconciliationOf, timelineOfClient, today } from '../flow/programme-time.ts'
import { CommandError, needed, OPERATOR, refuse, type Command } from './command.ts'

const DAY = /^\d{4}-\d\d-\d\d$/

/** A day, or the one that stands for it. @throws CommandError when it is something else */
const dayOf = (text: string | undefined, otherwise: string): string => {
  if (text !== undefined && !DAY.test(text)) throw new CommandError('a day is written YYYY-MM-DD')
  return text ?? otherwise
}

/** What the team and the funder ask of the programme's time. */
export const programmeCommands: readonly Command[] = [
  {
    kind: 'house',
    words: ['timeline'],
    takes: 'CLIENT [DAY]',
    does: "prints a client's fidelity timeline as FHIR: phases, sessions held and due, boosters, taper, no-shows, outreach, goals",
    run: async (house, args, say) => {
      const made = await timelineOfClient(house, OPERATOR, needed(args, 0, 'CLIENT'), dayOf(args[1], today(house)))
      if (!made.ok) return refuse(made.error)
      say(JSON.stringify(made.value, undefined, 2))
      return 0
    },
  },
  {
    kind: 'house',
    words: ['reconcile'],
    takes: 'CONTRACT [FROM UNTIL]',
    does: `holds units, visits and lengths against the minutes, from a day until before another: ${contractNames.join(', ')}`,
    run: async (house, args, say) => {
      const days = { from: dayOf(args[1], '0001-01-01'), until: dayOf(args[2], '9999-12-31') }
      const report = await reconciliationOf(house, OPERATOR, needed(args, 0, 'CONTRACT'), days)
      if (!report.ok) return refuse(report.error)
      const { contract, services, minutes, units, visits, administrativeMinutes, issues } = report.value
      for (const { path, message } of issues) say(`difference: ${path} ${message}`)
      say(
        `${contract}: ${String(services)} services, ${String(minutes)} minutes (${String(administrativeMinutes)} administrative), ` +
          `${String(units)} units, ${String(visits)} visits, ${String(issues.length)} differences`,
      )
      return issues.length === 0 ? 0 : 1
    },
  },
]
