import type { Lacking } from './console.ts'

export interface PartnerLine {
  readonly id: string
  readonly name: string
  readonly kinds: readonly string[]
  readonly sector: string
  readonly isActive: boolean
  readonly purposes: readonly string[]
  readonly scopes: readonly string[]
  readonly channels: readonly string[]
  readonly keys: readonly { readonly kid: string; readonly kind: string }[]
  readonly keysAt?: string
  readonly agreements: readonly {
    readonly id: string
    readonly kind: string
    readonly status: string
    readonly until?: string
    readonly lacks: readonly Lacking[]
  }[]
  readonly waiting: number
  readonly held: number
  readonly incidents: number
  readonly pausedSince?: string
  readonly lastShownAt?: string
}
