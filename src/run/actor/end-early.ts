import { type Problem, problemOf } from '../../errors.ts'
import { stepRef } from '../../house/actors.ts'
import { isInterruption } from '../../kernel/faults.ts'
import type { Effects, Send, Turn } from '../../kernel/types.ts'
import type { StepProblem } from '../../step/record/step.ts'
import { findStart, isFinished, type RunHead, readStart, runIndex } from '../run.ts'
import { endedRun } from './end-run.ts'

async function endRunEarly<State extends RunHead>(
  state: State,
  status: 'cancelled' | 'failed',
  problem: StepProblem,
  effects: Effects,
): Promise<Pick<Turn<State>, 'index' | 'events'> & { readonly state: State }> {
  const { state: run, event } = endedRun({ ...state, problem }, status, await effects.now())
  return { state: run, index: runIndex(run, await effects.part('start')), events: [event] }
}

/** Ends a cancelled run, and tells its caller. */
export async function endCancelled<State extends RunHead>(state: State, problem: Problem, effects: Effects) {
  const start = await findStart(effects)
  const send: Send[] = start?.replyTo ? [{ to: start.replyTo, body: problem, type: 'error' }] : []
  return { ...(await endRunEarly(state, 'cancelled', problem, effects)), send }
}

/** Fails the run if its turn throws on a message that is not sent again: otherwise the run would wait forever. */
export async function failRunOnError<State extends RunHead>(
  state: State,
  effects: Effects,
  take: () => Turn<State> | Promise<Turn<State>>,
): Promise<Turn<State>> {
  try {
    return await take()
  } catch (error) {
    if (isInterruption(error) || isFinished(state)) throw error
    return failRun(state, problemOf(error), effects)
  }
}

/** Fails the run and cancels its steps in flight. Those in loops are not: only the pipeline knows their names. */
async function failRun<State extends RunHead>(
  state: State,
  problem: StepProblem,
  effects: Effects,
): Promise<Turn<State>> {
  const ending = await endRunEarly(state, 'failed', problem, effects)
  const { replyTo } = await readStart(effects)
  return {
    ...ending,
    cancel: state.inFlight.map((step) => ({ of: stepRef(effects.self.key, step) })),
    send: replyTo ? [{ to: replyTo, body: ending.events![0]!, type: 'response' }] : [],
  }
}
