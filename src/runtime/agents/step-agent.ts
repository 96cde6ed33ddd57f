import type { AgentDefinition } from '../../agent/definition/definition.ts'
import type { StepAgent } from '../../tool/agents/goal-origin.ts'

/** The definition of an agent that a step brings along. It knows what the step says, and nothing of the project. */
export function definitionOfStep(agent: StepAgent): AgentDefinition {
  return { ...agent, description: `The agent of the step ${agent.name}`, skills: [] }
}
