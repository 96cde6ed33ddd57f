import type { Effects, Turn } from '../kernel/types.ts'
import type { ChainEvent, ChainState, PhaseWait } from './ask.ts'
import { NO_DEADLINE } from './end.ts'

/** The ask under way waits for money: who follows it is told for what, and its time stands still. */
export async function parkAsk(state: ChainState, wait: PhaseWait, effects: Effects): Promise<Turn<ChainState>> {
  const { current } = state
  const { ask, cycle, phase, problem } = wait
  if (current?.n !== ask || current.cycle !== cycle || !current.waiting.includes(phase)) return {}
  const { scope: budget = '' } = problem.budget ?? {}
  const event: ChainEvent = { type: 'ask-wait', phase, cycle, budget, problem, at: await effects.now() }
  const parked = [...new Set([...(current.parked ?? []), phase])]
  return { state: { ...state, current: { ...current, parked } }, events: [event], timers: NO_DEADLINE }
}
