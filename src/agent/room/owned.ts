import { KIND } from '../../house/actors.ts'
import type { Ownership } from '../../house/owned.ts'
import { AGENT_DEFINITION } from '../definition/agent-data.ts'
import { LEARNED_PLAYBOOKS } from '../playbook/learned-before.ts'
import { openWork } from '../protocol/state.ts'

/** The owners of the actors of agents. */
export const agentOwnership: readonly Ownership[] = [
  {
    kind: KIND.goal,
    place: 'goals',
    workIn: async (_, key, { finishedAt, open }) => [
      ...(finishedAt === undefined ? [key] : []),
      ...(open === undefined ? [] : [openWork(key)]),
    ],
  },
  { kind: 'notes', place: 'notes', isKeyedByOwner: true },
  { kind: LEARNED_PLAYBOOKS },
  { kind: AGENT_DEFINITION, place: 'agents' },
]
