// In: rows of a partner-facing query. Out: what was found, as the seal takes it.
// Never: parses a body.
import { z } from 'zod'
import type { Shown } from '../model/ask.ts'
import type { BasisKind } from '../model/decision.ts'
import { partnerId, patientId } from '../model/ids.ts'
import type { Instant } from '../model/time.ts'
import { invariant } from '../platform/invariant.ts'
import type { Grounds } from './chains.ts'

/** What a showing says, whatever the text. */
interface Why {
  /** Empty for what belongs to nobody. */
  readonly patient: string
  readonly type: string
  readonly id: string
  /** All purposes of the showing, with a space between. */
  readonly purposes: string
  /** One line for each purpose, as `basesText` writes them. */
  readonly bases: string
}

/** One row of a partner-facing query. */
export interface ShownRow extends Why {
  readonly versionId: string
  readonly nth: number
  readonly updated: Instant
  readonly isDeleted: boolean
  readonly body: string | Uint8Array
}

/** One row of a partner-facing query that names the text and leaves it where it is. */
export interface NamedRow extends Why {
  readonly rid: string
}

const BASIS = z.tuple(
  [z.string(), z.string().nullable(), z.string().nullable(), z.string().nullable(), z.array(z.string())],
  z.string().transform(partnerId),
)

/** Showings share their grounds, so each text is read once. */
const REMEMBERED_MAX = 10_000
const remembered = new Map<string, readonly Grounds[]>()

/** The text that was looked up last, and what it says: rows of one answer mostly share their grounds. */
let last: readonly [bases: string, grounds: readonly Grounds[]] = ['', []]

const groundsOf = (bases: string): readonly Grounds[] => {
  if (bases !== last[0]) last = [bases, remembered.get(bases) ?? groundsIn(bases)]
  return last[1]
}

const groundsIn = (bases: string): readonly Grounds[] => {
  const grounds: Grounds[] = []
  for (const line of bases.split('\n')) {
    const before = grounds.at(-1)
    grounds.push(line === '' && before !== undefined ? before : readGrounds(line))
  }
  if (remembered.size >= REMEMBERED_MAX) remembered.clear()
  remembered.set(bases, grounds)
  return grounds
}

const readGrounds = (line: string): Grounds => {
  const json: unknown = JSON.parse(line)
  const [kind, reference, version, path, obligations, via] = BASIS.parse(json)
  return {
    basis: {
      kind: kind as BasisKind,
      ...(reference === null ? {} : { reference }),
      ...(version === null ? {} : { version }),
      ...(path === null ? {} : { path }),
      ...(via === undefined ? {} : { via }),
    },
    obligations,
  }
}

/** The basis of the first purpose asserted; the obligations of all of them. */
export const shownOf = (row: ShownRow, asked: readonly string[], mode: Shown['mode'] = 'match'): Shown => {
  const grounds = groundsOf(row.bases)
  const purposes = row.purposes.split(' ')
  const own = asked.flatMap((purpose) => grounds[purposes.indexOf(purpose)] ?? [])
  const [first] = own
  invariant(first !== undefined && own.length === asked.length, 'every purpose that is asserted has a basis')
  return {
    type: row.type,
    id: row.id,
    versionId: row.versionId,
    updated: row.updated,
    isDeleted: row.isDeleted,
    body: row.body,
    basis: first.basis,
    obligations: own.length === 1 ? first.obligations : [...new Set(own.flatMap(({ obligations }) => obligations))].sort(),
    mode,
    ...(row.patient === '' ? {} : { patient: patientId(row.patient) }),
  }
}
