import type { ClientName } from './console.ts'

/** Something that waits for a person before anybody sees it, or that was refused at the door. */
export interface HeldMessage {
  readonly id: string
  readonly sender: string
  readonly what: string
  readonly receivedAt: string
  readonly faults: readonly { readonly path: string; readonly message: string }[]
}

export interface HeldFreeText {
  readonly id: string
  readonly record: string
  readonly client?: ClientName
  readonly origin: string
  readonly place: string
  readonly text: string
  readonly rules: readonly string[]
}
