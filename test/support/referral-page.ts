import { ACK_OF_PROBLEM } from '../../src/formats/hl7v2/acknowledge.ts'
import { CROSSWALK, FINAL_STATES, TRANSITIONS } from '../../src/model/referral.ts'

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

/** The page docs/referrals.md, from the tables that the code runs on. */
export const referralPage = (): string => `# Referrals

<!-- Written by test/model/referral-page.test.ts from src/model/referral.ts: change the table there, then run it with UPDATE_DOCS=1. -->

One referral has one id and one state. The state is that of the FHIR Task of SDOH Clinical Care 3.0.0; every other format is a
projection of it. A move is accepted only from the party that the table names, and who that is, is proved by the peer's certificate or
token, never by a field of a message. The same move again changes nothing.

## Moves

${table(
  ['from', 'to', 'who', 'must bring', 'source'],
  TRANSITIONS.map((row) => [row.from, row.to, row.actors.join(' or '), row.requires.join(', ') || '–', row.source]),
)}

Final states: ${FINAL_STATES.join(', ')}. A move that is not in the table is refused with \`transition-not-allowed\`; one that is for the
other side, or for nobody here, with \`actor-not-entitled\`. By HL7 v2 a refused move is acknowledged with AA, for the message was fine,
and told by RRI with the state that still holds.

A referral without an owner is open: any of its candidates may accept it, and then owns it; none of them can end it for the others.

## The same state in other words

${table(
  ['Task.status', 'shown as', 'BSeR', 'RF1-1', 'by', 'ORC-5 (360X)', 'HMIS ReferralResult', 'what is lost'],
  CROSSWALK.map((row) => [
    row.state,
    row.plain,
    row.bser ?? '–',
    row.rf1 ?? '–',
    row.v2 ?? '–',
    row.orc5 ?? '–',
    row.hmisReferralResult === '' ? 'empty' : (row.hmisReferralResult ?? '–'),
    row.loss ?? '–',
  ]),
)}

## What a v2 sender is told when something is wrong

${table(
  ['problem', 'MSA-1', 'ERR-3 (0357)'],
  Object.entries(ACK_OF_PROBLEM).map(([kind, row]) => [kind, row.code, `${row.error} ${row.text}`]),
)}
`
