import type { Json } from '../../kernel/schema.ts'
import type { Effects, Send } from '../../kernel/types.ts'
import type { GoalState } from './state.ts'

/**
 * Tells the work above a goal that something below waits for a person: whoever follows that work must not wait for it. A run publishes it, a
 * goal passes it on.
 */
export function tellAbove({ parent }: GoalState, body: Json): readonly Send[] {
  if (!parent) return []
  const to = 'run' in parent ? { kind: 'run', key: parent.run } : { kind: 'agent', key: parent.goal }
  return [{ to, body, type: 'event', correlationId: to.key }]
}

/** The note that the goal itself waits. */
export function waitNote({ self }: Effects, title: string): Json {
  return { type: 'goal-wait', goal: self.key, title: title.slice(0, 1000) }
}
