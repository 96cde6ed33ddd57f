import { hash } from 'node:crypto'
import { InvalidError } from '../../../errors.ts'
import { standardJsonSchema } from '../../../lib/json/standard-json-schema.ts'
import { hashOfInput } from '../../../tool/plugin/code-tool.ts'
import type { Tool } from '../../../tool/tool.ts'
import { type Agent, partsOfAgent } from '../../definition/agent-value.ts'
import { allAgents, toolsOfAgents } from './code-agents.ts'
import type { ProgramCode } from './documents.ts'

type ProgramParts = { readonly agents?: readonly Agent[]; readonly tools?: readonly Tool[] }

/** The agents and tools of a program, by name with their hashes. InvalidError if two agents have one name. */
export function programCode({ agents = [], tools = [] }: ProgramParts): ProgramCode {
  const all = allAgents(agents)
  // a program without types may give anything
  if (!Array.isArray(tools))
    throw new InvalidError('Expected a list of tools made by defineTool.', {
      place: { path: 'tools' },
      hint: 'Write for example tools: [refund].',
    })
  return {
    agents: Object.fromEntries(all.map((agent) => [agent.name, hashOfAgent(agent)])),
    tools: Object.fromEntries([...toolsOfAgents(all), ...tools].map((tool) => [tool.name, hashOfInput(tool)])),
  }
}

/** The hash of all that the program says of an agent. Instructions that are a function count by their source. */
export function hashOfAgent(agent: Agent): string {
  const { fields, instructions, skills, code, own, context, around } = partsOfAgent(agent)!
  const tools = code.map((tool: Tool) => [tool.name, hashOfInput(tool)])
  const given = [
    ...(context ? [standardJsonSchema(context, 'input') ?? true] : []),
    ...(around ? [around.name ?? ''] : []),
  ]
  return hash('sha256', JSON.stringify([fields, String(instructions), skills, tools, own, ...given]), 'hex')
}
