import { z } from 'zod'
import type { Plain } from '../document.ts'
import { originFields } from '../step/messages/run-origin.ts'
import { approvalPolicySchema, MAX_CALLS, toolRequestSchema } from '../tool/tool-request.ts'

export const callsStartSchema = z.strictObject({
  type: z.literal('calls'),
  calls: z.array(toolRequestSchema).min(1).max(MAX_CALLS),
  /** absent: `default` */
  approve: approvalPolicySchema.exactOptional(),
  /** tools that wait for a person besides */
  also: z.array(z.string()).exactOptional(),
  /** the tools that are code of a program, with the hashes of their parameters */
  code: z.record(z.string(), z.string()).exactOptional(),
  /** after a failed call: `fail` starts no others (absent), `continue` makes all, `undo` undoes the finished ones */
  onFailure: z.enum(['fail', 'continue', 'undo']).exactOptional(),
  content: originFields.content,
  origin: z.object(originFields).exactOptional(),
})

/** Begins a run that makes calls which no author wrote, each in a step of its own. */
export type CallsStart = Plain<typeof callsStartSchema>
