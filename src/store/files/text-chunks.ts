import { wholeCharacters } from '../../lib/clip.ts'

/** Characters of a piece: few enough to be freed soon, and enough that few pieces are needed. */
const CHUNK_CHARACTERS = 256 * 1024

/** A text in pieces, none of which ends in the middle of a character: its bytes are never in memory all at once. */
export function* textChunks(text: string): Generator<string> {
  for (let from = 0, to: number; from < text.length; from = to) {
    to = wholeCharacters(text, from + CHUNK_CHARACTERS)
    yield text.slice(from, to)
  }
}
