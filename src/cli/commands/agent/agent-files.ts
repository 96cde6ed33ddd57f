/** A goal that the playbook of a new agent fits. */
export const FIRST_GOAL = 'Note that the harbour closes at nine on Friday'

/** The file of a new agent. It has a playbook, so that it works without a model. */
export const agentText = (name: string) => `---
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

/** The playbook of a new agent. */
export const playbookText = (
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
