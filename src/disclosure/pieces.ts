/** A part of a text: as it is written, or as it goes over the wire. */
export type Piece = string | Uint8Array

/** The parts one after the other: a text, or its UTF-8 when any of them is that already. */
export const joined = (pieces: readonly Piece[]): Piece => {
  if (pieces.every((piece) => typeof piece === 'string')) return pieces.join('')
  let length = 0
  for (const piece of pieces) length += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length
  const whole = Buffer.allocUnsafe(length)
  let at = 0
  for (const piece of pieces) {
    if (typeof piece === 'string') at += whole.write(piece, at)
    else {
      whole.set(piece, at)
      at += piece.length
    }
  }
  return whole
}
