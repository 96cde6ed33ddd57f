import type { EngineView } from '../../../engine/engine.ts'
import { stepRef } from '../../../house/actors.ts'
import type { StepState } from '../../../step/attempt/step-state.ts'
import { isSignalTarget } from '../../../step/messages/callback.ts'
import { readStepParts } from '../../../step/messages/step-parts.ts'
import { sparedWork } from '../../../step/messages/step-start.ts'
import type { OpenRequest } from '../executor.ts'

/** Reads the requests of the open steps of a run, and the work that its cancellation spares. */
export async function openRequests(view: EngineView, run: string): Promise<readonly OpenRequest[]> {
  const requests: OpenRequest[] = [{ work: sparedWork(run) }]
  for await (const [name, { status }] of readStepParts(view.parts, run)) {
    if (status !== 'running') continue
    const { awaiting, suspended } = ((await view.peek(stepRef(run, name))) ?? {}) as StepState
    const { question: { to, work } = {}, later } = awaiting ?? {}
    requests.push({
      ...(to && !isSignalTarget(to) && { to }),
      ...(work !== undefined && { work }),
      ...(later !== undefined && { later }),
      ...(suspended?.budgetWait && { budget: suspended.budgetWait.scope }),
    })
  }
  return requests
}
