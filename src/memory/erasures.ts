/** Calls the writer of a memory for its owner. */
type Write = (name: 'erasePortion' | 'settleErasures', input: object) => Promise<unknown>

/**
 * Erases what an owner has forgotten, in portions between which other calls run. Gives the number of erasures that
 * wait, because a reader keeps the log of the file busy.
 */
export async function finishErasures(write: Write, signal?: AbortSignal): Promise<number> {
  while ((await write('erasePortion', {})) === true) signal?.throwIfAborted()
  return ((await write('settleErasures', {})) as number | undefined) ?? 0
}
