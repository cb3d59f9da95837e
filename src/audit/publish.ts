import { AsyncLocalStorage } from 'node:async_hooks'
import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { Clock } from '../platform/clock.ts'
import type { Db } from '../platform/db.ts'
import { invariant } from '../platform/invariant.ts'
import { EMPTY_FRONTIER, growTree, rootOf } from './chain.ts'
import type { Frontier } from './chain.ts'
import { frontierOf, isSignedBy, signHead } from './head.ts'
import type { HeadSink, SignedHead } from './head.ts'

interface PublisherOptions {
  readonly key: KeyObject
  readonly headSink: HeadSink
  readonly clock: Clock
  readonly headEveryEntries?: number
  readonly headEveryMs?: number
  readonly onHeadFailure?: (error: unknown) => void
}

/** Signs and publishes what the ledger has come to. */
export interface HeadPublisher {
  /** Says that entries were appended, so that a head falls due. */
  readonly noteAppended: (count: number) => void
  readonly publish: () => Promise<SignedHead | undefined>
  readonly close: () => Promise<void>
}

interface Row {
  readonly seq: number
  readonly hash: string
}

const PAGE = 10_000
const NEXT = `select seq, encode(hash, 'hex') as hash from ledger where seq > $1 order by seq limit ${PAGE}`
const AT = `select seq, encode(hash, 'hex') as hash from ledger where seq = $1`

/** @throws InvariantError from `publish` when the ledger is not the one that the last head was about: somebody changed it */
export const headPublisher = (db: Db, options: PublisherOptions): HeadPublisher => {
  const { key, headSink, clock, headEveryEntries = 1_000, headEveryMs = 10_000, onHeadFailure = () => undefined } = options
  let frontier: Frontier | undefined
  let lastLink = ''
  let since = 0
  let timer: NodeJS.Timeout | undefined
  let turn: Promise<unknown> = Promise.resolve()

  const resume = async (): Promise<Frontier> => {
    const last = await headSink.last()
    if (last === undefined) return EMPTY_FRONTIER
    invariant(isSignedBy(last, [createPublicKey(key)]), 'the last published head is signed with our key')
    const resumed = frontierOf(last)
    invariant(rootOf(resumed).toString('hex') === last.root, 'the last published head is whole')
    lastLink = last.hash
    return resumed
  }

  const publishNow = async (): Promise<SignedHead | undefined> => {
    clearTimeout(timer)
    timer = undefined
    since = 0
    frontier ??= await resume()
    await confirm(db, frontier.size, lastLink)
    const { tree, link } = await grow(db, frontier, lastLink)
    const grown = tree.frontier()
    if (grown.size === frontier.size) return undefined
    const head = signHead(key, grown, Buffer.from(link, 'hex'), clock.now())
    await headSink.publish(head)
    frontier = grown
    lastLink = link
    return head
  }

  const publish = (): Promise<SignedHead | undefined> => {
    const mine = turn.then(publishNow)
    turn = mine.catch(() => undefined)
    return mine
  }

  // whoever appended may still be inside its transaction; publishing is not part of that
  const outside = AsyncLocalStorage.snapshot()
  const publishInBackground = (): void => {
    outside(publish).catch(onHeadFailure)
  }

  return {
    noteAppended: (count) => {
      since += count
      if (since >= headEveryEntries) publishInBackground()
      else timer ??= setTimeout(publishInBackground, headEveryMs).unref()
    },
    publish,
    close: async () => {
      clearTimeout(timer)
      await publish()
    },
  }
}

const nextPage = (db: Db, after: number): Promise<readonly Row[]> => db.query<Row>(NEXT, [after])

/** Is what we published last still what the database says? */
const confirm = async (db: Db, size: number, link: string): Promise<void> => {
  if (size === 0) return
  const [row] = await db.query<Row>(AT, [size])
  invariant(row?.hash === link, 'the ledger still holds what the last head says')
}

/** Takes in what was appended since. */
const grow = async (
  db: Db,
  from: Frontier,
  last: string,
): Promise<{ readonly tree: ReturnType<typeof growTree>; readonly link: string }> => {
  const tree = growTree(from)
  let size = from.size
  let link = last
  for (let page = await nextPage(db, size); page.length > 0; page = await nextPage(db, size)) {
    for (const row of page) {
      size += 1
      invariant(row.seq === size, 'the ledger has no gap')
      tree.add(Buffer.from(row.hash, 'hex'))
      link = row.hash
    }
  }
  return { tree, link }
}
