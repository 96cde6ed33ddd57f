/** A text that a model writes, as far as it was read. `from`: the characters before it, which were missed. */
export type Written = { readonly text: string; readonly from: number }

/** A text of which nothing was read yet. */
export const UNWRITTEN: Written = { text: '', from: 0 }

/** The text after a piece of it at an offset. Behind a piece that was missed, it begins there. Pure. */
export function writtenOn({ text, from }: Written, piece: string, at: number): Written {
  const isApart = at < from || at > from + text.length
  return isApart ? { text: piece, from: at } : { text: text.slice(0, at - from) + piece, from }
}

/** The text for people: without its beginning, it says so. Pure. */
export const shownText = ({ text, from }: Written): string => (from > 0 && text !== '' ? `… ${text}` : text)
