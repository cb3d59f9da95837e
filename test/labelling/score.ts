// Prints recall and precision of the shipped sensitivity rules, per category, on the labelled codes and sentences.
// Exit status 1 when a category is under the bar. Run it with `npm run labels:score`.

import type { Resource } from '@medplum/fhirtypes'
import { labelAll } from '../../src/labelling/label.ts'
import { matchCode, spaceOf } from '../../src/labelling/codes.ts'
import { readText } from '../../src/labelling/text.ts'
import { partnerId } from '../../src/model/ids.ts'
import { labelledCodes } from './codes.ts'
import { scoresOf, type Score } from './measure.ts'
import { shippedRules } from './rules-files.ts'
import { labelledSentences } from './sentences.ts'

const BAR = 0.98
const say = (line: string): boolean => process.stdout.write(`${line}\n`)
const rules = shippedRules()
const codes = labelledCodes().map((row) => ({
  row,
  expected: row.categories,
  found: [
    ...new Set(
      matchCode(rules.codes, row.system === '' ? undefined : spaceOf(rules.codes, row.system), row.code).flatMap(
        (rule) => rule.category,
      ),
    ),
  ],
}))
const sentences = labelledSentences().map((row) => ({
  row,
  expected: row.categories,
  found: [...new Set(readText(rules.text, row.text).flatMap((finding) => finding.category))],
}))

const print = (title: string, scores: readonly Score[]): boolean => {
  say(
    `\n${title}\n${'category'.padEnd(20)}${'right'.padStart(7)}${'wrong'.padStart(7)}${'missed'.padStart(8)}${'recall'.padStart(9)}${'precision'.padStart(11)}`,
  )
  for (const s of scores) {
    say(
      s.category.padEnd(20) +
        String(s.right).padStart(7) +
        String(s.wrong).padStart(7) +
        String(s.missed).padStart(8) +
        s.recall.toFixed(3).padStart(9) +
        s.precision.toFixed(3).padStart(11),
    )
  }
  return scores.every((s) => s.recall >= BAR && s.precision >= BAR)
}

const wrongOnes = <T extends { expected: readonly string[]; found: readonly string[] }>(pairs: readonly T[]): readonly T[] =>
  pairs.filter((pair) => [...pair.expected].sort().join() !== [...pair.found].sort().join())

const isWhole = (resource: Resource): string =>
  [...labelAll([{ resource, origin: { partner: partnerId('ehr'), isPart2: false } }], rules).values()][0]?.sensitivity.join() ??
  ''
say(
  `${String(codes.length)} codes, ${String(sentences.length)} sentences; a Condition of B20 is labelled ${isWhole({ resourceType: 'Condition', id: 'x', subject: {}, code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'B20' }] } })}`,
)
const holds = [print('codes', scoresOf(codes)), print('sentences', scoresOf(sentences))]
for (const { row, expected, found } of wrongOnes(codes))
  say(`code      ${row.system} ${row.code}: expected ${expected.join() || 'none'}, found ${found.join() || 'none'}`)
for (const { row, expected, found } of wrongOnes(sentences))
  say(`sentence  ${row.text}: expected ${expected.join() || 'none'}, found ${found.join() || 'none'}`)
say(holds.includes(false) ? `\nlabels: under ${String(BAR)} somewhere` : `\nlabels: every category at least ${String(BAR)}`)
process.exitCode = holds.includes(false) ? 1 : 0
