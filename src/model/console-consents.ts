import type { ClientName, Lacking } from './console.ts'

/** A consent on which nobody may rely as it is: it lacks something, or a partner filed it and nobody has accepted it. */
export interface DoubtfulConsent {
  readonly id: string
  readonly version: number
  readonly client: ClientName
  readonly filedBy: string
  readonly filedAt: string
  readonly status: string
  /** What § 2.31 asks for and it lacks. */
  readonly lacks: readonly Lacking[]
}

/** One consent as a list shows it. */
export interface ConsentLine {
  readonly id: string
  readonly version: string
  readonly client: ClientName
  readonly status: string
  readonly updated: string
  /** Who filed it. */
  readonly by: string
  readonly until?: string
  /** What § 2.31 asks for and it lacks; a consent that lacks something is relied on by nobody. */
  readonly lacks: readonly Lacking[]
  /** Why it does not count now, as a whole. */
  readonly bars: readonly { readonly rule: string; readonly law: string }[]
}

/** One consent with everything that an officer asks about it. */
export interface ConsentExplained {
  readonly line: ConsentLine
  readonly scope: { readonly en: string; readonly es: string }
  /** Each element of § 2.31(a) that was looked at, met or not. */
  readonly checked: readonly (Lacking & { readonly isMet: boolean })[]
  /** Which partner sees how many records now on the ground of this consent. */
  readonly sees: readonly { readonly partner: string; readonly name: string; readonly what: string }[]
}
