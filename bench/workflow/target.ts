import { createIds } from '../engine/antiphon.ts'
import { doorRunner, runner } from '../engine/pipeline.ts'
import type { OpenTarget } from '../engine/target.ts'
import { openWorkflows, startOfTen, TEN } from './workflows.ts'

/** Workflows under a load of runs: ten steps, one after another. `workflow-message`: by the message that starts a run. */
export const openTarget: OpenTarget = async (_load, { folder, name }) => {
  const runtime = await openWorkflows(folder)
  const isMessage = name.startsWith('workflow-message/')
  return {
    perform: isMessage ? runner(runtime.engine, await startOfTen(runtime), createIds()) : doorRunner(runtime.runs, TEN),
    counts: () => {
      const { turns: rows, flushes: commits } = runtime.status().engine!
      return { rows, commits }
    },
  }
}
