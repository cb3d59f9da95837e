import { z } from 'zod'
import { handleBreach } from '../../flow/console/breaches.ts'
import { explainConsent } from '../../flow/console/consents.ts'
import { deliveryHealth } from '../../flow/console/delivery-health.ts'
import { deliveryState, operate } from '../../flow/console/deliveries.ts'
import { explainDisclosure } from '../../flow/console/disclosures.ts'
import { decideDoubtful } from '../../flow/console/doubtful-consents.ts'
import { decideText, labelsToGive } from '../../flow/console/held.ts'
import { beginCheck, integrityState } from '../../flow/console/integrity.ts'
import { searchClients } from '../../flow/console/names.ts'
import { overview } from '../../flow/console/overview.ts'
import { partnerNames } from '../../flow/console/partners.ts'
import { decideProposal, propose } from '../../flow/console/proposals.ts'
import { proofShown } from '../../flow/console/proofs.ts'
import { referralFigures, referralSteps } from '../../flow/console/referrals.ts'
import { handleRequest } from '../../flow/console/requests.ts'
import { dropSearch, savedSearches, saveSearch } from '../../flow/console/searches.ts'
import { simulate } from '../../flow/console/simulate.ts'
import { signOutStaff } from '../../flow/console/staff.ts'
import { question, type Question } from './question.ts'
import { LIST_QUESTIONS } from './lists.ts'
import { disclosureFilter, id } from './shapes.ts'

const word = z.string().min(1).max(200)
const nothing = z.strictObject({})
const target = z.string().min(1).max(200)

const side = z.strictObject({
  partner: word,
  at: z.iso.datetime({ offset: true }).optional(),
  afterRevoking: id.optional(),
  person: id.optional(),
})

const deed = z.discriminatedUnion('deed', [
  z.strictObject({ deed: z.enum(['hold', 'release', 'cancel']), target }),
  z.strictObject({ deed: z.literal('pause'), target, why: word }),
  z.strictObject({ deed: z.literal('resume'), target }),
  z.strictObject({ deed: z.literal('close-incident'), target: z.string().regex(/^\d{1,15}$/) }),
])

const verdict = z.discriminatedUnion('verdict', [
  z.strictObject({ verdict: z.literal('release') }),
  z.strictObject({ verdict: z.literal('label'), sensitivity: z.array(word).min(1).max(20) }),
])

const file = z.record(z.string().max(40), z.unknown())

const requestDeed = z.discriminatedUnion('deed', [
  z.strictObject({ deed: z.literal('receive'), file }),
  z.strictObject({ deed: z.enum(['extend', 'close']), id, file }),
])

const breachDeed = z.discriminatedUnion('deed', [
  z.strictObject({ deed: z.literal('discover'), file }),
  z.strictObject({ deed: z.enum(['assess', 'tell']), id, file }),
  z.strictObject({ deed: z.literal('close'), id }),
])

/** Everything that a page can ask for, or do; each asks the table of rights, and is on the ledger before it answers. */
export const QUESTIONS: readonly Question[] = [
  ...LIST_QUESTIONS,
  question('/overview', nothing, ({ house, signed }) => overview(house, signed.staff)),
  question('/clients', z.strictObject({ words: z.string().min(2).max(100) }), ({ house, signed }, { words }) =>
    searchClients(house, signed.staff, words),
  ),
  question('/partner-names', nothing, ({ house, signed }) => partnerNames(house, signed.staff)),
  question('/disclosures/explain', z.strictObject({ seq: z.int().positive() }), ({ house, signed }, { seq }) =>
    explainDisclosure(house, signed.staff, seq),
  ),
  question('/disclosures/prove', z.strictObject({ id }), ({ house, signed }, input) => proofShown(house, signed.staff, input.id)),
  question('/requests/handle', requestDeed, ({ house, signed }, input) => handleRequest(house, signed.staff, input)),
  question('/breaches/handle', breachDeed, ({ house, signed }, input) => handleBreach(house, signed.staff, input)),
  question('/searches', nothing, ({ house, signed }) => savedSearches(house, signed.staff)),
  question(
    '/searches/save',
    z.strictObject({ name: z.string().min(1).max(60), query: disclosureFilter }),
    ({ house, signed }, input) => saveSearch(house, signed.staff, input.name, input.query),
  ),
  question('/searches/drop', z.strictObject({ id }), ({ house, signed }, input) => dropSearch(house, signed.staff, input.id)),
  question('/consents/explain', z.strictObject({ id }), ({ house, signed }, input) =>
    explainConsent(house, signed.staff, input.id),
  ),
  question('/withheld/decide', z.strictObject({ id: z.string().max(300), decided: verdict }), ({ house, signed }, input) =>
    decideText(house, signed.staff, input.id, input.decided),
  ),
  question(
    '/withheld/decide-consent',
    z.strictObject({ id, version: z.int().positive(), decision: z.enum(['accepted', 'refused']) }),
    ({ house, signed }, input) => decideDoubtful(house, signed.staff, input.id, input.version, input.decision),
  ),
  question('/withheld/labels', nothing, ({ house, signed }) => labelsToGive(house, signed.staff)),
  question(
    '/referrals/figures',
    z.strictObject({ partner: word.optional(), patient: id.optional() }),
    ({ house, signed }, query) => referralFigures(house, signed.staff, query),
  ),
  question('/referrals/steps', z.strictObject({ id }), ({ house, signed }, input) =>
    referralSteps(house, signed.staff, input.id),
  ),
  question('/deliveries/health', nothing, ({ house, signed }) => deliveryHealth(house, signed.staff)),
  question('/deliveries/state', nothing, ({ house, signed }) => deliveryState(house, signed.staff)),
  question('/deliveries/operate', deed, ({ house, signed }, input) => operate(house, signed.staff, input)),
  question('/integrity', nothing, ({ house, signed }) => integrityState(house, signed.staff)),
  question('/integrity/verify', nothing, ({ house, signed }) => beginCheck(house, signed.staff)),
  question('/simulate', z.strictObject({ patient: id, left: side, right: side }), ({ house, signed }, input) =>
    simulate(house, signed.staff, input),
  ),
  question('/staff/end-sessions', z.strictObject({ id }), ({ house, signed }, input) =>
    signOutStaff(house, signed.staff, input.id),
  ),
  question(
    '/proposals/make',
    z.discriminatedUnion('action', [
      z.strictObject({ action: z.literal('replay'), target, why: word }),
      z.strictObject({
        action: z.literal('emergency-review'),
        target,
        finding: z.enum(['justified', 'not-justified']),
        why: word,
      }),
    ]),
    ({ house, signed }, input) => propose(house, signed.staff, input),
  ),
  question('/proposals/decide', z.strictObject({ id, outcome: z.enum(['confirmed', 'refused']) }), ({ house, signed }, input) =>
    decideProposal(house, signed.staff, input.id, input.outcome),
  ),
]
