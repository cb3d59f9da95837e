import { CRITERIA } from '../../mappings/referral-criteria.ts'
import { ACK_OF_PROBLEM } from '../../src/formats/hl7v2/acknowledge.ts'
import { AGEING } from '../../src/model/referral-ageing.ts'
import { CROSSWALK } from '../../src/model/referral-crosswalk.ts'
import { FINAL_STATES, TRANSITIONS } from '../../src/model/referral.ts'

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

const STEP_WORDS = {
  asked: 'asked: by REF^I15 when it has HL7 v2, by poll when its server is asked',
  unanswered: 'a person is told; incident `referral-unanswered`',
  unknown: 'it counts as unknown; incident `referral-unknown`',
} as const

/** The page docs/referrals.md, from the tables that the code runs on. */
export const referralPage = (): string => `# Referrals

<!-- Written by test/model/referral-page.test.ts from src/model/referral*.ts and mappings/referral-criteria.ts: change the table there, then
run it with UPDATE_DOCS=1. -->

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

## What is put before a person

\`gateway referrals\` lists it; nothing of it is decided by the gateway.

| what           | when                                                                                                              |
| -------------- | ----------------------------------------------------------------------------------------------------------------- |
| \`unanswered\` | silence, as above                                                                                                 |
| \`unknown\`    | silence, as above                                                                                                 |
| \`disagreement\` | one side asked for a move that the table does not have, by HL7 v2, over FHIR (409) or by what its own server says |
| \`conflict\`   | one side changed a version that was no longer the last (412), or refused ours (409, 412); its next word closes it  |
| \`duplicate\`  | the same is under way for this client, whoever sent it                                                            |
| \`screening\`  | a referral to the programme waits for an answer                                                                   |
| \`capacity\`   | a referral to the programme for which no place is free                                                            |

A disagreement and a conflict name both versions: that of the Task that stands (\`Task/ID/_history/N\`) and the exchange in which the other
side said what it has (\`gateway exchange show\`). The client of a duplicate is the same Patient, or one of the same name and day of birth
under the number of another sender; both referrals stay, and nothing is merged. That two are the same
stands here and nowhere else: in a note of the Task it would tell its sender that somebody else refers the client.

## A partner whose server is asked

A partner with \`fhir-push\` and \`pollMinutes\` (15 to 1440) in the register is asked at that pace which of its Tasks have changed, with a token
for \`system/Task.rs\` of its own server; no question names a referral that the partner did not name first. What its server says is its own
word: the address is in the register, and is https. Where it went on more than once between two questions, each step is taken from the
history of the Task. Where its server refuses what we push because it holds another version (409, 412), it is asked at once; what it has is
taken, or put before a person, and the push is tried again with the state of that moment. Only state, reason, business status and output
are taken, and only of referrals that this partner owns.

## Referrals to the programme

However one comes (HL7 v2, FHIR, or a record \`inbound-referral\` of staff for what came by letter), it is held against these criteria by what
is on record: diagnoses by their code, answers of screenings, never free text; silence is no answer, and a diagnosis against an answer is
nobody's word.

${table(
  ['criterion', 'says', 'seed', 'decides'],
  CRITERIA.map((row) => [row.id, row.says, row.seed, row.decides ? 'yes' : 'no']),
)}

The findings are kept with the records that they rest on; \`gateway referral screening TASK\` shows them. A record \`screening\` of staff with
the referral's id as \`referralId\` (that of the record, the Task or the ServiceRequest) screens it anew, under both numbers of the client.
Where staff find the client eligible and every criterion that decides is met, the referral is accepted; where staff find them not eligible
and say why, it is rejected with that reason. Everything else stays before a person, who moves the Task; one whom a criterion excludes
is accepted only with a reason. An enrolment that begins moves the accepted referral to in-progress, with the business status
\`is-enrolled\` of SDOH Clinical Care; its end completes it, with the EpisodeOfCare as output.

## Places

A partner, or the programme for it, says of a service whether there is room: by a HealthcareService with the capacity status of SDOH
Clinical Care, or on the telephone (\`gateway capacity set PARTNER NEED PLACES\`). Counted places are taken by acceptance and given back when
the referral ends, each once. The programme accepts nobody beyond its own places (409, \`no-place\`): such a referral waits before a person,
with the business status \`not-enrolled-on-waitlist\` where there is a waiting list, or is rejected with that as its reason. A partner's
acceptance is never refused for what it said before: it knows better. Who refers to a partner that has no room is warned.

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
