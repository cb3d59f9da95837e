// In: the ledger, and the heads that were published outside the database. Out: how far they cover it, and whether it still is what they say.
// Never: trusts the database about itself: every entry is hashed again.
import { keepCheck, lastChecks, ledgerSize, type Broken } from '../../audit/checks.ts'
import { ledgerRows } from '../../audit/files.ts'
import type { SignedHead } from '../../audit/head.ts'
import { createVerifier } from '../../audit/verify.ts'
import type { IntegrityState } from '../../model/console.ts'
import type { StaffMember } from '../../model/staff.ts'
import { msOf } from '../../model/time.ts'
import { problem } from '../../platform/problem.ts'
import { fail, ok, type Result } from '../../platform/result.ts'
import type { House } from '../house.ts'
import { act, look, lookEntry, type Place } from './look.ts'

const INTEGRITY: Place = { name: 'integrity', permission: 'integrity.read' }
const VERIFY: Place = { name: 'integrity/verify', permission: 'integrity.verify' }

/** A check that is under way in this gateway: one at a time. */
let running: { done: number; readonly of: number } | undefined

/** How long the ledger is, how far published heads cover it, and what the last checks found. */
export const integrityState = (house: House, who: StaffMember): Promise<Result<IntegrityState>> =>
  look(house, who, INTEGRITY, async () => {
    // before the checks are read: one that ends meanwhile is then seen as running, and never as neither
    const underWay = running === undefined ? undefined : { ...running }
    const [size, published, checks] = await Promise.all([ledgerSize(house.db), house.heads.published(), lastChecks(house.db)])
    if (!published.ok) return published
    const heads = published.value
    const last = heads.reduce<(typeof heads)[number] | undefined>(
      (far, one) => (one.size > (far?.size ?? 0) ? one : far),
      undefined,
    )
    const page: IntegrityState = {
      size,
      heads: heads.length,
      uncovered: size - (last?.size ?? 0),
      checks: checks.map(({ by, startedAt, endedAt, size: checked, broken }) => ({
        at: endedAt,
        by,
        size: checked,
        tookMs: msOf(endedAt) - msOf(startedAt),
        ...(broken === null ? {} : { broken: brokenWords(broken) }),
      })),
      ...(last === undefined ? {} : { head: { size: last.size, at: last.at, root: last.root, keyId: last.keyId } }),
      ...(underWay === undefined ? {} : { running: underWay }),
    }
    return ok({ page })
  })

const brokenWords = ({ what, at, until }: Broken): string =>
  `${what.replaceAll('-', ' ')} at entry ${String(at)}${until === undefined ? '' : ` to ${String(until)}`}`

/** Begins a check of every entry against the published heads; `integrityState` tells how far it is. One at a time. */
export const beginCheck = (house: House, who: StaffMember): Promise<Result<'begun'>> =>
  act(house, who, VERIFY, async () => {
    if (running !== undefined) return fail(problem('conflict', 'check-running', { detail: 'a check is under way' }))
    // heads first: what is appended meanwhile is behind the last of them
    const heads = await house.heads.published()
    if (!heads.ok) return heads
    running = { done: 0, of: await ledgerSize(house.db) }
    await house.ledger.append({ ...lookEntry(house, who, VERIFY, {}), action: 'verify' })
    check(house, who, heads.value)
      .catch(() => {
        house.log('gateway.fault', { where: 'console', error: 'check', code: 'ledger-check', frames: [] })
      })
      .finally(() => {
        running = undefined
      })
    return ok('begun')
  })

const check = async (house: House, who: StaffMember, heads: readonly SignedHead[]): Promise<void> => {
  const startedAt = house.clock.now()
  const verifier = createVerifier(heads, house.heads.keys)
  let size = 0
  for await (const row of ledgerRows(house.db)) {
    verifier.take(row)
    size += 1
    if (running !== undefined) running.done = size
    if (verifier.isDecided()) break
  }
  const verified = verifier.finish()
  await keepCheck(house.db, house.newId(), who.id, {
    startedAt,
    endedAt: house.clock.now(),
    size,
    broken: verified.ok ? null : verified.error,
  })
}
