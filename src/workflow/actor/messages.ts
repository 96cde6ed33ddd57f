import { z } from 'zod'
import { optionalField, refSchema } from '../../step/fields.ts'
import { originFields, type RunOrigin } from '../../step/messages/run-origin.ts'
import { type StepStart, stepStartSchema } from '../../step/messages/step-start.ts'
import type { ValueRef } from '../../step/values.ts'

export type WorkflowStart = RunOrigin & {
  readonly type: 'workflow'
  readonly workflow: string
  /** absent: 1 */
  readonly version?: number
  /** its input, as the schema made it */
  readonly inputs: ValueRef
  /** for a fork: the hash of its `ForkedHistory` */
  readonly history?: string
  /** for a fork: the run whose random numbers it has; absent: its own */
  readonly seed?: string
  /** of the addresses of its waits */
  readonly nonce?: string
}

/** A timer of `ctx.sleep`. */
type Wake = { readonly type: 'wake'; readonly operation: number }
/** The process has other code now, or the function went on by itself: look again. */
type LookAgain = { readonly type: 'code' }
/** Tells the function of a cancelled run, once the steps that must not be repeated have settled. */
type CleanUp = { readonly type: 'clean-up' }
/** The time for settling steps, or for cleaning up, is over. */
type GraceOver = { readonly type: 'settle-over' | 'grace-over' }
/** Quick steps have begun: the run itself does them, in a turn of their own. */
export type RunQuick = { readonly type: 'quick'; readonly batch: StepStart }

/** The messages that only runs of workflows take. */
export type WorkflowMessage = Wake | LookAgain | CleanUp | GraceOver | RunQuick

export const workflowStartSchema = z.object({
  type: z.literal('workflow'),
  workflow: z.string(),
  version: optionalField(z.number()),
  inputs: refSchema,
  history: optionalField(z.string()),
  seed: optionalField(z.string()),
  nonce: optionalField(z.string()),
  ...originFields,
})

const plain = <Type extends string>(type: Type) => z.object({ type: z.literal(type) })

/** Schemas of `WorkflowMessage`, by type. */
export const workflowMessages = {
  wake: z.object({ type: z.literal('wake'), operation: z.number() }),
  code: plain('code'),
  'clean-up': plain('clean-up'),
  'settle-over': plain('settle-over'),
  'grace-over': plain('grace-over'),
  quick: z.object({ type: z.literal('quick'), batch: stepStartSchema }),
}
