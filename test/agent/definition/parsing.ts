import { z } from 'zod'
import type { AgentDefinition } from '../../../src/agent/definition/definition.ts'
import type { AgentFinding } from '../../../src/agent/definition/finding.ts'
import { type AgentSurroundings, parseAgent } from '../../../src/agent/definition/parse.ts'
import { ourTools } from '../../../src/runtime/services/toolbox.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'

/** A tool of a server. */
const issues = defineTool({
  name: 'github:search_issues',
  server: 'github',
  description: 'Finds issues',
  effect: 'pure',
  input: z.object({}),
  execute: () => ({}),
})

/** The models `lab/one` and `lab/three` can answer. `openai/…` lacks its key. */
function lackOfModel(name: string) {
  if (/^lab\/(?:one|three)$/.test(name)) return undefined
  if (name.startsWith('openai/')) return { message: `The model ${name} needs a key.`, id: name, hint: 'Set its key.' }
  return { message: `There is no model ${name}.` }
}

/** A project with one skill, two agents and a server of tools. */
export const PROJECT: AgentSurroundings = {
  name: 'clerk',
  file: 'agents/clerk.md',
  toolbox: createToolbox([...ourTools, issues]),
  skills: [
    {
      name: 'letters',
      skill: { name: 'letters', description: 'Writes letters', body: 'Be brief.', folder: 'skills/letters' },
    },
  ],
  agents: [{ name: 'clerk' }, { name: 'reviewer', description: 'Reviews', title: 'Code Reviewer' }],
  lackOfModel,
  hasFile: (path) => path === 'playbooks/tides.yaml',
}

type Parsed = {
  readonly definition: AgentDefinition
  readonly findings: readonly AgentFinding[]
  readonly said: readonly string[]
}

/** A file from its lines, read; `said` has its findings as `severity line:column message`. */
export function parse(lines: readonly string[], around: Partial<AgentSurroundings> = {}): Parsed {
  const { definition, findings } = parseAgent(lines.join('\n'), { ...PROJECT, ...around })
  const said = findings.map(({ severity, line, column, message }) => `${severity} ${line}:${column} ${message}`)
  // a test that expects a definition fails when there is none
  return { definition: definition as AgentDefinition, findings, said }
}

/** A file with a description, further lines in the front matter, and instructions. It has one tool unless a line names others. */
export const agentWith = (...lines: readonly string[]): readonly string[] =>
  bareAgent(...lines, ...(lines.some((line) => line.startsWith('tools:')) ? [] : ['tools: Read']))

/** A file with a description and the given lines alone. */
export const bareAgent = (...lines: readonly string[]): readonly string[] => [
  ...['---', 'description: Keeps notes', ...lines, '---', 'You keep notes.'],
]
