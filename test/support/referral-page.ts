import { ACK_OF_PROBLEM } from '../../src/formats/hl7v2/acknowledge.ts'
import { AGEING } from '../../src/model/referral-ageing.ts'
import { CROSSWALK, FINAL_STATES, TRANSITIONS } from '../../src/model/referral.ts'

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

const STEP_WORDS = {
  asked: 'asked by REF^I15, when it has HL7 v2',
  unanswered: 'a person is told; incident `referral-unanswered`',
  unknown: 'it counts as unknown; incident `referral-unknown`',
} as const

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

A referral without an owner is open: it is offered to each partner in \`Task.restriction.recipient\`, as far as consent lets it be told.
Any of them may accept it, and then owns it; of two at the same time one is the second, and is refused. The others are told that it is
gone, by HL7 v2 with REF^I14 and without the name of who has it; none of them can end it for the others. By HMIS nothing is offered.

## When nothing is heard

${table(
  ['state', 'days without word', 'what is done'],
  AGEING.map((row) => [row.state, String(row.days), STEP_WORDS[row.step]]),
)}

Days are counted from the last word of the side whose move it is; its next word, also one that moves nothing, ends the silence. No standard
sets these days: they are the programme's. Silence moves nothing: the state stays what the last entitled party said. Where a gateway was
down for long, a day lies between one step and the next. Every step is on the ledger; \`gateway referrals\` lists what waits for a person,
\`gateway referral done NUMBER\` notes that somebody has seen to it.

Two more things are put before a person: a move by HL7 v2 that the table does not have (the two sides disagree), and a referral of a client
to a partner for a service that the same sender has under way already. Both referrals stay; nothing is merged.

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
