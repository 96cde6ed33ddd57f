import type { Json } from '../../kernel/schema.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { type Round, roundPart } from '../protocol/rounds.ts'
import { type GoalStartPart, START_PART, usesMemory } from '../protocol/start.ts'
import { type GoalState, isOver } from '../protocol/state.ts'
import type { AgentMemory } from './agent-memory.ts'
import { memoriesOf } from './memories-of.ts'

/**
 * Adds the memory of a goal to the turn in which the goal ends, is rated, or hears late of its last calls. The message
 * is committed with the turn, so each outcome is recorded exactly once.
 */
export async function remember(
  memory: AgentMemory,
  before: GoalState,
  turn: Turn<GoalState>,
  effects: Pick<Effects, 'self' | 'part'>,
): Promise<Turn<GoalState>> {
  const { state } = turn
  if (!state || !isOver(state)) return turn
  const hasCalls = turn.parts?.[roundPart(state.rounds)] !== undefined
  if (isOver(before) && state.rating === before.rating && !hasCalls) return turn
  const read = async (name: string): Promise<Json | null | undefined> => turn.parts?.[name] ?? effects.part(name)
  const start = (await read(START_PART)) as GoalStartPart | undefined
  if (start && !usesMemory(start)) return turn
  const rounds = await Promise.all(Array.from({ length: state.rounds }, (_, index) => read(roundPart(index + 1))))
  const answer = await read('answer')
  const entries = memoriesOf({
    id: effects.self.key,
    state,
    goal: start?.goal ?? '',
    rounds: rounds as unknown as readonly Round[],
    ...(typeof answer === 'string' && { answer }),
  })
  const record = await memory.record({ owner: state.owner, agent: state.agent }, effects.self.key, entries)
  return { ...turn, send: [...(turn.send ?? []), record] }
}
