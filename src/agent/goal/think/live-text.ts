import type { Effects } from '../../../kernel/types.ts'
import { conversationTopic, type GoalDelta } from '../../protocol/live.ts'
import { conversationOf, type GoalStartPart } from '../../protocol/start.ts'
import type { AgentServices } from '../services.ts'

/** Tells the followers of a goal how the text of a round grows. */
interface LiveText {
  /** The text grows. `at` is the number of characters before it. A smaller one than expected begins again. */
  onDelta(text: string, at: number): void
  /** The text begins again, and why. */
  onRestart(reason: string): void
}

/**
 * The live text of a round; undefined: nobody follows the goal or its conversation, so the model need not stream. A
 * goal that somebody follows at a terminal always has one, because its first round may begin before the terminal has
 * joined.
 */
export function liveText(
  { isFollowed }: Pick<AgentServices, 'isFollowed'>,
  start: GoalStartPart,
  round: number,
  { self: { key: goal }, emit }: Pick<Effects, 'self' | 'emit'>,
): LiveText | undefined {
  const conversation = conversationOf(start)
  const topic = conversation && conversationTopic(conversation.thread)
  if (!start.interactive && !isFollowed(goal) && (topic === undefined || !isFollowed(topic))) return undefined
  const tell = (delta: GoalDelta) => {
    emit(delta)
    if (topic !== undefined) emit({ goal, ...delta }, topic)
  }
  let length = 0
  const onRestart = (reason: string) => {
    if (length > 0) tell({ type: 'text-restart', round, reason })
    length = 0
  }
  return {
    onRestart,
    onDelta(text, at) {
      if (at < length) onRestart('the model was asked again')
      tell({ type: 'text-delta', round, text, at })
      length = at + text.length
    },
  }
}
