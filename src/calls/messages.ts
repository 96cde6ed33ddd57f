import { z } from 'zod'
import { originFields, type RunOrigin } from '../step/messages/run-origin.ts'
import {
  type ApprovalPolicy,
  approvalPolicySchema,
  MAX_CALLS,
  type ToolRequest,
  toolRequestSchema,
} from '../tool/tool-request.ts'

/** Begins a run that makes calls which no author wrote, each in a step of its own. */
export type CallsStart = {
  readonly type: 'calls'
  readonly calls: readonly ToolRequest[]
  /** absent: `default` */
  readonly approve?: ApprovalPolicy
  /** tools that wait for a person besides */
  readonly also?: readonly string[]
  /** the tools that are code of a program, with the hashes of their parameters */
  readonly code?: { readonly [tool: string]: string }
  /**
   * after a failed call: `fail` starts no others (absent), `continue` makes them all, `undo` undoes those that are done
   */
  readonly onFailure?: 'fail' | 'continue' | 'undo'
  readonly content?: RunOrigin['content']
  readonly origin?: RunOrigin
}

/** Schema of `CallsStart`. */
export const callsStartSchema = z.strictObject({
  type: z.literal('calls'),
  calls: z.array(toolRequestSchema).min(1).max(MAX_CALLS),
  approve: approvalPolicySchema.exactOptional(),
  also: z.array(z.string()).exactOptional(),
  code: z.record(z.string(), z.string()).exactOptional(),
  onFailure: z.enum(['fail', 'continue', 'undo']).exactOptional(),
  content: originFields.content,
  origin: z.object(originFields).exactOptional(),
})
