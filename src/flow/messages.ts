import { refI12ToFhir } from '../../mappings/hl7v2/ref-i12.to-fhir.ts'
import { rriToTransition } from '../../mappings/hl7v2/rri-i12.ts'
import { acknowledge, ackOf, controlIdGuess } from '../formats/hl7v2/acknowledge.ts'
import { controlIdOf, messageType, parse, type Message } from '../formats/hl7v2/message.ts'
import { timeOfInstant } from '../formats/hl7v2/time.ts'
import type { Partner } from '../model/partner.ts'
import { derivedId } from '../platform/ids.ts'
import { problem } from '../platform/problem.ts'
import { fail, ok, type Result } from '../platform/result.ts'
import { keepRaw, settleRaw } from '../store/raw.ts'
import { readRecord } from '../store/records.ts'
import { queueReferrals } from './deliveries.ts'
import type { House } from './house.ts'
import { moveReferral, withOrigins } from './referrals.ts'
import { settle, type Kept } from './settle.ts'
import { visibleMatches } from './visible.ts'
import { write } from './writing.ts'

/**
 * Takes one HL7 v2 message of an authenticated peer: kept as it came, read, settled; the answer is given after the commit.
 * The same message again changes nothing and gets the same answer.
 * @param peer the partner, as its certificate proved; MSH-3 and MSH-4 have no say in it
 * @returns the acknowledgement
 */
export const receiveMessage = async (house: House, peer: Partner, bytes: Uint8Array): Promise<Uint8Array> => {
  const parsed = parse(bytes)
  const controlId = parsed.ok ? controlIdOf(parsed.value) : controlIdGuess(Buffer.from(bytes).toString('latin1'))
  const raw = await house.db.transact((tx) =>
    keepRaw(tx, {
      id: house.newId(),
      sender: peer.id,
      key: controlId === '' ? 'none' : controlId,
      mediaType: 'x-application/hl7-v2+er7',
      content: bytes,
      at: house.clock.now(),
    }),
  )
  const taken = parsed.ok ? await take(house, peer, parsed.value, raw.id) : parsed
  if (!taken.ok) await house.db.transact((tx) => settleRaw(tx, raw.id, 'held', taken.error.issues ?? []))
  const by = {
    controlId: house.newId().replaceAll('-', '').slice(-20),
    time: timeOfInstant(house.clock.now(), house.settings.zone),
    application: 'MISSION-GATEWAY',
    facility: 'MISSION',
  }
  const original = parsed.ok ? parsed.value : undefined
  const ack = taken.ok
    ? acknowledge(by, 'AA', original, controlId)
    : acknowledge(by, ackOf(taken.error).code, original, controlId, taken.error)
  return Buffer.from(ack, 'utf8')
}

const take = async (house: House, peer: Partner, message: Message, rawId: string): Promise<Result<true>> => {
  const { code } = messageType(message)
  if (code === 'RRI') return takeAnswer(house, peer, message, rawId)
  if (code === 'REF') return takeReferral(house, peer, message, rawId)
  return fail(
    problem('unsupported', 'message-type-unsupported', {
      detail: `MSH-9 ${/^[A-Z0-9]{3}$/.test(code) ? code : ''} is not taken here`,
    }),
  )
}

/** An answer to a referral of ours: moves it on, as far as this peer may. */
const takeAnswer = async (house: House, peer: Partner, message: Message, rawId: string): Promise<Result<true>> => {
  const answer = rriToTransition(message)
  if (!answer.ok) return answer
  return write(house, async (writing) => {
    const taskId = await taskOf(house, writing, peer, answer.value.referralId)
    const record = taskId === undefined ? undefined : await readRecord(writing.tx, 'Task', taskId)
    if (record?.resource.resourceType !== 'Task')
      return fail(
        problem('not-found', 'referral-unknown', {
          issues: [{ path: 'RF1-6', message: 'names no referral', severity: 'error', code: 'not-found' }],
        }),
      )
    const { to, reason } = answer.value
    const wish = { status: to, ...(reason === undefined ? {} : { statusReason: { text: reason } }) }
    const moved = await moveReferral(house, writing, peer, record.resource, wish)
    if (!moved.ok) return moved
    const settled = await settle(house, writing, peer.id, await withOrigins(writing.tx, moved.value))
    if (!settled.ok) return settled
    await settleRaw(writing.tx, rawId, 'mapped')
    return ok(true)
  })
}

/** The referral that a peer means, among those that it may see. */
const taskOf = async (
  house: House,
  writing: { tx: Parameters<typeof readRecord>[0] },
  peer: Partner,
  referralId: string,
): Promise<string | undefined> => {
  if (!/^[A-Za-z0-9.-]{1,64}$/.test(referralId)) return undefined
  for (const purpose of peer.purposes) {
    const found = await visibleMatches(
      house,
      writing.tx,
      { partner: peer.id, purposes: [purpose] },
      'Task',
      `focus=ServiceRequest/${referralId}`,
    )
    if (found.ok && found.value[0] !== undefined) return found.value[0]
  }
  return undefined
}

/** A referral to the programme: its records keep the peer as their origin. */
const takeReferral = async (house: House, peer: Partner, message: Message, rawId: string): Promise<Result<true>> => {
  const programme = (await house.partners.all()).find((partner) => partner.isActive && partner.kinds.includes('programme'))
  const zone = peer.channels.find((channel) => channel.kind === 'hl7v2')?.zone ?? house.settings.zone
  const mapped = refI12ToFhir(message, { peer: peer.id, programme: programme?.id ?? '', zone, derivedId })
  if (!mapped.ok) return mapped
  const resources = mapped.value.resources.filter((resource): resource is Kept => resource.id !== undefined)
  const origin = { partner: peer.id, isPart2: peer.kinds.includes('part2-program') }
  return write(house, async (writing) => {
    const settled = await settle(
      house,
      writing,
      peer.id,
      resources.map((resource) => ({ resource, origin })),
    )
    if (!settled.ok) return settled
    await queueReferrals(house, writing.tx, peer.id, resources)
    await settleRaw(writing.tx, rawId, 'mapped')
    return ok(true)
  })
}
