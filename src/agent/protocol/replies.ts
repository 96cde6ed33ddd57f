/** Which rounds of a goal are the reply to which message of its conversation. */

import { clip } from '../../lib/clip.ts'
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

/** The texts of rounds as a person reads them, message by message; `own` is that for which the goal began. Pure. */
export function repliesIn(rounds: readonly Pick<Round, 'message' | 'said'>[], own: number): readonly MessageText[] {
  const texts = new Map<number, string[]>()
  for (const { message = own, said } of rounds) {
    const text = said.flatMap((part) => (part.type === 'text' ? [String(part.text)] : [])).join('')
    texts.set(message, [...(texts.get(message) ?? []), ...(text.trim() === '' ? [] : [text])])
  }
  return Array.from(texts, ([message, all]) => ({ message, text: clip(all.join('\n\n'), MAX_REPLY) }))
}
