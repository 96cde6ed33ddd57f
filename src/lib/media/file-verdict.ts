/**
 * A refusal of a request because of a file: the words of the server, and when (ms since the epoch). `twice`: the file
 * was shown again since then, and refused again.
 */
type FileRefusal = { readonly words: string; readonly at: number; readonly twice?: true }

/** The verdict of a server about a file: it took it in a request, it refused one because of it, or both in turn. */
export type FileVerdict =
  | { readonly taken: true; readonly refused?: FileRefusal }
  | { readonly taken?: never; readonly refused: FileRefusal }

/**
 * The verdict after another request with the file; `words`: those of its refusal. The first words stay, so that the
 * line of the file stays the same. Pure.
 */
export function verdictAfter(before: FileVerdict | undefined, words: string | undefined, now: number): FileVerdict {
  const { refused } = before ?? {}
  if (words === undefined) return { taken: true, ...(refused && { refused }) }
  return { refused: refused ? { ...refused, twice: true } : { words, at: now } }
}
