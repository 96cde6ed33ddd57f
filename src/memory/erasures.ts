import type { InputOf, ResultOf } from './store/threads/work.ts'

/** Calls the writer of a memory for its owner. */
type Write = <Name extends 'erasePortion' | 'settleErasures'>(
  name: Name,
  input: InputOf<Name>,
) => Promise<ResultOf<Name>>

/**
 * Erases what an owner has forgotten, in portions between which other calls run. Gives the number of erasures that
 * wait, because a reader keeps the log of the file busy.
 */
export async function finishErasures(write: Write, signal?: AbortSignal): Promise<number> {
  while (await write('erasePortion', {})) signal?.throwIfAborted()
  return (await write('settleErasures', {})) ?? 0
}
