import { compiledStepAt } from '../plan/compiled.ts'
import { instanceId, type StepInstance } from '../plan/instance.ts'
import { type Draft, instanceOf, isCounted, launch, readPart, updateRun, writeStep } from './draft.ts'

/** How many steps of a run's graph are in flight at once. */
export const WINDOW = 32

/** Starts what is ready as far as the window allows; the rest waits its turn in a part of its own. */
export function admit(draft: Draft, ready: readonly StepInstance[]): void {
  const free = isEmpty(draft) ? WINDOW - draft.run.flying.length : 0
  fly(draft, ready.slice(0, free))
  if (ready.length > free) enqueue(draft, ready.slice(free))
}

function enqueue(draft: Draft, waiting: readonly StepInstance[]): void {
  const { queue } = draft.run
  draft.changed[`queue/${queue.tail}`] = waiting.map(instanceId)
  for (const each of waiting) if (hasPart(draft, each)) writeStep(draft, instanceId(each), { status: 'queued' })
  updateRun(draft, { queue: { ...queue, tail: queue.tail + 1 } })
}

/** What is ready is not to be counted down any more, or passed over; who has no part yet is neither. */
function hasPart(draft: Draft, { node }: StepInstance): boolean {
  return isCounted(compiledStepAt(draft.pipeline, node))
}

/** Gives the places that came free to those who wait longest. While anyone waits the window is full, so one part is enough. */
export function refill(draft: Draft): void {
  while (!isEmpty(draft) && draft.run.flying.length < WINDOW) {
    const { head, offset, tail } = draft.run.queue
    const ids = readPart(draft, `queue/${head}`) as readonly string[]
    fly(draft, [instanceOf(draft, ids[offset]!)])
    const last = offset + 1 === ids.length
    if (last) draft.changed[`queue/${head}`] = null
    updateRun(draft, { queue: last ? { head: head + 1, offset: 0, tail } : { head, offset: offset + 1, tail } })
    if (last) return
  }
}

function isEmpty({ run: { queue } }: Draft): boolean {
  return queue.head === queue.tail
}

function fly(draft: Draft, ready: readonly StepInstance[]): void {
  if (ready.length === 0) return
  updateRun(draft, { flying: [...draft.run.flying, ...ready.map(instanceId)] })
  for (const instance of ready) launch(draft, instance)
}
