import type { GoalOrigin, StepAgent } from '../../../work/origin/goal-origin.ts'
import type { AgentDefinition } from '../../definition/definition.ts'

/**
 * The definition of an agent that a step brings along. It has only what the step says, and nothing of the project.
 * Tools denied to the run are denied to it, and calls that a person approves in the run wait for a person here, too.
 */
export function definitionOfStep(
  agent: StepAgent,
  { denied = [], approve }: Pick<GoalOrigin, 'denied' | 'approve'> = {},
): AgentDefinition {
  return {
    ...agent,
    ...(denied.length > 0 && { denied }),
    ...(approve !== undefined && { approve }),
    description: `The agent of the step ${agent.name}`,
    skills: [],
  }
}
