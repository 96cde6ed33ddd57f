import type { Effects, Envelope, Turn } from '../../kernel/types.ts'
import { type GoalState, goalIndex } from './state.ts'
import { tellAbove, waitNote } from './tell-above.ts'

/** When the message was sent, or due. A turn depends only on its message, so this needs no journal entry. */
export const messageTime = ({ createdAt, due = 0 }: Envelope): number => Math.max(createdAt, due)

/** The state with its index entry. */
export const settled = (state: GoalState) => ({ state, index: goalIndex(state) })

/** A goal waits, and says why, also to the work above it. */
export function waitTurn(state: GoalState, effects: Effects) {
  const { type, title } = state.wait!
  const send = tellAbove(state, waitNote(effects, title))
  return { ...settled(state), events: [{ type: 'goal-wait', reason: type, title }], send } satisfies Turn<GoalState>
}
