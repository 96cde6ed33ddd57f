import type { EngineView } from '../../engine/engine.ts'
import { readWaitsIndex, type WaitsFor } from '../../engine/liveness.ts'
import { KIND } from '../../house/actors.ts'
import { parseRef } from '../../kernel/ref.ts'
import { stepsAtWork } from '../../pipeline/room/steps-at-work.ts'
import { RUN_QUEUE } from '../../run/later/messages.ts'
import { NEW_QUEUE, type QueueState } from '../../run/later/queue-state.ts'
import { actorsAtWork } from '../../thread/room/records.ts'

/**
 * The actors that an actor waits for: the steps of a run, the phases of a chain or the goal that answers, otherwise the
 * wait in its index.
 */
export function linksOf(view: EngineView): WaitsFor {
  const ofRun = stepsAtWork(view)
  return async (actor) => {
    switch (actor.of.kind) {
      case KIND.run: {
        const queue = await readWaitsIndex(actor)
        return queue.length > 0 ? queue : ofRun(actor.of)
      }
      case RUN_QUEUE:
        return (((await view.peek(actor.of)) ?? NEW_QUEUE) as QueueState).active.map(parseRef)
      case KIND.thread:
        return actorsAtWork(view, actor.of.key)
      default:
        return readWaitsIndex(actor)
    }
  }
}
