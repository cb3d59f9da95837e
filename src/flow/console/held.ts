// In: who asks for what waits for a person. Out: messages that were not taken, and texts that no rule is sure of.
// Never: decides by itself; until a person has decided, nobody is shown what waits.
import { LABELS_TO_GIVE } from '../../labelling/world.ts'
import type { HeldFreeText, HeldMessage } from '../../model/console-withheld.ts'
import type { Sensitivity } from '../../model/label.ts'
import { may, type StaffMember } from '../../model/staff.ts'
import type { Issue } from '../../platform/problem.ts'
import { ok, type Result } from '../../platform/result.ts'
import type { House } from '../house.ts'
import { decideHeldText, textsHeld } from '../reviews.ts'
import { act, look, type Place } from './look.ts'
import { clientNames } from './names.ts'

const PAGE = 50
const WITHHELD: Place = { name: 'withheld', permission: 'withheld.read' }

interface MessageRow {
  readonly id: string
  readonly sender: string
  readonly what: string
  readonly receivedAt: string
  readonly issues: readonly Issue[]
}

const MESSAGES = `
  select id, sender, what, "receivedAt", issues from (
    select id::text, sender, split_part(key, '/', 1) as what, received_at as "receivedAt", issues from raw_message where state = 'held'
    union all
    select id::text, partner, channel, at, issues from exchange where state = 'held'
  ) as held order by "receivedAt" desc limit $1`

/** What is held at the door and what is held inside. */
export interface Held {
  readonly messages: readonly HeldMessage[]
  readonly texts: readonly HeldFreeText[]
  /** Labels that a person may give. */
  readonly labels: readonly string[]
}

/** Everything that waits: messages with their faults, and texts with the rules that doubt; the words only for who may decide. */
export const listHeld = (house: House, who: StaffMember): Promise<Result<Held>> =>
  look(house, who, WITHHELD, async () => {
    const rows = await house.db.query<MessageRow>(MESSAGES, [PAGE])
    const held = await textsHeld(house, { limit: PAGE })
    const patients = held.flatMap(({ patient }) => patient ?? [])
    const clientOf = await clientNames(house, who, patients)
    const page: Held = {
      messages: rows.map(({ issues, ...row }) => ({
        ...row,
        faults: issues.map(({ path, message }) => ({ path, message })),
      })),
      texts: held.map(({ id, record, patient, origin, pointer, text, rules }) => ({
        id,
        record,
        origin,
        place: pointer === '' ? 'the whole record' : pointer,
        text: may(who.role, 'withheld.decide') ? text : '',
        rules,
        ...(patient === undefined ? {} : { client: clientOf(patient) }),
      })),
      labels: [...LABELS_TO_GIVE].sort(),
    }
    return ok({ page, patients })
  })

/** What a person decides about a text. */
export type TextVerdict = { readonly verdict: 'release' } | { readonly verdict: 'label'; readonly sensitivity: readonly string[] }

/** Releases a text, or labels it; who may have its record is decided again at once. */
export const decideText = (house: House, who: StaffMember, id: string, decided: TextVerdict): Promise<Result<string>> =>
  act(house, who, { ...WITHHELD, permission: 'withheld.decide' }, async () => {
    const given =
      decided.verdict === 'release'
        ? decided
        : { verdict: 'label' as const, sensitivity: decided.sensitivity.filter((one): one is Sensitivity => isLabel(one)) }
    const done = await decideHeldText(house, id, given, { by: who.id, role: who.role })
    return done.ok ? ok(done.value.id) : done
  })

const isLabel = (word: string): word is Sensitivity => [...LABELS_TO_GIVE].some((one) => one === word)
