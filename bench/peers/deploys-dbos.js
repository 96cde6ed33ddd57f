import { DBOS } from '@dbos-inc/dbos-sdk'
import { EDITS } from '../deploys/edits.ts'
import { act } from '../deploys/program.ts'

/** How an application keeps its version while its code changes; absent: DBOS makes it of the code. */
const VERSIONS = { same: { applicationVersion: 'same' }, patching: { enablePatching: true } }

/** Workflows of DBOS. Mended ones keep the old code behind a patch. */
export async function openProgram({ folder, address, code, version }) {
  const orderOf = (id) => ({
    step: (name, acted, value) => DBOS.runStep(async () => act(folder, id, acted, value), { name }),
    wait: (name) => DBOS.recv(name, 3600),
    pause: () => DBOS.sleepms(1),
  })
  const workflows = new Map(
    EDITS.map((edit) => {
      const run = async (input) => {
        const order = orderOf(input.id)
        if (code === 'mended' && !(await DBOS.patch('edit'))) return edit.was(order, input)
        return (code === 'was' ? edit.was : edit.now)(order, input)
      }
      // DBOS makes the version of an application of the text of its functions
      run.toString = () => String(code === 'was' ? edit.was : edit.now)
      return [edit.id, DBOS.registerWorkflow(run, { name: edit.id })]
    }),
  )
  DBOS.setConfig({
    name: 'deploys',
    systemDatabaseUrl: address,
    logLevel: 'error',
    runAdminServer: false,
    ...VERSIONS[version],
  })
  await DBOS.launch()
  return {
    async begin(edit, id, input) {
      await DBOS.startWorkflow(workflows.get(edit), { workflowID: id })({ id, ...input })
    },
    signal: (_, id, name) => DBOS.send(id, true, name, `${id}-${name}`),
    async ended(_, id) {
      const { status, output, error } = await DBOS.getWorkflowStatus(id)
      if (status === 'SUCCESS') return { result: output }
      return status === 'PENDING' || status === 'ENQUEUED' ? undefined : { error: `${status} ${error?.message ?? ''}` }
    },
    stop: () => DBOS.shutdown(),
  }
}
