import type { AgentDefinition } from '../../agent/definition/definition.ts'
import type { StepAgent } from '../../tool/agents/goal-origin.ts'

/** The definition of an agent that a step brings along. It knows what the step says, and nothing of the project. Tools denied to the run are denied to it. */
export function definitionOfStep(agent: StepAgent, denied: readonly string[] = []): AgentDefinition {
  return {
    ...agent,
    ...(denied.length > 0 && { denied }),
    description: `The agent of the step ${agent.name}`,
    skills: [],
  }
}
