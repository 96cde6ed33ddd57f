/**
 * The decisions of a run: which steps start, repeat, are skipped or end after an event. Pure functions over the
 * state of the run, which read only the parts that an event touches. Look here when a step starts too early, too
 * late or never.
 */

import type { Json } from '../../kernel/schema.ts'
import type { RunEvent } from '../../run/event.ts'
import { isFinished, type StartPart } from '../../run/run.ts'
import type { BatchPolicy } from '../plan/batching.ts'
import type { CompiledPipeline } from '../plan/compiled.ts'
import { instanceOf, loopAround, type StepInstance } from '../plan/instance.ts'
import type { ContinueRun } from '../plan/messages/run.ts'
import type { PartsByName } from '../plan/part-reader.ts'
import type { RunState } from '../plan/run-state.ts'
import type { StepStrategies } from '../plan/strategy.ts'
import { endBatch, planBatches } from './batch.ts'
import type { BeginRun, Draft, GraphEvent, StepToStart } from './draft.ts'
import { createDraft, readLoop, updateRun } from './draft.ts'
import { endRunWhenDone, recordCompensation } from './end-run.ts'
import { continueIn, endStep, followRoute, suspendStep } from './end-step.ts'
import { releaseDependents } from './fan-out.ts'
import { fillLoop, isStopped } from './loops.ts'
import { READY_PART } from './strategy.ts'
import { startChosen } from './window.ts'

export { readSet } from './read-set.ts'

/** The effect of one event: new state and parts of the run, steps to start, messages to itself, events for clients. */
export type Advance = {
  readonly run: RunState
  readonly parts: { readonly [name: string]: Json | null }
  readonly starts: readonly StepToStart[]
  readonly selfMessages: readonly ContinueRun[]
  readonly events: readonly RunEvent[]
  /** completed steps must be undone */
  readonly undo?: true
}

/**
 * Applies one event to a run; `at` is the time of the event in ms. Pure: `parts` holds the parts that `readSet` names.
 * It touches one step and at most 256 dependents.
 */
export function advance(
  pipeline: CompiledPipeline,
  run: RunState,
  parts: PartsByName,
  event: GraphEvent,
  at: number,
  batches: BatchPolicy = 'fast',
  strategies: StepStrategies = {},
): Advance {
  const draft = createDraft(pipeline, run, parts, at)
  if (!isFinished(run)) {
    applyEvent(draft, event)
    if (pipeline.strategy) followStrategy(draft, run, event, strategies)
    endRunWhenDone(draft)
  }
  const starts = planBatches(draft, batches)
  return {
    run: draft.run,
    parts: draft.changed,
    starts,
    selfMessages: draft.selfMessages,
    events: draft.events,
    ...(draft.undo && { undo: true }),
  }
}

/** Asks the strategy when what is ready or runs has changed, and when no message may make further steps ready. */
function followStrategy(draft: Draft, before: RunState, event: GraphEvent, strategies: StepStrategies): void {
  const { run, changed, selfMessages } = draft
  const following = (run.following ?? 0) + selfMessages.filter(followsGraph).length - (followsGraph(event) ? 1 : 0)
  if (following > 0 || before.following) updateRun(draft, { following })
  const isNews = READY_PART in changed || run.inFlight !== before.inFlight || event.type === 'code'
  if (isNews || before.following) startChosen(draft, strategies)
}

const followsGraph = ({ type }: GraphEvent) => type === 'fan-out' || type === 'skip' || type === 'pass'

function applyEvent(draft: Draft, event: GraphEvent): void {
  switch (event.type) {
    case 'begin':
      beginRun(draft, event)
      break
    case 'fan-out':
      continueFanOut(draft, event.of === null ? null : instanceOf(draft.pipeline, event.of), event.from)
      break
    case 'fill':
      continueFill(draft, instanceOf(draft.pipeline, event.loop))
      break
    case 'skip':
    case 'pass':
      followRoute(draft, event)
      break
    case 'step-wait':
      suspendStep(draft, event)
      break
    case 'undone':
      recordCompensation(draft, event)
      break
    case 'step-end':
      endStep(draft, event)
      break
    case 'batch-end':
      endBatch(draft, event)
      break
  }
}

/** Continues with the dependents of a step, or with the roots of the graph. */
function continueFanOut(draft: Draft, of: StepInstance | null, from: number): void {
  continueIn(draft, of ? loopAround(of) : undefined, () => releaseDependents(draft, of, from))
}

/** Starts further iterations of a loop, unless it has ended or failed meanwhile. */
function continueFill(draft: Draft, loop: StepInstance): void {
  if (readLoop(draft, loop) && !isStopped(draft, loop)) fillLoop(draft, loop)
}

function beginRun(draft: Draft, { start }: BeginRun): void {
  const { size, name, ranked } = draft.pipeline
  const { priority } = start as Pick<StartPart, 'priority'>
  draft.changed.start = start
  updateRun(draft, { status: 'running', total: size, left: size, ...(ranked && priority && { priority }) })
  draft.events.push({ type: 'run-start', name, steps: size })
  releaseDependents(draft, null, 0)
}
