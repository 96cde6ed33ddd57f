import type { Engine } from '../../engine/engine.ts'
import { idTakenError } from '../../engine/envelope.ts'
import { is } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import { callerOf } from '../../house/request-caller.ts'
import { jsonFrom } from '../../kernel/kept-json.ts'
import { isFinished, type RunHead, workOfRun } from '../run.ts'
import { contentOf, type SignalReceipt } from '../signal.ts'
import { noRun, runOver } from './errors.ts'
import type { Executor } from './executor.ts'
import { checkBegun } from './later.ts'
import type { RunsPort } from './port.ts'

type Parts = {
  readonly engine: Engine
  readonly settling: Executor['settling']
  /** Whether a run with that id has begun. */
  isThere(run: string): Promise<boolean>
  /** Resumes what an earlier process left of a run. */
  goOn(run: string): Promise<void>
}

/** Sends signals to runs. */
export function runtimeSignals({ engine, settling, isThere, goOn }: Parts): Pick<RunsPort, 'signal' | 'settle'> {
  const { view } = engine

  const signal: RunsPort['signal'] = async (run, name, given, { id, answers, by: named } = {}) => {
    const value = jsonFrom(given)
    const by = callerOf({ by: named })
    await engine.start({ only: run })
    // the engine would remember a refusal under `id`, and the same signal must succeed once the run has begun
    if (!(await isThere(run))) throw await noRun(run, view)
    // work of the run: after a crash, the run goes on with an answer that it has taken
    const correlationId = workOfRun(run, (await view.peek(runRef(run))) as RunHead | undefined)
    const options = { correlationId, ...(id !== undefined && { id }) }
    const body = { type: 'signal', name, value, ...(answers === false && { answers }), ...(by && { by }) }
    const receipt = await orOver(run, () => engine.ask(runRef(run), body, options))
    const { status, of } = receipt as SignalReceipt
    // the engine gives an id that it knows the reply to its first use
    if (of !== undefined && of !== contentOf({ name, value }))
      throw idTakenError(`the id ${id} belongs to another answer`)
    await goOn(run)
    return { status }
  }

  return {
    signal,
    async settle(run, step, settlement, options) {
      await engine.start({ only: run })
      if (!(await isThere(run))) throw await noRun(run, view)
      const isRepeated = options?.id !== undefined && (await view.asked(options.id)) !== undefined
      const state = (await view.peek(runRef(run))) as RunHead | undefined
      checkBegun(run, state)
      const isOver = state !== undefined && isFinished(state)
      // the engine would remember a refusal under the id
      if (!isRepeated && !isOver && !(await settling.hasAsked(run, step))) throw await settling.notInDoubt(run, step)
      try {
        // a signal about a call is never kept for later
        return (await signal(run, settling.signalOf(step), settlement, options)) as {
          readonly status: 'taken' | 'late'
        }
      } catch (error) {
        throw is(error) && error.code === 'not_waiting' ? await settling.notInDoubt(run, step) : error
      }
    },
  }
}

/** A cancelled run takes no message any more: for who answers it, that is a run that has ended. */
async function orOver<T>(run: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!is(error) || error.code !== 'cancelled') throw error
    throw runOver(run, 'cancelled')
  }
}
