// In: HL7 v2 messages of authenticated peers, and their immediate answers to messages of ours. Out: the acknowledgement, after the commit.
// Never: takes the same message twice, believes MSH-3 or MSH-4, or says AE or AR of a move that the table of states forbids.
import { claimExchange, keepExchange, settleExchange } from '../delivery/exchange.ts'
import { acknowledge, ackOf, ackWish, controlIdGuess, type AckCode, type AckWish } from '../formats/hl7v2/acknowledge.ts'
import { encodeText } from '../formats/hl7v2/charset.ts'
import { controlIdOf, messageType, parse, serializeBytes, type Message } from '../formats/hl7v2/message.ts'
import { joinedAnswers, onePiece } from '../formats/hl7v2/mllp-frame.ts'
import { messagesOf, parseBatch } from '../formats/hl7v2/batch.ts'
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
 * @returns the acknowledgement: of a batch a batch of them; in enhanced mode several, see `joinedAnswers`
 */
export const receiveMessage = async (house: House, peer: Partner, bytes: Uint8Array): Promise<Uint8Array> => {
  const batch = isBatch(bytes) ? parseBatch(bytes) : undefined
  if (batch?.ok !== true) return receiveOne(house, peer, bytes)
  const answers: Uint8Array[] = []
  for (const message of messagesOf(batch.value)) answers.push(await receiveOne(house, peer, serializeBytes(message)))
  return answerBatch(answers)
}

const receiveOne = (house: House, peer: Partner, bytes: Uint8Array): Promise<Uint8Array> =>
  receive(house, peer, bytes, (outcome, original, controlId) => acknowledgement(house, outcome, original, controlId))

/** Whether a file or a batch begins here, behind a byte order mark and white space. */
const isBatch = (bytes: Uint8Array): boolean => /^[^A-Za-z]*[FB]HS/.test(Buffer.from(bytes.subarray(0, 64)).toString('latin1'))

/** The acknowledgements of the messages of a batch, in their order, as a batch. @spec HL7 v2.5.1 §2.10.3 */
const answerBatch = (answers: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([
    Buffer.from('BHS|^~\\&|MISSION-GATEWAY|MISSION\r'),
    ...answers.map(onePiece),
    Buffer.from(`BTS|${String(answers.length)}\r`),
  ])

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

const acknowledgement = (house: House, outcome: Result<unknown>, original: Message | undefined, controlId: string): Uint8Array =>
  joinedAnswers(
    ackCodes(outcome, original).map((code) => {
      const ack = acknowledge(
        acknowledger(house),
        code,
        original,
        controlId,
        outcome.ok || code === 'CA' ? undefined : outcome.error,
      )
      return original === undefined ? Buffer.from(ack, 'utf8') : encodeText(ack, original.charset)
    }),
  )

const acknowledger = (house: House) => ({
  controlId: house.newId().replaceAll('-', '').slice(-20),
  time: timeOfInstant(house.clock.now(), house.settings.zone),
  application: 'MISSION-GATEWAY',
  facility: 'MISSION',
})

/**
 * In original mode what came of the message; in enhanced mode first whether it is kept, then what came of it, each as the sender wishes.
 * What is not kept for good, or is of no kind that is taken here, ends with the first answer.
 * @spec HL7 v2.5.1 §2.9.3
 */
const ackCodes = (outcome: Result<unknown>, original: Message | undefined): readonly AckCode[] => {
  const application: AckCode = outcome.ok ? 'AA' : ackOf(outcome.error).code
  const wish = original === undefined ? undefined : ackWish(original)
  if (wish === undefined || wish.mode === 'original') return [application]
  const isKept = outcome.ok || (FINAL.has(outcome.error.kind) && outcome.error.kind !== 'unsupported')
  const wanted = (one: AckWish['accept'], isGood: boolean): boolean => (isGood ? one.onSuccess : one.onError)
  const refusal: AckCode = application === 'AR' ? 'CR' : 'CE'
  if (!isKept && wanted(wish.accept, false)) return [refusal]
  if (!isKept) return wanted(wish.application, false) ? [application] : []
  const commit: readonly AckCode[] = wanted(wish.accept, true) ? ['CA'] : []
  return wanted(wish.application, outcome.ok) ? [...commit, application] : commit
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
