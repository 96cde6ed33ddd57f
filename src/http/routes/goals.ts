import { pageOf } from '../../contract/documents/basic.ts'
import { GOALS } from '../../contract/goals.ts'
import { LAST_EVENT } from '../../contract/operations.ts'
import { cursorOfGoal } from '../../runtime/ports/goals.ts'
import { type Route, routes } from '../routing/route.ts'
import { startAfter } from '../stream/event-stream.ts'
import { inTime } from './approval.ts'
import { sentUnder } from './runs.ts'

const goalId = (made: string) => `goal_${made.slice(0, 32)}`

/** Goals of agents: start, list, read, follow, steer, rate. */
export const goalRoutes: readonly Route[] = routes(GOALS, {
  'goals.start': ({ runtime, params: { agent }, body, made }) =>
    runtime.goals.start({ ...(made && { id: goalId(made) }), agent, ...body }),
  'goals.list': async ({ runtime, query }) => pageOf(await runtime.goals.list(query), query.limit, cursorOfGoal),
  'goals.get': ({ runtime, params: { goal } }) => runtime.goals.get(goal),
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
  async 'goals.tell'({ runtime, params: { goal }, body: { text } }) {
    await runtime.goals.tell(goal, text)
    return { id: goal }
  },
  async 'goals.pause'({ runtime, params: { goal } }) {
    await runtime.goals.pause(goal)
    return { id: goal }
  },
  async 'goals.resume'({ runtime, params: { goal }, body }) {
    await runtime.goals.resume(goal, body)
    return { id: goal }
  },
  'goals.fork': ({ runtime, params, body, made }) =>
    runtime.goals.fork(params.goal, { ...(made && { id: goalId(made) }), ...body }),
  'goals.settle'({ runtime, params, body, made }) {
    const { call, id: _, ...settlement } = body
    return inTime(runtime.goals.settle(params.goal, call, settlement, sentUnder(made, body)))
  },
  async 'goals.cancel'({ runtime, params: { goal }, body: { reason } }) {
    await runtime.goals.cancel(goal, reason)
    return { id: goal }
  },
  async 'goals.rate'({ runtime, params: { goal }, body: { rating } }) {
    await runtime.goals.rate(goal, rating)
    return { id: goal }
  },
})
