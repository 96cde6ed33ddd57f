import { clip } from '../protocol/bounds.ts'
import { answerNumber, promptNumber } from '../protocol/context-operations.ts'
import type { HistoryEntry } from '../protocol/phase-types.ts'
import { withoutCitations } from '../retrieval/citations.ts'

/** An exchange that was completed, by the number of its ask. */
export type Exchange = { readonly n?: number; readonly prompt: string; readonly answer: string }

/**
 * What of earlier exchanges enters a prompt: the latest ones that fit into `size` characters, in their order, whole
 * prompts and final answers and nothing else. Of an only one that is too long, the beginnings.
 */
export function projectHistory(exchanges: readonly Exchange[], size: number): readonly HistoryEntry[] {
  const entries: HistoryEntry[] = []
  let left = size
  for (const { n, prompt, answer: cited } of [...exchanges].reverse()) {
    const answer = withoutCitations(cited)
    left -= prompt.length + answer.length
    if (left < 0 && entries.length > 0) break
    const most = left < 0 ? Math.floor(size / 2) : size
    const numbers = n === undefined ? [] : [promptNumber(n), answerNumber(n)]
    entries.unshift(entry('user', prompt, most, numbers[0]), entry('assistant', answer, most, numbers[1]))
    if (left < 0) break
  }
  return entries.filter(({ text }) => text !== '')
}

function entry(role: HistoryEntry['role'], text: string, most: number, n: number | undefined): HistoryEntry {
  const length = text.length > most ? { length: text.length } : {}
  return { role, text: clip(text, most), ...(n !== undefined && { n }), ...length }
}
