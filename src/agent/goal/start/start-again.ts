import { present } from '../../../lib/json/present.ts'
import { ownerField } from '../../../lib/owner.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import type { GoalStart, GoalStartPart } from '../../protocol/messages.ts'
import type { GoalState } from '../../protocol/state.ts'
import { limitsOf } from './start-message.ts'

/** The first message of a goal like another one: the same agent and rights, with limits and a budget of its own. */
export function startAgain(
  { agent: name, owner }: Pick<GoalState, 'agent' | 'owner'>,
  start: GoalStartPart,
  agent: AgentDefinition,
): Omit<GoalStart, 'goal' | 'files'> {
  const { definition, untrusted, undo, chosenByModel, granted, denied, priority, workFor, budget } = start
  const { recall, memory } = agent
  return {
    type: 'start',
    agent: name,
    definition,
    limits: limitsOf(agent),
    ...ownerField(owner),
    ...((start.foreign || agent.untrusted) && { foreign: true as const }),
    ...present({ recall, memory, untrusted, undo, chosenByModel, granted, denied, priority, workFor, budget }),
  }
}
