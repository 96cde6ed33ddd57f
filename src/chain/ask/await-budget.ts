import type { Effects, Turn } from '../../kernel/types.ts'
import type { ChainEvent, ChainState } from '../protocol/ask-state.ts'
import type { PhaseWait } from '../protocol/messages.ts'
import { indexOf } from './index-fields.ts'
import { NO_DEADLINE } from './timers.ts'

/** The ask under way waits for money: who follows it is told for what, and its time stands still. */
export async function parkAsk(state: ChainState, wait: PhaseWait, effects: Effects): Promise<Turn<ChainState>> {
  const { current } = state
  const { ask, cycle, phase, problem } = wait
  if (current?.n !== ask || current.cycle !== cycle || !current.waiting.includes(phase)) return {}
  const { scope: budget = '' } = problem.budget ?? {}
  const at = await effects.now()
  const event: ChainEvent = { type: 'ask-wait', phase, cycle, budget, problem, at }
  const waits = { ...current, parked: [...new Set([...(current.parked ?? []), phase])] }
  const next = { ...state, current: waits }
  return { state: next, events: [event], timers: NO_DEADLINE, index: indexOf(next, 'running', at, waits) }
}
