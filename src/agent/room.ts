/**
 * The room of agents: `runtime.agents` keeps those that are put at run time, `runtime.goals` gives them goals, and
 * `runtime.conversations` lets people talk with them.
 */

import { KIND } from '../house/actors.ts'
import type { WorkRoom } from '../house/room.ts'
import { AGENT_DEFINITION } from './definition/agent-data.ts'
import { openWork } from './protocol/state.ts'
import { AGENTS } from './room/agents/contract.ts'
import { CONVERSATIONS } from './room/conversation/contract.ts'
import { GOALS } from './room/goals/contract.ts'

export const agentRoom: WorkRoom = {
  contract: { ...AGENTS, ...GOALS, ...CONVERSATIONS },
  owns: [
    {
      kind: KIND.goal,
      place: 'goals',
      workIn: async (_, key, { finishedAt, open }) => [
        ...(finishedAt === undefined ? [key] : []),
        ...(open === undefined ? [] : [openWork(key)]),
      ],
    },
    { kind: 'notes', place: 'notes', isKeyedByOwner: true },
    { kind: AGENT_DEFINITION, place: 'agents' },
  ],
}
