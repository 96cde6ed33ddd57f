/** Characters of a piece: few enough to be freed soon, and enough that few pieces are needed. */
const CHUNK_CHARACTERS = 256 * 1024

/** A text in pieces, none of which ends in the middle of a character: its bytes are never in memory all at once. */
export function* textChunks(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const to = from + CHUNK_CHARACTERS
    const isSplit = to < text.length && isHigh(text.charCodeAt(to - 1))
    const end = isSplit ? to + 1 : to
    yield text.slice(from, end)
    from = end
  }
}

const isHigh = (code: number) => code >= 0xd800 && code < 0xdc00
