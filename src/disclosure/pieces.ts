/** A part of a text: as it is written, or as it goes over the wire. */
export type Piece = string | Uint8Array

/** Bytes that one UTF-16 unit can need. */
const UTF8_BYTES_MAX = 3

/** The parts one after the other: a text, or its UTF-8 when any of them is that already. */
export const joined = (pieces: readonly Piece[]): Piece => {
  const whole = gathered(pieces)
  const [first = ''] = whole
  if (whole.length < 2) return first
  let most = 0
  for (const piece of whole) most += typeof piece === 'string' ? piece.length * UTF8_BYTES_MAX : piece.length
  const room = Buffer.allocUnsafe(most)
  let at = 0
  for (const piece of whole) {
    if (typeof piece === 'string') at += room.write(piece, at)
    else {
      room.set(piece, at)
      at += piece.length
    }
  }
  return room.subarray(0, at)
}

/** The same parts, with texts that stand side by side as one. */
const gathered = (pieces: readonly Piece[]): readonly Piece[] => {
  const whole: Piece[] = []
  let text = ''
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      text += piece
      continue
    }
    if (text !== '') whole.push(text)
    whole.push(piece)
    text = ''
  }
  if (text !== '') whole.push(text)
  return whole
}
