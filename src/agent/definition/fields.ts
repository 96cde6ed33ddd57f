import { z } from 'zod'
import type { Json } from '../../kernel/schema.ts'
import { validationIssues, valueAt } from '../../kernel/schema-issues/validation-issues.ts'
import { ownValue } from '../../lib/own.ts'
import { prioritySchema } from '../../lib/priority-schema.ts'
import { timeSpanSchema } from '../../lib/time-span.ts'
import { approvalPolicySchema, callConditionSchema, callTimeoutSchema, retrySchema } from '../../tool/tool-request.ts'
import type { ReportAgentFinding } from './finding.ts'

/** A list of names, or a text of names with commas between them. A comma in parentheses belongs to its name. */
const names = z.union([
  z.array(z.string().trim().min(1)),
  z
    .string()
    .transform((text) =>
      (text.match(/(?:[^,(]|\([^)]*\)?)+/g) ?? []).map((one) => one.trim()).filter((one) => one !== ''),
    ),
])

const deadline = timeSpanSchema.pipe(z.number().positive())

const servers = z.record(z.string(), z.record(z.string(), z.json()))

const agentFields = z.object({
  name: z.string().trim().min(1).exactOptional(),
  description: z.string('expected a text that says what the agent is for').trim().min(1, 'expected a text'),
  tools: names.exactOptional(),
  disallowedTools: names.exactOptional(),
  model: z.union([z.string(), z.array(z.string())]).exactOptional(),
  maxTurns: z.int().positive().exactOptional(),
  skills: names.exactOptional(),
  mcpServers: z.union([servers, z.array(z.union([z.string(), servers]))]).exactOptional(),
  approve: approvalPolicySchema.exactOptional(),
  budget: z.number().nonnegative().exactOptional(),
  deadline: deadline.exactOptional(),
  patience: timeSpanSchema.exactOptional(),
  timeout: timeSpanSchema.pipe(callTimeoutSchema).exactOptional(),
  retry: retrySchema.exactOptional(),
  priority: prioritySchema.exactOptional(),
  playbook: z.string().min(1).exactOptional(),
  learn: z
    .union([z.enum(['off', 'propose', 'on']), z.boolean()])
    // YAML 1.1 reads `on` and `off` as booleans
    .transform((learn) => (typeof learn === 'boolean' ? (learn ? 'on' : 'off') : learn))
    .exactOptional(),
  agents: names.exactOptional(),
  environment: callConditionSchema.shape.environment.exactOptional(),
  on_unknown: z.enum(['ask', 'tell', 'fail']).exactOptional(),
  on_failure: z.literal('undo').exactOptional(),
  output: z.record(z.string(), z.json()).exactOptional(),
})

/** The values of the keys in the file of an agent. */
export type AgentFields = z.infer<typeof agentFields>

/** The keys of the file of an agent. */
export const AGENT_KEYS: readonly string[] = Object.keys(agentFields.shape)

/** An example for a key whose value is missing or wrong. */
const HINTS: { readonly [key: string]: string } = {
  description: 'Write a sentence, such as `description: Keeps notes short and correct`.',
}

/** A file of another product may lack a description. A playbook is matched with goals by it. */
const lenientFields = agentFields.extend({ description: z.string().trim().default('') })

/** The values of the keys; reports an error for each fault. `product`: why the file is written for another product. */
export function readFields(
  own: { readonly [key: string]: Json },
  report: ReportAgentFinding,
  product?: string,
): AgentFields | undefined {
  const isLenient = product !== undefined && own.playbook === undefined
  const parsed = (isLenient ? lenientFields : agentFields).safeParse(own)
  if (parsed.success && parsed.data.description === '')
    report('warning', ['description'], 'there is no `description`', {
      hint: 'People and other agents choose an agent by it.',
    })
  if (parsed.success) return parsed.data
  for (const issue of validationIssues(parsed.error.issues, own)) {
    const { path } = issue
    const isMissing = path.length === 1 && !Object.hasOwn(own, path[0]!)
    const expected = issue.expected ?? issue.message
    const text = isMissing
      ? `there is no \`${path[0]}\`: ${expected}`
      : `\`${path.join('.')}\`: ${expected}, got ${short(valueAt(own, path))}`
    const hint = ownValue(HINTS, String(path[0]))
    report('error', path, text, hint === undefined ? {} : { hint })
  }
  return undefined
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
