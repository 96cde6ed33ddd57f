import { GOALS } from '../../contract/goals.ts'
import { LAST_EVENT } from '../../contract/operations.ts'
import { handlers } from '../routing/route.ts'
import { startAfter } from '../stream/event-stream.ts'

/** Events of goals. */
export const goalHandlers = handlers(GOALS, {
  async 'goals.events'({ runtime, caller, follow, params: { goal }, query, header }) {
    // check before the stream starts, so that a missing goal is a 404
    await runtime.goals.check(goal)
    return follow(caller, {
      topic: `agent/${goal}`,
      after: startAfter(query, header(LAST_EVENT)),
      ended: (after) => runtime.serving.goalEnded(goal, after),
      durable: (from) => runtime.goals.events(goal, from),
    })
  },
})
