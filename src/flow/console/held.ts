// In: who asks for what waits for a person. Out: messages that were not taken, and texts that no rule is sure of.
// Never: decides by itself; until a person has decided, nobody is shown what waits.
import { LABELS_TO_GIVE } from '../../labelling/world.ts'
import type { HeldFreeText, HeldMessage } from '../../model/console-withheld.ts'
import type { Sensitivity } from '../../model/label.ts'
import { may, type StaffMember } from '../../model/staff.ts'
import { ok, type Result } from '../../platform/result.ts'
import { listHeldMessages, MESSAGE_KEYS } from '../../store/held-messages.ts'
import { QUEUE_KEYS } from '../../store/reviews.ts'
import type { House } from '../house.ts'
import { decideHeldText, textsInPart } from '../reviews.ts'
import { acceptsBy, cut, oneMore, type ConsoleList } from './list.ts'
import { act, type Place } from './look.ts'
import { clientNames } from './names.ts'

const WITHHELD: Place = { name: 'withheld', permission: 'withheld.read' }

/** Labels that a person may give to a text. */
export const labelsToGive = (house: House, who: StaffMember): Promise<Result<readonly string[]>> =>
  act(house, who, WITHHELD, () => Promise.resolve(ok([...LABELS_TO_GIVE].sort())))

/** Messages that were not taken, with their faults. */
export const messageList: ConsoleList<'messages', object, HeldMessage> = {
  name: 'messages',
  permission: 'withheld.read',
  accepts: acceptsBy(MESSAGE_KEYS),
  read: async (house, _who, _query, part) => {
    const { shown, ...next } = cut(await listHeldMessages(house.db, oneMore(part)), part.limit)
    const rows = shown.map(({ issues, position: _position, ...row }) => ({
      ...row,
      faults: issues.map(({ path, message }) => ({ path, message })),
    }))
    return { rows, ...next }
  },
  cells: {
    message: ({ id }) => id,
    sender: ({ sender }) => sender,
    what: ({ what }) => what,
    'received (UTC)': ({ receivedAt }) => receivedAt,
    faults: ({ faults }) => faults.map(({ path, message }) => `${path}: ${message}`).join('; '),
  },
}

/** Texts with the rules that doubt; the words only for who may decide. */
export const textList: ConsoleList<'texts', object, HeldFreeText> = {
  name: 'texts',
  permission: 'withheld.read',
  accepts: acceptsBy(QUEUE_KEYS),
  read: async (house, who, _query, part) => {
    const { held, ...next } = await textsInPart(house, part)
    const patients = held.flatMap(({ patient }) => patient ?? [])
    const clientOf = await clientNames(house, who, patients)
    const rows = held.map(({ id, record, patient, origin, pointer, text, rules }): HeldFreeText => ({
      id,
      record,
      origin,
      place: pointer === '' ? 'the whole record' : pointer,
      text: may(who.role, 'withheld.decide') ? text : '',
      rules,
      ...(patient === undefined ? {} : { client: clientOf(patient) }),
    }))
    return { rows, patients, ...next }
  },
  // without the words: a file goes where nobody sees who reads it
  cells: {
    text: ({ id }) => id,
    record: ({ record }) => record,
    client: ({ client }) => client?.id ?? '',
    origin: ({ origin }) => origin,
    place: ({ place }) => place,
    rules: ({ rules }) => rules.join(' '),
  },
}

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
