import type { Json } from '../../kernel/schema.ts'
import type { CompiledPipeline } from '../plan/compiled.ts'
import { loopAround, loopsAround, type StepInstance } from '../plan/instance.ts'
import type { ContinueRun } from '../plan/messages/run.ts'
import type { PartsByName } from '../plan/refs.ts'
import { isFinished, type RunState } from '../plan/run-state.ts'
import { endGroup, group } from './batch.ts'
import {
  type Begin,
  createDraft,
  type Draft,
  instanceOf,
  type RunEvent,
  readLoop,
  type Start,
  updateRun,
} from './draft.ts'
import { settle, takeUndone } from './end-run.ts'
import { endSegment, endStep, followRoute, goOnIn, waitStep } from './end-step.ts'
import { release } from './fan-out.ts'
import { fillLoop, isStopped } from './loops.ts'

export { partsFor } from './read-set.ts'

/** What one event changes: the run, the named parts, which steps start, what the run tells itself, what a client is told. */
export type Advance = {
  readonly run: RunState
  readonly parts: { readonly [name: string]: Json | null }
  readonly start: readonly Start[]
  readonly again: readonly ContinueRun[]
  /** the usual ones in short */
  readonly events: readonly Json[]
  /** what the run did is to be undone */
  readonly undo?: true
}

/** Takes one event into a run, told at that time (ms). Pure; `parts` holds what `partsFor` names. Touches one step and at most 256 dependents. */
export function advance(
  pipeline: CompiledPipeline,
  run: RunState,
  parts: PartsByName,
  event: RunEvent,
  at: number,
): Advance {
  const draft = createDraft(pipeline, run, parts, at)
  if (!isFinished(run)) take(draft, event)
  const start = group(draft).map((one): Start => (isAlone(draft, one) ? { ...one, alone: true } : one))
  return {
    run: draft.run,
    parts: draft.changed,
    start,
    again: draft.again,
    events: draft.events,
    ...(draft.undo && { undo: true }),
  }
}

/** Whether nothing else of the run is in flight that could fail meanwhile, and then nothing more may start. */
function isAlone(draft: Draft, { id, turn, apart }: Start): boolean {
  if (draft.run.flying.length > 1 || turn !== undefined || apart) return false
  return loopsAround(instanceOf(draft, id)).every((loop) => readLoop(draft, loop)!.flying === 1)
}

function take(draft: Draft, event: RunEvent): void {
  switch (event.type) {
    case 'begin':
      begin(draft, event)
      break
    case 'fan-out':
      fanOut(draft, event.of === null ? null : instanceOf(draft, event.of), event.from)
      break
    case 'fill':
      fill(draft, instanceOf(draft, event.loop))
      break
    case 'skip':
    case 'pass':
      followRoute(draft, event)
      break
    case 'step-wait':
      waitStep(draft, event)
      break
    case 'undone':
      takeUndone(draft, event)
      break
    case 'step-end':
      endStep(draft, event)
      break
    case 'segment-end':
      endSegment(draft, event)
      break
    case 'group-end':
      endGroup(draft, event)
      break
  }
  settle(draft)
}

/** The rest of those who waited for a step, or of the roots of the graph. */
function fanOut(draft: Draft, of: StepInstance | null, from: number): void {
  goOnIn(draft, of ? loopAround(of) : undefined, () => release(draft, of, from))
}

/** What is left to start of a loop, unless it has ended or failed meanwhile. */
function fill(draft: Draft, loop: StepInstance): void {
  if (readLoop(draft, loop) && !isStopped(draft, loop)) fillLoop(draft, loop)
}

function begin(draft: Draft, { start }: Begin): void {
  const { size, name } = draft.pipeline
  draft.changed.start = start
  updateRun(draft, { status: 'running', total: size, left: size })
  draft.events.push({ type: 'run-start', name, steps: size })
  release(draft, null, 0)
}
