import { z } from 'zod'
import { type By, by } from '../house/by.ts'
import type { Json } from '../kernel/json.ts'
import type { Envelope } from '../kernel/types.ts'
import { listOfMaps, optionalField } from '../step/fields.ts'
import { type ProgressMessage, progressMessageSchema } from '../step/messages/progress.ts'
import { type AwaitSignal, type Signal, signalNameSchema } from '../step/messages/signal.ts'
import type { BatchEnd, StepReport, UndoProgress } from '../step/messages/step-end.ts'
import { batchEndSchema, stepReportSchema, stepWaitSchema, undoProgressSchema } from '../step/messages/step-end.ts'
import type { StepTry, StepWait } from '../step/record/step.ts'

/** Cancels a run and undoes its steps before it ends. The run must be undoable. */
type UndoRun = { readonly type: 'undo-run'; readonly reason: string }

/**
 * Undoes the finished steps of a run that has ended. Only the goal that the run belongs to may ask. The reply is an
 * `UndoEnd`; a run that has undone its steps before undoes nothing.
 */
export type UndoEndedRun = { readonly type: 'undo'; readonly goal: string }

/** The reply to `UndoEndedRun`: how many steps were undone, and how many could not be. */
export type UndoEnd = { readonly type: 'undo-end'; readonly undone: number; readonly failed: number }

/** The reply of a run that has nothing to undo. */
export const NOTHING_UNDONE: UndoEnd = { type: 'undo-end', undone: 0, failed: 0 }

/** Asks an ended run to delete itself with all its data. It replies whether it did. */
type Expire = { readonly type: 'expire' }

/** Asks a run to reply when it has taken all messages before this one, such as its cancellation. */
type Look = { readonly type: 'look' }

/** The goal of an agent below the run waits for a person. */
export type ChildGoalWait = { readonly type: 'goal-wait'; readonly goal: string; readonly title: string }

/** Asks a run to tell its caller, now and from now on, of each step that ends and of each wait. */
type WatchRun = { readonly type: 'watch' }

/** The note to the caller of a watched run: a step has ended, or waits. */
export type WatchedProgress = { readonly type: 'run-progress' }

/** A request to the root run about state that all runs of its tree share. */
export type RecursionMessage = Readonly<z.infer<typeof recursionMessageSchema>>

export type ChildAwaitSignal = Pick<AwaitSignal, 'step' | 'name' | 'title'> & {
  readonly type: 'child-await'
  readonly run: string
}

/** A warning about a step that came after its call had ended. */
export type LateRemark = { readonly type: 'late-remark'; readonly step: string; readonly warning: string }

/** The messages that every run takes, whatever its language. */
export type CommonMessage =
  | StepReport
  | StepWait
  | BatchEnd
  | UndoProgress
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

const recursionMessageSchema = z.object({
  type: z.literal('recursion'),
  operation: z.enum(['check_condition', 'update_state', 'get_state', 'reset']),
  context: z.string().min(1).max(200),
  key: z.string().min(1).max(200).exactOptional(),
  value: (z.json() as z.ZodType<Json>).exactOptional(),
  increment: z.number().exactOptional(),
})

const awaitedFields = { step: z.string(), name: z.string(), title: z.string() }

const signalSchema = z.object({
  type: z.literal('signal'),
  name: signalNameSchema,
  value: z.json() as z.ZodType<Json>,
  answers: z.literal(false).exactOptional(),
  machine: z.literal(false).exactOptional(),
  by: (by as z.ZodType<By>).exactOptional(),
  id: z.string().exactOptional(),
  again: z.literal(true).exactOptional(),
})

const awaitSignalSchema = z.object({
  type: z.literal('await'),
  ...awaitedFields,
  unmade: z.literal(true).exactOptional(),
  url: z.literal(true).exactOptional(),
  tries: optionalField(listOfMaps<StepTry>()),
  parked: z.object({ count: z.number(), size: z.number(), waits: z.literal(true).exactOptional() }).exactOptional(),
  lacksCode: z.literal(true).exactOptional(),
  after: z.object({ id: z.string().exactOptional(), isParked: z.boolean() }).exactOptional(),
})

const childAwaitSignalSchema = z.object({ type: z.literal('child-await'), run: z.string(), ...awaitedFields })

export const commonMessages = [
  stepReportSchema,
  batchEndSchema,
  undoProgressSchema,
  stepWaitSchema,
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
] as const

/** When a message was sent, or due. A turn depends only on its message, so this needs no journal entry. */
export const messageTime = ({ createdAt, due = 0 }: Pick<Envelope, 'createdAt' | 'due'>): number =>
  Math.max(createdAt, due)
