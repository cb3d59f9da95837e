// In: the bytes of an MLLP connection, cut anywhere.
// Out: the frames in them, whole, in order; counts of what was not a frame.
// Never: hands over a frame that has not ended, or keeps more than its limit.

const VT = 0x0b
const FS = 0x1c
const CR = 0x0d

/** What a chunk brought to light. */
export interface Framed {
  readonly frames: readonly Uint8Array[]
  /** Bytes dropped because they stood outside a frame, or in a frame that began anew before it ended. */
  readonly droppedBytes: number
  /** A frame grew past the limit: the connection can no longer be trusted and is to be closed. */
  readonly isOverflow: boolean
}

/** Reads frames out of chunks; one for each connection. */
export interface FrameDecoder {
  readonly push: (chunk: Uint8Array) => Framed
  /** Bytes of a frame that has begun and not ended. */
  readonly pendingBytes: () => number
}

/** Wraps bytes as one frame: VT, the bytes, FS, CR. @spec HL7 v2 MLLP R1 §2.1 */
export const frame = (payload: Uint8Array): Uint8Array => {
  const framed = new Uint8Array(payload.length + 3)
  framed[0] = VT
  framed.set(payload, 1)
  framed[payload.length + 1] = FS
  framed[payload.length + 2] = CR
  return framed
}

/** @param bytesMax largest payload accepted, in bytes */
export const createFrameDecoder = (bytesMax: number): FrameDecoder => {
  let held: Uint8Array[] = []
  let size = 0
  let isInside = false
  let isFsSeen = false

  const take = (bytes: Uint8Array): void => {
    if (bytes.length > 0) held.push(bytes.slice())
    size += bytes.length
  }
  const reset = (): void => {
    held = []
    size = 0
    isFsSeen = false
  }

  const push = (chunk: Uint8Array): Framed => {
    const frames: Uint8Array[] = []
    let droppedBytes = 0
    let start = 0
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]
      if (byte === VT) {
        droppedBytes += isInside ? size + (i - start) : i - start
        reset()
        isInside = true
        start = i + 1
      } else if (isInside && isFsSeen && byte === CR) {
        take(chunk.subarray(start, i))
        frames.push(joined(held, size).subarray(0, size - 1))
        reset()
        isInside = false
        start = i + 1
      } else {
        isFsSeen = isInside && byte === FS
      }
      if (isInside && size + (i + 1 - start) > bytesMax + 1) {
        reset()
        isInside = false
        return { frames, droppedBytes: droppedBytes + chunk.length - start, isOverflow: true }
      }
    }
    if (isInside) take(chunk.subarray(start))
    else droppedBytes += chunk.length - start
    return { frames, droppedBytes, isOverflow: false }
  }
  return { push, pendingBytes: () => (isInside ? size : 0) }
}

const joined = (pieces: readonly Uint8Array[], size: number): Uint8Array => {
  const whole = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/** Between answers that go one after the other: the byte that ends a frame, and is in no message. */
const BETWEEN = 0x1c

/** Several answers as one value, for keeping. */
export const joinedAnswers = (answers: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat(answers.flatMap((answer, i) => (i === 0 ? [answer] : [Uint8Array.of(BETWEEN), answer])))

/** The answers one after the other, as a batch has them. */
export const onePiece = (joined: Uint8Array): Uint8Array => joined.filter((byte) => byte !== BETWEEN)

/** Each of the answers in a frame of its own; nothing for none. */
export const framedAnswers = (joined: Uint8Array): Uint8Array => {
  if (joined.length === 0) return joined
  const at = joined.indexOf(BETWEEN)
  return at < 0 ? frame(joined) : Buffer.concat([frame(joined.subarray(0, at)), framedAnswers(joined.subarray(at + 1))])
}
