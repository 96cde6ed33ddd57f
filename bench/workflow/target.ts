import { createIds } from '../engine/antiphon.ts'
import type { OpenTarget } from '../engine/target.ts'
import { openWorkflows } from './measure.ts'

/** Workflows under a load of runs: ten steps, one after another. */
export const openTarget: OpenTarget = async (_load, { folder }) => {
  const runtime = await openWorkflows(folder)
  const nextId = createIds()
  return {
    async perform() {
      const id = nextId()
      await runtime.runs.start({ workflow: 'ten', input: {}, id })
      for await (const _ of runtime.runs.events(id));
      return Number((await runtime.runs.get(id)).outputs?.result)
    },
    counts: () => {
      const { turns: rows, flushes: commits } = runtime.status().engine!
      return { rows, commits }
    },
  }
}
