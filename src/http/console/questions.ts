import { z } from 'zod'
import { breachLines, handleBreach } from '../../flow/console/breaches.ts'
import { explainConsent, listConsents } from '../../flow/console/consents.ts'
import { deliveryState, listItems, operate } from '../../flow/console/deliveries.ts'
import { explainDisclosure, listDisclosures } from '../../flow/console/disclosures.ts'
import { decideDoubtful, doubtfulConsents } from '../../flow/console/doubtful-consents.ts'
import { listEmergencies } from '../../flow/console/emergencies.ts'
import { decideText, listHeld } from '../../flow/console/held.ts'
import { beginCheck, integrityState } from '../../flow/console/integrity.ts'
import { searchClients } from '../../flow/console/names.ts'
import { overview } from '../../flow/console/overview.ts'
import { partnerLines, partnerNames } from '../../flow/console/partners.ts'
import { decideProposal, propose } from '../../flow/console/proposals.ts'
import { proofShown } from '../../flow/console/proofs.ts'
import { listReferrals, referralSteps } from '../../flow/console/referrals.ts'
import { handleRequest, listPatientRequests } from '../../flow/console/requests.ts'
import { dropSearch, savedSearches, saveSearch } from '../../flow/console/searches.ts'
import { simulate } from '../../flow/console/simulate.ts'
import { signOutStaff, staffLines } from '../../flow/console/staff.ts'
import { question, type Question } from './question.ts'
import { disclosureFilter, id, page } from './shapes.ts'

const word = z.string().min(1).max(200)
const nothing = z.strictObject({})
const target = z.string().min(1).max(200)

const side = z.strictObject({ partner: word, at: z.iso.datetime({ offset: true }).optional(), afterRevoking: id.optional() })

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
  question('/overview', nothing, ({ house, signed }) => overview(house, signed.staff)),
  question('/clients', z.strictObject({ words: z.string().min(2).max(100) }), ({ house, signed }, { words }) =>
    searchClients(house, signed.staff, words),
  ),
  question('/partner-names', nothing, ({ house, signed }) => partnerNames(house, signed.staff)),
  question('/disclosures', z.strictObject({ filter: disclosureFilter, ...page }), ({ house, signed }, { filter, next }) =>
    listDisclosures(house, signed.staff, filter, next),
  ),
  question('/disclosures/explain', z.strictObject({ seq: z.int().positive() }), ({ house, signed }, { seq }) =>
    explainDisclosure(house, signed.staff, seq),
  ),
  question('/disclosures/prove', z.strictObject({ id }), ({ house, signed }, input) => proofShown(house, signed.staff, input.id)),
  question('/requests', nothing, ({ house, signed }) => listPatientRequests(house, signed.staff)),
  question('/requests/handle', requestDeed, ({ house, signed }, input) => handleRequest(house, signed.staff, input)),
  question('/breaches', nothing, ({ house, signed }) => breachLines(house, signed.staff)),
  question('/breaches/handle', breachDeed, ({ house, signed }, input) => handleBreach(house, signed.staff, input)),
  question('/searches', nothing, ({ house, signed }) => savedSearches(house, signed.staff)),
  question(
    '/searches/save',
    z.strictObject({ name: z.string().min(1).max(60), query: disclosureFilter }),
    ({ house, signed }, input) => saveSearch(house, signed.staff, input.name, input.query),
  ),
  question('/searches/drop', z.strictObject({ id }), ({ house, signed }, input) => dropSearch(house, signed.staff, input.id)),
  question(
    '/consents',
    z.strictObject({ patient: id.optional(), status: word.optional(), ...page }),
    ({ house, signed }, query) => listConsents(house, signed.staff, query),
  ),
  question('/consents/explain', z.strictObject({ id }), ({ house, signed }, input) =>
    explainConsent(house, signed.staff, input.id),
  ),
  question('/withheld', nothing, ({ house, signed }) => listHeld(house, signed.staff)),
  question('/withheld/decide', z.strictObject({ id: z.string().max(300), decided: verdict }), ({ house, signed }, input) =>
    decideText(house, signed.staff, input.id, input.decided),
  ),
  question('/withheld/consents', nothing, ({ house, signed }) => doubtfulConsents(house, signed.staff)),
  question(
    '/withheld/decide-consent',
    z.strictObject({ id, version: z.int().positive(), decision: z.enum(['accepted', 'refused']) }),
    ({ house, signed }, input) => decideDoubtful(house, signed.staff, input.id, input.version, input.decision),
  ),
  question('/emergencies', nothing, ({ house, signed }) => listEmergencies(house, signed.staff)),
  question(
    '/referrals',
    z.strictObject({ partner: word.optional(), patient: id.optional(), state: word.optional() }),
    ({ house, signed }, query) => listReferrals(house, signed.staff, query),
  ),
  question('/referrals/steps', z.strictObject({ id }), ({ house, signed }, input) =>
    referralSteps(house, signed.staff, input.id),
  ),
  question(
    '/deliveries',
    z.strictObject({ partner: word.optional(), state: word.optional(), ...page }),
    ({ house, signed }, query) => listItems(house, signed.staff, query),
  ),
  question('/deliveries/state', nothing, ({ house, signed }) => deliveryState(house, signed.staff)),
  question('/deliveries/operate', deed, ({ house, signed }, input) => operate(house, signed.staff, input)),
  question('/integrity', nothing, ({ house, signed }) => integrityState(house, signed.staff)),
  question('/integrity/verify', nothing, ({ house, signed }) => beginCheck(house, signed.staff)),
  question('/partners', nothing, ({ house, signed }) => partnerLines(house, signed.staff)),
  question('/simulate', z.strictObject({ patient: id, left: side, right: side }), ({ house, signed }, input) =>
    simulate(house, signed.staff, input),
  ),
  question('/staff', nothing, ({ house, settings, signed }) => staffLines(house, signed.staff, settings.times)),
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
