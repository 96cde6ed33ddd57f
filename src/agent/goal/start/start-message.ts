import { amountOf } from '../../../budget/money.ts'
import type { Json, JsonObject } from '../../../kernel/json.ts'
import { ownerField } from '../../../lib/owner.ts'
import type { ValueStore } from '../../../step/values.ts'
import { isReadableRoot, readableRoot } from '../../../tool/roots.ts'
import type { WorkFor } from '../../../work/origin/call-for.ts'
import type { GoalOrigin, GoalParent } from '../../../work/origin/goal-origin.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import type { Playbook } from '../../playbook/playbook.ts'
import type { GoalStart } from '../../protocol/messages.ts'
import { DEFAULT_BUDGET } from '../../protocol/state.ts'
import type { GoalRequest } from './request.ts'

/**
 * The fields that a goal gets from the work above it. An agent may be asked to use tools that are denied to the agent
 * above. Its own file says which calls wait for a person, and its own definition names tools of the program.
 */
export function passedDown(
  { ancestry, owner: _, granted: __, denied: ___, approve: ____, foreign: _____, ...rights }: GoalOrigin,
  parent: GoalParent,
  path: readonly string[],
): JsonObject {
  return { ...rights, parent, path, ...(ancestry.until !== undefined && { until: ancestry.until }) }
}

/** The first message of a goal. Stores the definition, which the goal keeps. */
export async function startMessage(
  values: ValueStore,
  agent: AgentDefinition,
  request: Omit<GoalRequest, 'agent'> & {
    readonly playbooks: readonly Playbook[]
    readonly hold: string
    readonly granted?: readonly string[]
    readonly workFor?: WorkFor
  },
): Promise<GoalStart> {
  const { goal, playbooks, hold, owner, workFor } = request
  const { trusted = true, interactive, budget = agent.budget ?? DEFAULT_BUDGET, playbook = true } = request
  const { priority = agent.priority } = request
  const granted = grantedTo(agent, request.granted)
  return {
    type: 'start',
    agent: agent.name,
    goal,
    budget: amountOf(budget),
    definition: await values.put(agent as Json),
    ...(playbooks.length > 0 && { playbooks: [...playbooks] }),
    ...(!playbook && { playbook: false as const }),
    ...ownerField(owner),
    ...((!trusted || agent.untrusted) && { untrusted: true as const }),
    ...(agent.untrusted && { foreign: true as const }),
    ...(interactive && { interactive: true as const }),
    ...(priority && { priority }),
    ...(workFor && { workFor }),
    ...(agent.onFailure === 'undo' && { undo: true as const }),
    ...(hold !== '' && { hold }),
    ...(granted.length > 0 && { granted: [...granted] }),
    ...(agent.denied && { denied: [...agent.denied] }),
    ...(agent.recall && { recall: agent.recall }),
    ...(agent.memory && { memory: agent.memory }),
    limits: limitsOf(agent),
  }
}

export function limitsOf({ maxTurns: rounds, deadline }: AgentDefinition): NonNullable<GoalStart['limits']> {
  return {
    ...(rounds !== undefined && { rounds }),
    ...(deadline !== undefined && { time: Math.round(deadline * 1000) }),
  }
}

/** The paths open to the calls of a goal: those that it was given and, to reads, the folders of its own skills. */
function grantedTo({ skills }: AgentDefinition, granted: readonly string[] = []): readonly string[] {
  // the skills of an agent above are not those of this one
  const given = granted.filter((path) => !isReadableRoot(path))
  return [...given, ...skills.flatMap(({ folder }) => (folder === undefined ? [] : readableRoot(folder)))]
}
