import type { Effects } from '../../../kernel/types.ts'
import { conversationTopic, type GoalDelta } from '../../protocol/live.ts'
import { conversationOf, type GoalStartPart } from '../../protocol/messages.ts'
import { messageOf } from '../../protocol/replies.ts'
import type { GoalState } from '../../protocol/state.ts'
import type { AgentServices } from '../services.ts'

type LiveDelta = GoalDelta extends infer Delta
  ? Delta extends unknown
    ? Omit<Delta, 'round' | 'message'>
    : never
  : never

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
  { isFollowed, drafts }: Pick<AgentServices, 'isFollowed' | 'drafts'>,
  start: GoalStartPart,
  state: Pick<GoalState, 'rounds' | 'unread' | 'message'>,
  { self: { key: goal }, emit }: Pick<Effects, 'self' | 'emit'>,
): LiveText | undefined {
  const conversation = conversationOf(start)
  const topic = conversation && conversationTopic(conversation.thread)
  if (!start.interactive && !isFollowed(goal) && (topic === undefined || !isFollowed(topic))) return undefined
  const of = { round: state.rounds + 1, ...messageOf(state) }
  const tell = (delta: LiveDelta) => {
    emit({ ...delta, ...of })
    if (topic !== undefined) emit({ goal, ...delta, ...of }, topic)
  }
  let length = 0
  drafts.delete(goal)
  // where it reads messages, the reply before ends here
  if (state.unread) tell({ type: 'text-delta', text: '', at: 0 })
  const onRestart = (reason: string) => {
    if (length > 0) tell({ type: 'text-restart', reason })
    length = 0
    drafts.delete(goal)
  }
  return {
    onRestart,
    onDelta(text, at) {
      if (at < length) onRestart('the model was asked again')
      tell({ type: 'text-delta', text, at })
      length = at + text.length
      drafts.set(goal, `${drafts.get(goal) ?? ''}${text}`)
    },
  }
}

/** The text of the round that a model writes for a goal, as far as followers have read it. It is then forgotten. */
export function takeDraft({ drafts }: Pick<AgentServices, 'drafts'>, goal: string): string {
  const text = drafts.get(goal) ?? ''
  drafts.delete(goal)
  return text
}
