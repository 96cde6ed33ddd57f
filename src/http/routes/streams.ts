import { CONVERSATIONS } from '../../agent/room/conversation/contract.ts'
import type { ConversationEvent } from '../../agent/room/conversation/port.ts'
import { GOALS } from '../../agent/room/goals/contract.ts'
import { ACTORS } from '../../contract/actors.ts'

import { goalRef, runRef } from '../../house/actors.ts'
import { LAST_EVENT } from '../../house/operation.ts'
import { nameOf } from '../../kernel/ref.ts'
import { RUNS } from '../../run/room/contract.ts'
import { ASKS } from '../../thread/room/asks-contract.ts'
import { type Call, handlers } from '../routing/route.ts'
import { eventStream, startAfter } from '../stream/event-stream.ts'
import type { Follow } from '../stream/follow.ts'
import type { Sent } from '../wire/sse.ts'

/** Streams of events. Each checks first that the caller sees the item, so that a missing one is a 404 and no stream. */
export const streamHandlers = {
  ...handlers(RUNS, {
    async 'runs.events'(call) {
      const { runtime } = call
      const { run } = call.params
      await runtime.runs.check(run)
      return followFrom(call, {
        topic: nameOf(runRef(run)),
        ended: (after) => runtime.serving.runEnded(run, after),
        durable: (from) => runtime.runs.events(run, from),
        volatile: (signal) => runtime.runs.deltas(run, signal),
      })
    },
  }),
  ...handlers(GOALS, {
    async 'goals.events'(call) {
      const { runtime } = call
      const { goal } = call.params
      await runtime.goals.check(goal)
      return followFrom(call, {
        topic: nameOf(goalRef(goal)),
        ended: (after) => runtime.serving.goalEnded(goal, after),
        durable: (from) => runtime.goals.events(goal, from),
        volatile: (signal) => runtime.goals.deltas(goal, signal),
      })
    },
  }),
  ...handlers(ASKS, {
    async 'threads.askEvents'(call) {
      const { runtime } = call
      const { thread, ask } = call.params
      const { key } = await runtime.threads.findAsk(thread, ask)
      return followFrom(call, {
        topic: `ask/${key}/${ask}`,
        ended: (after) => runtime.serving.askEnded(thread, ask, after),
        durable: (from) => runtime.threads.askEvents(thread, ask, from),
        volatile: (signal) => runtime.threads.askDeltas(thread, ask, signal),
      })
    },
  }),
  ...handlers(CONVERSATIONS, {
    async 'conversations.events'({ runtime: { conversations }, params: { conversation }, query, header }) {
      await conversations.check(conversation)
      const after = header(LAST_EVENT) ?? query.after
      return eventStream((leaving) =>
        asSent(conversations.events(conversation, { ...(after !== undefined && { after }), signal: leaving })),
      )
    },
  }),
  ...handlers(ACTORS, {
    async 'inspector.tail'(call) {
      const { inspector } = call.runtime
      const { of } = await inspector.actor(call.params.ref)
      // model deltas belong to runs and asks, not to actors
      return followFrom(call, { topic: `actor/${of}`, durable: (from) => inspector.tail(of, from) })
    },
  }),
}

async function* asSent(events: AsyncIterable<ConversationEvent>): AsyncGenerator<Sent> {
  for await (const event of events)
    yield event.live ? { event: 'delta', data: event } : { id: event.cursor, event: 'event', data: event }
}

type StreamCall = Call<unknown, { readonly after?: number | undefined } | undefined, unknown>

/** Follows events from where the request says. */
export function followFrom(
  { caller, follow, query, header }: StreamCall,
  source: Omit<Parameters<Follow>[1], 'after'>,
): Promise<Response> {
  return follow(caller, { after: startAfter(query ?? {}, header(LAST_EVENT)), ...source })
}
