import type { EngineView } from '../../engine/engine.ts'
import { readWaitsIndex, type WaitsFor } from '../../engine/liveness.ts'
import { KIND } from '../../house/actors.ts'
import { stepsAtWork } from '../../pipeline/room/steps-at-work.ts'
import { actorsAtWork } from '../../thread/room/reports.ts'

/**
 * The actors that an actor waits for: the steps of a run, the phases of a chain or the goal that answers, otherwise the
 * wait in its index.
 */
export function linksOf(view: EngineView): WaitsFor {
  const ofRun = stepsAtWork(view)
  return async (actor) => {
    switch (actor.of.kind) {
      case KIND.run:
        return ofRun(actor.of)
      case KIND.thread:
        return actorsAtWork(view, actor.of.key)
      default:
        return readWaitsIndex(actor)
    }
  }
}
