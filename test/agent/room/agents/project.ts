import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { AgentProject } from '../../../../src/agent/room/files/read-agent.ts'
import { ourTools } from '../../../../src/runtime/services/toolbox.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'

/** The file of an agent with a description and a body. It has one tool unless a line names others. */
export const agentFile = (description: string, ...lines: readonly string[]) =>
  bareAgentFile(description, ...lines, ...(lines.some((line) => line.startsWith('tools:')) ? [] : ['tools: Read']))

/** The file of an agent with a description, the given lines alone, and a body. */
export const bareAgentFile = (description: string, ...lines: readonly string[]) =>
  ['---', `description: ${description}`, ...lines, '---', 'Do it.'].join('\n')

/** The file of a skill. */
export const skillFile = (name: string, body = 'Do it well.') =>
  `---\nname: ${name}\ndescription: Knows ${name}\n---\n${body}\n`

/** A project in a folder of its own, from its files. */
export function projectWith(files: { readonly [path: string]: string }): AgentProject {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-agents-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return {
    folder,
    toolbox: createToolbox(ourTools),
    models: {
      find: (name) => (name === 'lab/one' ? name : undefined),
      lackOf: (name) => (name === 'lab/one' ? undefined : { message: `there is no model ${name}` }),
    },
  }
}
