import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { isAgentName } from '../../../agent/definition/agent-name.ts'
import { InvalidError } from '../../../errors.ts'
import { command } from '../../cli.ts'
import { commandLine } from '../../terminal/format.ts'
import { alreadyThere, writeOnce } from '../author/write-once.ts'

export const agentNewCommand = command({
  name: 'new',
  about: 'Create an agent. Writes agents/NAME.md and its playbook agents/NAME.yaml, which work without a model.',
  args: [['<name>', 'name of the agent: lower-case letters, digits and dashes']],
  examples: ['agent new clerk'],
  async run({ terminal, engine }, name) {
    if (!isAgentName(name))
      throw new InvalidError(`Expected the name of an agent, got ${name}.`, {
        hint: 'Use lower-case letters, digits and dashes, as in code-reviewer.',
      })
    const { loadConfig } = await import('../../../config/config.ts')
    const { folder } = await loadConfig({
      folder: terminal.folder,
      environment: terminal.environment,
      engine: engine(),
    })
    const [agent, playbook] = ['md', 'yaml'].map((ending) => join(folder, 'agents', `${name}.${ending}`))
    if (existsSync(playbook!)) throw alreadyThere(playbook!)
    await writeOnce(agent!, agentText(name))
    await writeOnce(playbook!, playbookText(name))
    terminal.lines([agent!, playbook!].map((file) => relative(terminal.folder, file)))
    terminal.say(
      `To check it and to give it a goal:\n  ${commandLine(['agent', 'check', name], terminal.environment)}\n  ${commandLine(['agent', 'run', name, FIRST_GOAL], terminal.environment)}`,
    )
    return 0
  },
})

/** A goal that the playbook of a new agent fits. */
const FIRST_GOAL = 'Note that the harbour closes at nine on Friday'

/** The file of a new agent. It has a playbook, so that it works without a model. */
const agentText = (name: string) => `---
name: ${name}
description: Notes things down in notes.md
tools: filesystem
# goals that this playbook fits need no model; others use the model
playbook: agents/${name}.yaml
# these calls wait for a person
approve: [filesystem:append]
---
You keep notes.md. Read it before you add a line, and add nothing that it already says.
`

const playbookText = (
  name: string,
) => `# Adds a line to notes.md. \`goal\` is the text of the goal. The agent's file says which calls wait for a person.
name: ${name}
inputs: { goal: { type: string } }
steps:
  - id: add
    tool: filesystem
    action: append
    parameters: { path: notes.md, content: "- {{ goal }}\\n" }
outputs: { result: "{{ add.path | default('Nothing was added.') }}" }
`
