// In: for one record, what each recipient may see of each of its versions, and when. Out: renditions, and who is shown which.
// Never: lets a version, a time or an id depend on something that the recipient may not see.
import { createHash } from 'node:crypto'
import type { Resource } from '@medplum/fhirtypes'
import type { Allowance, Basis } from '../model/decision.ts'
import type { Instant } from '../model/time.ts'

/** One version of one record, as those see it who hold the grants. */
export interface Rendering {
  readonly type: string
  readonly id: string
  /** Version in the truth, from 1. */
  readonly version: number
  readonly isCurrent: boolean
  /** When this version was written. */
  readonly updated: Instant
  readonly isDeleted: boolean
  /** With withheld parts and references taken out; of a deletion, only type and id count. */
  readonly resource: Resource
  readonly grants: readonly Allowance[]
}

/** A text that may be shown, under a version id that tells nothing beyond it. */
export interface Rendition {
  readonly type: string
  readonly id: string
  readonly versionId: string
  /** Place in the visible history, from 1; orders versions of the same millisecond. */
  readonly nth: number
  readonly updated: Instant
  readonly isDeleted: boolean
  /** Complete, with `meta.versionId` and `meta.lastUpdated`; empty for a deletion. */
  readonly body: string
  readonly resource: Resource
}

/** Who sees a rendition, as the present state or in history, in the half-open time [since, until). */
export interface Showing {
  readonly rendition: Rendition
  readonly isHead: boolean
  readonly recipient: string
  readonly since: Instant
  readonly until: Instant
  /** In alphabetical order. */
  readonly purposes: readonly string[]
  /** The basis of each purpose stands at the same place. */
  readonly bases: readonly Grounds[]
}

/** A basis with what travels along. */
export interface Grounds {
  readonly basis: Basis
  readonly obligations: readonly string[]
}

/** The first 64 bits of a hexadecimal digest, as PostgreSQL writes a bigint: how a rendition is called inside the store. */
export const ridOf = (digest: string): string => BigInt.asIntN(64, BigInt(`0x${digest.slice(0, 16)}`)).toString()

interface Held {
  readonly rendering: Rendering
  readonly grant: Allowance
}

/**
 * All that recipients see of one record, now and in history.
 *
 * A recipient's history is made of the versions that it may see at the moment of asking, and exists only while it may see the
 * current one. Equal neighbours are one version. A version id is a digest over the visible history up to there, so that a
 * gateway which never held what is withheld would give the same id.
 */
export const chainsOf = (renderings: readonly Rendering[]): readonly Showing[] => {
  const link = linker()
  const held = renderings.flatMap((rendering) => rendering.grants.map((grant) => ({ rendering, grant })))
  return [...groupBy(held, ({ grant }) => grant.recipient)].flatMap(([recipient, own]) => joined(shownTo(recipient, own, link)))
}

const shownTo = (recipient: string, held: readonly Held[], link: Link): readonly Showing[] => {
  const bounds = [...new Set(held.flatMap(({ grant }) => [grant.from, grant.until]))].sort()
  const purposes = groupBy(held, ({ grant }) => grant.purpose)
  return bounds.slice(0, -1).flatMap((since, index) => {
    const until = bounds[index + 1] ?? since
    const rows = new Map<string, Showing>()
    for (const purpose of [...purposes.keys()].sort()) {
      const inForce = (purposes.get(purpose) ?? []).filter(({ grant }) => grant.from <= since && grant.until >= until)
      for (const { rendition, isHead, grounds } of chainOf(inForce, link)) {
        const key = `${rendition.versionId} ${String(isHead)}`
        const before = rows.get(key) ?? { rendition, isHead, recipient, since, until, purposes: [], bases: [] }
        rows.set(key, { ...before, purposes: [...before.purposes, purpose], bases: [...before.bases, grounds] })
      }
    }
    return [...rows.values()]
  })
}

type Link = (previous: Rendition | undefined, rendering: Rendering) => Rendition

/** The versions that hold for one purpose at one time, oldest first, without repetitions; empty when the current one is not among them. */
const chainOf = (held: readonly Held[], link: Link): readonly { rendition: Rendition; isHead: boolean; grounds: Grounds }[] => {
  const versions = [...held].sort((a, b) => a.rendering.version - b.rendering.version)
  if (versions.at(-1)?.rendering.isCurrent !== true) return []
  const chain: { rendition: Rendition; text: string; grounds: Grounds }[] = []
  for (const { rendering, grant } of versions) {
    const text = rendering.isDeleted ? '' : textOf(rendering.resource)
    const grounds = { basis: grant.basis, obligations: grant.obligations }
    const last = chain.at(-1)
    if (last?.text === text) chain[chain.length - 1] = { ...last, grounds }
    else if (last !== undefined || !rendering.isDeleted)
      chain.push({ rendition: link(last?.rendition, rendering), text, grounds })
  }
  return chain.map(({ rendition, grounds }, index) => ({ rendition, grounds, isHead: index === chain.length - 1 }))
}

/** Makes each rendition once, however many recipients share it. */
const linker = (): Link => {
  const made = new Map<string, Rendition>()
  return (previous, rendering) => {
    const { type, id, updated, isDeleted, resource } = rendering
    const text = isDeleted ? '' : textOf(resource)
    const versionId = createHash('sha256')
      .update(JSON.stringify([previous?.versionId ?? '', type, id, updated, isDeleted]))
      .update(text)
      .digest('hex')
      .slice(0, 24)
    const known = made.get(versionId)
    if (known !== undefined) return known
    const body = isDeleted ? '' : JSON.stringify(withVersion(resource, versionId, updated))
    const rendition = { type, id, versionId, nth: (previous?.nth ?? 0) + 1, updated, isDeleted, body, resource }
    made.set(versionId, rendition)
    return rendition
  }
}

/** The text without what the store itself says in `meta`. */
const textOf = (resource: Resource): string => {
  const known = texts.get(resource)
  if (known !== undefined) return known
  const text = JSON.stringify(withVersion(resource, undefined, undefined))
  texts.set(resource, text)
  return text
}

const texts = new WeakMap<Resource, string>()

/** Type, id and meta come first, as readers expect them. */
const withVersion = (resource: Resource, versionId: string | undefined, lastUpdated: string | undefined): object => {
  const { resourceType, id, meta, ...rest } = resource
  return { resourceType, id, meta: { ...meta, versionId, lastUpdated }, ...rest }
}

/** Two stretches that touch and say the same are one. */
const joined = (rows: readonly Showing[]): readonly Showing[] => {
  const open = new Map<string, Showing>()
  const done: Showing[] = []
  for (const row of rows) {
    const key = JSON.stringify([row.rendition.versionId, row.isHead, row.purposes, row.bases])
    const before = open.get(key)
    if (before?.until === row.since) open.set(key, { ...before, until: row.until })
    else {
      if (before !== undefined) done.push(before)
      open.set(key, row)
    }
  }
  return [...done, ...open.values()]
}

const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}
