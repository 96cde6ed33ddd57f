import { levelOf, PRIORITIES, type Priority } from '../../lib/priority.ts'
import { compiledStepAt } from '../plan/compiled.ts'
import { instanceId, instanceOf, type StepInstance } from '../plan/instance.ts'
import type { ReadyQueue } from '../plan/run-state.ts'
import type { StepStrategies } from '../plan/strategy.ts'
import { countsDependencies, type Draft, readDraftPart, startStep, updateRun, writeStep } from './draft.ts'
import { nextQueue, type QueueName, queueIn, queuePartName } from './ready-queues.ts'
import { addReady, chosenSteps, roomForReady } from './strategy.ts'

/** The number of steps of a run's graph that are in flight at once. */
export const MAX_IN_FLIGHT = 32

/** Starts ready steps as far as the window allows and queues the rest in parts. The more urgent ones go first. */
export function admitReady(draft: Draft, given: readonly StepInstance[]): void {
  const ready = hasPriorities(draft)
    ? given.toSorted((one, other) => levelOf(priorityOf(draft, one)) - levelOf(priorityOf(draft, other)))
    : given
  const isFree = nextQueue(draft.run) === undefined && !draft.pipeline.strategy
  const free = isFree ? MAX_IN_FLIGHT - draft.run.inFlight.length : 0
  startAll(draft, ready.slice(0, free))
  if (ready.length > free) enqueue(draft, ready.slice(free))
}

function enqueue(draft: Draft, waiting: readonly StepInstance[]): void {
  for (const each of waiting) if (hasPart(draft, each)) writeStep(draft, instanceId(each), { status: 'queued' })
  if (draft.pipeline.strategy) {
    const room = nextQueue(draft.run) === undefined ? roomForReady(draft) : 0
    addReady(draft, waiting.slice(0, room).map(instanceId))
    if (waiting.length > room) append(draft, '', waiting.slice(room))
  } else if (!hasPriorities(draft)) append(draft, '', waiting)
  else
    for (const priority of PRIORITIES) {
      const alike = waiting.filter((step) => priorityOf(draft, step) === priority)
      if (alike.length > 0) append(draft, priority, alike)
    }
}

function append(draft: Draft, name: QueueName, steps: readonly StepInstance[]): void {
  const queue = queueIn(draft.run, name)
  draft.changed[queuePartName(name, queue.tail)] = steps.map(instanceId)
  updateQueue(draft, name, { ...queue, tail: queue.tail + 1 })
}

function updateQueue(draft: Draft, name: QueueName, queue: ReadyQueue): void {
  updateRun(draft, name === '' ? { queue } : { queues: { ...draft.run.queues, [name]: queue } })
}

/** Few pipelines set priorities, so the others pay nothing for them. */
const hasPriorities = ({ pipeline }: Draft): boolean => pipeline.ranked === true

function priorityOf({ pipeline, run }: Draft, { node }: StepInstance): Priority {
  return compiledStepAt(pipeline, node).policy.priority ?? run.priority ?? pipeline.priority ?? 'normal'
}

/** A step that is ready is no longer counted down or skipped over. A step without a part needs no update. */
function hasPart(draft: Draft, { node }: StepInstance): boolean {
  return countsDependencies(compiledStepAt(draft.pipeline, node))
}

/** Lets queued steps follow those that have ended. */
export function refillWindow(draft: Draft): void {
  if (draft.pipeline.strategy) refillReady(draft)
  else refillPlaces(draft)
}

/** Starts queued steps in free places. The window is full while steps are queued: one part of a queue is enough. */
function refillPlaces(draft: Draft): void {
  while (draft.run.inFlight.length < MAX_IN_FLIGHT) {
    const name = nextQueue(draft.run)
    if (name === undefined) return
    const { head, offset, tail } = queueIn(draft.run, name)
    const part = queuePartName(name, head)
    const ids = readDraftPart(draft, part) as readonly string[]
    startAll(draft, [instanceOf(draft.pipeline, ids[offset]!)])
    const last = offset + 1 === ids.length
    if (last) draft.changed[part] = null
    updateQueue(draft, name, last ? { head: head + 1, offset: 0, tail } : { head, offset: offset + 1, tail })
    if (last) return
  }
}

/** Shows a strategy the next part of the queue, once it may see all of it. */
function refillReady(draft: Draft): void {
  const { head, tail } = queueIn(draft.run, '')
  if (head === tail) return
  const part = queuePartName('', head)
  const ids = readDraftPart(draft, part) as readonly string[]
  if (ids.length > roomForReady(draft)) return
  addReady(draft, ids)
  draft.changed[part] = null
  updateQueue(draft, '', { head: head + 1, offset: 0, tail })
}

/** Starts the ready steps that a strategy of the program names. */
export const startChosen = (draft: Draft, strategies: StepStrategies): void =>
  startAll(draft, chosenSteps(draft, strategies, MAX_IN_FLIGHT - draft.run.inFlight.length))

function startAll(draft: Draft, ready: readonly StepInstance[]): void {
  if (ready.length === 0) return
  updateRun(draft, { inFlight: [...draft.run.inFlight, ...ready.map(instanceId)] })
  for (const instance of ready) startStep(draft, instance)
}
