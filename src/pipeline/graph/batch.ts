import type { BatchEnd, ParallelEnd, StepEnd } from '../../step/messages/step-end.ts'
import type { BatchPolicy } from '../plan/batching.ts'
import { compiledStepAt } from '../plan/compiled.ts'
import { instanceId, instanceOf, loopAround, loopsAround, stepOf } from '../plan/instance.ts'
import { type Draft, readLoop, readStep, type StepToStart, writeStep } from './draft.ts'
import { endSequence, endStep, isInFlight } from './end-step.ts'

/** The number of steps that start with one message. */
const MAX_BATCH = 32
/** The number of starts after which a turn stops taking further ends: each end may start all of its dependents. */
const MAX_STARTS_PER_TURN = 32

/** The starts of a turn. Steps that start together share a message; one that is alone may continue with the next. */
export function planBatches(draft: Draft, policy: BatchPolicy): readonly StepToStart[] {
  if (policy === 'oneByOne') return draft.starts
  return formBatches(draft).map((one) => (isExclusive(draft, one) ? { ...one, exclusive: true } : one))
}

/** Whether nothing else of the run is in flight whose failure would have to stop the steps that follow. */
function isExclusive(draft: Draft, { id, iteration, deferred }: StepToStart): boolean {
  if (draft.run.inFlight.length > 1 || iteration !== undefined || deferred) return false
  const loops = loopsAround(instanceOf(draft.pipeline, id))
  return (
    !(draft.pipeline.strategy && loops.length === 0) && loops.every((loop) => readLoop(draft, loop)!.inFlight === 1)
  )
}

/** Combines the steps of one loop that a turn starts into batches. The part of the first step lists the members. */
function formBatches(draft: Draft): readonly StepToStart[] {
  if (draft.starts.length < 2) return draft.starts
  const open = new Map<string, string[]>()
  const starts = draft.starts.flatMap((start) => {
    const scope = batchScopeOf(draft, start)
    if (scope === undefined) return [start]
    const others = open.get(scope)
    if (others && others.length < MAX_BATCH - 1) {
      others.push(start.id)
      return []
    }
    const members: string[] = []
    open.set(scope, members)
    return [{ ...start, members }]
  })
  return starts.map((start) => (start.members ? recordMembers(draft, start) : start))
}

function recordMembers(draft: Draft, { members = [], ...start }: StepToStart): StepToStart {
  if (members.length === 0) return start
  writeStep(draft, start.id, { status: 'running', members })
  return { ...start, members }
}

/**
 * The loop whose steps may share a batch with this one. Steps with tags, recovery, compensation, a set number of
 * attempts or at-most-once effects run alone.
 */
function batchScopeOf(draft: Draft, { id, iteration, deferred }: StepToStart): string | undefined {
  const instance = instanceOf(draft.pipeline, id)
  const { work, policy, model, recovery } = compiledStepAt(draft.pipeline, instance.node)
  const isPlain =
    (work.type === 'tool' || work.type === 'decide') &&
    !model?.autoTags &&
    !recovery?.recoveries &&
    !policy.retryReported &&
    policy.effect !== 'at-most-once'
  if (!isPlain || iteration !== undefined || deferred || draft.pipeline.undoable) return undefined
  const loop = loopAround(instance)
  return loop ? instanceId(loop) : ''
}

export function endBatch(draft: Draft, batch: BatchEnd): void {
  if (batch.mode === 'sequence') endSequence(draft, batch)
  else endParallel(draft, batch)
}

/** Applies the ends of a parallel batch, fatal ones first as nothing starts after them; restarts deferred members. */
function endParallel(draft: Draft, { of, ends, deferred }: ParallelEnd): void {
  forgetMembers(draft, of)
  const sorted = fatalFirst(draft, ends)
  for (const one of deferred)
    if (isInFlight(draft, instanceOf(draft.pipeline, one.step))) draft.starts.push({ id: one.step, deferred: one })
  for (let n = 0; n < sorted.length; n++) {
    if (draft.starts.length >= MAX_STARTS_PER_TURN) {
      draft.selfMessages.push({ type: 'batch-end', mode: 'parallel', of, ends: sorted.slice(n), deferred: [] })
      return
    }
    endStep(draft, sorted[n]!)
  }
}

function forgetMembers(draft: Draft, step: string): void {
  const part = readStep(draft, step)
  if (part?.status !== 'running' || !part.members) return
  const { members: _, ...rest } = part
  writeStep(draft, step, rest)
}

function fatalFirst(draft: Draft, ends: readonly StepEnd[]): readonly StepEnd[] {
  const fatal = ends.filter((end) => isFatal(draft, end))
  return fatal.length === 0 ? ends : [...fatal, ...ends.filter((end) => !fatal.includes(end))]
}

function isFatal({ pipeline }: Draft, { step, status, recovery }: StepEnd): boolean {
  if (status !== 'failed' || recovery?.handled !== undefined) return false
  return stepOf(pipeline, step).recovery?.onFailure !== 'continue'
}
