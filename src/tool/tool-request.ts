import { z } from 'zod'
import type { Plain } from '../document.ts'
import type { Json } from '../kernel/json.ts'
import {
  MAX_APPROVED,
  MAX_CALL_RETRIES,
  MAX_CALL_SECONDS,
  MAX_CONDITION,
  MAX_TOOL_NAME,
  OWN_ENVIRONMENT,
  OWN_ENVIRONMENT_EXPECTED,
} from './call-bounds.ts'

/** A call of a tool that no author wrote. Its parameters are data: no template is rendered, no secret is inserted. */
export type ToolRequest = Plain<typeof toolRequestSchema>

/** A call is made only while an environment has this version, else rejected for good. 0: nobody has updated it yet. */
export type CallCondition = Plain<typeof callConditionSchema>

export const callConditionSchema = z.strictObject({
  environment: z.string().regex(OWN_ENVIRONMENT, OWN_ENVIRONMENT_EXPECTED),
  version: z.int().min(0),
})

export const toolRequestSchema = z.strictObject({
  /** its step in the run; absent: `call_1`, `call_2`… by its place in the list */
  id: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, 'expected letters, digits and `_`, at most 64, beginning with a letter')
    .exactOptional(),
  /** a tool, with its operation if it has several: `filesystem:read` */
  tool: z
    .string()
    .max(200)
    .regex(/^[A-Za-z][\w-]*(:[\w./-]+)?$/, 'expected a tool such as filesystem:read'),
  parameters: (z.record(z.string(), z.json()) as z.ZodType<{ readonly [name: string]: Json }>).exactOptional(),
  /** seconds; absent: the tool's own bound */
  timeout: z.number().positive().max(MAX_CALL_SECONDS).exactOptional(),
  /** attempts after the first; absent: two. An at-most-once call has none. */
  retry: z.int().min(0).max(MAX_CALL_RETRIES).exactOptional(),
  when: callConditionSchema.exactOptional(),
})

/** The calls that one run makes. */
export const MAX_CALLS = 100

/** A tool whose calls wait for a person. `when`: only those for which this template, which reads `input`, is true. */
export type ApprovalRule = string | { readonly tool: string; readonly when: string }

/** Which calls wait for a person: those that may do harm, none, or those of the tools in the list. */
export type ApprovalPolicy = 'default' | 'none' | readonly ApprovalRule[]

export const toolOfRule = (rule: ApprovalRule): string => (typeof rule === 'string' ? rule : rule.tool)

/** The names of the tools that wait in every call: those without a condition. */
export const unconditional = (rules: readonly ApprovalRule[]): readonly string[] =>
  rules.filter((rule) => typeof rule === 'string')

const ruledTool = z.string().min(1).max(MAX_TOOL_NAME)

export const approvalPolicySchema: z.ZodType<ApprovalPolicy> = z.union([
  z.enum(['default', 'none']),
  z
    .array(z.union([ruledTool, z.strictObject({ tool: ruledTool, when: z.string().min(1).max(MAX_CONDITION) })]))
    .max(MAX_APPROVED),
])
