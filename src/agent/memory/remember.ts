import type { Effects, Send, Turn } from '../../kernel/types.ts'
import { type Round, roundPart } from '../protocol/rounds.ts'
import { findStart } from '../protocol/start.ts'
import { type GoalState, isOver } from '../protocol/state.ts'
import type { AgentMemory } from './agent-memory.ts'
import { memoriesOf } from './memories-of.ts'
import { remembererOf } from './recall.ts'

/**
 * Adds a message to the turn in which the goal ends, is rated, or gets late results of its last calls: the goal records
 * itself in a turn of its own. The message has no text of the goal, and is committed with the turn.
 */
export async function remember(
  before: GoalState,
  turn: Turn<GoalState>,
  effects: Pick<Effects, 'self' | 'part'>,
): Promise<Turn<GoalState>> {
  const { state } = turn
  if (!state || !isOver(state)) return turn
  const hasCalls = turn.parts?.[roundPart(state.rounds)] !== undefined
  if (isOver(before) && state.rating === before.rating && !hasCalls) return turn
  // an agent of a step exists only as long as its run
  if ((await findStart(effects))?.ofStep) return turn
  const { self } = effects
  // the work of a goal that was cancelled takes no message any more
  const record: Send = { to: self, body: { type: 'record' }, type: 'event', correlationId: `${self.key}.record` }
  return { ...turn, send: [...(turn.send ?? []), record] }
}

/** Records a goal that has ended. It may be made again: the ids of the entries follow from the goal. */
export async function recordGoal(
  memory: AgentMemory,
  state: GoalState,
  effects: Pick<Effects, 'self' | 'part' | 'run'>,
): Promise<Turn<GoalState>> {
  const start = await findStart(effects)
  if (!start || !isOver(state)) return state.status === 'new' ? { stop: true } : {}
  const numbers = Array.from({ length: state.rounds }, (_, index) => roundPart(index + 1))
  const rounds = (await Promise.all(numbers.map((name) => effects.part(name)))) as unknown as readonly Round[]
  const answer = await effects.part('answer')
  const entries = memoriesOf({
    id: effects.self.key,
    state,
    goal: start.goal,
    rounds,
    ...(typeof answer === 'string' && { answer }),
  })
  const of = remembererOf(state, start, effects)
  await effects.run('record', () => memory.record(of, entries), { effect: 'idempotent' })
  return {}
}
