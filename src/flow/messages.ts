// In: HL7 v2 messages of authenticated peers, and their immediate answers to messages of ours. Out: the acknowledgement, after the commit.
// Never: takes the same message twice, believes MSH-3 or MSH-4, or says AE or AR of a move that the table of states forbids.
import { claimExchange, keepExchange, settleExchange } from '../delivery/exchange.ts'
import { acknowledge, ackOf, controlIdGuess } from '../formats/hl7v2/acknowledge.ts'
import { controlIdOf, messageType, parse, type Message } from '../formats/hl7v2/message.ts'
import { timeOfInstant } from '../formats/hl7v2/time.ts'
import type { Partner } from '../model/partner.ts'
import { plusMs } from '../model/time.ts'
import { problem, type Issue, type Problem, type ProblemKind } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import type { House } from './house.ts'
import { takeReferral } from './referral-messages.ts'
import type { Arrived, Taken } from './message-outcome.ts'
import { takeClinical } from './clinical-messages.ts'
import { takeOsu, takeRri } from './referral-answers.ts'
import { write, type Writing } from './writing.ts'

/** So long the bytes of a message are kept, encrypted; digests and outcomes stay. */
export const EXCHANGE_KEPT_DAYS = 90

/**
 * Takes one HL7 v2 message of an authenticated peer: kept as it came, read, settled; the answer is given after the commit.
 * The same message again changes nothing and gets the same answer.
 * @param peer the partner, as its certificate proved; MSH-3 and MSH-4 have no say in it
 * @returns the acknowledgement
 */
export const receiveMessage = (house: House, peer: Partner, bytes: Uint8Array): Promise<Uint8Array> =>
  receive(house, peer, bytes, (outcome, original, controlId) => acknowledgement(house, outcome, original, controlId))

/**
 * Takes what a peer answered at once to a message of ours: an RRI moves the referral, as if it had come by itself; an ACK says no more.
 * @throws DbError when the store does not answer
 */
export const receiveReply = async (house: House, peer: Partner, bytes: Uint8Array): Promise<void> => {
  const parsed = parse(bytes)
  if (!parsed.ok || messageType(parsed.value).code !== 'RRI') return
  await receive(house, peer, bytes, () => NOTHING_TO_SAY)
}

const NOTHING_TO_SAY = new Uint8Array()

type Answering = (outcome: Result<unknown>, original: Message | undefined, controlId: string) => Uint8Array

const receive = async (house: House, peer: Partner, bytes: Uint8Array, answering: Answering): Promise<Uint8Array> => {
  const parsed = parse(bytes)
  const controlId = parsed.ok ? controlIdOf(parsed.value) : controlIdGuess(Buffer.from(bytes).toString('latin1'))
  const original = parsed.ok ? parsed.value : undefined
  const at = house.clock.now()
  const kept = await house.db.transact((tx) =>
    keepExchange(tx, house.exchangeKeys, {
      id: house.newId(),
      partner: peer.id,
      direction: 'in',
      channel: 'hl7v2',
      controlId,
      bytes,
      at,
      keepUntil: plusMs(at, EXCHANGE_KEPT_DAYS * 86_400_000),
    }),
  )
  if (kept.answer !== undefined) return kept.answer
  const notes = kept.isCollision ? [REUSED] : []
  const taken = await write(house, async (writing) => {
    const former = await claimExchange(writing.tx, house.exchangeKeys, kept.id)
    if (former !== undefined) return ok(former)
    const done = parsed.ok ? await take(house, writing, { id: kept.id, peer, message: parsed.value, controlId }) : parsed
    if (!done.ok) return done
    const answer = answering(done, original, controlId)
    const outcome = { state: 'mapped', issues: [...notes, ...done.value.issues], answer, at: house.clock.now() } as const
    await settleExchange(writing.tx, house.exchangeKeys, kept.id, outcome)
    return ok(answer)
  })
  return taken.ok ? taken.value : holdMessage(house, kept.id, taken.error, answering(taken, original, controlId), notes)
}

const REUSED: Issue = {
  path: 'MSH-10',
  message: 'stood in a different message of this peer before',
  severity: 'warning',
  code: 'duplicate',
}

/** Problems that sending the same bytes again cannot mend: their answer is kept, and given again. */
const FINAL: ReadonlySet<ProblemKind> = new Set(['invalid', 'unsupported', 'forbidden', 'unauthenticated'])

const holdMessage = async (
  house: House,
  id: string,
  why: Problem,
  answer: Uint8Array,
  notes: readonly Issue[],
): Promise<Uint8Array> =>
  house.db.transact(async (tx) => {
    const former = await claimExchange(tx, house.exchangeKeys, id)
    if (former !== undefined) return former
    const told = why.issues ?? [{ path: '', message: why.code, severity: 'error', code: 'processing' }]
    const last = FINAL.has(why.kind) ? { answer } : {}
    const outcome = { state: 'held', issues: [...notes, ...told], at: house.clock.now(), ...last } as const
    await settleExchange(tx, house.exchangeKeys, id, outcome)
    return answer
  })

const acknowledgement = (
  house: House,
  outcome: Result<unknown>,
  original: Message | undefined,
  controlId: string,
): Uint8Array => {
  const by = {
    controlId: house.newId().replaceAll('-', '').slice(-20),
    time: timeOfInstant(house.clock.now(), house.settings.zone),
    application: 'MISSION-GATEWAY',
    facility: 'MISSION',
  }
  const ack = outcome.ok
    ? acknowledge(by, 'AA', original, controlId)
    : acknowledge(by, ackOf(outcome.error).code, original, controlId, outcome.error)
  return Buffer.from(ack, 'utf8')
}

const take = async (house: House, writing: Writing, arrived: Arrived): Promise<Result<Taken>> => {
  const { code } = messageType(arrived.message)
  if (code === 'RRI') return takeRri(house, writing, arrived)
  if (code === 'OSU') return takeOsu(house, writing, arrived)
  if (code === 'REF') return takeReferral(house, writing, arrived)
  const clinical = await takeClinical(house, writing, arrived)
  if (clinical !== undefined) return clinical
  return fail(
    problem('unsupported', 'message-type-unsupported', {
      detail: `MSH-9 ${/^[A-Z0-9]{3}$/.test(code) ? code : ''} is not taken here`,
    }),
  )
}
