import { z } from 'zod'
import type { Problem } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import type { EffectClass } from '../kernel/types.ts'
import type { Again } from './advance/draft.ts'
import type { Answer } from './auto/ask.ts'
import type { CancelRest } from './cancel.ts'
import type { RouteName } from './compiled.ts'
import { type RecursionMessage, recursionMessage } from './recursion.ts'
import type { StepProblem } from './state.ts'
import type { Undone } from './undone.ts'
import type { Ref } from './values.ts'
import type { Made } from './work/made.ts'
import type { ModelUse } from './work/model-use.ts'

/** Begins a run: `pipeline` is the hash of the compiled pipeline in the value store. */
export type RunStart = {
  readonly type: 'start'
  readonly pipeline: string
  readonly name: string
  readonly inputs: Ref
  /** the file it was read from */
  readonly source?: string
  readonly owner?: string
  /** paths that the starter gave as inputs: its tools may touch them */
  readonly granted?: readonly string[]
  /** somebody follows it at a terminal, and can be asked there */
  readonly interactive?: true
  readonly above?: Above
  /** who asks for it hears when it has begun, and not when it ends */
  readonly detached?: true
  /** of what is `Recorded`, its results are taken over where nothing changed */
  readonly recorded?: Ref
}

/** Of a run that a step of another run started: the run at the top, and the pipelines from there down to the one that started it. */
export type Above = { readonly root: string; readonly pipelines: readonly string[] }

/** Where a run comes from, as a step is told that puts a question to somebody else. */
export type Provenance = Pick<RunStart, 'source' | 'owner' | 'interactive' | 'above'>

/** What a loop tells its run at first, and whenever it is asked what now and turns on: how many iterations there are to be. */
export type LoopReply = {
  /** what it goes over, and how often it may turn; told once */
  readonly list?: Ref
  readonly most?: number
  /** how many iterations may be in flight, where a template told */
  readonly width?: number
  readonly length: number
}

/** What a step tells its run when it is done; `loop`: it is a loop, and is not done at all. */
export type StepEnd = {
  readonly type: 'step-end'
  readonly step: string
  readonly status: 'completed' | 'failed' | 'skipped'
  readonly attempts: number
  readonly ms: number
  readonly key?: string
  readonly result?: Ref
  readonly problem?: Problem
  readonly reason?: string
  /** where it goes on, of the steps that it may */
  readonly goto?: string
  /** of the steps that another one may wait for those that it does */
  readonly depends?: readonly string[]
  /** the models that answered for it */
  readonly models?: readonly ModelUse[]
  /** something else than what was wanted had to do */
  readonly degraded?: true
  readonly artifact?: Made
  /** it came to what is recorded of an earlier run; without an attempt: it was taken over */
  readonly same?: true
  /** of the outputs: those that could not be told */
  readonly warnings?: readonly string[]
  readonly loop?: LoopReply
  /** of a loop that is done: what it went over */
  readonly list?: Ref
  /** what was done about its failure, and how loudly that is told */
  readonly handled?: string
  readonly level?: string
  /** steps on standby that were done for it */
  readonly others?: readonly StepEnd[]
  /** what its tool wants to know to undo what it did */
  readonly memo?: Ref
}

/** What a step tells its run when it pauses before another attempt. */
export type StepWait = {
  readonly type: 'step-wait'
  readonly step: string
  /** ms since the epoch */
  readonly until: number
  readonly attempts: number
  readonly problem: Problem
}

/** What a turn that did several steps tells their run: how each of them ended, in order. */
export type SegmentEnd = { readonly type: 'segment-end'; readonly ends: readonly [StepEnd, ...StepEnd[]] }

/** Calls a run off and has what it did undone before it ends; the run must keep how things were. */
export type TakeBack = { readonly type: 'take-back'; readonly reason: string }

/** Asks a run to go with all that is kept of it; it answers whether it did: one that is not over stays. */
export type Expire = { readonly type: 'expire' }

/** Something from outside that a step waits for, or will; it is answered with `taken` or `kept`. */
export type Signal = { readonly type: 'signal'; readonly name: string; readonly value: Json }

/** A step waits for a signal. */
export type Await = { readonly type: 'await'; readonly step: string; readonly name: string; readonly title: string }

/** A step of a run below waits for a signal. */
export type Below = Omit<Await, 'type'> & { readonly type: 'below'; readonly run: string }

/** All that a run takes. */
export type RunMessage =
  | RunStart
  | StepEnd
  | StepWait
  | Undone
  | SegmentEnd
  | Again
  | CancelRest
  | TakeBack
  | Expire
  | Signal
  | Await
  | Below
  | RecursionMessage

/** Starts a step: all it needs to know, so that it asks its run for nothing. */
export type StepStart = {
  readonly type: 'start'
  readonly pipeline: string
  readonly run: { readonly id: string; readonly startedAt: number }
  readonly step: string
  readonly inputs: Ref
  readonly granted?: readonly string[]
  readonly provenance?: Provenance
  readonly recorded?: Ref
  /** the values it reads, by node; `parts`: too many to send, they lie in the run's parts */
  readonly reads: { readonly [node: string]: StepRead } | 'parts'
  /** how far the loops around it are, by their nodes, and it itself when it is asked what now */
  readonly loops?: { readonly [node: string]: LoopRead }
  /** of a loop that is asked what now: how many iterations have ended, and which step failed */
  readonly turn?: number
  readonly problem?: StepProblem
  readonly attempts: number
  /** a failure that its tool only reports is tried again too */
  readonly insists?: true
  /** ms that are left of what its iteration may take */
  readonly left?: number
  /** it asks a model something before it acts */
  readonly asks?: true
  /** what it was told when it asked */
  readonly answers?: readonly Answer[]
  /** nothing else of its run is in flight: those behind it may follow in the same turn */
  readonly alone?: true
  readonly effect: EffectClass
  /** what it does may be undone: how things were is to be kept */
  readonly undoable?: true
}
/** What a step is told of a loop; `ms`: what its steps took so far. */
export type LoopRead = { readonly list?: Ref; readonly most?: number; readonly length: number; readonly ms: number }
export type StepRead = {
  readonly status: string
  readonly result?: Ref
  readonly problem?: Problem
  readonly reason?: string
  readonly same?: true
}

// what refs, problems and ends hold was made by this code and may be large: their shape is looked at, not their depths
const ref = z.custom<Ref>((value) => isMap(value) && ('inline' in value || typeof value.blob === 'string'))
const problem = z.custom<Problem>((value) => isMap(value) && typeof value.code === 'string')
const reads = z.custom<StepStart['reads']>((value) => value === 'parts' || isMap(value))
const loops = z.custom<NonNullable<StepStart['loops']>>(isMap)
const ends = z.custom<SegmentEnd['ends']>((value) => Array.isArray(value) && value.length > 0 && value.every(isEnd))
const made = z.custom<Made>((value) => isMap(value) && typeof value.location === 'string')
const count = z.number().nonnegative()
const above = z.object({ root: z.string(), pipelines: z.array(z.string()) })
const awaited = { step: z.string(), name: z.string(), title: z.string() }
/** What a signal may be called. */
export const signalName = z.string().min(1, 'a name is expected').max(200, 'up to 200 characters are expected')

const stepEnd = z.object({
  type: z.literal('step-end'),
  step: z.string(),
  status: z.enum(['completed', 'failed', 'skipped']),
  attempts: count,
  ms: count,
  key: z.string().exactOptional(),
  result: ref.exactOptional(),
  problem: problem.exactOptional(),
  reason: z.string().exactOptional(),
  goto: z.string().exactOptional(),
  depends: z.array(z.string()).exactOptional(),
  models: z.custom<readonly ModelUse[]>((value) => Array.isArray(value) && value.every(isMap)).exactOptional(),
  degraded: z.literal(true).exactOptional(),
  artifact: made.exactOptional(),
  same: z.literal(true).exactOptional(),
  warnings: z.array(z.string()).exactOptional(),
  list: ref.exactOptional(),
  loop: z
    .object({ list: ref.exactOptional(), most: count.exactOptional(), width: count.exactOptional(), length: count })
    .exactOptional(),
  handled: z.string().exactOptional(),
  level: z.string().exactOptional(),
  memo: ref.exactOptional(),
  others: z.custom<readonly StepEnd[]>((value) => Array.isArray(value) && value.every(isEnd)).exactOptional(),
})

const undone = z.custom<Undone['steps']>(Array.isArray)
const routeEnd = z.templateLiteral([
  z.enum(['success', 'failure', 'false', 'unreached']),
  z.string(),
]) as unknown as z.ZodType<RouteName>

/** What a run takes. */
export const runMessage: z.ZodType<RunMessage> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    pipeline: z.string(),
    name: z.string(),
    inputs: ref,
    source: z.string().exactOptional(),
    owner: z.string().exactOptional(),
    granted: z.array(z.string()).exactOptional(),
    interactive: z.literal(true).exactOptional(),
    above: above.exactOptional(),
    detached: z.literal(true).exactOptional(),
    recorded: ref.exactOptional(),
  }),
  stepEnd,
  z.object({ type: z.literal('segment-end'), ends }),
  z.object({ type: z.literal('fan-out'), of: z.string().nullable(), from: count }),
  z.object({ type: z.literal('fill'), loop: z.string() }),
  z.object({ type: z.literal('skip'), of: z.string(), end: routeEnd, from: count }),
  z.object({ type: z.literal('pass'), of: z.string(), end: routeEnd, from: count }),
  z.object({ type: z.literal('undone'), steps: undone, last: z.boolean() }),
  z.object({ type: z.literal('step-wait'), step: z.string(), until: count, attempts: count, problem }),
  z.object({ type: z.literal('cancel-rest'), from: count, work: z.string() }),
  z.object({ type: z.literal('take-back'), reason: z.string() }),
  z.object({ type: z.literal('expire') }),
  z.object({ type: z.literal('signal'), name: signalName, value: z.json() as z.ZodType<Json> }),
  z.object({ type: z.literal('await'), ...awaited }),
  z.object({ type: z.literal('below'), run: z.string(), ...awaited }),
  recursionMessage,
])

/** What starts a step. */
export const stepStart: z.ZodType<StepStart> = z.object({
  type: z.literal('start'),
  pipeline: z.string(),
  run: z.object({ id: z.string(), startedAt: count }),
  granted: z.array(z.string()).exactOptional(),
  provenance: z.custom<Provenance>(isMap).exactOptional(),
  recorded: ref.exactOptional(),
  step: z.string(),
  inputs: ref,
  reads,
  loops: loops.exactOptional(),
  turn: count.exactOptional(),
  problem: problem.exactOptional(),
  attempts: count,
  insists: z.literal(true).exactOptional(),
  left: count.exactOptional(),
  asks: z.literal(true).exactOptional(),
  answers: z.custom<readonly Answer[]>((value) => Array.isArray(value) && value.every(isMap)).exactOptional(),
  alone: z.literal(true).exactOptional(),
  effect: z.enum(['pure', 'idempotent', 'at-most-once']),
  undoable: z.literal(true).exactOptional(),
})

function isEnd(value: unknown): boolean {
  return isMap(value) && value.type === 'step-end' && typeof value.step === 'string' && typeof value.status === 'string'
}

function isMap(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null
}
