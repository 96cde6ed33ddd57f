import type { CallOutput, CallStatus } from '../goal/state.ts'

/** Characters of a result that the model sees whole, and of the beginning and the end of a longer one. */
const MAX_SHOWN = 8 * 1024
const HEAD = 5 * 1024
const TAIL = 2 * 1024

/** Characters of a page of `read_result`. */
const PAGE = 8 * 1024

/** The form of a result that the model sees. A long one is its beginning, its end and a handle for `read_result`. Pure. */
export function shortenResult(outcome: CallStatus, text: string, handle: string): CallOutput {
  if (text.length <= MAX_SHOWN) return { outcome, output: text }
  const left = text.length - HEAD - TAIL
  const pages = Math.ceil(text.length / PAGE)
  const note = `… ${left} characters are left out here. read_result shows them: handle ${handle}, pages 1 to ${pages}. …`
  return { outcome, output: `${text.slice(0, HEAD)}\n${note}\n${text.slice(-TAIL)}`, characters: text.length }
}

/** A page of a text, counted from 1; undefined where there is none. */
export function pageOf(text: string, page: number): string | undefined {
  const shown = text.slice((page - 1) * PAGE, page * PAGE)
  return shown === '' ? undefined : shown
}
