import { InvalidError } from '../../errors.ts'
import type { Answerer, ThreadLimits } from '../../thread/answerer.ts'
import { beginGoal, besideGoal, cancelGoal } from './begin.ts'
import { askOfGoal, failGoal, handleGoalEnd, handleTold } from './reply.ts'

/** Answers the messages of conversations: each begins a goal of its agent, or steers the one at work. */
export function goalAnswerer(limits: Pick<ThreadLimits, 'remembered'>): Answerer {
  return {
    accept({ agent, share, priors }) {
      if (share || priors) throw new InvalidError('An agent shares no prompts and searches no priors.')
      return agent ? { agent } : {}
    },
    begin: beginGoal,
    interject: besideGoal,
    receive(state, message, effects) {
      if (message.type === 'goal-end') return handleGoalEnd(state, message, effects, limits)
      return message.type === undefined ? handleTold(state, true, effects, limits) : undefined
    },
    // a goal has refused a message, or could not begin
    fail(state, problem, effects) {
      const current = askOfGoal(state, effects.message.from)
      if (!current) return undefined
      const isTold = current.goal.telling?.some(({ id }) => id === effects.message.correlationId)
      return isTold ? handleTold(state, false, effects, limits) : failGoal(state, current, problem, effects, limits)
    },
    stop: ({ goal }, reason) => (goal ? [cancelGoal(goal.key, reason)] : []),
    recordFields: () => ({}),
  }
}
