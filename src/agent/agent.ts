import type { Actor } from '../kernel/types.ts'
import { goalActor } from './goal/goal-actor.ts'
import type { AgentServices } from './goal/services.ts'
import { playbooksActor } from './playbook/playbooks-actor.ts'

/** The actors of agents: `agent`, one per goal, and `playbooks`, one per owner and agent. */
export function agentActors(services: AgentServices): readonly Actor[] {
  return [goalActor(services), playbooksActor(services)]
}
