import { z } from 'zod'
import { type By, by } from '../../../house/by.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { ChildGoalWait, Expire, Look, UndoEndedRun, UndoRun, WatchRun } from '../../../run/messages.ts'
import { type Signal, type SignalRoom, signalNameSchema } from '../../../run/signal.ts'
import { countSchema, listOfMaps, optionalField } from '../../../step/fields.ts'
import { type ProgressMessage, progressMessageSchema } from '../../../step/messages/progress.ts'
import {
  type BatchEnd,
  batchEndSchema,
  type ParallelEnd,
  type StepReport,
  stepReportSchema,
  stepWaitSchema,
  type UndoProgress,
  undoProgressSchema,
} from '../../../step/messages/step-end.ts'
import type { StepTry, StepWait } from '../../../step/record/step.ts'
import type { RouteKey } from '../routing.ts'
import { type CallsStart, callsStartSchema, type RunStart, runStartSchema } from './run-start.ts'

/**
 * A route is executed by messages of the run to itself: first all bypassed steps are skipped, then
 * their dependents are released. So no bypassed step can start in between.
 */
export type FollowRoute =
  | { readonly type: 'skip'; readonly of: string; readonly end: RouteKey; readonly from: number }
  | { readonly type: 'pass'; readonly of: string; readonly end: RouteKey; readonly from: number }

/**
 * A message of the run to itself: the rest of a fan-out, of a loop's first iterations or of a batch's ends, a route.
 */
export type ContinueRun =
  | { readonly type: 'fan-out'; readonly of: string | null; readonly from: number }
  | { readonly type: 'fill'; readonly loop: string }
  | ParallelEnd
  | FollowRoute

/**
 * Continues to cancel steps after an earlier turn; it has a correlation id of its own,
 * since the run drops messages of the cancelled work. `steps` are the steps of the graph
 * that are left. `after` is the last step that was cancelled in the first of them.
 */
export type CancelRemaining = {
  readonly type: 'cancel-rest'
  readonly work: string
  readonly steps: readonly string[]
  readonly after?: string
}

const cancelRemainingSchema = z.object({
  type: z.literal('cancel-rest'),
  work: z.string(),
  steps: z.array(z.string()),
  after: z.string().exactOptional(),
})

/** A request to the root run about state that all runs of its tree share. */
export type RecursionMessage = {
  readonly type: 'recursion'
  readonly operation: 'check_condition' | 'update_state' | 'get_state' | 'reset'
  readonly context: string
  readonly key?: string
  readonly value?: Json
  readonly increment?: number
}

const recursionMessageSchema = z.object({
  type: z.literal('recursion'),
  operation: z.enum(['check_condition', 'update_state', 'get_state', 'reset']),
  context: z.string().min(1).max(200),
  key: z.string().min(1).max(200).exactOptional(),
  value: (z.json() as z.ZodType<Json>).exactOptional(),
  increment: z.number().exactOptional(),
})

/**
 * A step waits for a signal. `unmade`: it has not made its call, which a person has to approve first. `tries`: its
 * failed attempts that no event has told. `parked`: the signals that it parks; `waits`: code that is not here judges
 * them. `lacksCode`: the first of them came. `after`: the signal before was parked or refused.
 */
export type AwaitSignal = {
  readonly type: 'await'
  readonly step: string
  readonly name: string
  readonly title: string
  readonly unmade?: true
  readonly tries?: readonly StepTry[]
  readonly parked?: SignalRoom & { readonly waits?: true }
  readonly lacksCode?: true
  readonly after?: { readonly id?: string; readonly isParked: boolean }
}

/** A step of a child run waits for a signal. */
export type ChildAwaitSignal = Pick<AwaitSignal, 'step' | 'name' | 'title'> & {
  readonly type: 'child-await'
  readonly run: string
}

const awaitedFields = { step: z.string(), name: z.string(), title: z.string() }

const signalSchema = z.object({
  type: z.literal('signal'),
  name: signalNameSchema,
  value: z.json() as z.ZodType<Json>,
  answers: z.literal(false).exactOptional(),
  by: (by as z.ZodType<By>).exactOptional(),
  id: z.string().exactOptional(),
  again: z.literal(true).exactOptional(),
})

const awaitSignalSchema = z.object({
  type: z.literal('await'),
  ...awaitedFields,
  unmade: z.literal(true).exactOptional(),
  tries: optionalField(listOfMaps<StepTry>()),
  parked: z.object({ count: z.number(), size: z.number(), waits: z.literal(true).exactOptional() }).exactOptional(),
  lacksCode: z.literal(true).exactOptional(),
  after: z.object({ id: z.string().exactOptional(), isParked: z.boolean() }).exactOptional(),
})

const childAwaitSignalSchema = z.object({ type: z.literal('child-await'), run: z.string(), ...awaitedFields })

/** A warning about a step that came after its call had ended. */
export type LateRemark = { readonly type: 'late-remark'; readonly step: string; readonly warning: string }

/** Every message that a run accepts. */
export type RunMessage =
  | RunStart
  | CallsStart
  | StepReport
  | StepWait
  | UndoProgress
  | BatchEnd
  | ContinueRun
  | CancelRemaining
  | UndoRun
  | UndoEndedRun
  | Expire
  | Look
  | WatchRun
  | Signal
  | AwaitSignal
  | ChildAwaitSignal
  | ChildGoalWait
  | RecursionMessage
  | LateRemark
  | ProgressMessage

const routeKeySchema = z.templateLiteral([
  z.enum(['success', 'failure', 'false', 'unreached']),
  z.string(),
]) as z.ZodType<RouteKey>

/** Schema of `RunMessage`. */
export const runMessageSchema: z.ZodType<RunMessage> = z.discriminatedUnion('type', [
  runStartSchema,
  callsStartSchema as z.ZodType<CallsStart> as never,
  stepReportSchema,
  batchEndSchema,
  z.object({ type: z.literal('fan-out'), of: z.string().nullable(), from: countSchema }),
  z.object({ type: z.literal('fill'), loop: z.string() }),
  z.object({ type: z.literal('skip'), of: z.string(), end: routeKeySchema, from: countSchema }),
  z.object({ type: z.literal('pass'), of: z.string(), end: routeKeySchema, from: countSchema }),
  undoProgressSchema,
  stepWaitSchema,
  cancelRemainingSchema,
  z.object({ type: z.literal('undo-run'), reason: z.string() }),
  z.object({ type: z.literal('undo'), goal: z.string() }),
  z.object({ type: z.enum(['expire', 'look', 'watch']) }),
  signalSchema,
  awaitSignalSchema,
  childAwaitSignalSchema,
  z.object({ type: z.literal('goal-wait'), goal: z.string(), title: z.string() }),
  recursionMessageSchema,
  z.object({ type: z.literal('late-remark'), step: z.string(), warning: z.string() }),
  progressMessageSchema,
])
