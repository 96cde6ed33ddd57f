/** Which rounds of a goal are the reply to which message of its conversation. */

import { clip } from '../../lib/clip.ts'
import type { FileRef } from '../../lib/media/file-ref.ts'
import { MAX_MESSAGE_FILES } from '../../lib/media/file-schema.ts'
import type { MessageText } from '../../work/origin/goal-origin.ts'
import type { Round } from './rounds.ts'
import type { StoredGoal } from './stored-goal.ts'

/** The message whose reply the present round belongs to; nothing: that for which the goal began. */
export function messageOf({ unread, message }: Pick<StoredGoal, 'unread' | 'message'>): { readonly message?: number } {
  const newest = unread?.at(-1) ?? message
  return newest === undefined ? {} : { message: newest }
}

/**
 * The message whose reply a goal writes now; undefined: that for which it began. Messages that come while calls are
 * made are read by the round after them.
 */
export const writtenMessage = (state: Pick<StoredGoal, 'status' | 'unread' | 'message'>): number | undefined =>
  (state.status === 'acting' ? state : messageOf(state)).message

/** Characters of a reply that ends before the answer of its goal. */
const MAX_REPLY = 64 * 1024

/** Rounds as a person reads them, message by message; `own` is that for which the goal began. Pure. */
export function repliesIn(
  rounds: readonly Pick<Round, 'message' | 'said' | 'files'>[],
  own: number,
): readonly MessageText[] {
  const replies = new Map<number, { readonly texts: readonly string[]; readonly files: readonly FileRef[] }>()
  for (const { message = own, said, files: made } of rounds) {
    const { texts, files } = replies.get(message) ?? { texts: [], files: [] }
    const text = textOf(said)
    replies.set(message, { texts: text.trim() === '' ? texts : [...texts, text], files: withFiles(files, made) })
  }
  return Array.from(replies, ([message, { texts, files }]) => ({
    message,
    text: clip(texts.join('\n\n'), MAX_REPLY),
    ...(files.length > 0 && { files }),
  }))
}

/** The text of a message of a model. Pure. */
export const textOf = (said: Round['said']): string =>
  said.flatMap((part) => (part.type === 'text' ? [String(part.text)] : [])).join('')

/** Files of a reply with more of them, each once. Pure. */
export const withFiles = (files: readonly FileRef[], more: readonly FileRef[] = []): readonly FileRef[] =>
  [...new Map([...files, ...more].map((file) => [file.file, file])).values()].slice(0, MAX_MESSAGE_FILES)
