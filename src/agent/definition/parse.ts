import { z } from 'zod'
import { InvalidError } from '../../errors.ts'
import { validationIssues } from '../../kernel/validation-issues.ts'
import { approvalPolicySchema } from '../../tool/tool-request.ts'
import { readBoundedYaml } from '../../yaml/read.ts'
import type { AgentDefinition } from './definition.ts'
import { STANDARD_TOOLS, toolsNamed } from './tool-names.ts'

const names = z.union([z.array(z.string()), z.string().transform((text) => text.split(',').map((one) => one.trim()))])

const frontMatter = z.object({
  name: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'expected lower-case letters, digits and `-`')
    .exactOptional(),
  description: z.string().min(1),
  tools: names.exactOptional(),
  disallowedTools: names.exactOptional(),
  model: z.string().exactOptional(),
  maxTurns: z.int().positive().exactOptional(),
  approve: approvalPolicySchema.exactOptional(),
  budget: z.number().nonnegative().exactOptional(),
  deadline: z.number().positive().exactOptional(),
  on_unknown: z.enum(['ask', 'tell', 'fail']).exactOptional(),
})

/** The facts that stand outside the file of an agent. */
export type AgentSurroundings = {
  /** the name of the file, without its endings */
  readonly name: string
  /** for messages */
  readonly file: string
  readonly project?: string
  /** whether a model of that name is configured */
  knowsModel(name: string): boolean
}

/**
 * Reads the text of an agent's file: YAML front matter, then instructions.
 * @throws InvalidError `invalid_agent`
 */
export function parseAgent(text: string, around: AgentSurroundings): AgentDefinition {
  const { head, body } = splitFrontMatter(text, around.file)
  const parsed = frontMatter.safeParse(head)
  if (!parsed.success) {
    const [issue] = validationIssues(parsed.error.issues, head)
    throw invalid(`${issue!.path.join('.')}: ${issue!.message}`, around.file)
  }
  const { name = around.name, description, tools, disallowedTools = [], model, maxTurns, approve } = parsed.data
  const { budget, deadline, on_unknown: onUnknown } = parsed.data
  const denied = new Set(disallowedTools.flatMap(toolsNamed))
  return {
    ...{ name, description, instructions: body.trim(), skills: [] },
    tools: (tools ? tools.flatMap(toolsNamed) : STANDARD_TOOLS).filter((tool) => !denied.has(tool)),
    ...(around.project !== undefined && { project: around.project }),
    ...(model !== undefined && around.knowsModel(model) && { model }),
    ...(maxTurns !== undefined && { maxTurns }),
    ...(approve !== undefined && { approve }),
    ...(budget !== undefined && { budget }),
    ...(deadline !== undefined && { deadline }),
    ...(onUnknown && { onUnknown }),
  }
}

function splitFrontMatter(text: string, file: string): { readonly head: unknown; readonly body: string } {
  const [, yaml, body] = /^---\r?\n(.*?)\r?\n---\r?\n?(.*)$/s.exec(text) ?? []
  if (yaml === undefined || body === undefined) throw invalid('expected front matter between two lines of ---', file)
  const read = readBoundedYaml(yaml, 'the front matter')
  if ('value' in read) return { head: read.value, body }
  throw invalid(read.message, file)
}

function invalid(message: string, file: string): InvalidError {
  return new InvalidError(`${file}: ${message}`, { code: 'invalid_agent', place: { file } })
}
