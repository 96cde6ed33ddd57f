import { present } from '../../lib/json/present.ts'
import type { CallFor } from '../tool.ts'

/** The fields of a context that say for whom the call is made. */
export function callForIn({ owner, run, step, conversation, message, goal, agent, context }: CallFor): CallFor {
  return { owner, ...present({ run, step, conversation, message, goal, agent, context }) }
}
