import { problemOf } from '../../errors.ts'
import { isInterruption } from '../../kernel/interrupt.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { stepRef } from '../plan/refs.ts'
import { isOver, type RunState, type StartPart } from '../plan/run-state.ts'
import type { StepProblem } from '../plan/step-outcome.ts'
import { endEarly } from './cancel.ts'

/** What a run cannot take, and nobody would tell it again, fails it: else it would wait for ever. */
export async function orGiveUp(
  state: RunState,
  effects: Effects,
  take: () => Turn<RunState> | Promise<Turn<RunState>>,
): Promise<Turn<RunState>> {
  try {
    return await take()
  } catch (error) {
    if (isInterruption(error) || state.status === 'new' || isOver(state)) throw error
    return giveUp(state, problemOf(error), effects)
  }
}

/** Its steps in flight are called off; those of loops end unheard, for only the pipeline knows their names. */
async function giveUp(state: RunState, problem: StepProblem, effects: Effects): Promise<Turn<RunState>> {
  const ending = await endEarly(state, 'failed', problem, effects)
  const { replyTo } = (await effects.part('start')) as StartPart
  return {
    ...ending,
    cancel: state.flying.map((step) => ({ of: stepRef(effects.self.key, step) })),
    send: replyTo ? [{ to: replyTo, body: ending.events![0]!, type: 'response' }] : [],
  }
}
