/**
 * Agents: an agent is a file with instructions and tools, and works towards goals in rounds. A round is one answer
 * of a model and the run that makes its calls. Use a goal when a model decides the next step; use a pipeline when
 * the author does. `protocol/` holds the state and the messages, `definition/` reads the files, `context/`,
 * `memory/` and `playbook/` make what a model is shown, and `goal/` is the actor.
 */

import type { Actor } from '../kernel/types.ts'
import { namedVersionsActor } from '../work/named-versions.ts'
import { AGENT_DEFINITION } from './definition/agent-data.ts'
import { goalActor } from './goal/goal-actor.ts'
import type { AgentServices } from './goal/services.ts'

/** The actors of agents: `agent`, one per goal, and `agent-definition`, one per agent that was put at run time. */
export function agentActors(services: AgentServices): readonly Actor[] {
  return [goalActor(services), namedVersionsActor(AGENT_DEFINITION, 'agent', ACTS)]
}

const ACTS = { put: 'agent-put', removed: 'agent-removed' } as const
