import type { Json } from '../../kernel/schema.ts'
import type { RunEvent } from '../../run/event.ts'
import { decodeStep, encodeStep } from '../../step/messages/codec.ts'
import type { BatchEnd, DeferredStep, StepReport, UndoProgress } from '../../step/messages/step-end.ts'
import { type StepPart, stepPartName } from '../../step/record/outcome.ts'
import type { StepProblem, StepWait } from '../../step/record/step.ts'
import type { CompiledPipeline, CompiledStep } from '../plan/compiled.ts'
import { instanceId, loopPartName, type StepInstance } from '../plan/instance.ts'
import type { ContinueRun, LookAgain } from '../plan/messages/run.ts'
import { createDictionary, type PartsByName } from '../plan/part-reader.ts'
import { decodeLoop, type LoopProgress, type RunState } from '../plan/run-state.ts'

/** One turn of a run in the making: its input and all changes. Lives only inside `advance`. */
export type Draft = {
  readonly pipeline: CompiledPipeline
  readonly given: PartsByName
  /** time of the event, in ms since the epoch */
  readonly at: number
  readonly changed: { [name: string]: Json | null }
  readonly starts: StepToStart[]
  readonly selfMessages: ContinueRun[]
  readonly events: RunEvent[]
  /** completed steps must be undone */
  undo?: true
  /** its own copy, changed in place: each step that ends changes it about five times */
  readonly run: RunState
}

export type StepToStart = {
  readonly id: string
  /** for a loop that evaluates its conditions: the number of ended iterations, and the failed step */
  readonly iteration?: number
  readonly problem?: StepProblem
  /** nothing else of the run is in flight */
  readonly exclusive?: true
  /** other members of its batch, which start with the same message */
  readonly members?: readonly string[]
  /** its batch deferred it, so it starts in its own turn */
  readonly deferred?: DeferredStep
}

/** An event that a run takes a turn for. */
export type GraphEvent = BeginRun | ContinueRun | LookAgain | StepReport | StepWait | BatchEnd | UndoProgress

/** The run begins. `start` is the content of its part `start`. */
export type BeginRun = { readonly type: 'begin'; readonly start: Json }

export function createDraft(pipeline: CompiledPipeline, run: RunState, given: PartsByName, at: number): Draft {
  return { pipeline, run: { ...run }, given, at, changed: createDictionary(), starts: [], selfMessages: [], events: [] }
}

/** A part with the changes so far. Reading one that `readSet` did not name is a bug and throws. */
export function readDraftPart(draft: Draft, name: string): Json | undefined {
  const changed = draft.changed[name]
  if (changed !== undefined) return changed ?? undefined
  const given = draft.given[name]
  if (given === undefined && !(name in draft.given)) throw new TypeError(`part ${name} was not loaded`)
  return given
}

export function readStep(draft: Draft, id: string): StepPart | undefined {
  return decodeStep(readDraftPart(draft, stepPartName(id)))
}

export function writeStep(draft: Draft, id: string, part: StepPart): void {
  draft.changed[stepPartName(id)] = encodeStep(part)
}

export const countEnded = ({ run: { done, failed, skipped } }: Draft): number => done + failed + skipped

export function updateRun(draft: Draft, change: Partial<RunState>): void {
  Object.assign(draft.run, change)
}

/** The state of a loop; undefined when it is not open. */
export function readLoop(draft: Draft, loop: StepInstance): LoopProgress | undefined {
  return decodeLoop(readDraftPart(draft, loopPartName(instanceId(loop))))
}

export function writeLoop(draft: Draft, loop: StepInstance, state: LoopProgress | null): void {
  draft.changed[loopPartName(instanceId(loop))] = state
}

export function updateLoop(draft: Draft, loop: StepInstance, change: Partial<LoopProgress>): void {
  const name = loopPartName(instanceId(loop))
  draft.changed[name] = { ...decodeLoop(readDraftPart(draft, name))!, ...change }
}

/** Starts a step and emits its event. */
export function startStep(draft: Draft, instance: StepInstance): void {
  const id = instanceId(instance)
  draft.starts.push({ id })
  writeStep(draft, id, { status: 'running' })
  if (draft.pipeline.steps[instance.node]!.work.type !== 'outputs') emitStepStart(draft, id)
}

export function emitStepStart(draft: Draft, id: string): void {
  draft.events.push({ type: 'step-start', step: id })
}

/** Whether the run counts a step's dependencies. One with a single dependency has no part before it starts. */
export function countsDependencies({ edges, routing }: CompiledStep): boolean {
  if (edges.needs.length > 1 || edges.maybe !== undefined) return true
  return routing !== undefined && (routing.skippable === true || routing.onDemand === true)
}
