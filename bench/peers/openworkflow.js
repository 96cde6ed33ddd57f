import { OpenWorkflow } from 'openworkflow'
import { BackendSqlite } from 'openworkflow/sqlite'

/**
 * OpenWorkflow on SQLite under a load of runs: workflows of ten steps. A handle looks for the result once a second, so a
 * run counts when its function returns.
 */
export async function openTarget({ clients }, { folder }) {
  const ow = new OpenWorkflow({ backend: BackendSqlite.connect(`${folder}/openworkflow.db`) })
  const returned = new Map()
  const chain = ow.defineWorkflow({ name: 'chain' }, async ({ input, step }) => {
    let value = 0
    for (let n = 0; n < 10; n++) value = await step.run({ name: `step-${n}` }, async () => value + 1)
    returned.get(input.id)(value)
    return value
  })
  await ow.newWorker({ concurrency: clients }).start()
  let runs = 0
  return {
    async perform() {
      const id = `r${runs++}`
      const { promise, resolve } = Promise.withResolvers()
      returned.set(id, resolve)
      await chain.run({ id })
      return promise.finally(() => returned.delete(id))
    },
  }
}
