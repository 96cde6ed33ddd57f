import { problemOf } from '../../../errors.ts'
import type { Clock } from '../../engine.ts'

/** A source that is read in pages: `readMore` reads one, and is false when nothing is left. */
type Paged = { readMore(): boolean }

/** A command that ends before reads none of it. */
const BEGIN_MS = 1_000

/**
 * Reads the first page of each, which is all of a small folder, and what is left from a second on. Other work runs
 * after each page. `onFailed`: called when a page cannot be read; the remaining pages stay unread.
 */
export function readInBackground(
  clock: Clock,
  sources: readonly Paged[],
  onFailed: (what: string) => void,
): { stop(): void } {
  let off = () => {}

  function next(): void {
    try {
      if (readAny()) off = clock.after(0, next)
    } catch (error) {
      onFailed(`index: ${problemOf(error).message}`)
    }
  }

  const readAny = () => sources.map((source) => source.readMore()).includes(true)

  if (readAny()) off = clock.after(BEGIN_MS, next)
  return { stop: () => off() }
}
