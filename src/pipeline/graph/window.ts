import { compiledStepAt } from '../plan/compiled.ts'
import { instanceId, type StepInstance } from '../plan/instance.ts'
import { countsDependencies, type Draft, instanceOf, readDraftPart, startStep, updateRun, writeStep } from './draft.ts'

/** The number of steps of a run's graph that are in flight at once. */
export const MAX_IN_FLIGHT = 32

/** Starts ready steps as far as the window allows and queues the rest in a part. */
export function admitReady(draft: Draft, ready: readonly StepInstance[]): void {
  const free = isQueueEmpty(draft) ? MAX_IN_FLIGHT - draft.run.inFlight.length : 0
  startAll(draft, ready.slice(0, free))
  if (ready.length > free) enqueue(draft, ready.slice(free))
}

function enqueue(draft: Draft, waiting: readonly StepInstance[]): void {
  const { queue } = draft.run
  draft.changed[`queue/${queue.tail}`] = waiting.map(instanceId)
  for (const each of waiting) if (hasPart(draft, each)) writeStep(draft, instanceId(each), { status: 'queued' })
  updateRun(draft, { queue: { ...queue, tail: queue.tail + 1 } })
}

/** A step that is ready is no longer counted down or skipped over. A step without a part needs no update. */
function hasPart(draft: Draft, { node }: StepInstance): boolean {
  return countsDependencies(compiledStepAt(draft.pipeline, node))
}

/** Starts queued steps in the places that came free. The window is full while steps are queued, so reading one queue part is enough. */
export function refillWindow(draft: Draft): void {
  while (!isQueueEmpty(draft) && draft.run.inFlight.length < MAX_IN_FLIGHT) {
    const { head, offset, tail } = draft.run.queue
    const ids = readDraftPart(draft, `queue/${head}`) as readonly string[]
    startAll(draft, [instanceOf(draft, ids[offset]!)])
    const last = offset + 1 === ids.length
    if (last) draft.changed[`queue/${head}`] = null
    updateRun(draft, { queue: last ? { head: head + 1, offset: 0, tail } : { head, offset: offset + 1, tail } })
    if (last) return
  }
}

function isQueueEmpty({ run: { queue } }: Draft): boolean {
  return queue.head === queue.tail
}

function startAll(draft: Draft, ready: readonly StepInstance[]): void {
  if (ready.length === 0) return
  updateRun(draft, { inFlight: [...draft.run.inFlight, ...ready.map(instanceId)] })
  for (const instance of ready) startStep(draft, instance)
}
