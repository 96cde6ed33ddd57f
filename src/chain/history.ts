import { clip } from './bounded.ts'
import { withoutCitations } from './citations.ts'
import type { HistoryEntry } from './types.ts'

/** An exchange that was completed. */
export type Exchange = { readonly prompt: string; readonly answer: string }

/**
 * What of earlier exchanges enters a prompt: the latest ones that fit into `size` characters, in their order, whole
 * prompts and final answers and nothing else. Of an only one that is too long, the beginnings.
 */
export function projectHistory(exchanges: readonly Exchange[], size: number): readonly HistoryEntry[] {
  const entries: HistoryEntry[] = []
  let left = size
  for (const exchange of [...exchanges].reverse()) {
    const [prompt, answer] = [exchange.prompt, withoutCitations(exchange.answer)]
    left -= prompt.length + answer.length
    if (left < 0 && entries.length > 0) break
    const most = left < 0 ? Math.floor(size / 2) : size
    entries.unshift({ role: 'user', text: clip(prompt, most) }, { role: 'assistant', text: clip(answer, most) })
    if (left < 0) break
  }
  return entries
}
