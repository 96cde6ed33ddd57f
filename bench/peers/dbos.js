import { DBOS } from '@dbos-inc/dbos-sdk'

/** DBOS under a load of runs: workflows of ten journaled steps. */
export async function openTarget(_load, { address }) {
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: address,
    systemDatabasePoolSize: 20,
    logLevel: 'error',
    runAdminServer: false,
  })
  const run = DBOS.registerWorkflow(tenSteps, { name: 'run' })
  await DBOS.launch()
  return { perform: () => run() }
}

async function tenSteps() {
  let value = 0
  for (let n = 0; n < 10; n++) value = await DBOS.runStep(async () => value + 1, { name: `step-${n}` })
  return value
}
