import type { EngineView } from '../../engine/engine.ts'
import type { Inspected } from '../../engine/inspect.ts'
import { readWaitsIndex, type WaitsFor } from '../../engine/liveness.ts'
import { goalRef, KIND } from '../../house/actors.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { stepsAtWork } from '../../pipeline/room/steps-at-work.ts'
import type { ThreadState } from '../../thread/protocol/ask-state.ts'
import { phaseRef } from '../../thread/protocol/refs.ts'

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
        return answeringIn(view, actor)
      default:
        return readWaitsIndex(actor)
    }
  }
}

async function answeringIn(view: EngineView, { of }: Inspected): Promise<readonly ActorRef[]> {
  const { waiting = [], goal } = ((await view.peek(of)) as ThreadState | undefined)?.current ?? {}
  return goal ? [goalRef(goal.key)] : waiting.map((phase) => phaseRef(of.key, phase))
}
