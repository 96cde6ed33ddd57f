import { z } from 'zod'
import type { Plain } from '../../../document.ts'
import { countSchema } from '../../../step/fields.ts'
import type { ParallelEnd } from '../../../step/messages/step-end.ts'
import type { RouteKey } from '../routing.ts'

/**
 * A route is executed by messages of the run to itself: first all bypassed steps are skipped, then
 * their dependents are released. So no bypassed step can start in between.
 */
export type FollowRoute =
  | { readonly type: 'skip'; readonly of: string; readonly end: RouteKey; readonly from: number }
  | { readonly type: 'pass'; readonly of: string; readonly end: RouteKey; readonly from: number }

/** A message of the run to itself: the rest of a fan-out, a loop's first iterations or a batch's ends; or a route. */
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
export type CancelRemaining = Plain<typeof cancelRemainingSchema>

const cancelRemainingSchema = z.object({
  type: z.literal('cancel-rest'),
  work: z.string(),
  steps: z.array(z.string()),
  after: z.string().exactOptional(),
})

const routeKeySchema = z.templateLiteral([
  z.enum(['success', 'failure', 'false', 'unreached']),
  z.string(),
]) as z.ZodType<RouteKey>

/** The process may have the strategy of the run now. */
export type LookAgain = { readonly type: 'code' }
/** The messages that runs of pipelines take, besides those of every run. */
export type PipelineMessage = Exclude<ContinueRun, ParallelEnd> | CancelRemaining | LookAgain

export const pipelineMessages = {
  'fan-out': z.object({ type: z.literal('fan-out'), of: z.string().nullable(), from: countSchema }),
  fill: z.object({ type: z.literal('fill'), loop: z.string() }),
  skip: z.object({ type: z.literal('skip'), of: z.string(), end: routeKeySchema, from: countSchema }),
  pass: z.object({ type: z.literal('pass'), of: z.string(), end: routeKeySchema, from: countSchema }),
  code: z.object({ type: z.literal('code') }),
  'cancel-rest': cancelRemainingSchema,
}
