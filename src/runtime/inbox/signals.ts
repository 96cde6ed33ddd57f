import type { Engine } from '../../engine/engine.ts'
import { is } from '../../errors.ts'
import { runRef } from '../../pipeline/plan/refs.ts'
import { noRun, runOver } from '../inspect/run-errors.ts'
import type { RunsPort } from '../ports/runs.ts'

type Parts = {
  readonly engine: Engine
  /** Whether a run with that id has begun. */
  isThere(run: string): Promise<boolean>
  /** Resumes what an earlier process left of a run. */
  goOn(run: string): Promise<void>
}

/** Sends signals to runs. */
export function runtimeSignals({ engine, isThere, goOn }: Parts): Pick<RunsPort, 'signal'> {
  const { view } = engine

  return {
    async signal(run, name, value, { id } = {}) {
      await engine.start({ only: run })
      // the engine would remember a refusal under `id`, and the same signal must succeed once the run has begun
      if (!(await isThere(run))) throw await noRun(run, view)
      // work of the run: after a crash, the run goes on with an answer that it has taken
      const options = { correlationId: run, ...(id !== undefined && { id }) }
      const answer = await orOver(run, () => engine.ask(runRef(run), { type: 'signal', name, value }, options))
      await goOn(run)
      return answer as { readonly status: 'taken' | 'kept' | 'late' }
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
