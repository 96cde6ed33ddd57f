import { OpenWorkflow } from 'openworkflow'
import { BackendSqlite } from 'openworkflow/sqlite'
import { EDITS } from '../deploys/edits.ts'
import { act } from '../deploys/program.ts'

/** Workflows of OpenWorkflow on SQLite. */
export async function openProgram({ folder, code }) {
  const ow = new OpenWorkflow({ backend: BackendSqlite.connect(`${folder}/openworkflow.db`) })
  const orderOf = (step, id) => ({
    step: (name, acted, value) => step.run({ name }, () => act(folder, id, acted, value)),
    wait: (name) => step.waitForSignal({ name, signal: `${id}-${name}`, timeout: '1h' }),
    pause: () => step.sleep('pause', '1ms'),
  })
  const workflows = new Map(
    EDITS.map((edit) => {
      const run = edit[code]
      return [edit.id, ow.defineWorkflow({ name: edit.id }, ({ input, step }) => run(orderOf(step, input.id), input))]
    }),
  )
  const worker = ow.newWorker({ concurrency: 50 })
  await worker.start()
  const ends = new Map()
  return {
    begin,
    find: begin,
    async signal(_, id, name) {
      await ow.sendSignal({ signal: `${id}-${name}` })
    },
    ended: async (_, id) => ends.get(id),
    stop: () => worker.stop(),
  }

  // the same key is the same run, also in another process
  async function begin(edit, id, input) {
    const handle = await workflows.get(edit).run({ id, ...input }, { idempotencyKey: id })
    handle.result({ timeoutMs: 3_600_000 }).then(
      (result) => ends.set(id, { result }),
      (error) => ends.set(id, { error: error.message }),
    )
  }
}
