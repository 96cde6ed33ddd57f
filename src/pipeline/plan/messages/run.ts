import { z } from 'zod'
import type { Again } from '../../graph/draft.ts'
import type { CancelRest } from '../../run/cancel.ts'
import { type RecursionMessage, recursionMessage } from '../../run/recursion.ts'
import type { RouteName } from '../compiled.ts'
import { count } from './fields.ts'
import { type RunStart, runStart } from './run-start.ts'
import { type Await, awaitSignal, type Below, below, type Signal, signal } from './signals.ts'
import {
  type GroupEnd,
  groupEnd,
  type SegmentEnd,
  type StepEnd,
  type StepWait,
  segmentEnd,
  stepEnd,
  stepWait,
} from './step-end.ts'
import type { Undone } from './undo.ts'

export type { Above, Provenance, RunStart } from './run-start.ts'
export { type Await, type Below, type Signal, signalName } from './signals.ts'
export type { Apart, GroupEnd, LoopReply, SegmentEnd, StepEnd, StepWait, ToldEnd } from './step-end.ts'
export {
  type Beside,
  type Came,
  type LoopRead,
  type StepRead,
  type StepStart,
  stepStart,
} from './step-start.ts'

/** Calls a run off and has what it did undone before it ends; the run must keep how things were. */
export type TakeBack = { readonly type: 'take-back'; readonly reason: string }

/** Asks a run to go with all that is kept of it; it answers whether it did: one that is not over stays. */
export type Expire = { readonly type: 'expire' }

/** All that a run takes. */
export type RunMessage =
  | RunStart
  | StepEnd
  | StepWait
  | Undone
  | SegmentEnd
  | GroupEnd
  | Again
  | CancelRest
  | TakeBack
  | Expire
  | Signal
  | Await
  | Below
  | RecursionMessage

const undone = z.custom<Undone['steps']>(Array.isArray)
const routeEnd = z.templateLiteral([
  z.enum(['success', 'failure', 'false', 'unreached']),
  z.string(),
]) as unknown as z.ZodType<RouteName>

const cancelRest = z.object({
  type: z.literal('cancel-rest'),
  work: z.string(),
  steps: z.array(z.string()),
  after: z.string().exactOptional(),
})

/** What a run takes. */
export const runMessage: z.ZodType<RunMessage> = z.discriminatedUnion('type', [
  runStart,
  stepEnd,
  segmentEnd,
  groupEnd,
  z.object({ type: z.literal('fan-out'), of: z.string().nullable(), from: count }),
  z.object({ type: z.literal('fill'), loop: z.string() }),
  z.object({ type: z.literal('skip'), of: z.string(), end: routeEnd, from: count }),
  z.object({ type: z.literal('pass'), of: z.string(), end: routeEnd, from: count }),
  z.object({ type: z.literal('undone'), steps: undone, last: z.boolean() }),
  stepWait,
  cancelRest,
  z.object({ type: z.literal('take-back'), reason: z.string() }),
  z.object({ type: z.literal('expire') }),
  signal,
  awaitSignal,
  below,
  recursionMessage,
])
