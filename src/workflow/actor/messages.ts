import { z } from 'zod'
import type { Plain } from '../../document.ts'
import { optionalField, refSchema } from '../../step/fields.ts'
import { originFields } from '../../step/messages/run-origin.ts'
import { type StepStart, stepStartSchema } from '../../step/messages/step-start.ts'

export const workflowStartSchema = z.object({
  type: z.literal('workflow'),
  workflow: z.string(),
  /** absent: 1 */
  version: optionalField(z.number()),
  /** its input, as the schema made it */
  inputs: refSchema,
  /** for a fork: the hash of its `ForkedHistory` */
  history: optionalField(z.string()),
  /** for a fork: the run whose random numbers it has; absent: its own */
  seed: optionalField(z.string()),
  /** of the addresses of its waits */
  nonce: optionalField(z.string()),
  ...originFields,
})

/** Begins a run of a workflow. */
export type WorkflowStart = Plain<typeof workflowStartSchema>

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

const plain = <Type extends string>(type: Type) => z.object({ type: z.literal(type) })

export const workflowMessages = {
  wake: z.object({ type: z.literal('wake'), operation: z.number() }),
  code: plain('code'),
  'clean-up': plain('clean-up'),
  'settle-over': plain('settle-over'),
  'grace-over': plain('grace-over'),
  quick: z.object({ type: z.literal('quick'), batch: stepStartSchema }),
}
