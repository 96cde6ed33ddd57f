import type { Engine } from '../../engine/engine.ts'
import { runRef, type ValueStore } from '../../pipeline/plan/refs.ts'
import { noRun } from '../inspect/run-not-found.ts'
import type { Runtime } from '../ports.ts'
import { runtimeInbox } from './inbox.ts'

type Parts = {
  readonly engine: Engine
  readonly values: ValueStore
  /** Whether there is a run of that id, once it has begun. */
  isThere(run: string): Promise<boolean>
  /** takes up what an earlier process left of a run */
  goOn(run: string): Promise<void>
}

/** What a runtime does with signals, and with what waits for people. */
export function runtimeSignals({ engine, values, isThere, goOn }: Parts): Pick<Runtime, 'signal' | 'inbox'> {
  const { view } = engine

  return {
    async signal(run, name, value, { id } = {}) {
      await engine.start({ only: run })
      if (id !== undefined) await engine.start({ only: id })
      // a refusal is remembered under its id: of a run that has not begun yet there is none
      if (!(await isThere(run))) throw await noRun(run, view)
      const answer = await engine.ask(runRef(run), { type: 'signal', name, value }, id === undefined ? {} : { id })
      await goOn(run)
      return answer as { readonly status: 'taken' | 'kept' }
    },
    inbox: runtimeInbox({ view, values }),
  }
}
