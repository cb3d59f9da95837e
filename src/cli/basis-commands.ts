import { makeReport } from '../flow/basis-report.ts'
import { reviewEmergency, unreviewedEmergencies } from '../flow/basis-review.ts'
import { endBasis, ENDERS, enterBasis, listBases, type BasisView } from '../flow/legal-bases.ts'
import { jsonFile, needed, OPERATOR, refuse, type Command, type Say } from './command.ts'

const sayBasis = (basis: BasisView, say: Say): void => {
  const covers = basis.patient === undefined ? 'everybody' : `Patient/${basis.patient}`
  const until = basis.until === undefined ? '' : ` until ${basis.until}`
  say([basis.id, `version ${String(basis.version)}`, basis.kind, covers, `${basis.status}${until}`].join('\t'))
  for (const { requirement, law } of basis.lacks) say(`  lacks: ${requirement} (${law})`)
}

export const basisCommands: readonly Command[] = [
  {
    kind: 'house',
    words: ['basis', 'add'],
    takes: 'FILE.json',
    does: 'enters a legal basis other than consent; exit status 1 when it lacks something and opens nothing',
    run: async (house, args, say) => {
      const entered = await enterBasis(house, await jsonFile(needed(args, 0, 'FILE.json')), OPERATOR.staff)
      if (!entered.ok) return refuse(entered.error)
      sayBasis(entered.value.basis, say)
      return entered.value.basis.lacks.length > 0 ? 1 : 0
    },
  },
  {
    kind: 'house',
    words: ['basis', 'list'],
    takes: 'PATIENT',
    does: 'lists the legal bases that cover a patient, with what each lacks',
    run: async (house, args, say) => {
      for (const basis of await listBases(house, OPERATOR, needed(args, 0, 'PATIENT').replace(/^Patient\//, '')))
        sayBasis(basis, say)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['basis', 'end'],
    takes: `ID [${ENDERS.join('|')}]`,
    does: 'ends a legal basis from now on; for a restriction say who ends it',
    run: async (house, args, say) => {
      const ended = await endBasis(house, needed(args, 0, 'ID'), args[1], OPERATOR.staff)
      if (!ended.ok) return refuse(ended.error)
      sayBasis(ended.value, say)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['basis', 'unreviewed'],
    takes: '',
    does: 'lists the emergencies that nobody has reviewed',
    run: async (house, _args, say) => {
      for (const basis of await unreviewedEmergencies(house, OPERATOR)) sayBasis(basis, say)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['basis', 'review'],
    takes: 'ID PERSON justified|not-justified',
    does: 'says what somebody who had no part in an emergency found; one that was none ends',
    run: async (house, args, say) => {
      const file = { reviewedBy: needed(args, 1, 'PERSON'), finding: needed(args, 2, 'justified or not-justified') }
      const reviewed = await reviewEmergency(house, needed(args, 0, 'ID'), file, OPERATOR.staff)
      if (!reviewed.ok) return refuse(reviewed.error)
      sayBasis(reviewed.value, say)
      return 0
    },
  },
  {
    kind: 'house',
    words: ['basis', 'report'],
    takes: 'ID',
    does: 'prints the facts that a crime report or a child-abuse report may hold; a disclosure, on the ledger',
    run: async (house, args, say) => {
      const made = await makeReport(house, OPERATOR, needed(args, 0, 'ID'))
      if (!made.ok) return refuse(made.error)
      say(JSON.stringify(made.value, null, 2))
      return 0
    },
  },
]
