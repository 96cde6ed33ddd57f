import type { Effects, Turn } from '../../../kernel/types.ts'
import { codeMissing } from '../../../work/code-wait.ts'
import { missingCode } from '../../context/bound-tools.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import type { GoalEvent } from '../../protocol/goal-event.ts'
import { readStart } from '../../protocol/start.ts'
import type { GoalState, Thinking, Waiting } from '../../protocol/state.ts'
import { nextThink } from '../control.ts'
import type { AgentServices } from '../services.ts'
import { messageTime, settled } from '../turns.ts'
import { withTimeOf } from './await-model.ts'

/** Throws `code_missing` when this process lacks code of the agent. The goal then waits. */
export async function requireCode(
  services: AgentServices,
  definition: AgentDefinition,
  effects: Effects,
): Promise<void> {
  if (!definition.bound && definition.boundOutput === undefined) return
  const why = await lackOf(services, definition, effects)
  if (why !== '') throw codeMissing(why)
}

/** Continues a goal that waits for code of its agent, if this process has it. */
export async function lookForCode(services: AgentServices, state: Waiting, effects: Effects): Promise<Turn<GoalState>> {
  const { definition } = await readStart(effects)
  if ((await lackOf(services, await services.readDefinition(definition), effects)) !== '') return {}
  // the wait for a program does not use up the time of the goal
  const { wait: _, ...rest } = withTimeOf(state, messageTime(effects.message))
  const going: Thinking = { ...rest, status: 'thinking' }
  return {
    ...settled(going),
    events: [{ type: 'goal-resume' } satisfies GoalEvent],
    send: [nextThink(going, effects.self)],
  }
}

/** The code that this process lacks, in words; empty: none. Processes differ, so it is recorded. */
const lackOf = (services: AgentServices, definition: AgentDefinition, effects: Effects) =>
  effects.run('code', async () => missingCode(definition, services), { effect: 'pure' })
