import { fail, ok, type Result } from '../../platform/result.ts'
import { problem } from '../../platform/problem.ts'
import { decodeBytes } from './charset.ts'
import { leadOf, parse, serialize, type Message } from './message.ts'

/** A file or batch: messages with envelope lines between them, everything in the order in which it came. */
export interface Batch {
  readonly lead: string
  readonly parts: readonly BatchPart[]
}

/** Either a message, or one line of the envelope (FHS, BHS, BTS, FTS) as written, with what ended it. */
export type BatchPart =
  { readonly kind: 'message'; readonly message: Message } | { readonly kind: 'envelope'; readonly line: string }

const START = /(?:^|(?<=[\r\n]))(?=(?:FHS|BHS|MSH|BTS|FTS)(?:[^A-Za-z0-9]|$))/

/**
 * Reads a batch, or a single message as a batch of one.
 * Fails as `parse` does, with the number of the message; with `batch-count` when BTS-1 or FTS-1 names another number than came.
 * @spec HL7 v2.5.1 §2.10.3
 */
export const parseBatch = (input: string | Uint8Array): Result<Batch> => {
  const decoded = typeof input === 'string' ? ok({ text: input }) : decodeBytes(input)
  if (!decoded.ok) return decoded
  const lead = leadOf(decoded.value.text)
  const parts: BatchPart[] = []
  for (const piece of decoded.value.text.slice(lead.length).split(START)) {
    if (!piece.startsWith('MSH')) {
      parts.push({ kind: 'envelope', line: piece })
      continue
    }
    const message = parse(piece)
    if (!message.ok) {
      const nth = String(parts.filter((part) => part.kind === 'message').length + 1)
      return fail({ ...message.error, detail: `message ${nth} of the batch: ${message.error.detail ?? message.error.code}` })
    }
    parts.push({ kind: 'message', message: message.value })
  }
  return miscount(parts)
    ? fail(problem('invalid', 'batch-count', { detail: 'BTS-1 does not name the number of messages' }))
    : ok({ lead, parts })
}

/** The messages of a batch, in order. */
export const messagesOf = (batch: Batch): readonly Message[] =>
  batch.parts.flatMap((part) => (part.kind === 'message' ? [part.message] : []))

/** The text of a batch; `serializeBatch(parseBatch(text)) === text`. */
export const serializeBatch = (batch: Batch): string =>
  batch.lead + batch.parts.map((part) => (part.kind === 'message' ? serialize(part.message) : part.line)).join('')

const miscount = (parts: readonly BatchPart[]): boolean => {
  let count = 0
  for (const part of parts) {
    if (part.kind === 'message') count++
    else if (part.line.startsWith('BHS')) count = 0
    else if (part.line.startsWith('BTS')) {
      const named = part.line.slice(4).split(/[^0-9]/)[0] ?? ''
      if (named !== '' && Number(named) !== count) return true
    }
  }
  return false
}
