import type { Json } from '../../kernel/schema.ts'
import type { IntervalSet } from '../../lib/collections/interval-set.ts'
import type { Priority } from '../../lib/priority.ts'
import { NEW_HEAD, peekRun, type RunHead, type RunView } from '../../run/run.ts'
import type { ModelUse } from '../../step/record/model-use.ts'
import type { StepProblem } from '../../step/record/step.ts'

/** The cell of a run: counts, window and cursors. Its size does not depend on the graph; what grows is in parts. */
export type RunState = RunHead & {
  /** hash of the compiled pipeline */
  readonly pipeline: string
  /** steps of the graph that have not ended; `total` counts those of all loops opened so far, too */
  readonly left: number
  /** failed steps whose failure was not handled */
  readonly unhandled?: number
  /** finished steps are undone before the run ends */
  readonly compensation?: 'due' | 'begun'
  /** the run was cancelled, and ends when its steps are undone */
  readonly cancelRequested?: true
  readonly queue: ReadyQueue
  /** a queue for each priority; absent: no step of the pipeline has a priority of its own */
  readonly queues?: { readonly [priority in Priority]?: ReadyQueue }
  /** the priority that the caller gave, of a pipeline whose steps have their own */
  readonly priority?: Priority
  /** messages to itself by which steps may become ready; absent: no strategy of a program decides, or there was none */
  readonly following?: number
  /** why it waits for a program with its strategy, and since when */
  readonly lacks?: { readonly message: string; readonly hint: string; readonly since: number } | null
  /** iterations in flight, of all loops */
  readonly iterations: number
}

/**
 * The queue of ready steps outside the window, in parts `queue/<n>` or `queue/<priority>/<n>`: the next is item
 * `offset` of part `head`; empty when head is tail.
 */
export type ReadyQueue = { readonly head: number; readonly offset: number; readonly tail: number }

/** The progress of a loop, in part `loop/<id>`. */
export type LoopProgress = {
  /** the number of iterations, as far as known */
  readonly length: number
  /** the first iteration that was not started */
  readonly next: number
  /** iterations in flight */
  readonly active: IntervalSet
  /** for iterations with ended steps: the number of remaining steps */
  readonly left: { readonly [index: string]: number }
  /** body steps in flight */
  readonly inFlight: number
  /** ms that its steps took in all, and those before the newest iteration */
  readonly ms: number
  readonly before: number
  /** the usage of its own questions so far */
  readonly models?: readonly ModelUse[]
  /** maximum number of iterations in flight, if a template yielded it */
  readonly width?: number
  /** why nothing more of it starts */
  readonly problem?: StepProblem
  /** the number of failures that it fails with: handling its own failure handles them, too */
  readonly fatal?: number
}

/** Decodes the progress of a loop; undefined when it is not open. */
export const decodeLoop = (part: Json | undefined) => (part ?? undefined) as LoopProgress | undefined

/** The name of the language of pipelines. */
export const PIPELINE = 'pipeline'

/** The cell of the run with an id. Undefined: there is none, it has not begun, or it is none of a pipeline. */
export async function peekRunState(view: RunView, run: string): Promise<RunState | undefined> {
  const state = await peekRun(view, run)
  return state?.language === PIPELINE ? (state as RunState) : undefined
}

/** A run of a pipeline before its first message. */
export const NEW_RUN: RunState = {
  ...NEW_HEAD,
  pipeline: '',
  left: 0,
  queue: { head: 0, offset: 0, tail: 0 },
  iterations: 0,
}
